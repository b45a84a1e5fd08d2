"""The JSON routes about calls that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conversation.state import Slot, new_state
from storage.records import CallEvent, CollectedRecord, TurnRecord
from tests.transports.doors import AGENT, NOW, SIGNED, House, a_call, json_of

# What one turn with a model and clips used.
USED: Mapping[str, object] = {
    "gathers": 1,
    "clips": 2,
    "clip_hits": 1,
    "clips_made": 1,
    "tts_provider": "elevenlabs",
    "tts_model": "eleven_flash_v2_5",
    "tts_characters": 100,
    "model": "gemini-3.5-flash-lite",
    "input_tokens": 1000,
    "output_tokens": 100,
    "speculation": "hit",
    "saved_ms": 400.0,
}


def ask(house: House, path: str) -> Any:
    headers = {"Authorization": f"Bearer {SIGNED.api_token}"}
    return json_of(house.carrier.client.get(path, headers=headers))


@pytest.fixture
def kept(house: House) -> House:
    """A house with one whole call in its store."""
    store = house.services.storage
    state = new_state(AGENT, NOW).with_slot("charge", Slot({"amount": 600, "currency": "INR"}))
    store.create_call(a_call())
    call = store.find_call(a_call().carrier_id or "")
    assert call is not None
    ended = replace(
        call,
        state=state.to_dict(),
        stage="completed",
        outcome="completed",
        status="completed",
        ended_at=NOW + timedelta(seconds=42),
    )
    turn = TurnRecord(
        call_id="call-1",
        turn=0,
        at=NOW,
        stage="collecting",
        language="en-IN",
        caller="600 rupees",
        caller_by="speech",
        confidence=0.9,
        agent="Thank you.",
        accepted={"charge": {"amount": 600, "currency": "INR"}},
        brain="rules",
        timings_ms={"total": 1.5},
    )
    collected = CollectedRecord(
        call_id="call-1",
        carrier_id=call.carrier_id,
        agent="logistics",
        caller_number=call.caller_number,
        language="en-IN",
        outcome="completed",
        complete=True,
        data={"charge": {"amount": 600, "currency": "INR"}},
        collected_at=NOW,
    )
    store.save_call(ended, turn, collected)
    store.add_event(CallEvent("call-1", "status:0", "status", NOW, 0, {"status": "ringing"}))
    store.create_call(a_call("CA-other", "call-2"))
    return house


def test_a_call_is_shown_in_full_by_either_id(kept: House) -> None:
    call = ask(kept, "/call-status/call-1")
    assert call == ask(kept, f"/call-status/{call['call_sid']}")
    assert (call["state"], call["stage"], call["outcome"]) == ("ended", "completed", "completed")
    assert call["data"] == {"charge": {"amount": 600, "currency": "INR"}}
    assert call["timings"] == {"duration_s": 42.0, "turns": 1}
    assert call["turns"][0]["caller"] == "600 rupees"
    assert call["turns"][0]["at"] == "2026-11-20T09:00:00Z"
    assert call["events"][0]["data"] == {"status": "ringing"}


def test_a_call_that_goes_on_is_active(kept: House) -> None:
    call = ask(kept, "/call-status/call-2")
    assert (call["state"], call["outcome"], call["data"]) == ("active", None, {})


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", {"call-1", "call-2"}),
        ("?outcome=completed", {"call-1"}),
        ("?open=1", {"call-2"}),
        ("?agent=LOGISTICS", {"call-1", "call-2"}),
        ("?agent=pizza", set()),
        ("?direction=inbound", {"call-1", "call-2"}),
        ("?stage=completed", {"call-1"}),
        ("?number=43210&shortest_s=42&longest_s=42", {"call-1"}),
        ("?number=%2B91", {"call-1", "call-2"}),
        ("?number=%2B49", set()),
        ("?sort=duration", {"call-1"}),
        ("?before=2020-01-01", set()),
    ],
)
def test_calls_are_listed_by_agent_outcome_and_state(
    kept: House, query: str, ids: set[str]
) -> None:
    assert {call["call_id"] for call in ask(kept, f"/calls{query}")["calls"]} == ids


@pytest.mark.parametrize(
    "query",
    ["outcome=done", "limit=abc", "limit=0", "offset=-1", "number=12", "after=x", "sort=price"],
)
def test_a_question_that_cannot_be_answered_is_refused_by_name(kept: House, query: str) -> None:
    headers = {"Authorization": f"Bearer {SIGNED.api_token}"}
    answer = kept.carrier.client.get(f"/calls?{query}", headers=headers)
    assert answer.status_code == 422
    assert json_of(answer)["error"]["field"] == query.partition("=")[0]


def test_a_list_is_cut_and_paged(kept: House) -> None:
    pages = [ask(kept, f"/calls?limit=1&offset={page}")["calls"] for page in range(3)]
    assert [len(page) for page in pages] == [1, 1, 0]
    assert pages[0] != pages[1]


def test_a_page_says_how_to_go_on(kept: House) -> None:
    first = ask(kept, "/calls?limit=1")
    second = ask(kept, f"/calls?limit=1&after={first['next']}")

    assert second["next"] is None
    assert {one["call_id"] for one in first["calls"] + second["calls"]} == {"call-1", "call-2"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1),
        ("?agent=logistics", 1),
        ("?agent_type=LOGISTICS", 1),
        ("?agent=pizza", 0),
        ("?since=2026-11-20T08:00:00Z", 1),
        ("?since=2026-11-20T10:00:00Z", 0),
        ("?since=2026-11-21", 0),
    ],
)
def test_what_calls_brought_home_is_listed(kept: House, query: str, count: int) -> None:
    found = ask(kept, f"/collected-data{query}")["collected_data"]
    assert len(found) == count
    if found:
        assert found[0]["data"] == {"charge": {"amount": 600, "currency": "INR"}}
        assert found[0]["complete"] is True


@pytest.mark.parametrize(
    "since", ["yesterday", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00%2B23:59"]
)
def test_a_moment_that_is_none_is_refused(kept: House, since: str) -> None:
    headers = {"Authorization": f"Bearer {SIGNED.api_token}"}
    answer = kept.carrier.client.get(f"/collected-data?since={since}", headers=headers)
    assert answer.status_code == 422
    assert answer.get_json()["error"]["field"] == "since"


def test_a_call_of_another_version_shows_what_it_brought_home(kept: House) -> None:
    store = kept.services.storage
    call = store.load_call("call-1")
    assert call is not None
    store.save_call(replace(call, state={"format": 0}))
    shown = ask(kept, "/call-status/call-1")
    assert shown["data"] == {"charge": {"amount": 600, "currency": "INR"}}


def test_a_call_shows_what_it_cost_and_how_long_its_caller_waited(house: House) -> None:
    store, prices = house.services.storage, house.services.prices
    store.create_call(a_call())
    used = {**USED, "cost": prices.cost(USED)}
    greeting = TurnRecord(
        call_id="call-1",
        turn=0,
        at=NOW,
        stage="collecting",
        language="en-IN",
        caller="",
        caller_by="none",
        confidence=None,
        agent="Hello.",
        timings_ms={"find": 0.5, "total": 10.0},
        usage={"carrier_characters": 6, "carrier_voice": "basic"},
    )
    answer = replace(
        greeting,
        turn=1,
        brain="model",
        timings_ms={"brain": 300.0, "total": 310.0, "save_before": 2.5},
        usage=used,
    )
    for turn in (greeting, answer):
        call = store.load_call("call-1")
        assert call is not None
        store.save_call(replace(call, updated_at=NOW + timedelta(seconds=130)), turn)

    shown = ask(house, "/call-status/call-1")

    assert shown["cost"] == {
        "currency": "USD",
        "recognition": 0.02,
        "speech_carrier": 0.0,
        "speech": 0.005,
        "model": 0.00055,
        "line": 0.0255,
        "line_minutes": 3,
        "line_is_estimate": True,
        "total": 0.05105,
    }
    assert shown["latency"] == {
        "answer_ms": {"turns": 2, "p50": 161.25, "max": 310.0},
        "speculation": {"hits": 1, "misses": 0, "hit_rate": 1.0, "saved_ms": 400.0},
        "clips": {"cache": 1, "made": 1, "carrier": 1},
    }
    first, second = shown["turns"]
    assert first["timings_ms"] == {"find": 0.5, "total": 10.0, "save": 2.5}
    assert second["timings_ms"] == {"brain": 300.0, "total": 310.0}
    assert second["usage"] == used


def test_a_call_that_nobody_answered_cost_nothing(kept: House) -> None:
    shown = ask(kept, "/call-status/call-2")
    assert (shown["cost"]["total"], shown["latency"]["answer_ms"]["p50"]) == (0.0, None)
