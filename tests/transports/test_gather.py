"""Webhooks of a call: what they mean and what goes back."""

from __future__ import annotations

import pytest

from agents.schema import HandoverReason
from calls.turns import UnknownAgent
from conversation.actions import HandOver, HangUp, HangUpReason
from conversation.events import (
    Digits,
    Event,
    HandoverAnswered,
    HandoverResult,
    Silence,
    Utterance,
)
from storage.base import StorageError
from tests.providers.telephony.twilio_forms import CALL_SID
from tests.providers.telephony.twiml import spoken
from tests.transports.doors import NOW, House, a_call, document_of, json_of

DOCUMENT_PATHS = (
    "/voice?agent_type=LOGISTICS",
    "/process-response?turn=1",
    "/keep-waiting?turn=1",
    "/voice-fallback?agent_type=LOGISTICS",
    "/voice-resume",
    "/handover-result?turn=1",
)


def test_an_inbound_call_starts_with_its_agent(house: House) -> None:
    root = document_of(house.carrier.post("/voice?agent_type=LOGISTICS"))
    arrival = house.turns.arrivals[0]
    assert (arrival.agent, arrival.carrier_id, arrival.call_id) == ("LOGISTICS", CALL_SID, None)
    assert (arrival.caller_number, arrival.direction) == ("+919876543210", "inbound")
    assert spoken(root) == ["How much?"]


def test_an_ordered_call_starts_under_our_own_id(house: House) -> None:
    form = {"Direction": "outbound-api", "From": "+914400000000", "To": "+919876543210"}
    house.carrier.post("/voice?agent_type=LOGISTICS&call_id=abc", form)
    arrival = house.turns.arrivals[0]
    assert (arrival.call_id, arrival.direction) == ("abc", "outbound")
    assert arrival.caller_number == "+919876543210"


@pytest.mark.parametrize("path", ["/voice", "/voice?agent_type=", "/voice?agent_type=NOBODY"])
def test_a_call_for_an_unknown_agent_is_apologised_to(house: House, path: str) -> None:
    root = document_of(house.carrier.post(path))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
    assert "nobody" in spoken(root)[0]


def test_the_next_turn_is_numbered_in_the_address(house: House) -> None:
    root = document_of(house.carrier.post("/process-response?turn=3"))
    gather = root.find("Gather")
    assert gather is not None
    assert (gather.get("action") or "").startswith("/process-response?turn=4#")


@pytest.mark.parametrize(
    ("form", "query", "event"),
    [
        ({"SpeechResult": "500", "Confidence": "0.8"}, "", Utterance("500", NOW, 0.8)),
        ({"Digits": "500#"}, "", Digits("500#", NOW)),
        ({"Digits": "1", "SpeechResult": "one"}, "", Digits("1", NOW)),
        ({}, "", Silence(NOW)),
        ({"SpeechResult": "  "}, "", Silence(NOW)),
        ({"Digits": "5"}, "&empty=1", Silence(NOW)),
    ],
)
def test_what_the_caller_did_is_told_to_the_call(
    house: House, form: dict[str, str], query: str, event: Event
) -> None:
    token = {"I-Twilio-Idempotency-Token": "d-1"}
    document_of(house.carrier.post(f"/process-response?turn=3{query}", form, token))
    assert house.turns.taken == [(CALL_SID, 3, "d-1", event)]


@pytest.mark.parametrize("raw", ["", "x", "-1", "1e3", "99999999999", "%D9%A3", "1&turn=2"])
def test_an_odd_turn_number_is_no_reason_to_fail(house: House, raw: str) -> None:
    document_of(house.carrier.post(f"/process-response?turn={raw}", {"Digits": "1"}))
    assert house.turns.taken[0][1] in (None, 1)


def test_a_turn_of_an_unknown_call_is_apologised_to(house: House) -> None:
    root = document_of(house.carrier.post("/process-response?turn=1", {"CallSid": "CA404"}))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]


@pytest.mark.parametrize("path", DOCUMENT_PATHS)
def test_a_call_whose_agent_went_away_is_apologised_to(house: House, path: str) -> None:
    house.turns.error = UnknownAgent("logistics", ())
    root = document_of(house.carrier.post(path))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]


@pytest.mark.parametrize("path", DOCUMENT_PATHS)
def test_a_webhook_that_names_no_call_is_apologised_to(house: House, path: str) -> None:
    root = document_of(house.carrier.post(path, {"CallSid": ""}))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
    assert not house.turns.arrivals
    assert not house.turns.taken


def test_the_fallback_gives_the_last_answer_again(house: House) -> None:
    form = {"ErrorCode": "11200", "ErrorUrl": "https://calls.example/process-response?turn=4"}
    root = document_of(house.carrier.post("/voice-fallback?agent_type=LOGISTICS", form))
    gather = root.find("Gather")
    assert gather is not None
    assert (gather.get("action") or "").startswith("/process-response?turn=5#")
    assert not house.turns.arrivals


def test_the_fallback_starts_a_call_that_never_got_its_first_answer(house: House) -> None:
    house.turns.known.clear()
    document_of(house.carrier.post("/voice-fallback?agent_type=LOGISTICS"))
    assert [arrival.carrier_id for arrival in house.turns.arrivals] == [CALL_SID]


def test_the_fallback_of_a_call_without_an_agent_is_an_apology(house: House) -> None:
    house.turns.known.clear()
    root = document_of(house.carrier.post("/voice-fallback"))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]


def test_a_call_is_resumed_where_it_was(house: House) -> None:
    assert spoken(document_of(house.carrier.post("/voice-resume"))) == ["How much?"]


def test_a_handover_dials_and_names_where_its_end_is_told(house: House) -> None:
    house.turns.actions = (HandOver("+914400000009", HandoverReason.ASKED, 25),)
    dial = document_of(house.carrier.post("/process-response?turn=2")).find("Dial")
    assert dial is not None
    assert (dial.get("action") or "").startswith("/handover-result?turn=3#")


def test_an_operator_who_does_not_answer_brings_the_caller_back(house: House) -> None:
    house.services.storage.create_call(a_call())
    form = {"DialCallStatus": "no-answer", "DialCallSid": "CA77"}
    root = document_of(house.carrier.post("/handover-result?turn=3", form))
    assert house.turns.taken[0][3] == HandoverAnswered(HandoverResult.NO_ANSWER, NOW)
    assert spoken(root) == ["How much?"]
    events = house.services.storage.events("call-1")
    assert [(one.kind, one.data["status"]) for one in events] == [("handover", "no-answer")]


def test_the_end_of_a_handover_told_twice_is_kept_once(house: House) -> None:
    house.services.storage.create_call(a_call())
    for _ in range(2):
        house.carrier.post("/handover-result?turn=3", {"DialCallStatus": "busy"})
    assert len(house.services.storage.events("call-1")) == 1


def test_a_hang_up_is_passed_on(house: House) -> None:
    house.turns.actions = (HangUp(HangUpReason.COMPLETED),)
    root = document_of(house.carrier.post("/process-response?turn=2"))
    assert [verb.tag for verb in root] == ["Hangup"]


def test_words_of_an_unfinished_utterance_ask_for_no_answer(house: House) -> None:
    answer = house.carrier.post("/partial", {"UnstableSpeechResult": "five hun"})
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("path", [*DOCUMENT_PATHS, "/partial", "/call-events/status"])
def test_a_webhook_cannot_be_fetched(house: House, path: str) -> None:
    answer = house.carrier.client.get(path)
    assert answer.status_code == 405
    assert json_of(answer)["error"]["code"] == "method_not_allowed"
    assert answer.headers["Allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("path", DOCUMENT_PATHS)
@pytest.mark.parametrize("error", [StorageError("the disk is full"), ZeroDivisionError("a bug")])
def test_a_fault_of_ours_keeps_the_caller_on_the_line(
    house: House, path: str, error: Exception
) -> None:
    house.turns.error = error
    root = document_of(house.carrier.post(path))
    assert [verb.tag for verb in root] == ["Say", "Redirect"]
    assert (root[1].text or "").startswith("/voice-resume?fault=1#")


def test_the_call_goes_on_after_a_fault_and_remembers_it_until_a_turn_succeeds(
    house: House,
) -> None:
    gather = document_of(house.carrier.post("/voice-resume?fault=2")).find("Gather")
    assert gather is not None
    assert (gather.get("action") or "").startswith("/process-response?turn=5&fault=2#")
    gather = document_of(house.carrier.post("/process-response?turn=5&fault=2")).find("Gather")
    assert gather is not None
    assert (gather.get("action") or "").startswith("/process-response?turn=6#")


def test_after_too_many_faults_the_caller_is_told_and_let_go(house: House) -> None:
    house.turns.error = ZeroDivisionError("a bug")
    root = document_of(house.carrier.post("/process-response?turn=5&fault=3"))
    assert [verb.tag for verb in root] == ["Say", "Hangup"]
