"""<Gather>: what is heard, what is posted, and where the call goes without an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from phone.caller import Move, Presses, Speaks, StaysSilent
from phone.gather import press
from phone.line import Line
from phone.twiml import read_text
from tests.phone.fake_app import App
from tests.phone.planned import NOON, PlannedCaller, response, run

BYE = response("<Hangup/>")


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/turn": BYE, "/after": BYE, "/partial": ""}) as running:
        yield running


def turn(app: App, move: Move, attributes: str, prompt: str = "<Say>Well?</Say>") -> Line:
    """One Gather, answered with one move, with a redirect after it."""
    verbs = f'<Gather action="/turn" {attributes}>{prompt}</Gather><Redirect>/after</Redirect>'
    return run(app, PlannedCaller([move]), verbs)


def posted(app: App) -> Mapping[str, str] | None:
    """What the action was told; None when it was not asked."""
    forms = app.forms("/turn")
    return forms[0] if forms else None


def seconds(line: Line) -> float:
    """How long the call took, in its own time."""
    return (line.call.clock.now() - NOON).total_seconds()


def test_speech_goes_to_the_action_with_its_language_and_confidence(app: App) -> None:
    turn(app, Speaks(("five hundred",), 0.83), 'input="speech dtmf" language="ta-IN"')
    form = posted(app)
    assert form is not None
    assert (form["SpeechResult"], form["Confidence"]) == ("five hundred", "0.83")
    assert form["Language"] == "ta-IN"
    assert "Digits" not in form
    assert form["CallStatus"] == "in-progress"
    assert app.forms("/after") == []


def test_speech_is_not_heard_where_only_keys_are_awaited(app: App) -> None:
    turn(app, Speaks(("hello",)), "")
    assert posted(app) is None
    assert len(app.forms("/after")) == 1


def test_keys_are_not_heard_where_only_speech_is_awaited(app: App) -> None:
    turn(app, Presses("1"), 'input="speech"')
    assert posted(app) is None


def test_the_hash_key_ends_the_digits_and_is_not_one_of_them(app: App) -> None:
    turn(app, Presses("12#"), "")
    form = posted(app)
    assert form is not None
    assert (form["Digits"], form["FinishedOnKey"], form["msg"]) == ("12", "#", "Gather End")


def test_enough_digits_end_the_turn_at_once(app: App) -> None:
    line = turn(app, Presses("1234"), 'numDigits="2" timeout="30"')
    form = posted(app)
    assert form is not None
    assert (form["Digits"], form["FinishedOnKey"]) == ("12", "")
    assert seconds(line) < 10


def test_digits_without_an_end_wait_for_the_timeout(app: App) -> None:
    line = turn(app, Presses("12"), 'timeout="30"')
    form = posted(app)
    assert form is not None
    assert form["Digits"] == "12"
    assert seconds(line) > 30


@pytest.mark.parametrize(
    ("keys", "attributes", "digits", "finished_on", "lost"),
    [
        ("12*", "finishOnKey='*'", "12", "*", ""),
        ("1#2", "finishOnKey=''", "1#2", "", ""),
        ("#", "", "", "#", ""),
        ("#", "finishOnKey='' numDigits='1'", "#", "", ""),
        ("12345", "numDigits='3'", "123", "", "45"),
        ("1#9", "", "1", "#", "9"),
    ],
)
def test_what_keys_come_to(
    keys: str, attributes: str, digits: str, finished_on: str, lost: str
) -> None:
    (node,) = read_text(response(f"<Gather {attributes}/>"))
    pressed = press(keys, 0.4, node)
    assert (pressed.digits, pressed.finished_on, pressed.lost) == (digits, finished_on, lost)


def test_a_long_pause_between_keys_ends_the_digits() -> None:
    (node,) = read_text(response("<Gather timeout='3'/>"))
    assert press("12", 4.0, node).digits == "1"


def test_silence_falls_through_to_the_next_verb(app: App) -> None:
    line = turn(app, StaysSilent(), 'input="speech" timeout="7"')
    assert posted(app) is None
    assert len(app.forms("/after")) == 1
    assert seconds(line) > 7


def test_silence_goes_to_the_action_when_it_asks_for_that(app: App) -> None:
    turn(app, StaysSilent(), 'input="speech" actionOnEmptyResult="true"')
    form = posted(app)
    assert form is not None
    assert form.get("SpeechResult", "") == ""
    assert form["Digits"] == ""
    assert app.forms("/after") == []


def test_the_finish_key_alone_is_an_empty_result(app: App) -> None:
    turn(app, Presses("#"), "")
    assert posted(app) is None
    assert len(app.forms("/after")) == 1


def test_silence_with_nothing_after_ends_the_call(app: App) -> None:
    line = run(app, PlannedCaller([StaysSilent()]), '<Gather action="/turn" input="speech"/>')
    assert posted(app) is None
    assert line.call.leg.status == "completed"


def test_a_caller_who_hangs_up_is_not_asked_about(app: App) -> None:
    line = run(app, PlannedCaller(), '<Gather action="/turn" actionOnEmptyResult="true"/>')
    assert posted(app) is None
    assert line.call.leg.status == "completed"


def test_without_an_action_the_document_itself_is_asked(app: App) -> None:
    run(app, PlannedCaller([Presses("1")]), '<Gather numDigits="1"/>')
    assert [form.get("Digits") for form in app.forms("/voice")] == [None, "1"]


def test_a_caller_may_interrupt_the_prompt(app: App) -> None:
    prompt = f"<Say>{'long ' * 100}</Say>"
    line = turn(app, Speaks(("stop",), after_s=1.0), 'input="speech"', prompt)
    form = posted(app)
    assert form is not None
    assert form["SpeechResult"] == "stop"
    assert seconds(line) < 10  # the prompt alone takes 36


def test_a_prompt_that_may_not_be_interrupted_is_not(app: App) -> None:
    prompt = f"<Say>{'long ' * 100}</Say>"
    attributes = 'input="speech" bargeIn="false"'
    line = turn(app, Speaks(("stop",), after_s=1.0), attributes, prompt)
    assert posted(app) is None
    assert seconds(line) > 30


def test_the_caller_is_told_what_the_recogniser_knows(app: App) -> None:
    caller = PlannedCaller([Speaks(("one",))])
    verbs = (
        '<Gather action="/turn" input="dtmf speech" hints="one, two ,three" language="ml-IN" '
        'timeout="9"><Say language="ml-IN" voice="V">a</Say><Pause length="2"/></Gather>'
    )
    run(app, caller, verbs)
    (listening,) = caller.listenings
    assert listening.hints == ("one", "two", "three")
    assert (listening.language, listening.timeout_s) == ("ml-IN", 9)
    assert listening.speech
    assert listening.keys
    assert listening.prompt_s > 2
    assert (caller.heard[0].text, caller.heard[0].voice) == ("a", "V")


def test_pieces_of_speech_are_posted_as_they_come(app: App) -> None:
    attributes = 'input="speech" partialResultCallback="/partial"'
    turn(app, Speaks(("five", "hundred", "rupees")), attributes)
    partials = app.forms("/partial")
    assert [form["UnstableSpeechResult"] for form in partials] == [
        "five",
        "five hundred",
        "five hundred rupees",
        "five hundred rupees",
    ]
    assert [form["SequenceNumber"] for form in partials] == ["0", "1", "2", "3"]
    assert all(form["CallSid"].startswith("CA") for form in partials)
    form = posted(app)
    assert form is not None
    assert form["SpeechResult"] == "five hundred rupees"


def test_a_partial_that_fails_does_not_hurt_the_call(app: App) -> None:
    line = turn(app, Speaks(("five",)), 'input="speech" partialResultCallback="/nowhere"')
    assert posted(app) is not None
    assert [fault[:5] for fault in line.call.transcript.faults] == ["11200", "11200"]


@pytest.mark.parametrize(
    ("attributes", "least", "most"),
    [('speechTimeout="4"', 4, 6), ('speechTimeout="auto"', 1, 3), ('timeout="8"', 8, 10)],
)
def test_the_end_of_speech_takes_its_time(
    app: App, attributes: str, least: float, most: float
) -> None:
    line = turn(app, Speaks(("a",)), f'input="speech" {attributes}', "")
    assert least < seconds(line) < most


def test_the_action_may_ask_for_get(app: App) -> None:
    turn(app, Presses("1"), 'numDigits="1" method="GET"')
    got = next(one for one in app.got if one.path == "/turn")
    assert got.method == "GET"
    assert got.form["Digits"] == "1"
