"""Documents the carrier takes, and those it refuses with a number."""

from __future__ import annotations

import pytest
from twilio.twiml.voice_response import (
    Connect,
    ConversationRelay,
    Dial,
    Gather,
    Say,
    Start,
    VoiceResponse,
)

from phone.faults import TwimlFault
from phone.twiml import read_document
from tests.phone.planned import response

XML = "text/xml; charset=utf-8"


def code_of(body: str | bytes, content_type: str = XML) -> int:
    """The number a document is refused with."""
    content = body.encode() if isinstance(body, str) else body
    with pytest.raises(TwimlFault) as refused:
        read_document(content, content_type)
    return refused.value.code


def test_a_document_of_the_library_is_taken_whole() -> None:
    document = VoiceResponse()
    gather = Gather(
        input="speech dtmf",
        action="/turn?n=1",
        speech_timeout="auto",
        language="ta-IN",
        hints="ஒன்று, இரண்டு",
        num_digits=1,
        finish_on_key="",
        action_on_empty_result=True,
        barge_in=True,
        partial_result_callback="/partial",
    )
    gather.say("வணக்கம்", language="ta-IN", voice="Google.ta-IN-Wavenet-C")
    gather.play("https://clips.example/a.mp3")
    gather.pause(length=1)
    document.append(gather)
    document.redirect("/turn?empty=1", method="POST")
    dial = Dial(answer_on_bridge=True, timeout=25, caller_id="+15005550006", action="/done")
    dial.number("+914400000000", status_callback="/s", status_callback_event="ringing answered")
    dial.sip("sip:desk@example.com")
    dial.client("desk").parameter(name="a", value="b")
    dial.queue("support")
    dial.conference("room", beep="onEnter", start_conference_on_enter=True)
    document.append(dial)
    document.record(max_length=30, play_beep=False, action="/rec")
    document.enqueue("support", wait_url="/music")
    start = Start()
    start.stream(url="wss://example.com/media", track="both_tracks").parameter(name="t", value="1")
    start.recording(recording_status_callback="https://example.com/r")
    document.append(start)
    document.pause(2)
    document.hangup()

    verbs = read_document(str(document).encode(), XML)

    assert [node.name for node in verbs] == [
        "Gather", "Redirect", "Dial", "Record", "Enqueue", "Start", "Pause", "Hangup",
    ]  # fmt: skip
    assert [node.name for node in verbs[0].children] == ["Say", "Play", "Pause"]
    assert verbs[0].children[0].text == "வணக்கம்"
    assert verbs[1].text == "/turn?empty=1"


def test_a_document_for_conversation_relay_is_taken() -> None:
    document = VoiceResponse()
    connect = Connect(action="/after")
    relay = ConversationRelay(
        url="wss://example.com/relay",
        welcome_greeting="Hello",
        dtmf_detection=True,
        interruptible="speech",
        events="speaker-events tokens-played",
    )
    relay.language(code="ml-IN", tts_provider="ElevenLabs", voice="x")
    relay.parameter(name="call", value="1")
    connect.append(relay)
    document.append(connect)

    (verb,) = read_document(str(document).encode(), XML)

    assert verb.children[0].get("welcomeGreeting") == "Hello"


def test_marks_in_speech_are_part_of_what_is_said() -> None:
    say = Say("Your code is ")
    say.say_as("123", interpret_as="digits")
    say.break_(strength="weak")
    document = VoiceResponse()
    document.append(say)

    (verb,) = read_document(str(document).encode(), XML)

    assert verb.text == "Your code is 123"


@pytest.mark.parametrize(
    ("verbs", "code"),
    [
        ("<Sing>la</Sing>", 12200),
        ("<say>small letters</say>", 12200),
        ("<Say volume='loud'>Hello</Say>", 12200),
        ("<Number>+15005550006</Number>", 12200),
        ("<Say>Hello<Pause/></Say>", 12200),
        ("<Hangup>now</Hangup>", 12200),
        ("stray text", 12200),
        ("<Say>Hello</Say>stray text", 12200),
        ("<Gather><Redirect>/x</Redirect></Gather>", 13320),
        ("<Gather><Gather/></Gather>", 13320),
        ("<Gather speechTimeout='soon'/>", 13327),
        ("<Gather speechTimeout='0'/>", 13327),
        ("<Gather speechTimeout='1.5'/>", 13327),
        ("<Gather maxSpeechTime='long'/>", 13328),
        ("<Gather speechTimeout='auto' speechModel='phone_call'/>", 13335),
        ("<Gather timeout='-1'/>", 13313),
        ("<Gather numDigits='none'/>", 13314),
        ("<Gather finishOnKey='x'/>", 13310),
        ("<Gather input='voice'/>", 13326),
        ("<Gather input=''/>", 13326),
        ("<Gather method='PUT'/>", 13312),
        ("<Gather actionOnEmptyResult='yes'/>", 12200),
        ("<Gather language='Tamil please'/>", 12200),
        ("<Gather action='ftp://x/y'/>", 12200),
        ("<Say></Say>", 13520),
        (f"<Say>{'a' * 4097}</Say>", 13520),
        ("<Say loop='-1'>Hello</Say>", 13510),
        ("<Say language='English'>Hello</Say>", 12200),
        ("<Play/>", 12200),
        ("<Play loop='x'>/a.mp3</Play>", 13410),
        ("<Pause length='0'/>", 13910),
        ("<Redirect method='HEAD'>/x</Redirect>", 13710),
        ("<Dial/>", 13223),
        ("<Dial>the desk</Dial>", 13223),
        ("<Dial timeout='0'>+914400000000</Dial>", 13212),
        ("<Dial><Number>desk</Number></Dial>", 13223),
        ("<Dial><Sip>desk@example.com</Sip></Dial>", 13243),
        ("<Dial><Say>Hello</Say></Dial>", 12200),
        ("<Record maxLength='0'/>", 13612),
        ("<Record timeout='x'/>", 13611),
        ("<Connect><Stream url='https://example.com'/></Connect>", 31922),
        ("<Connect><Stream url='wss://e.example' track='all'/></Connect>", 31941),
        ("<Connect><ConversationRelay/></Connect>", 12200),
        ("<Reject reason='rude'/>", 12200),
    ],
)
def test_what_the_carrier_refuses_has_its_number(verbs: str, code: int) -> None:
    assert code_of(response(verbs)) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 11770),
        ("  \n", 11770),
        ("<Response>", 12100),
        ("<Response><Say>a & b</Say></Response>", 12100),
        ("{}", 12100),
        ("<Response></Response><Response></Response>", 12100),
        ("<Reply/>", 12200),
        ("<response/>", 12200),
        (b"<?xml version='1.0' encoding='UTF-8'?><Response><Say>\xff</Say></Response>", 12100),
        (b"<?xml version='1.0' encoding='klingon'?><Response/>", 12100),
    ],
)
def test_what_is_no_document_has_its_number(body: str | bytes, code: int) -> None:
    assert code_of(body) == code


@pytest.mark.parametrize("content_type", ["", "text/html", "application/json", "text/plain", "xml"])
def test_another_content_type_is_12300(content_type: str) -> None:
    assert code_of(response(""), content_type) == 12300


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "Text/XML; charset=utf-8"])
def test_both_types_of_xml_are_taken(content_type: str) -> None:
    assert read_document(response("").encode(), content_type) == ()


def test_64_kilobytes_are_taken_and_one_byte_more_is_11750() -> None:
    frame = len(response("").encode())
    most = "<!--" + "x" * (64 * 1024 - frame - 7) + "-->"
    assert read_document(response(most).encode(), XML) == ()
    assert code_of(response(most + " ")) == 11750


def test_entities_are_refused_before_they_grow() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
        '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Response><Say>&b;</Say></Response>'
    )
    outside = (
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        "<Response><Say>&x;</Say></Response>"
    )
    assert code_of(bomb) == 12100
    assert code_of(outside) == 12100
