"""Calls that the carrier hears and speaks, message by message, at a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from tests.transports.live_carrier import SIGNED, LiveCarrier, live_server
from tests.transports.relay_talk import Talk, again, ended, failed, talking
from tests.waiting import wait_until

PIZZA = "Which pizza would you like: margherita, farmhouse, paneer tikka or chicken tikka?"
SIZE = "What size: small, medium or large?"
HOW_MANY = "How many would you like?"


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCarrier]:
    folder = tmp_path_factory.mktemp("relay")
    settings = {**SIGNED, "API_TOKEN": "api-secret", "LIVE_LAG_MS": "10000"}
    with live_server(folder, "relay", "server:app", **settings) as server:
        yield LiveCarrier(server)


def in_english(talk: Talk) -> str:
    """Choose a language; the first question, not yet played."""
    talk.hears()
    talk.says("English")
    return talk.hear()


def asked_size(talk: Talk) -> None:
    """Up to the second question, which has been heard."""
    talk.plays(in_english(talk))
    assert SIZE in talk.asks("margherita")


def turns(carrier: LiveCarrier, sid: str) -> list[tuple[str, str]]:
    """What the caller did in each turn, and what the agent said."""
    return [(one["caller"], one["agent"]) for one in carrier.record(sid)["turns"]]


def test_the_menu_is_spoken_in_every_language_by_its_own_voice(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        said = talk.hear()
    assert said.startswith("For English, say English or press 1.")
    assert [one["lang"] for one in talk.sent] == ["en-IN", "ta-IN", "ml-IN"]
    assert [one["last"] for one in talk.sent] == [False, False, True]
    assert {one["preemptible"] for one in talk.sent} == {False}


def test_a_whole_order_is_taken_and_the_goodbye_is_heard_before_the_end(
    carrier: LiveCarrier,
) -> None:
    with talking(carrier) as talk:
        asked_size(talk)
        assert HOW_MANY in talk.asks("large")
        assert "deliver" in talk.asks("two")
        assert "number" in talk.asks("12 Gandhi Street, Mylapore")
        assert "Is that right?" in talk.asks("98400 12345")
        talk.says("yes")
        bye = talk.hear()
        assert bye.startswith("Thank you!")
        talk.tell(type="info", name="agentSpeaking", value="on")
        wait_until(lambda: carrier.record(talk.sid)["outcome"] == "completed")
        assert not talk.is_waiting()
        talk.plays(bye)
        assert talk.closes() == {"reason": "done"}
    document = ended(carrier, talk.sid, HandoffData='{"reason": "done"}')
    assert [one.tag for one in document] == ["Hangup"]
    record = carrier.record(talk.sid)
    assert record["transport"] == "relay"
    assert record["data"]["quantity"] == 2
    assert [one["caller"] for one in record["turns"]][-2:] == ["98400 12345", "yes"]
    used = record["turns"][-2]
    assert used["usage"]["stt_model"] == "relay"
    assert used["usage"]["stt_seconds"] > 0
    assert used["timings_ms"]["first_words"] > 0


def test_whoever_wants_a_person_is_dialled_after_the_last_word(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        talk.plays(in_english(talk))
        assert "connect you" in talk.asks("I want to talk to a person")
        talk.closes()
    document = ended(carrier, talk.sid)
    assert [one.tag for one in document] == ["Dial"]
    assert document.findtext("Dial/Number") == "+914400000001"


def last_words(talk: Talk) -> str:
    """What is said to whoever is passed on; it is being said."""
    talk.plays(in_english(talk))
    talk.says("I want to talk to a person")
    words = talk.hear()
    talk.tell(type="info", name="agentSpeaking", value="on")
    return words


def test_whoever_thanks_for_being_passed_on_is_passed_on(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        words = last_words(talk)
        talk.says("thank you so much for all of that")
        talk.played(words)
        assert talk.closes() == {"reason": "done"}
    assert [one.tag for one in ended(carrier, talk.sid)] == ["Dial"]


def test_who_wants_no_more_calls_is_heard_over_the_last_word(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        words = last_words(talk)
        talk.says("no, never call me again")
        talk.played(words)
        assert "will not call this number again" in talk.hears()
        assert talk.closes() == {"reason": "done"}
    assert [one.tag for one in ended(carrier, talk.sid)] == ["Hangup"]
    assert carrier.record(talk.sid)["outcome"] == "opted_out"


def test_who_is_saying_so_when_the_last_word_ends_is_heard_out(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        words = last_words(talk)
        talk.tell(type="info", name="clientSpeaking", value="on")
        assert not talk.is_waiting(0.8)
        talk.played(words)
        talk.says("please never call me again")
        assert "will not call this number again" in talk.hears()
        assert talk.closes() == {"reason": "done"}
    assert carrier.record(talk.sid)["outcome"] == "opted_out"


def test_the_record_has_what_was_heard_by_whoever_hangs_up(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        in_english(talk)
        talk.tell(type="info", name="agentSpeaking", value="on")
        talk.tell(type="info", name="tokensPlayed", value="Welcome to Napoli Corner!")
        talk.socket.close(1000, "Closing websocket session")
    wait_until(lambda: "heard" in carrier.record(talk.sid)["turns"][-1])
    assert carrier.record(talk.sid)["turns"][-1]["heard"] == "Welcome to Napoli Corner!"


def test_another_language_is_heard_before_it_is_spoken(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        talk.hears()
        talk.says("தமிழ்")
        talk.hear()
    changed = [one for one in talk.sent if one["type"] == "language"]
    assert [one["transcriptionLanguage"] for one in changed] == ["ta-IN"]
    at = talk.sent.index(changed[0])
    assert {one["lang"] for one in talk.sent[at + 1 :]} == {"ta-IN"}


def test_who_cuts_in_is_answered_and_the_record_has_what_was_heard(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        welcome = in_english(talk)
        assert PIZZA in welcome
        talk.interrupts("Welcome to Napoli Corner!")
        talk.says("a margherita please")
        assert SIZE in talk.hears()
        record = carrier.record(talk.sid)
    greeting = record["turns"][1]
    assert greeting["agent"] == welcome
    assert greeting["heard"] == "Welcome to Napoli Corner!"
    assert record["turns"][2]["caller"] == "a margherita please"


def test_a_noise_stops_the_agent_who_then_says_the_rest(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        welcome = in_english(talk)
        talk.interrupts("Welcome to Napoli Cor")
        talk.tell(type="info", name="clientSpeaking", value="off")
        rest = talk.hears()
        assert rest.startswith("Corner!")
        assert welcome.endswith(rest)
        assert SIZE in talk.asks("margherita")
    assert [one.get("heard") for one in carrier.record(talk.sid)["turns"]][:2] == [None, None]


def test_nobody_is_taken_for_silent_or_finished_while_they_speak(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        asked_size(talk)
        assert HOW_MANY in talk.asks("large")
        assert "deliver" in talk.asks("two")
        assert "number" in talk.asks("12 Gandhi Street, Mylapore")
        talk.says("98400")
        talk.tell(type="info", name="clientSpeaking", value="on")
        talk.says("12345")
        assert "9 8 4 0 0, 1 2 3 4 5" in talk.hears()


def test_keys_are_collected_until_they_are_enough(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        talk.hear()
        talk.presses("1")
        talk.plays(talk.hear())
        assert SIZE in talk.asks("farmhouse")
        talk.presses("2")
        assert HOW_MANY in talk.hears()
        talk.presses("1")
        talk.presses("2#")
        assert "deliver" in talk.hears()
    assert turns(carrier, talk.sid)[-1][0] in ("12", "12#")


def test_what_is_said_while_an_answer_is_made_is_a_turn_of_its_own(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        talk.plays(in_english(talk))
        talk.says("margherita")
        talk.says("a large one")
        while HOW_MANY not in talk.hears():
            continue
    assert carrier.record(talk.sid)["data"]["size"] == "large"


def test_messages_that_are_not_understood_send_the_call_to_turns(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        asked_size(talk)
        for _ in range(3):
            talk.tell(type="error", description="Invalid message received, code: 64107")
        assert talk.closes() == {"reason": "moved"}
    document = ended(carrier, talk.sid, HandoffData='{"reason": "moved"}')
    assert "What size" in "".join(document.itertext())
    assert document.find("Gather") is not None


@pytest.mark.parametrize("phase", ["setup", "menu", "thinking", "speaking", "listening", "goodbye"])
def test_a_socket_that_is_lost_sends_the_call_to_turns_with_all_it_knew(
    carrier: LiveCarrier, phase: str
) -> None:
    with talking(carrier) as talk:
        if phase != "setup":
            talk.hear()
        if phase not in ("setup", "menu"):
            talk.says("English")
        if phase in ("speaking", "listening", "goodbye"):
            words = talk.hear()
        if phase in ("listening", "goodbye"):
            talk.plays(words)
        if phase == "goodbye":
            talk.says("a person please")
            talk.hear()
        talk.drops()
    if phase == "thinking":
        wait_until(lambda: len(carrier.record(talk.sid)["turns"]) == 2)
    document = failed(carrier, talk.sid)
    said = "".join(document.itertext())
    if phase in ("setup", "menu"):
        assert "say English or press 1" in said
    elif phase == "goodbye":
        assert document.find("Dial") is not None
    else:
        assert PIZZA in said
        assert document.find("Gather") is not None


def test_the_last_words_of_a_lost_socket_are_answered_in_turns(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        asked_size(talk)
        talk.says("large and then")  # more seems to follow
        talk.says("", last=True)
        talk.drops()
    wait_until(lambda: len(carrier.record(talk.sid)["turns"]) == 4)
    assert HOW_MANY in "".join(failed(carrier, talk.sid).itertext())


def test_a_socket_that_is_opened_again_goes_on_and_counts_nothing_twice(
    carrier: LiveCarrier,
) -> None:
    with talking(carrier) as talk:
        asked_size(talk)
        talk.says("large")
        talk.hear()
        talk.drops()
    wait_until(lambda: carrier.metric("callwright_calls_open") == 0)  # or the call has a socket
    with again(carrier, talk.sid, talk.token) as second:
        assert second.hear() == HOW_MANY
        second.says("large")  # told again: the carrier cannot know that it had arrived
        second.says("two")
        assert "deliver" in second.hears()
    record = carrier.record(talk.sid)
    assert [one["caller"] for one in record["turns"]] == [
        "", "English", "margherita", "large", "two",
    ]  # fmt: skip
    assert record["transport"] == "relay"
    assert record["data"]["size"] == "large"
    assert record["data"]["quantity"] == 2


def test_a_token_that_is_forged_or_of_another_call_opens_nothing(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk:
        talk.hear()
        with carrier.opens() as socket:
            other = Talk(socket, talk.sid, "forged")
            other.setup()
            assert other.is_closed_with() == 1008
        with carrier.opens() as socket:
            stranger = Talk(socket, "CA" + "9" * 32, talk.token)
            stranger.setup()
            assert stranger.is_closed_with() == 1008
        assert PIZZA in talk.asks("English")


def test_a_second_setup_and_one_for_another_call_change_nothing(carrier: LiveCarrier) -> None:
    with talking(carrier) as talk, talking(carrier) as other:
        talk.hears()
        talk.setup()
        talk.tell(type="setup", callSid=other.sid, customParameters={"token": other.token})
        assert PIZZA in talk.asks("English")
        assert turns(carrier, other.sid)[1:] == []


def test_ten_thousand_messages_of_nonsense_close_one_socket_and_no_other(
    carrier: LiveCarrier,
) -> None:
    nonsense = ["", "{", "[]", '{"type":7}', '{"type":"prompt"}', '{"type":"dtmf","digit":"x"}']
    with talking(carrier) as other, talking(carrier) as talk:
        asked_size(talk)
        with suppress(ConnectionClosed):
            for number in range(10_000):
                talk.socket.send(nonsense[number % len(nonsense)])
        assert talk.is_closed_with() in (1000, 1006, 1008)
        other.hears()
        assert PIZZA in other.asks("English")
    assert "What size" in "".join(failed(carrier, talk.sid).itertext())


def test_ten_thousand_messages_out_of_order_are_survived(carrier: LiveCarrier) -> None:
    strange: list[dict[str, object]] = [
        {
            "type": "interrupt",
            "utteranceUntilInterrupt": "never said",
            "durationUntilInterruptMs": 9,
        },
        {"type": "info", "name": "agentSpeaking", "value": "off"},
        {"type": "info", "name": "tokensPlayed", "value": "never said"},
        {"type": "info", "name": "clientSpeaking", "value": "off"},
        {"type": "something-new", "x": [1]},
        {"type": "info", "name": "agentSpeaking", "value": "on"},
        {"type": "prompt", "voicePrompt": "", "last": True},
        {"type": "error", "description": ""},
        {"type": "info", "name": "tokensPlayed", "value": ""},
    ]
    with talking(carrier) as talk:
        talk.plays(in_english(talk))
        for number in range(10_000):
            talk.tell(**strange[number % len(strange)])
        assert SIZE in talk.asks("margherita")


def test_a_server_that_gets_binary_frames_and_messages_before_the_setup_goes_on(
    carrier: LiveCarrier,
) -> None:
    sid = "CA" + "4" * 32
    token = carrier.rings(sid)
    with carrier.opens() as socket:
        talk = Talk(socket, sid, token)
        talk.says("hello?")
        talk.presses("1")
        socket.send(b"\x00\x01binary")
        talk.setup()
        assert "press 1" in talk.hears()
        assert PIZZA in talk.asks("English")


def test_a_session_that_is_closed_because_a_machine_has_answered_was_not_hung_up(
    carrier: LiveCarrier,
) -> None:
    with talking(carrier) as one:
        one.hears()
        # There is no carrier to be told: it should say so again.
        told = {"AnsweredBy": "machine_start", "MachineDetectionDuration": "2400"}
        assert carrier.sent("/call-events/amd?machine=hang_up", one.sid, **told)[0] == 503
    assert carrier.record(one.sid)["outcome"] == "machine"
    assert carrier.post("/relay-ended", one.sid, SessionStatus="completed")[0].tag == "Hangup"
