"""The page of one call: what was said, where values came from, and ending it by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from access.audit import entries_of
from access.roles import Role
from storage.records import CallEvent, CallRecord, TurnRecord
from tests.console.sitting import Sitting, a_sitting, post, token_of
from tests.providers.telephony.carrier_rest import running_carrier
from tests.transports.doors import NOW, a_call

PATH = "/console/calls/call-1"
HOSTILE = ("<script>window.hurt = 1</script>", '"><img src=x onerror="hurt()">', "{{7*7}}")


def a_turn(turn: int, **changes: object) -> TurnRecord:
    record = TurnRecord(
        call_id="call-1",
        turn=turn,
        at=NOW + timedelta(seconds=5 * turn),
        stage="collecting",
        language="en-IN",
        caller="five hundred",
        caller_by="speech",
        confidence=0.93,
        agent="Is 500 right?",
        brain="rules",
        timings_ms={"find": 1.0, "brain": 3.0, "speech": 0.5, "engine": 0.5, "total": 5.0},
        usage={"cost": {"recognition": 0.02, "total": 0.02}},
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def a_story(sitting: Sitting, **changes: object) -> CallRecord:
    """A call in which a value was given, corrected and confirmed."""
    slot = {"value": 600, "confirmed": True, "heard": "no, six hundred"}
    state = {"format": 1, "slots": {"charge": slot}, "variables": {"route": "R123"}}
    call: CallRecord = replace(a_call(), **{"state": state, **changes})  # type: ignore[arg-type]
    storage = sitting.services.storage
    storage.create_call(call)
    greeting = a_turn(0, caller="", caller_by="none", confidence=None, agent="How much?")
    first = a_turn(1, accepted={"charge": 500})
    second = a_turn(2, caller="no, six hundred", accepted={"charge": 600}, brain="gemini")
    for turn in (greeting, first, second, a_turn(3, caller="", caller_by="silence")):
        call = storage.save_call(call, turn)
    storage.add_event(CallEvent("call-1", "status:1", "status", NOW, 1, {"status": "ringing"}))
    return call


def test_the_page_tells_who_said_what_and_how_sure_that_is(sitting: Sitting) -> None:
    a_story(sitting)

    text = sitting.visitor().get(PATH).text

    for words in ("How much?", "five hundred", "no, six hundred", "Is 500 right?"):
        assert words in text
    assert "93 % sure" in text
    assert "read by gemini" in text
    assert "The caller said nothing." in text
    assert "ringing" in text
    assert "R123" in text


def test_a_field_tells_where_its_value_came_from(sitting: Sitting) -> None:
    a_story(sitting)

    text = " ".join(sitting.visitor().get(PATH).text.split())

    assert '<p class="value" dir="auto">600</p>' in text
    assert "confirmed" in text
    assert '<q dir="auto">no, six hundred</q>' in text
    assert 'href="#turn-2">turn 2</a>, read by gemini' in text
    assert 'href="#turn-1">turn 1</a>: 500' in text


def test_a_live_call_tells_what_its_caller_waited_for_besides(sitting: Sitting) -> None:
    call = a_story(sitting)
    client = sitting.visitor()
    assert "first sound" not in client.get(PATH).text

    waits = {"recognition": 251.4, "first_audio": 16.7, "total": 5.0}
    sitting.services.storage.save_call(call, a_turn(4, timings_ms=waits))

    text = client.get(PATH).text
    assert "wait for more words" in text
    assert "first sound" in text
    assert "251.4" in text
    assert "16.7" in text


def test_a_look_is_in_the_audit_log_and_a_refresh_is_none(sitting: Sitting) -> None:
    a_story(sitting)
    client = sitting.visitor()

    client.get(PATH)
    client.get(PATH, headers={"HX-Request": "true", "HX-Target": "call"})

    found = sitting.services.audit.find(entries_of(action="see call"))
    assert [one.subject for one in found] == ["call-1"]


def test_who_may_only_look_sees_values_masked_and_can_end_nothing(sitting: Sitting) -> None:
    a_story(sitting)
    client = sitting.visitor(Role.VIEWER)

    text = client.get(PATH).text

    assert "9876543210" not in text
    assert "R123" not in text
    assert "Hang up" not in text
    assert client.get("/console/calls/call-1.json").status_code == 403
    assert client.post(f"{PATH}/hang-up").status_code in (400, 403)
    assert sitting.turns.ended == []


def test_the_record_is_there_as_json(sitting: Sitting) -> None:
    a_story(sitting)

    answer = sitting.visitor().get("/console/calls/call-1.json")

    assert answer.json is not None
    assert answer.json["call"]["caller_number"] == "+919876543210"
    assert len(answer.json["turns"]) == 4


def test_a_file_to_take_home_shows_no_more_than_an_export(sitting: Sitting) -> None:
    # A field that no agent knows any more counts as sensitive.
    slots = {"pin": {"value": "4711", "confirmed": True, "heard": "my pin is 4711"}}
    a_story(sitting, state={"format": 1, "slots": slots, "variables": {}})
    said = a_turn(4, caller="my pin is 4711", agent="Is 4711 right?", accepted={"pin": "4711"})
    call = sitting.services.storage.load_call("call-1")
    assert call is not None
    sitting.services.storage.save_call(call, said)

    text = sitting.visitor(Role.OPERATOR).get("/console/calls/call-1.json").text

    assert "4711" not in text
    assert "no, six hundred" in text


@pytest.mark.parametrize("call_id", ["nobody", "..", "a b", "%00", "x" * 3000, "<script>"])
def test_a_call_that_is_not_kept_is_not_found(sitting: Sitting, call_id: str) -> None:
    for tail in ("", ".json"):
        answer = sitting.visitor().get(f"/console/calls/{call_id}{tail}")
        assert answer.status_code in (308, 404)
        assert "<script>" not in answer.text.replace("<script src", "")


def test_hostile_texts_are_shown_as_they_are(sitting: Sitting) -> None:
    whole = " ".join(HOSTILE)
    slot = {"value": whole, "heard": whole}
    state = {"format": 1, "slots": {"charge": slot, whole: slot}, "variables": {whole: whole}}
    texts = dict.fromkeys(("agent", "caller_number", "line_number", "stage", "language"), whole)
    more = dict.fromkeys(("agent_version", "direction", "status", "transport", "outcome"), whole)
    call = replace(a_call(), state=state, **texts, **more)  # type: ignore[arg-type]
    storage = sitting.services.storage
    storage.create_call(call)
    turn = a_turn(1, caller=whole, agent=whole, accepted={whole: whole}, brain=whole, stage=whole)
    storage.save_call(call, turn)
    storage.add_event(CallEvent("call-1", whole, whole, NOW, 1, {whole: whole}))

    for path in (PATH, "/console/calls"):
        text = sitting.visitor().get(path).text
        assert "<script>window" not in text
        assert "<img" not in text
        assert "{{7*7}}" in text


def test_a_call_of_an_agent_that_is_gone_is_shown(sitting: Sitting) -> None:
    a_story(sitting, agent="retired", state={})

    answer = sitting.visitor().get(PATH)

    assert answer.status_code == 200
    assert "no, six hundred" in answer.text


# Ending a call by hand


def test_the_carrier_hangs_up_when_it_is_told_to(tmp_path: Path) -> None:
    with running_carrier() as carrier:
        sitting = a_sitting(tmp_path, twilio_base_url=carrier.address)
        a_story(sitting)

        answer = post(sitting.visitor(), f"{PATH}/hang-up", PATH)

        assert answer.status_code == 303
        assert [form for _, form in carrier.asked] == [{"Status": ["completed"]}]
        noted = sitting.services.audit.find(entries_of(action="hang up call"))
        assert [one.subject for one in noted] == ["call-1"]
        sitting.services.close()


def test_a_carrier_that_will_not_hang_up_is_quoted(sitting: Sitting) -> None:
    a_story(sitting)

    answer = post(sitting.visitor(), f"{PATH}/hang-up", PATH)

    assert answer.status_code in (409, 503)
    assert "The carrier did not hang up." in answer.text


def test_a_call_that_is_over_cannot_be_hung_up(sitting: Sitting) -> None:
    call = a_story(sitting)
    client = sitting.visitor()
    form = {"csrf_token": token_of(client, PATH)}
    sitting.services.storage.save_call(replace(call, ended_at=NOW, outcome="completed"))

    for action in ("hang-up", "close"):
        answer = client.post(f"{PATH}/{action}", data=form)
        assert answer.status_code == 409
        assert "This call is over." in answer.text


def test_a_call_whose_end_nobody_reported_is_closed_by_hand(sitting: Sitting) -> None:
    a_story(sitting, updated_at=NOW - timedelta(minutes=10), created_at=NOW - timedelta(hours=1))

    answer = post(sitting.visitor(), f"{PATH}/close", PATH)

    assert answer.status_code == 303
    assert len(sitting.turns.ended) == 1


def test_a_call_that_goes_on_is_not_closed_by_hand(sitting: Sitting) -> None:
    a_story(sitting, updated_at=NOW)

    answer = post(sitting.visitor(), f"{PATH}/close", PATH)

    assert answer.status_code == 409
    assert "hang up instead" in answer.text
    assert sitting.turns.ended == []
