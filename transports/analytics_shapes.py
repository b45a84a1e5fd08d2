"""The JSON answers about many calls, as types: see `shapes.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from typing_extensions import TypedDict

from transports.campaign_shapes import Dialling
from transports.described import shape


@shape
class Asked(TypedDict):
    """Which calls these are, and how new the figures."""

    agent: str | None
    """null: of every agent."""
    campaign: str | None
    """null: of every campaign, and of none."""
    first_day: str
    """By when calls began, in UTC."""
    last_day: str
    computed_at: datetime
    """Figures that take long are remembered for up to ten minutes."""
    pending_days: int
    """Days whose newest calls are not in these figures yet; ask again in a minute."""


@shape
class LeftAt(TypedDict):
    """Where callers left before the end."""

    stage: str
    field: str
    """The field that was being asked; empty when it was no single one."""
    outcome: str
    calls: int


@shape
class Times(TypedDict):
    """How long answers took, within 5 %."""

    answers: int
    p50: float | None
    """Milliseconds."""
    p95: float | None
    p99: float | None


@shape
class CallFigures(TypedDict):
    """What calls add up to."""

    total_calls: int
    completed_calls: int
    unfinished_calls: int
    """Somebody was on the line and did not get to the end."""
    completion_rate: float | None
    """Of the calls in which somebody was on the line, 0 to 1."""
    abandonment_rate: float | None
    average_duration: float | None
    """Seconds."""
    median_duration: float | None
    """Seconds, within 5 %."""
    outcomes: Mapping[str, int]
    directions: Mapping[str, int]
    languages: Mapping[str, int]
    brains: Mapping[str, int]
    """Who read the utterances: how many utterances."""
    left: Sequence[LeftAt]
    turns: int
    misses: int
    """Answers that brought no value."""
    silences: int
    answer_ms: Times
    cost: Mapping[str, float]
    """US dollars by item."""
    total_cost: float


@shape
class CallPeriod(TypedDict):
    """One day, week, hour of the week, agent or campaign."""

    period: str
    """2026-11-20, 2026-W47, Monday 09:00, or a name."""
    total_calls: int
    completed_calls: int
    unfinished_calls: int | None
    """null for hours of the week, of which only the calls are known."""
    average_duration: float | None
    total_cost: float | None
    p95_ms: float | None


@shape
class BusyHour(TypedDict):
    """An hour of the week, in UTC."""

    weekday: str
    hour: int
    calls: int


@shape
class CallAnalytics(Asked):
    """Calls: how many, how they ended, how long they took, what they cost."""

    by: str
    metrics: CallFigures
    periods: Sequence[CallPeriod]
    busiest_hours: Sequence[BusyHour]


@shape
class Moods(TypedDict):
    """How many calls."""

    positive: int
    neutral: int
    negative: int


@shape
class SentimentFigures(TypedDict):
    """How pleased callers were."""

    average: float | None
    """From -1, displeased, to 1, pleased."""
    scored_calls: int
    """Of the others nobody could tell: not English, and no model."""
    sentiment: Moods
    emotions: Mapping[str, int]
    """In how many calls a model heard them."""
    judged_by: Mapping[str, int]
    """A model's name, or lexicon: how many calls."""


@shape
class SentimentPeriod(SentimentFigures):
    """The same of one day, week, agent or campaign."""

    period: str


@shape
class SentimentAnalytics(Asked):
    """How pleased callers were, and over time."""

    by: str
    metrics: SentimentFigures
    periods: Sequence[SentimentPeriod]


@shape
class Phrase(TypedDict):
    """Something callers talked of."""

    phrase: str
    calls: int


@shape
class PhraseAnalytics(Asked):
    """What callers talked of most."""

    top_phrases: Sequence[Phrase]


@shape
class CampaignAnalytics(Asked):
    """Everything about the calls of one campaign, and its attempts."""

    metrics: CallFigures
    sentiment: SentimentFigures
    top_phrases: Sequence[Phrase]
    periods: Sequence[CallPeriod]
    busiest_hours: Sequence[BusyHour]
    dialling: Dialling
