"""<Connect><ConversationRelay> against a server that is none of ours, with messages by hand."""

from __future__ import annotations

import json

import pytest

from phone.caller import HangsUp, MakesNoise, Presses, Speaks
from phone.signature import sign
from phone.transcript import Who
from phone.weather import Moment, Weather
from tests.phone.fake_app import closed_port
from tests.phone.planned import TOKEN, PlannedCaller
from tests.phone.relay_server import EVENTS, RelayServer, Session, ended, related
from tests.phone.stream_calls import LONG, Interrupter, noted

HELLO = "Hello, what do you charge?"


def leave(session: Session, reason: str = "done") -> None:
    session.send(type="end", handoffData=json.dumps({"reason": reason}))


def ask(session: Session) -> None:
    session.until("setup")
    session.say(HELLO)
    session.until("prompt", last=True)
    leave(session)


def test_the_first_message_is_the_carriers_and_the_handshake_is_signed() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        leave(session)

    with RelayServer(talk) as server:
        line, _ = related(server.url, PlannedCaller())
    setup, call = server.connections[0].got[0], line.call.leg
    assert setup.pop("sessionId").startswith("VX")
    assert setup == {
        "type": "setup",
        "accountSid": call.account,
        "parentCallSid": "",
        "callSid": call.sid,
        "from": call.from_number,
        "to": call.to_number,
        "forwardedFrom": "",
        "callType": "PSTN",
        "callerName": "",
        "direction": "inbound",
        "callStatus": "RINGING",
        "customParameters": {"token": "t&1"},
    }
    assert server.headers[0]["X-Twilio-Signature"] == sign(TOKEN, server.url)


def test_words_are_spoken_by_clauses_and_told_as_they_were_played() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say("Hello, what ", "do you", " charge?")
        session.silent()
        leave(session)

    with RelayServer(talk) as server:
        line, _ = related(server.url, PlannedCaller())
    told = [(one["name"], one["value"]) for one in server.connections[0].told("info")]
    assert told == [
        ("agentSpeaking", "on"),
        ("tokensPlayed", "Hello,"),
        ("tokensPlayed", "what do you charge?"),
        ("agentSpeaking", "off"),
    ]
    assert noted(line.call, Who.AGENT) == [HELLO, "back"]


def test_nothing_is_told_of_speaking_that_was_not_asked_for() -> None:
    with RelayServer(ask) as server:
        related(server.url, PlannedCaller([Speaks(("five hundred",))]), "")
    assert [one["type"] for one in server.connections[0].got] == ["setup", "prompt"]


def test_the_caller_answers_when_the_agent_has_finished() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(HELLO)
        said = session.until("prompt")
        assert said == {
            "type": "prompt",
            "voicePrompt": "five hundred rupees",
            "lang": "en-IN",
            "last": True,
        }
        session.say("Thank you.")
        session.silent()
        leave(session)

    with RelayServer(talk) as server:
        line, app = related(
            server.url,
            PlannedCaller([Speaks(("five hundred", "rupees"))]),
            f'{EVENTS} language="en-IN"',
        )
    assert noted(line.call, Who.AGENT, Who.CALLER) == [
        HELLO, "five hundred rupees", "Thank you.", "back",
    ]  # fmt: skip
    assert line.call.transcript.faults == []
    form = ended(app)
    assert form["SessionStatus"] == "ended"
    assert form["HandoffData"] == '{"reason": "done"}'
    assert form["SessionId"].startswith("VX")
    assert form["CallStatus"] == "in-progress"


def test_unfinished_words_come_when_they_are_asked_for() -> None:
    with RelayServer(ask) as server:
        related(
            server.url,
            PlannedCaller([Speaks(("five", "hundred"))]),
            f'{EVENTS} partialPrompts="true" speechModel="flux"',
        )
    said = [(one["voicePrompt"], one["last"]) for one in server.connections[0].told("prompt")]
    assert said == [("five", False), ("five hundred", False), ("five hundred", True)]


def test_whoever_cuts_in_stops_the_agent_and_all_that_waits() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(LONG)
        session.say("And this is never heard.")
        session.until("prompt", last=True)
        leave(session)

    with RelayServer(talk) as server:
        line, _ = related(server.url, Interrupter(Speaks(("wait",))))
    got = server.connections[0].got
    (cut,) = server.connections[0].told("interrupt")
    assert LONG.startswith(cut["utteranceUntilInterrupt"])
    assert cut["utteranceUntilInterrupt"] == noted(line.call, Who.AGENT)[0]
    assert 1800 <= cut["durationUntilInterruptMs"] <= 3500
    order = [(one["type"], one.get("name")) for one in got[got.index(cut) - 2 :]][:5]
    assert order == [
        ("info", "clientSpeaking"),
        ("info", "tokensPlayed"),
        ("interrupt", None),
        ("info", "agentSpeaking"),
        ("info", "clientSpeaking"),
    ]
    assert got[got.index(cut) - 1]["value"] == cut["utteranceUntilInterrupt"]


def test_what_may_not_be_cut_is_said_to_its_end_and_words_over_it_are_told_if_wanted() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(LONG, interruptible=False)
        session.silent()
        leave(session)

    for wanted, prompts in (("none", 0), ("any", 1)):
        with RelayServer(talk) as server:
            line, _ = related(
                server.url,
                Interrupter(Speaks(("wait",))),
                f'{EVENTS} reportInputDuringAgentSpeech="{wanted}"',
            )
        assert server.connections[0].told("interrupt") == []
        assert len(server.connections[0].told("prompt")) == prompts
        assert " ".join(noted(line.call, Who.AGENT)).startswith(LONG)


def test_a_noise_stops_the_agent_and_brings_no_words() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(LONG)
        session.until("info", name="clientSpeaking", value="off")
        session.say("As I said.")
        session.silent()
        leave(session)

    with RelayServer(talk) as server:
        related(server.url, Interrupter(MakesNoise()))
    assert len(server.connections[0].told("interrupt")) == 1
    assert server.connections[0].told("prompt") == []


def test_a_backchannel_stops_nobody_when_the_carrier_is_to_ignore_it() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(LONG)
        session.silent()
        leave(session)

    with RelayServer(talk) as server:
        related(server.url, Interrupter(Speaks(("Okay.",))), f'{EVENTS} ignoreBackchannel="true"')
    assert server.connections[0].told("interrupt") == []


def test_keys_are_told_one_by_one_and_cut_in_too() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(LONG)
        assert [session.until("dtmf")["digit"] for _ in range(2)] == ["4", "#"]
        leave(session)

    with RelayServer(talk) as server:
        related(server.url, Interrupter(Presses("4#")))
    assert len(server.connections[0].told("interrupt")) == 1


def test_what_is_sent_after_a_preemptible_text_cuts_it() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(LONG, preemptible=True)
        session.until("info", name="agentSpeaking", value="on")
        session.say("Here it is.")
        session.until("info", name="tokensPlayed", value="Here it is.")
        leave(session)

    with RelayServer(talk) as server:
        line, _ = related(server.url, PlannedCaller())
    assert server.connections[0].told("interrupt") == []
    assert noted(line.call, Who.AGENT)[0].endswith("Here it is.")
    assert LONG not in noted(line.call, Who.AGENT)[0]


def test_bad_messages_are_answered_and_the_tenth_ends_the_session() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.send(type="text", token=7, last=True)
        session.send(type="wink")
        session.send(type="text", token="fine ", last=False)  # in between: they count in a row
        for number in range(10):
            session.socket.send(f"not json {number}")

    with RelayServer(talk) as server:
        line, app = related(server.url, PlannedCaller())
    errors = server.connections[0].told("error")
    assert len(errors) == 12
    assert errors[2]["description"] == "Invalid message received, code: 64107, not json 0"
    assert ended(app)["SessionStatus"] == "failed"
    assert ended(app)["ErrorCode"] == "64105"
    assert len([one for one in noted(line.call, Who.FAULT) if one.startswith("64107")]) == 12


def test_the_action_is_told_when_the_caller_hangs_up() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.say(HELLO)

    with RelayServer(talk) as server:
        _, app = related(server.url, PlannedCaller([HangsUp()]))
    assert ended(app)["SessionStatus"] == "completed"
    assert ended(app)["CallStatus"] == "completed"
    assert "HandoffData" not in ended(app)


def test_a_lost_socket_fails_the_session_when_it_is_not_to_be_opened_again() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        session.socket.socket.close()

    with RelayServer(talk) as server:
        _, app = related(server.url, PlannedCaller())
    form = ended(app)
    assert (form["SessionStatus"], form["ErrorCode"]) == ("failed", "64105")
    assert form["ErrorMessage"] == "Websocket ended"
    assert form["CallStatus"] == "in-progress"


def test_a_lost_socket_is_opened_again_and_told_what_was_kept() -> None:
    def talk(session: Session) -> None:
        session.until("setup")
        if len(server.connections) == 1:
            session.say(HELLO)
            session.until("info", name="clientSpeaking", value="on")
            return
        session.until("prompt", last=True)
        leave(session)

    with RelayServer(talk) as server:
        _, app = related(
            server.url,
            PlannedCaller([Speaks(("five hundred rupees",))]),
            f'{EVENTS} applicationReconnect="true"',
            weather=Weather(drops=Moment.CALLER_SPEAKS),
        )
    first, second = server.connections
    assert first.got[0]["sessionId"] == second.got[0]["sessionId"]
    assert second.got[0]["callStatus"] == "IN_PROGRESS"
    assert [one["type"] for one in second.got[:2]] == ["setup", "info"]
    assert ended(app)["SessionStatus"] == "ended"


def test_a_server_that_does_not_answer_fails_the_session() -> None:
    line, app = related(f"ws://127.0.0.1:{closed_port()}/relay", PlannedCaller())
    assert ended(app)["ErrorCode"] == "64102"
    assert noted(line.call, Who.AGENT) == ["back"]


WRONG = {
    'transcriptionProvider="Deepgram" language="ml-IN"': "deepgram does not recognise ml-IN",
    'ttsProvider="Google" voice="Kajal-Neural"': "google has no voice Kajal-Neural",
    'ttsProvider="Google" voice="ta-IN-Wavenet-C" language="en-IN"': "does not speak en-IN",
    'ttsProvider="Espeak"': "ttsProvider espeak",
    'transcriptionProvider="Whisper"': "transcriptionProvider whisper",
    'speechTimeout="300"': "speechTimeout 300",
    'partialPrompts="true"': "partialPrompts",
    'speechModel="flux" language="hi-IN"': "flux does not recognise hi-IN",
    'events="everything"': "events everything",
}


@pytest.mark.parametrize("noun", WRONG)
def test_attributes_that_the_carrier_does_not_take_drop_the_session(noun: str) -> None:
    line, app = related("ws://127.0.0.1:9/relay", PlannedCaller(), noun)
    assert ended(app)["ErrorCode"] == "64101"
    assert WRONG[noun] in noted(line.call, Who.FAULT)[0]


def test_so_do_those_of_a_language() -> None:
    child = '<Language code="ml-IN" transcriptionProvider="Deepgram"/>'
    line, app = related("ws://127.0.0.1:9/relay", PlannedCaller(), "", children=child)
    assert ended(app)["ErrorCode"] == "64101"
    assert "ml-IN" in noted(line.call, Who.FAULT)[0]
