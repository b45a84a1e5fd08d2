"""The messages of ConversationRelay, as the carrier documents them and as they were seen."""

from __future__ import annotations

import json

import pytest

from providers.telephony.base import (
    RelayInterrupted,
    RelayKey,
    RelayMessage,
    RelayProblem,
    RelayProgress,
    RelayPrompt,
    RelayStarted,
    RelayWords,
    Webhook,
)
from providers.telephony.twilio.relay import RelayMessages, read_end

WIRE = RelayMessages()
SID = "CA" + "3" * 32


def read(**message: object) -> RelayMessage:
    return WIRE.read(json.dumps(message))


def test_the_first_message_says_which_call_it_is() -> None:
    told = read(
        type="setup",
        sessionId="VX1",
        accountSid="AC1",
        callSid=SID,
        callStatus="RINGING",
        customParameters={"token": "t", "other": "x"},
        somethingNew={"a": [1]},
    )
    assert told == RelayStarted("VX1", SID, "t")


@pytest.mark.parametrize("given", [None, {}, [], "x", {"token": 7}])
def test_a_setup_without_a_token_has_none(given: object) -> None:
    assert read(type="setup", callSid=SID, customParameters=given) == RelayStarted("", SID, "")


MEANT = {
    '{"type":"prompt","voicePrompt":"hello there","lang":"en-US","last":true}': RelayPrompt(
        "hello there", "en-US", True
    ),
    '{"type":"prompt","voicePrompt":" five ","lang":"en-US","last":false}': RelayPrompt(
        "five", "en-US", False
    ),
    '{"type":"prompt","voicePrompt":"yes"}': RelayPrompt("yes", "", True),
    '{"type":"dtmf","digit":"#"}': RelayKey("#"),
    '{"type":"interrupt","utteranceUntilInterrupt":"Life is a","durationUntilInterruptMs":460}': (
        RelayInterrupted("Life is a", 460)
    ),
    '{"type":"interrupt","utteranceUntilInterrupt":"Life","durationUntilInterruptMs":"460"}': (
        RelayInterrupted("Life", 460)
    ),
    '{"type":"interrupt"}': RelayInterrupted("", 0),
    '{"type":"info","name":"agentSpeaking","value":"on"}': RelayProgress("agent", True),
    '{"type":"info","name":"agentSpeaking","value":"off"}': RelayProgress("agent", False),
    '{"type":"info","name":"clientSpeaking","value":"on"}': RelayProgress("caller", True),
    '{"type":"info","name":"tokensPlayed","value":"I heard:"}': RelayProgress(spoken="I heard:"),
    '{"type":"info","name":"agentSpeaking","value":"???"}': None,
    '{"type":"info","name":"roundTripDelayMs","value":"120"}': None,
    '{"type":"info","name":"agentSpeaking","value":7}': None,
    '{"type":"info"}': None,
    '{"type":"error","description":"Invalid message received"}': RelayProblem(
        "Invalid message received"
    ),
    '{"type":"error"}': RelayProblem(""),
    '{"type":"something-new","x":1}': None,
}


@pytest.mark.parametrize("message", MEANT)
def test_a_message_is_what_it_means(message: str) -> None:
    assert WIRE.read(message) == MEANT[message]


NONSENSE = {
    "": "not JSON",
    "not json": "not JSON",
    "[1]": "no object",
    '"setup"': "no object",
    "{}": "no type",
    '{"type":7}': "no type",
    '{"type":"setup"}': "callSid",
    '{"type":"setup","callSid":"../../x"}': "callSid",
    '{"type":"setup","callSid":["CA"]}': "callSid",
    '{"type":"prompt"}': "voicePrompt",
    '{"type":"prompt","voicePrompt":null}': "voicePrompt",
    '{"type":"prompt","voicePrompt":"x","last":"yes"}': "last",
    '{"type":"dtmf"}': "digit",
    '{"type":"dtmf","digit":"12"}': "digit",
    '{"type":"dtmf","digit":"A"}': "digit",
    '{"type":"interrupt","durationUntilInterruptMs":-1e999}': "not JSON",
    "x" * 64_001: "too long",
    "[" * 5_000: "not JSON",
}


@pytest.mark.parametrize("message", NONSENSE)
def test_nonsense_is_refused_with_its_reason(message: str) -> None:
    with pytest.raises(ValueError, match=NONSENSE[message]):
        WIRE.read(message)


def test_a_binary_message_is_refused() -> None:
    with pytest.raises(ValueError, match="binary"):
        WIRE.read(b'{"type":"dtmf","digit":"1"}')


def test_what_is_said_is_clean_and_bounded() -> None:
    told = read(type="prompt", voicePrompt="a\nb\x00c" + "d" * 5_000, last=True)
    assert isinstance(told, RelayPrompt)
    assert told.text.startswith("a b c")
    assert len(told.text) == 2_000


def test_words_name_their_language_and_whether_they_may_be_cut() -> None:
    words = RelayWords("Vanakkam, ", "ta-IN", is_last=False, interruptible=False)
    assert json.loads(WIRE.text(words)) == {
        "type": "text",
        "token": "Vanakkam, ",
        "lang": "ta-IN",
        "last": False,
        "interruptible": False,
        "preemptible": False,
    }


def test_words_that_are_no_text_do_not_break_the_message() -> None:
    words = RelayWords("caf\ud800\x07é", "en-IN", is_last=True)
    assert json.loads(WIRE.text(words))["token"] == "caf é"


def test_a_language_is_heard_and_spoken() -> None:
    assert json.loads(WIRE.language("hi-IN")) == {
        "type": "language",
        "ttsLanguage": "hi-IN",
        "transcriptionLanguage": "hi-IN",
    }


def test_handoff_data_is_a_string_that_comes_back() -> None:
    sent = json.loads(WIRE.end('done "x"'))
    assert sent["type"] == "end"
    end = read_end(_ended(SessionStatus="ended", HandoffData=sent["handoffData"]))
    assert (end.reason, end.is_failed, end.error_code, end.seconds) == ('done "x"', False, "", 12)


def test_a_session_that_failed_says_why() -> None:
    end = read_end(_ended(SessionStatus="failed", ErrorCode="64105", ErrorMessage="lost"))
    assert (end.carrier_id, end.is_failed, end.error_code) == (SID, True, "64105")


@pytest.mark.parametrize("handoff", ["", "no json", "[]", '{"reason": 7}', '"x"'])
def test_handoff_data_of_somebody_else_is_no_reason(handoff: str) -> None:
    assert read_end(_ended(HandoffData=handoff)).reason == ""


def test_an_end_without_a_call_is_refused() -> None:
    with pytest.raises(ValueError, match="CallSid"):
        read_end(Webhook("https://x/relay-ended", {}, b"", {}))


def _ended(**parameters: str) -> Webhook:
    form = {"CallSid": SID, "SessionId": "VX1", "SessionDuration": "12", **parameters}
    return Webhook("https://x/relay-ended", {k: [v] for k, v in form.items()}, b"", {})
