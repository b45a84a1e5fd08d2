"""The typed caller: what lines mean, and what is shown."""

from __future__ import annotations

import io
import queue
from collections.abc import Iterable

import pytest

from phone.caller import (
    Dialling,
    HangsUp,
    Heard,
    Listening,
    Move,
    PickUp,
    Presses,
    Speaks,
    StaysSilent,
)
from phone.live_call import Ear
from phone.terminal import TypingCaller, reader, show_entry, show_record, show_verdict
from phone.transcript import Entry, Who
from tests.waiting import wait_until

LISTENING = Listening(True, True, "en-IN", (), 5, 0)
DESK = Dialling("Number", "+914400000000", 25, "")


def typing(*lines: str) -> TypingCaller:
    """A caller with these lines in a pipe."""
    return TypingCaller(reader(io.StringIO("".join(f"{line}\n" for line in lines))))


@pytest.mark.parametrize(
    ("lines", "move"),
    [
        (["500 rupees"], Speaks(("500 rupees",))),
        ([""], StaysSilent()),
        (["   "], StaysSilent()),
        (["#123"], Presses("123")),
        (["##"], Presses("#")),
        (["#12#"], Presses("12#")),
        (["#"], Presses("#")),
        (["#abc", "#7"], Presses("7")),
        (["/hangup"], HangsUp()),
        (["/help", "yes"], Speaks(("yes",))),
        ([], HangsUp()),
    ],
)
def test_a_line_is_a_move(lines: Iterable[str], move: object) -> None:
    assert typing(*lines).moves(LISTENING) == move


@pytest.mark.parametrize(
    ("lines", "result"),
    [
        (["busy"], PickUp.BUSY),
        (["/dial failed"], PickUp.FAILED),
        (["who?", "answered"], PickUp.ANSWERED),
        ([], PickUp.NO_ANSWER),
    ],
)
def test_who_is_rung_is_asked_about(lines: Iterable[str], result: PickUp) -> None:
    assert typing(*lines).is_put_through(DESK) is result


def test_what_becomes_of_the_next_dial_can_be_said_ahead() -> None:
    caller = typing("/dial busy", "give me a person", "answered")
    assert caller.moves(LISTENING) == Speaks(("give me a person",))
    assert caller.is_put_through(DESK) is PickUp.BUSY
    assert caller.is_put_through(DESK) is PickUp.ANSWERED


@pytest.mark.parametrize(
    ("lines", "result"),
    [([""], PickUp.ANSWERED), (["busy"], PickUp.BUSY), ([], PickUp.NO_ANSWER)],
)
def test_a_ring_is_answered_or_not(lines: Iterable[str], result: PickUp) -> None:
    assert typing(*lines).picks_up("+15005550006") is result


def test_the_language_is_shown_when_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    caller = typing()
    for text, language in (("Hello", "en-IN"), ("Again", "en-IN"), ("வணக்கம்", "ta-IN")):
        caller.hears(Heard(text, language))
    caller.hears(Heard("http://x/a.mp3", "", played=True))
    assert capsys.readouterr().out.splitlines() == [
        "agent [en-IN]: Hello",
        "agent: Again",
        "agent [ta-IN]: வணக்கம்",
        "agent: [plays http://x/a.mp3]",
    ]


def test_a_pipe_is_shown_as_it_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    typing("500 rupees").moves(LISTENING)
    assert capsys.readouterr().out == "you: 500 rupees\n"


def test_entries_records_and_verdicts_are_readable(capsys: pytest.CaptureFixture[str]) -> None:
    show_entry(Entry(Who.AGENT, "Hello", "en-IN"))
    show_entry(Entry(Who.CALLER, "Hi", "en-IN"))
    show_entry(Entry(Who.EVENT, "dials"))
    show_entry(Entry(Who.FAULT, "11200"))
    show_record({"stage": "completed", "data": {"name": "ஆஷா"}, "turns": [1, 2]})
    show_verdict("one", [])
    show_verdict("two", ["the stage is wrong"])
    out = capsys.readouterr().out
    assert out.startswith("agent [en-IN]: Hello\ncaller: Hi\n  (dials)\n  ! 11200\n")
    assert '"name": "ஆஷா"' in out
    assert '"turns": "2 kept"' in out
    assert out.endswith("PASS one\n  - the stage is wrong\nFAIL two\n")


def test_recordings_are_shown_by_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    lines = io.StringIO("yes\n")
    caller = TypingCaller(reader(lines), lambda: "The charge is 500 rupees.")
    caller.hears(Heard("https://calls.example/audio/1.mp3", "", played=True))
    caller.hears(Heard("https://calls.example/audio/2.mp3", "", played=True))
    assert caller.moves(LISTENING) == Speaks(("yes",))
    caller.hears(Heard("https://calls.example/audio/3.mp3", "", played=True))
    caller.show_clips()
    caller.show_clips()
    assert capsys.readouterr().out.splitlines() == [
        "agent: The charge is 500 rupees.  (2 clips)",
        "you: yes",
        "agent: The charge is 500 rupees.  (1 clip)",
    ]


def an_ear(speaks: bool = False) -> Ear:
    return Ear((), speaks, 1.0, 1.0, 1.0, is_over=False)


def test_a_live_agent_is_shown_word_by_word_and_a_pipe_waits_until_it_has_finished(
    capsys: pytest.CaptureFixture[str],
) -> None:
    caller = typing("five hundred", "")
    caller.overhears(["Hello,"])
    assert caller.attends(an_ear(speaks=True), has_finished=False) is None
    caller.overhears(["what", "charge?"])
    assert caller.attends(an_ear(), has_finished=True) == Speaks(("five hundred",))
    assert caller.attends(an_ear(), has_finished=True) == StaysSilent()
    assert capsys.readouterr().out == ("agent: Hello, what charge?\nyou: five hundred\nyou: \n")


def test_who_sits_at_a_terminal_speaks_while_a_live_agent_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    caller = TypingCaller(lambda prompt: lines.get(), at_once=True)
    caller.overhears(["The", "route"])
    assert caller.attends(an_ear(speaks=True), has_finished=False) is None
    lines.put("wait")
    moves: list[Move] = []

    def moved() -> bool:
        moves.extend(filter(None, [caller.attends(an_ear(speaks=True), has_finished=False)]))
        return bool(moves)

    wait_until(moved)
    assert moves == [Speaks(("wait",))]
    caller.overhears(["Yes?"])
    assert caller.attends(an_ear(), has_finished=True) is None
    lines.put("")  # saying nothing takes no line
    lines.put(None)
    moves.clear()
    wait_until(moved)
    assert moves == [HangsUp()]
    # What is typed, and its end of line, are shown by the terminal itself.
    assert capsys.readouterr().out == "agent: The routeagent: Yes?\nyou: "


def test_lines_typed_in_a_live_call_serve_when_it_goes_on_by_documents(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    caller = TypingCaller(lambda prompt: lines.get(), at_once=True)
    assert caller.attends(an_ear(), has_finished=False) is None
    lines.put("#12")
    assert caller.moves(LISTENING) == Presses("12")
    lines.put(None)
    assert caller.is_put_through(DESK) is PickUp.NO_ANSWER
