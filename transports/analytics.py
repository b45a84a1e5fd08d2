"""The JSON routes about many calls: figures, sentiment, phrases, and all of it for a campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from flask import Blueprint, Response
from pydantic import Field

from access.scopes import Scope
from calls.analytics import DAYS_MOST, WEEKDAYS, Answer, Question
from calls.figures import Figures
from services import Services
from transports.analytics_shapes import (
    Asked,
    BusyHour,
    CallAnalytics,
    CallFigures,
    CallPeriod,
    CampaignAnalytics,
    Phrase,
    PhraseAnalytics,
    SentimentAnalytics,
    SentimentFigures,
)
from transports.campaign_shapes import Dialling
from transports.campaigns import dialling_of
from transports.described import (
    BAD_PARAMETER,
    AgentName,
    Day,
    Operation,
    Query,
    Tag,
    Truth,
    Whole,
    described,
)
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint

NAME = "analytics-api"
DAYS_USUAL = 30
BUSIEST = 10


class AnalyticsQuery(Query):
    """Which calls."""

    agent: AgentName | None = Field(None, max_length=200)
    """Only of this agent, in any case."""
    agent_id: AgentName | None = Field(None, max_length=200)
    """The same as agent."""
    campaign: str | None = Field(None, max_length=200)
    """Only of this campaign."""
    campaign_id: str | None = Field(None, max_length=200)
    """The same as campaign."""
    first: Day | None = Field(None, alias="from")
    """The first day, in UTC; usually 29 days before the last."""
    last: Day | None = Field(None, alias="to")
    """The last day, in UTC; usually today."""
    fresh: Truth = False
    """Figures not older than seconds; they may take longer."""

    def question(self, now: datetime, campaign: str | None = None) -> Question:
        """What is asked. ApiError 422 for days in the wrong order, or too many."""
        try:
            last = self.last or max(now.date(), self.first or now.date())
            first = self.first or last - timedelta(days=DAYS_USUAL - 1)
        except OverflowError:
            raise _wrong("to", "Send to as a day of this calendar.") from None
        if first > last:
            raise _wrong("from", "Send from as a day that is not after to.")
        if (last - first).days >= DAYS_MOST:
            raise _wrong("from", f"Send from and to so that they are at most {DAYS_MOST} days.")
        agent = self.agent or self.agent_id
        wanted = campaign if campaign is not None else self.campaign or self.campaign_id
        return Question(first, last, agent.lower() if agent else None, wanted)


class CallsBy(AnalyticsQuery):
    """Which calls, and by what they are split."""

    by: Literal["day", "week", "hour", "agent", "campaign"] = "day"
    """What periods are; hour is the hour of the week."""


class SentimentBy(AnalyticsQuery):
    """Which calls, and by what they are split."""

    by: Literal["day", "week", "agent", "campaign"] = "day"
    """What periods are."""


class PhrasesQuery(AnalyticsQuery):
    """Which calls, and how many phrases of them."""

    limit: Whole = Field(20, ge=1, le=100)
    """How many at most."""


_ABOUT = "Of calls that have ended. Days and hours are UTC."
_ERRORS = {422: (BAD_PARAMETER,)}
CALLS = Operation(
    summary="Figures of calls",
    tag=Tag.ANALYTICS,
    about=_ABOUT,
    answers={200: CallAnalytics},
    query=CallsBy,
    errors=_ERRORS,
)
SENTIMENT = Operation(
    summary="How pleased callers were",
    tag=Tag.ANALYTICS,
    about="By a model's summary of each call where there is a model; else by the words of English "
    "calls. " + _ABOUT,
    answers={200: SentimentAnalytics},
    query=SentimentBy,
    errors=_ERRORS,
)
PHRASES = Operation(
    summary="What callers talked of most",
    tag=Tag.ANALYTICS,
    about="Without names, numbers and whatever else was collected. " + _ABOUT,
    answers={200: PhraseAnalytics},
    query=PhrasesQuery,
    errors=_ERRORS,
)
CAMPAIGN = Operation(
    summary="Everything about a campaign's calls",
    tag=Tag.ANALYTICS,
    about="Its calls, and under `dialling` all of its attempts of whatever day, by hour and by "
    "attempt. " + _ABOUT,
    answers={200: CampaignAnalytics},
    path={"campaign_id": "The campaign."},
    query=PhrasesQuery,
    errors={404: ("unknown_campaign",), **_ERRORS},
)


def analytics_blueprint(services: Services) -> Blueprint:
    """Everything below /analytics, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.ANALYTICS_READ)
    analytics, clock = services.analytics, services.clock

    def answer_to(query: AnalyticsQuery, campaign: str | None = None) -> Answer:
        return analytics.answer(query.question(clock(), campaign), query.fresh)

    @blueprint.get("/analytics/calls")
    @described(CALLS)
    def call_analytics(query: CallsBy) -> Response:
        answer = answer_to(query)
        told: CallAnalytics = {
            **_asked(answer),
            "by": query.by,
            "metrics": _calls(answer.total),
            "periods": _hours(answer) if query.by == "hour" else _periods(answer, query.by),
            "busiest_hours": _busiest(answer),
        }
        return json_answer(told)

    @blueprint.get("/analytics/sentiment")
    @described(SENTIMENT)
    def sentiment_analytics(query: SentimentBy) -> Response:
        answer = answer_to(query)
        told: SentimentAnalytics = {
            **_asked(answer),
            "by": query.by,
            "metrics": _sentiment(answer.total),
            "periods": [
                {"period": period, **_sentiment(figures)}
                for period, figures in _split(answer, query.by).items()
            ],
        }
        return json_answer(told)

    @blueprint.get("/analytics/top-phrases")
    @described(PHRASES)
    def phrase_analytics(query: PhrasesQuery) -> Response:
        answer = answer_to(query)
        told: PhraseAnalytics = {
            **_asked(answer),
            "top_phrases": _phrases(answer.total, query.limit),
        }
        return json_answer(told)

    @blueprint.get("/analytics/campaign/<campaign_id>")
    @described(CAMPAIGN)
    def campaign_analytics(campaign_id: str, query: PhrasesQuery) -> Response:
        answer = answer_to(query, campaign_id)
        if not answer.total.calls and services.campaigns.get(campaign_id) is None:
            message = "There is no campaign of this id, and no call of one ended in these days."
            raise ApiError(404, "unknown_campaign", message)
        dialling = dialling_of(services.campaign_desk.reports.report(campaign_id))
        return json_answer(_whole(answer, query.limit, dialling))

    return blueprint


def _wrong(field: str, message: str) -> ApiError:
    return ApiError(422, BAD_PARAMETER, message, details={"field": field})


def _asked(answer: Answer) -> Asked:
    question = answer.question
    return {
        "agent": question.agent,
        "campaign": question.campaign,
        "first_day": question.first.isoformat(),
        "last_day": question.last.isoformat(),
        "computed_at": answer.computed_at,
        "pending_days": answer.pending_days,
    }


def _whole(answer: Answer, phrases: int, dialling: Dialling) -> CampaignAnalytics:
    return {
        **_asked(answer),
        "metrics": _calls(answer.total),
        "sentiment": _sentiment(answer.total),
        "top_phrases": _phrases(answer.total, phrases),
        "periods": _periods(answer, "day"),
        "busiest_hours": _busiest(answer),
        "dialling": dialling,
    }


def _split(answer: Answer, by: str) -> Mapping[str, Figures]:
    match by:
        case "week":
            return answer.by_week()
        case "agent":
            return answer.agents
        case "campaign":
            return answer.campaigns
        case _:
            return answer.by_day()


def _periods(answer: Answer, by: str) -> Sequence[CallPeriod]:
    return [
        {
            "period": period,
            "total_calls": figures.calls,
            "completed_calls": figures.completed,
            "unfinished_calls": figures.unfinished,
            "average_duration": figures.average_duration_s,
            "total_cost": figures.total_cost,
            "p95_ms": figures.answer_ms(0.95),
        }
        for period, figures in _split(answer, by).items()
    ]


def _hours(answer: Answer) -> Sequence[CallPeriod]:
    """Of an hour of the week only the number of calls is known."""
    return [
        {
            "period": f"{WEEKDAYS[slot.weekday]} {slot.hour:02}:00",
            "total_calls": slot.calls,
            "completed_calls": slot.completed,
            "unfinished_calls": None,
            "average_duration": None,
            "total_cost": None,
            "p95_ms": None,
        }
        for slot in answer.hours()
    ]


def _busiest(answer: Answer) -> Sequence[BusyHour]:
    busy = sorted((slot for slot in answer.hours() if slot.calls), key=lambda slot: -slot.calls)
    return [
        {"weekday": WEEKDAYS[slot.weekday], "hour": slot.hour, "calls": slot.calls}
        for slot in busy[:BUSIEST]
    ]


def _calls(figures: Figures) -> CallFigures:
    return {
        "total_calls": figures.calls,
        "completed_calls": figures.completed,
        "unfinished_calls": figures.unfinished,
        "completion_rate": figures.completion_rate,
        "abandonment_rate": figures.abandonment_rate,
        "average_duration": figures.average_duration_s,
        "median_duration": figures.median_duration_s,
        "outcomes": figures.of("outcome"),
        "directions": figures.of("direction"),
        "languages": figures.of("language"),
        "brains": figures.of("brain"),
        "left": [
            {"stage": one.stage, "field": one.field, "outcome": one.outcome, "calls": one.calls}
            for one in figures.left
        ],
        "turns": figures.number("turns"),
        "misses": figures.number("misses"),
        "silences": figures.number("silences"),
        "answer_ms": {
            "answers": figures.answers,
            "p50": figures.answer_ms(0.5),
            "p95": figures.answer_ms(0.95),
            "p99": figures.answer_ms(0.99),
        },
        "cost": figures.cost,
        "total_cost": figures.total_cost,
    }


def _sentiment(figures: Figures) -> SentimentFigures:
    moods = figures.moods
    return {
        "average": figures.sentiment,
        "scored_calls": figures.scored,
        "sentiment": {
            "positive": moods["positive"],
            "neutral": moods["neutral"],
            "negative": moods["negative"],
        },
        "emotions": figures.of("emotion"),
        "judged_by": figures.of("judged"),
    }


def _phrases(figures: Figures, limit: int) -> Sequence[Phrase]:
    phrases = list(figures.phrases.items())
    return [{"phrase": phrase, "calls": calls} for phrase, calls in phrases[:limit]]
