"""The JSON routes about many calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import app_of
from calls.analytics import Analytics, Question
from services import Services
from storage.facts import bucket_of
from storage.sqlite_facts import SqliteFacts
from tests.storage.contract_facts import a_fact
from tests.transports.doors import NOW, SIGNED, json_of, scripted_services

TOKEN = {"Authorization": "Bearer api-secret"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made, _ = scripted_services(tmp_path, SIGNED)
    made.facts.keep(
        [
            a_fact("call-1", started_at=NOW),
            a_fact(
                "call-2",
                started_at=NOW - timedelta(days=1),
                outcome="abandoned",
                stage="collecting",
                field="charge",
                sentiment=-0.6,
                emotions=("frustrated",),
                phrases=("loading bay",),
                answers={bucket_of(3000): 2},
            ),
            a_fact("call-3", started_at=NOW, agent="pizza", campaign="spring", sentiment=None),
            a_fact("call-4", started_at=NOW, outcome="failed", sentiment=None, phrases=()),
            a_fact("call-5", started_at=NOW - timedelta(days=300)),
        ]
    )
    yield made
    made.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return app_of(services).test_client()


def asked(client: FlaskClient, path: str, **query: str) -> Any:
    """The answer to a question, which was a good one."""
    answer = client.get(f"/analytics/{path}", query_string=query, headers=TOKEN)
    assert answer.status_code == 200, answer.data
    return json_of(answer)


def test_calls_of_the_last_thirty_days_add_up(client: FlaskClient) -> None:
    told = asked(client, "calls")

    assert (told["first_day"], told["last_day"], told["by"]) == ("2026-10-22", "2026-11-20", "day")
    assert (told["agent"], told["campaign"], told["pending_days"]) == (None, None, 0)
    metrics = told["metrics"]
    assert (metrics["total_calls"], metrics["completed_calls"]) == (4, 2)
    assert (metrics["unfinished_calls"], metrics["abandonment_rate"]) == (1, 0.3333)
    assert metrics["average_duration"] == 82.0  # of the three in which somebody was there
    assert metrics["left"] == [
        {"stage": "collecting", "field": "charge", "outcome": "abandoned", "calls": 1}
    ]
    assert metrics["answer_ms"]["p99"] == pytest.approx(3000, rel=0.05)
    assert metrics["languages"] == {"en-IN": 4}
    assert metrics["brains"] == {"some-model": 12, "rules": 4}
    assert [(one["period"], one["total_calls"]) for one in told["periods"][-3:]] == [
        ("2026-11-18", 0),
        ("2026-11-19", 1),
        ("2026-11-20", 3),
    ]
    assert told["busiest_hours"][0] == {"weekday": "Friday", "hour": 9, "calls": 3}


@pytest.mark.parametrize(
    ("by", "periods"),
    [
        ("week", {"2026-W47": 4}),
        ("agent", {"logistics": 3, "pizza": 1}),
        ("campaign", {"": 3, "spring": 1}),
        ("hour", {"Thursday 09:00": 1, "Friday 09:00": 3}),
    ],
)
def test_calls_are_split_as_asked(client: FlaskClient, by: str, periods: dict[str, int]) -> None:
    told = asked(client, "calls", by=by)
    found = {one["period"]: one["total_calls"] for one in told["periods"] if one["total_calls"]}
    assert found == periods


@pytest.mark.parametrize("name", ["agent", "agent_id"])
def test_one_agent_is_asked_for_in_any_case(client: FlaskClient, name: str) -> None:
    assert asked(client, "calls", **{name: "PIZZA"})["metrics"]["total_calls"] == 1
    assert asked(client, "calls", **{name: "nobody"})["metrics"]["total_calls"] == 0


def test_sentiment_is_of_the_calls_that_have_one(client: FlaskClient) -> None:
    told = asked(client, "sentiment", by="week")
    metrics = told["metrics"]
    assert metrics["scored_calls"] == 2
    assert metrics["average"] == -0.1
    assert metrics["sentiment"] == {"positive": 1, "neutral": 0, "negative": 1}
    assert metrics["emotions"]["frustrated"] == 1
    assert metrics["judged_by"] == {"some-model": 2}
    assert told["periods"][-1]["scored_calls"] == 2


def test_top_phrases_come_with_their_calls(client: FlaskClient) -> None:
    told = asked(client, "top-phrases", limit="2")
    assert told["top_phrases"] == [
        {"phrase": "route rate", "calls": 2},
        {"phrase": "விலை", "calls": 2},
    ]


def test_a_campaign_has_everything_in_one_answer(client: FlaskClient) -> None:
    told = asked(client, "campaign/spring")
    assert told["campaign"] == "spring"
    assert told["metrics"]["total_calls"] == 1
    assert {"sentiment", "top_phrases", "periods", "busiest_hours"} <= told.keys()


def test_a_campaign_without_calls_is_not_known(client: FlaskClient) -> None:
    answer = client.get("/analytics/campaign/autumn", headers=TOKEN)
    assert answer.status_code == 404
    assert json_of(answer)["error"]["code"] == "unknown_campaign"


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("from", {"from": "yesterday"}),
        ("from", {"from": "1700000000"}),
        ("from", {"from": "2026-11-20", "to": "2026-11-19"}),
        ("from", {"from": "2020-01-01", "to": "2026-11-19"}),
        ("to", {"to": "2026-13-01"}),
        ("to", {"to": "0001-01-02"}),
        ("by", {"by": "month"}),
        ("fresh", {"fresh": "maybe"}),
        ("agent", {"agent": "x" * 300}),
    ],
)
def test_what_cannot_be_read_is_named(
    client: FlaskClient, field: str, query: dict[str, str]
) -> None:
    answer = client.get("/analytics/calls", query_string=query, headers=TOKEN)
    assert answer.status_code == 422
    error = json_of(answer)["error"]
    assert (error["code"], error["field"]) == ("bad_parameter", field)


@pytest.mark.parametrize("path", ["calls", "sentiment", "top-phrases", "campaign/spring"])
def test_nobody_is_told_without_the_token(client: FlaskClient, path: str) -> None:
    assert client.get(f"/analytics/{path}").status_code == 401


def test_an_answer_is_remembered_and_a_fresh_one_is_not(services: Services) -> None:
    class SlowFacts(SqliteFacts):
        """Facts that take a while, and count how often they were asked."""

        asked = 0

        def days(self, first: str, last: str) -> Any:
            self.asked += 1
            assert sum(number * number for number in range(4_000_000))  # 0.2 s and more
            return super().days(first, last)

    facts = SlowFacts(Path(services.facts._path))  # type: ignore[attr-defined]
    analytics = Analytics(facts, services.clock)
    question = Question(NOW.date(), NOW.date())
    first = analytics.answer(question)
    asked_once = facts.asked

    assert analytics.answer(question) is first
    assert analytics.answer(replace(question, agent="pizza")) is not first
    assert facts.asked > asked_once
    facts.close()


def test_a_call_that_comes_is_in_the_next_quick_answer(
    client: FlaskClient, services: Services
) -> None:
    assert asked(client, "calls", agent="lead")["metrics"]["total_calls"] == 0
    services.facts.keep([a_fact("call-9", agent="lead", started_at=NOW)])
    assert asked(client, "calls", agent="lead", to="2026-11-20")["last_day"] == "2026-11-20"
    told = asked(client, "calls", agent="lead", **{"from": "2026-11-19"})
    assert told["metrics"]["total_calls"] == 1
