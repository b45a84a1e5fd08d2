"""Actions as TwiML: the same tree as Twilio's own library makes, whatever is said."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, Start, VoiceResponse
from twilio.twiml.voice_response import Gather as GatherVerb

from agents.schema import Agent, FieldSpec, HandoverReason
from conversation.actions import (
    Action,
    HandOver,
    HangUp,
    HangUpReason,
    KeepWaiting,
    Listen,
    Part,
    Say,
    StartRecording,
)
from providers.telephony.base import Links
from providers.telephony.twilio.document import (
    ASK_AGAIN,
    REPORT_AGAIN,
    Documents,
    apology,
    detour,
)
from tests.providers.telephony.twiml import read_twiml, spoken

LINKS = Links(
    turn="/process-response?turn=2",
    resume="/voice-resume",
    handover="/handover-result?turn=2",
    keep_waiting="/keep-waiting?turn=1",
    clips="https://calls.example/audio/",
)
AGENT = Agent(
    agent="logistics",
    name="Rates",
    goal="Collect a rate.",
    languages=("en-IN", "ta-IN"),
    say_voices={"en-IN": "Polly.Aditi"},
    say={},
    fields=(FieldSpec(name="charge", kind="number", ask={"en-IN": "How much?"}),),
)
DOCUMENTS = Documents("+914400000000")
EMPTY = "/process-response?turn=2&empty=1" + ASK_AGAIN

anything = st.text(max_size=60)
says = st.builds(
    Say,
    st.lists(
        st.builds(Part, anything, st.sampled_from(["en-IN", "ta-IN", "xx-XX"])), max_size=3
    ).map(tuple),
    st.booleans(),
)
listens = st.builds(
    Listen,
    st.sampled_from(["en-IN", "ta-IN"]),
    st.lists(anything, max_size=5).map(tuple),
    st.none() | st.integers(1, 20),
    st.integers(1, 60),
    st.none() | st.integers(1, 5),
)
ends = st.one_of(
    listens,
    st.builds(HandOver, anything.map("queue:".__add__), st.just(HandoverReason.ASKED), st.just(25)),
    st.just(HangUp(HangUpReason.COMPLETED)),
)


def say(text: str, language: str = "en-IN", interruptible: bool = True) -> Say:
    return Say((Part(text, language),), interruptible)


def document(*actions: Action) -> str:
    return DOCUMENTS.answer(AGENT, actions, LINKS)


def same(ours: str, theirs: VoiceResponse) -> bool:
    read_twiml(ours)
    return ElementTree.canonicalize(ours) == ElementTree.canonicalize(str(theirs))


def test_a_question_is_a_gather_that_survives_silence() -> None:
    expected = VoiceResponse()
    gather = GatherVerb(
        input="speech dtmf",
        action=LINKS.turn + ASK_AGAIN,
        method="POST",
        timeout=6,
        speech_timeout="auto",
        language="en-IN",
        num_digits=1,
        finish_on_key="",
        profanity_filter=False,
        action_on_empty_result=True,
        hints="rupees,five hundred",
    )
    gather.say("What is your charge & when?", voice="Polly.Aditi", language="en-IN")
    expected.append(gather)
    expected.redirect(EMPTY, method="POST")
    listen = Listen("en-IN", hints=("rupees", "five, hundred".replace(",", "")))
    assert same(document(say("What is your charge & when?"), listen), expected)


def test_several_keys_end_with_the_hash_key() -> None:
    gather = read_twiml(document(Listen("en-IN", keys_most=None))).find("Gather")
    assert gather is not None
    assert gather.get("finishOnKey") == "#"
    assert gather.get("numDigits") is None
    gather = read_twiml(document(Listen("en-IN", keys_most=10))).find("Gather")
    assert gather is not None
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("10", "#")


def test_a_slow_answer_gets_its_seconds_of_silence() -> None:
    gather = read_twiml(document(Listen("en-IN", timeout_s=9, end_silence_s=3))).find("Gather")
    assert gather is not None
    assert (gather.get("timeout"), gather.get("speechTimeout")) == ("9", "3")


def test_what_may_not_be_interrupted_is_said_before_listening() -> None:
    root = read_twiml(
        document(say("Saved.", interruptible=False), say("What next?"), Listen("en-IN"))
    )
    assert [child.tag for child in root] == ["Say", "Gather", "Redirect"]
    assert spoken(root) == ["Saved.", "What next?"]


def test_the_order_of_speech_is_kept_when_a_later_part_may_not_be_interrupted() -> None:
    root = read_twiml(document(say("One."), say("Two.", interruptible=False), Listen("en-IN")))
    assert [child.tag for child in root] == ["Say", "Say", "Gather", "Redirect"]
    assert spoken(root) == ["One.", "Two."]


def test_a_language_is_spoken_by_the_agents_voice_for_it_and_else_by_the_carriers_choice() -> None:
    parts = (Part("Hello.", "en-IN"), Part("Salut.", "fr-FR"))
    root = read_twiml(document(Say(parts), Listen("en-IN")))
    voices = [(said.get("voice"), said.get("language")) for said in root.iter("Say")]
    assert voices == [("Polly.Aditi", "en-IN"), (None, "fr-FR")]


def test_parts_in_one_language_are_one_sentence() -> None:
    parts = (Part("The charge is", "en-IN"), Part("600 rupees.", "en-IN", fixed=False))
    assert spoken(read_twiml(document(Say(parts), Listen("en-IN")))) == [
        "The charge is 600 rupees."
    ]


@pytest.mark.parametrize(
    ("to", "noun", "text", "caller_id"),
    [
        ("+914400000001", "Number", "+914400000001", "+914400000000"),
        ("sip:desk@pbx.example;a=1&b=2", "Sip", "sip:desk@pbx.example;a=1&b=2", "+914400000000"),
        ("sips:desk@pbx.example", "Sip", "sips:desk@pbx.example", "+914400000000"),
        ("client:anna", "Client", "anna", None),
        ("queue:support", "Queue", "support", None),
    ],
)
def test_a_handover_dials_the_operator(
    to: str, noun: str, text: str, caller_id: str | None
) -> None:
    expected = VoiceResponse()
    expected.say("One moment.", voice="Polly.Aditi", language="en-IN")
    dial = Dial(
        answer_on_bridge=True,
        timeout=25,
        action=LINKS.handover + ASK_AGAIN,
        method="POST",
        caller_id=caller_id,
    )
    getattr(dial, noun.lower())(text)
    expected.append(dial)
    hand_over = HandOver(to, HandoverReason.ASKED, 25)
    assert same(document(say("One moment."), hand_over), expected)


def test_a_goodbye_is_said_before_the_line_goes_down() -> None:
    root = read_twiml(document(say("Goodbye."), HangUp(HangUpReason.COMPLETED)))
    assert [child.tag for child in root] == ["Say", "Hangup"]


def test_speech_alone_never_ends_the_call() -> None:
    root = read_twiml(document(say("Hm.")))
    assert [child.tag for child in root] == ["Say", "Redirect"]
    assert root[1].text == EMPTY


def test_a_very_long_text_is_said_in_pieces_at_sentences() -> None:
    text = "A sentence of some length. " * 400
    pieces = spoken(read_twiml(document(say(text), Listen("en-IN"))))
    assert len(pieces) == 3
    assert " ".join(pieces) == text.strip()
    assert all(piece.endswith("length.") for piece in pieces)


def test_a_text_without_a_space_is_cut_where_it_must() -> None:
    pieces = spoken(read_twiml(document(say("x" * 9_000), Listen("en-IN"))))
    assert "".join(pieces) == "x" * 9_000


def test_hints_stay_within_what_the_recogniser_takes() -> None:
    hints = ("வார்த்தை" * 10, "y" * 101, "a,b", " ", *(f"word number {i}" for i in range(2_000)))
    gather = read_twiml(document(Listen("ta-IN", hints=hints))).find("Gather")
    assert gather is not None
    phrases = (gather.get("hints") or "").split(",")
    assert "a b" in phrases
    assert len(phrases) <= 500
    assert all(0 < len(phrase) <= 100 for phrase in phrases)
    assert sum(map(len, phrases)) <= 8_000


def test_clips_are_played_and_the_rest_is_said() -> None:
    parts = (
        Part("The charge is", "en-IN", clip="k1"),
        Part("600 rupees.", "en-IN", fixed=False, clip="k2"),
        Part("Is that right?", "en-IN"),
    )
    gather = read_twiml(document(Say(parts), Listen("en-IN"))).find("Gather")
    assert gather is not None
    assert [(verb.tag, verb.text) for verb in gather] == [
        ("Play", "https://calls.example/audio/k1.mp3"),
        ("Play", "https://calls.example/audio/k2.mp3"),
        ("Say", "Is that right?"),
    ]


def test_a_caller_who_is_kept_waiting_is_brought_back() -> None:
    root = read_twiml(document(say("One moment."), KeepWaiting()))
    assert [(verb.tag, verb.text) for verb in root] == [
        ("Say", "One moment."),
        ("Redirect", "/keep-waiting?turn=1" + ASK_AGAIN),
    ]


def test_unfinished_words_are_asked_for_where_they_are_wanted() -> None:
    plain = read_twiml(document(Listen("en-IN"))).find("Gather")
    links = replace(LINKS, partial="/partial?turn=2&a=b")
    wanted = read_twiml(DOCUMENTS.answer(AGENT, (Listen("en-IN"),), links)).find("Gather")
    assert plain is not None
    assert wanted is not None
    assert plain.get("partialResultCallback") is None
    assert wanted.get("partialResultCallback") == "/partial?turn=2&a=b"


def test_an_apology_hangs_up_and_a_detour_goes_on() -> None:
    assert [verb.tag for verb in read_twiml(apology("Sorry <&>", "en-IN"))] == ["Say", "Hangup"]
    root = read_twiml(detour("One moment.", "en-IN", "/voice-resume?fault=1"))
    assert [verb.tag for verb in root] == ["Say", "Redirect"]
    assert (root[1].text or "").startswith("/voice-resume?fault=1#")


@given(actions=st.lists(says, max_size=4), end=ends)
def test_whatever_is_said_the_document_is_valid(actions: list[Say], end: Action) -> None:
    root = read_twiml(document(*actions, end))
    assert root[-1].tag in {"Redirect", "Hangup", "Dial"}


def test_both_sides_are_recorded_from_where_it_was_announced() -> None:
    links = replace(LINKS, recording="https://calls.example/call-events/recording?call_id=c&x=1")
    announced = say("This call is recorded.", interruptible=False)
    actions = (announced, StartRecording(), HangUp(HangUpReason.COMPLETED))
    expected = VoiceResponse()
    expected.say("This call is recorded.", language="en-IN", voice="Polly.Aditi")
    start = Start()
    start.recording(
        recording_status_callback=links.recording + REPORT_AGAIN,
        recording_status_callback_method="POST",
        recording_status_callback_event="in-progress completed absent",
        track="both",
        channels="dual",
        trim="do-not-trim",
    )
    expected.append(start)
    expected.hangup()
    assert same(DOCUMENTS.answer(AGENT, actions, links), expected)


def test_nothing_is_recorded_when_nobody_could_be_told_of_it() -> None:
    assert "Recording" not in document(StartRecording(), HangUp(HangUpReason.COMPLETED))
