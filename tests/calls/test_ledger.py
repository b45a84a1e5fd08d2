"""A call added up from its turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calls.ledger import call_cost, clips_of, latency, timings
from calls.prices import Prices, load_prices
from storage.records import CallEvent, CallRecord, TurnRecord

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def prices() -> Prices:
    return load_prices()


def a_call(**changes: object) -> CallRecord:
    call = CallRecord(
        call_id="call-1",
        carrier_id="CA1",
        agent="logistics",
        agent_version="v1",
        direction="inbound",
        caller_number="+919876543210",
        line_number="+914400000000",
        stage="completed",
        language="en-IN",
        outcome="completed",
        created_at=NOW,
        updated_at=NOW + timedelta(seconds=70),
        ended_at=NOW + timedelta(seconds=61),
    )
    return replace(call, **changes)  # type: ignore[arg-type]


def a_turn(
    number: int,
    timings_ms: Mapping[str, float] | None = None,
    usage: Mapping[str, object] | None = None,
) -> TurnRecord:
    return TurnRecord(
        call_id="call-1",
        turn=number,
        at=NOW,
        stage="collecting",
        language="en-IN",
        caller="",
        caller_by="none",
        confidence=None,
        agent="Hello.",
        timings_ms=timings_ms or {},
        usage=usage or {},
    )


def over(status: str, **data: str) -> CallEvent:
    return CallEvent("call-1", f"status:{status}", "status", NOW, 3, {"status": status, **data})


def test_a_save_is_shown_at_the_turn_it_saved() -> None:
    turns = [
        a_turn(0, {"total": 2.0}),
        a_turn(1, {"total": 3.0, "save_before": 0.5}),
        a_turn(2, {"save_before": 0.7}),
    ]
    assert timings(turns) == [{"total": 2.0, "save": 0.5}, {"total": 3.0, "save": 0.7}, {}]


def test_a_save_is_not_given_to_a_turn_it_did_not_save() -> None:
    assert timings([a_turn(0), a_turn(2, {"save_before": 0.5})]) == [{}, {}]


def test_a_call_without_turns_has_nothing_to_show(prices: Prices) -> None:
    assert timings([]) == []
    assert latency([])["answer_ms"] == {"turns": 0, "p50": None, "max": None}
    cost = call_cost(a_call(), [], [], prices)
    assert (cost["line_minutes"], cost["total"]) == (0, 0.0)  # nobody picked up


def test_the_turns_of_a_call_are_summed_by_item(prices: Prices) -> None:
    cost = {"currency": "USD", "recognition": 0.02, "speech": 0.1, "model": 0.000001}
    turns = [a_turn(number, usage={"cost": {**cost, "total": 9}}) for number in range(3)]
    assert call_cost(a_call(), turns, [], prices) == {
        "currency": "USD",
        "recognition": 0.06,
        "speech_carrier": 0.0,
        "speech": 0.3,
        "model": 0.000003,
        "line": 0.017,
        "line_minutes": 2,  # 61 seconds
        "line_is_estimate": True,
        "total": 0.377003,
    }


@pytest.mark.parametrize("usage", [{}, {"cost": 3}, {"cost": {"model": "dear"}}, {"cost": None}])
def test_turns_of_another_version_cost_nothing(prices: Prices, usage: dict[str, object]) -> None:
    cost = call_cost(a_call(), [a_turn(0, usage=usage)], [], prices)
    assert cost["total"] == cost["line"]


@pytest.mark.parametrize(
    ("changes", "events", "minutes"),
    [
        ({}, [], 2),
        ({}, [over("completed", duration_s="600")], 10),  # the carrier knows better
        ({}, [over("in-progress"), over("no-answer", duration_s="0")], 0),
        ({}, [over("completed", duration_s="soon")], 2),
        ({}, [replace(over("completed", duration_s="600"), kind="recording")], 2),
        ({"ended_at": None}, [], 2),  # 70 seconds so far
        ({"ended_at": NOW - timedelta(seconds=1)}, [], 0),  # a clock was set
    ],
)
def test_the_line_is_charged_by_the_minute_begun(
    prices: Prices, changes: dict[str, object], events: list[CallEvent], minutes: int
) -> None:
    cost = call_cost(a_call(**changes), [a_turn(0)], events, prices)
    assert cost["line_minutes"] == minutes
    assert cost["line"] == prices.line("inbound", minutes)


def test_ringing_is_not_charged(prices: Prices) -> None:
    call = a_call(direction="outbound", created_at=NOW - timedelta(seconds=50))
    cost = call_cost(call, [a_turn(0)], [], prices)
    assert (cost["line_minutes"], cost["line"]) == (2, 0.028)


def test_an_answer_took_until_it_was_saved() -> None:
    turns = [
        a_turn(0, {"total": 10.0}),
        a_turn(1, {"total": 300.0, "save_before": 2.0}),
        a_turn(2, {"total": 20.0, "save_before": 5.0}),
        a_turn(3, {"brain": 5.0}),  # of another version
    ]
    assert latency(turns)["answer_ms"] == {"turns": 3, "p50": 20.0, "max": 305.0}


def test_reading_ahead_is_judged_by_its_hits() -> None:
    words = [("hit", 400.0), ("miss", 0), (None, 0), ("hit", 100.5)]
    turns = [
        a_turn(number, usage={"speculation": word, "saved_ms": saved})
        for number, (word, saved) in enumerate(words)
    ]
    expected = {"hits": 2, "misses": 1, "hit_rate": 0.667, "saved_ms": 500.5}
    assert dict(latency(turns)["speculation"]) == expected
    assert latency([a_turn(0)])["speculation"]["hit_rate"] is None


@pytest.mark.parametrize(
    ("usage", "sources"),
    [
        ({}, (0, 0, 0)),
        ({"clips": 3, "clip_hits": 2, "clips_made": 1}, (2, 1, 0)),
        ({"clips": 3, "clip_hits": 2}, (2, 1, 0)),
        ({"clips": 1, "clip_hits": 2}, (2, 0, 0)),
        ({"carrier_characters": 80}, (0, 0, 1)),
        ({"carrier_characters": 80, "carrier_parts": 3}, (0, 0, 3)),
        ({"clips": "many", "clip_hits": None}, (0, 0, 0)),
    ],
)
def test_sentences_are_counted_by_where_their_sound_came_from(
    usage: dict[str, object], sources: tuple[int, int, int]
) -> None:
    assert tuple(clips_of(usage).values()) == sources
    assert list(clips_of(usage)) == ["cache", "made", "carrier"]
    assert latency([a_turn(0, usage=usage)])["clips"] == clips_of(usage)
