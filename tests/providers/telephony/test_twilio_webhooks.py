"""Twilio's webhooks as turns and notices, whatever is missing or wrong in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.events import HandoverResult
from providers.telephony.base import NoticeKind, Webhook
from providers.telephony.detection import Answerer, Verdict
from providers.telephony.twilio.webhooks import (
    SPEECH_MOST,
    read_handover,
    read_notice,
    read_partial,
    read_turn,
)
from tests.providers.telephony.twilio_forms import CALL_SID, call_form

any_text = st.text(st.characters(max_codepoint=0x10FFFF, exclude_categories=["Cs"]), max_size=50)
raw_values = st.binary(max_size=50).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
PARAMETERS = (
    "CallSid From To Direction CallStatus SpeechResult Confidence Digits SequenceNumber "
    "DialCallStatus DialBridged AnsweredBy RecordingSid Timestamp"
).split()


def webhook(headers: dict[str, str] | None = None, **form: str) -> Webhook:
    fields = {name: [value] for name, value in call_form(**form).items()}
    return Webhook("https://calls.example/voice", fields, b"x", headers or {})


def test_an_inbound_call_is_from_the_caller_to_our_line() -> None:
    turn = read_turn(webhook())
    assert (turn.carrier_id, turn.direction) == (CALL_SID, "inbound")
    assert (turn.caller_number, turn.line_number) == ("+919876543210", "+914400000000")
    assert (turn.speech, turn.digits, turn.confidence) == ("", "", None)


def test_an_outbound_call_is_from_our_line_to_the_person() -> None:
    turn = read_turn(webhook(Direction="outbound-api", From="+14155550100", To="+919876543210"))
    assert turn.direction == "outbound"
    assert (turn.caller_number, turn.line_number) == ("+919876543210", "+14155550100")


def test_speech_comes_with_its_confidence() -> None:
    turn = read_turn(webhook(SpeechResult=" ஐந்நூறு ரூபாய் ", Confidence="0.91"))
    assert (turn.speech, turn.confidence) == ("ஐந்நூறு ரூபாய்", 0.91)


@pytest.mark.parametrize("raw", ["", "0.0", "nan", "inf", "-1", "1.5", "high", "9" * 5_000])
def test_a_confidence_that_says_nothing_is_none(raw: str) -> None:
    assert read_turn(webhook(SpeechResult="yes", Confidence=raw)).confidence is None


def test_only_keys_count_as_digits() -> None:
    assert read_turn(webhook(Digits="1a2 *#w٣")).digits == "12*#"


def test_a_very_long_speech_is_cut() -> None:
    assert len(read_turn(webhook(SpeechResult="ab " * 500_000)).speech) <= SPEECH_MOST


def test_control_characters_and_broken_bytes_do_not_reach_the_record() -> None:
    broken = b"caf\xe9\x00\r\nyes".decode("utf-8", "surrogateescape")
    assert read_turn(webhook(SpeechResult=broken)).speech == "caf\ufffd yes"


def test_of_a_repeated_parameter_the_first_counts() -> None:
    fields = {"CallSid": [CALL_SID, "CA2"], "Digits": ["1", "2"]}
    turn = read_turn(Webhook("https://calls.example/voice", fields, b"x", {}))
    assert (turn.carrier_id, turn.digits) == (CALL_SID, "1")


def test_the_idempotency_token_names_the_delivery() -> None:
    assert read_turn(webhook({"i-twilio-idempotency-token": "t-1"})).delivery == "t-1"
    assert read_turn(webhook()).delivery == ""


@pytest.mark.parametrize("sid", ["", " ", "CA 1", "CA/../1", "x" * 65, "CA1\n", "சிஏ"])
def test_a_webhook_that_names_no_call_is_refused_by_name(sid: str) -> None:
    with pytest.raises(ValueError, match="CallSid"):
        read_turn(webhook(CallSid=sid))


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("completed", HandoverResult.ANSWERED),
        ("answered", HandoverResult.ANSWERED),
        ("no-answer", HandoverResult.NO_ANSWER),
        ("busy", HandoverResult.BUSY),
        ("failed", HandoverResult.FAILED),
        ("canceled", HandoverResult.FAILED),
        ("", HandoverResult.FAILED),
        ("something new", HandoverResult.FAILED),
    ],
)
def test_the_end_of_a_dial_is_the_result_of_a_handover(status: str, result: HandoverResult) -> None:
    assert read_handover(webhook(DialCallStatus=status))[0] is result


def test_an_operator_who_picked_up_but_never_spoke_did_not_answer() -> None:
    form = webhook(DialCallStatus="completed", DialBridged="false")
    assert read_handover(form)[0] is HandoverResult.NO_ANSWER


def test_a_status_notice_carries_its_place_in_the_order() -> None:
    notice = read_notice(
        NoticeKind.STATUS, webhook(CallStatus="completed", SequenceNumber="3", CallDuration="42")
    )
    assert (notice.status, notice.sequence) == ("completed", 3)
    assert notice.data == {"status": "completed", "duration_s": "42"}


def test_statuses_without_a_number_are_ordered_by_what_they_say() -> None:
    words = ["initiated", "ringing", "in-progress", "completed"]
    notices = [read_notice(NoticeKind.STATUS, webhook(CallStatus=word)) for word in words]
    assert [one.sequence for one in notices] == [0, 1, 2, 3]


def test_a_repeated_notice_has_the_same_key_and_another_one_does_not() -> None:
    first = webhook(RecordingSid="RE1", RecordingStatus="completed")
    second = webhook(RecordingSid="RE2", RecordingStatus="completed")
    keys = [read_notice(NoticeKind.RECORDING, one).key for one in (first, first, second)]
    assert keys[0] == keys[1] != keys[2]


def test_machine_detection_is_kept_in_our_words() -> None:
    form = webhook(AnsweredBy="machine_start", MachineDetectionDuration="2100")
    notice = read_notice(NoticeKind.AMD, form)
    assert notice.data == {
        "answered_by": "machine_start",
        "detection_ms": "2100",
        "verdict": "machine",
    }
    assert notice.status == ""


@given(
    form=st.dictionaries(
        st.sampled_from(PARAMETERS) | any_text, st.lists(any_text | raw_values), max_size=12
    )
)
def test_any_form_is_read_or_refused_by_name(form: dict[str, list[str]]) -> None:
    form["CallSid"] = [CALL_SID]
    webhook = Webhook("https://calls.example/voice", form, b"x", {})
    turn = read_turn(webhook)
    turn.speech.encode()  # clean text, fit for a record and a document
    assert set(turn.digits) <= set("0123456789*#")
    result, _ = read_handover(webhook)
    assert result in HandoverResult
    for kind in NoticeKind:
        notice = read_notice(kind, webhook)
        "".join((*notice.data.values(), notice.key)).encode()
        assert notice.sequence >= 0


@pytest.mark.parametrize(
    ("form", "text", "is_stable"),
    [
        ({"UnstableSpeechResult": "five hun", "Stability": "0.5"}, "five hun", False),
        ({"UnstableSpeechResult": "five hun", "Stability": "0.9"}, "five hun", True),
        ({"StableSpeechResult": "five", "UnstableSpeechResult": "hun"}, "five hun", False),
        ({"StableSpeechResult": "five hundred"}, "five hundred", True),
        ({"StableSpeechResult": "", "UnstableSpeechResult": "", "Stability": "x"}, "", False),
        ({}, "", False),
    ],
)
def test_what_was_heard_so_far_is_one_text(
    form: dict[str, str], text: str, is_stable: bool
) -> None:
    partial = read_partial(webhook(None, SequenceNumber="3", **form))
    assert (partial.carrier_id, partial.text) == (CALL_SID, text)
    assert (partial.is_stable, partial.sequence) == (is_stable, 3)


@pytest.mark.parametrize("raw", ["", "-1", "1.5", "9999999", "x", "٣"])
def test_a_sequence_that_is_no_number_is_the_first(raw: str) -> None:
    assert read_partial(webhook(SequenceNumber=raw)).sequence == 0


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("human", Verdict(Answerer.HUMAN)),
        ("machine_start", Verdict(Answerer.MACHINE)),
        ("machine_end_beep", Verdict(Answerer.MACHINE, records=True)),
        ("machine_end_silence", Verdict(Answerer.MACHINE, records=True)),
        ("machine_end_other", Verdict(Answerer.MACHINE, records=True)),
        ("fax", Verdict(Answerer.FAX)),
        ("unknown", Verdict(Answerer.UNKNOWN)),
        ("a word of tomorrow", Verdict(Answerer.UNKNOWN)),
        ("", None),
    ],
)
def test_who_answered_is_read_from_any_webhook(word: str, verdict: Verdict | None) -> None:
    told = webhook(AnsweredBy=word)
    assert read_turn(told).verdict == verdict
    data = read_notice(NoticeKind.AMD, told).data
    assert data.get("verdict") == (str(verdict.by) if verdict else None)
