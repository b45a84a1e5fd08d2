"""A person at a terminal plays the caller: reads what the agent says and types an answer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

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
from phone.transcript import Entry, Who

HELP = """\
  Type what the caller says. An empty line is silence. #123 presses keys (## the hash key).
  /hangup ends the call; /dial answered|busy|no-answer|failed says what becomes of the next
  person who is rung; /help shows this."""

ReadLine = Callable[[str], str | None]  # prompt → line without its end; None: no more


def reader(stream: TextIO) -> ReadLine:
    """Lines of a terminal with editing, or of a pipe, which are shown as they are read."""
    if stream.isatty() and stream is sys.stdin:
        return _typed

    def piped(prompt: str) -> str | None:
        line = stream.readline()
        if not line:
            return None
        print(f"{prompt}{line.rstrip()}", flush=True)
        return line.rstrip("\r\n")

    return piped


def _typed(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        print()
        return None


class TypingCaller:
    """The caller is whoever types. The end of the input hangs up."""

    def __init__(self, read: ReadLine, words: Callable[[], str] | None = None) -> None:
        """`words` says what the recordings of the last answer say, which no phone can read."""
        self._read = read
        self._words = words
        self._clips = 0  # heard, and not shown yet
        self._language = ""
        self._next_result: PickUp | None = None

    def picks_up(self, number: str) -> PickUp:
        """Asks whether to answer; an empty line answers."""
        line = self._read(f"  {number} is calling. Enter answers, or busy, no-answer, failed: ")
        return PickUp.NO_ANSWER if line is None else _pick_up(line) or PickUp.ANSWERED

    def hears(self, heard: Heard) -> None:
        """Shows it, with the language when that is another than before."""
        if heard.played and self._words is not None:
            self._clips += 1
            return
        self.show_clips()
        shown = f"[plays {heard.text}]" if heard.played else heard.text
        tag = ""
        if heard.language and heard.language != self._language:
            self._language = heard.language
            tag = f" [{heard.language}]"
        print(f"agent{tag}: {shown}", flush=True)

    def show_clips(self) -> None:
        """Show what was heard in recordings since it was last shown."""
        if self._clips and self._words is not None:
            many = "clips" if self._clips > 1 else "clip"
            print(f"agent: {self._words()}  ({self._clips} {many})", flush=True)
        self._clips = 0

    def moves(self, listening: Listening) -> Move:
        """Reads lines until one is a move."""
        self.show_clips()
        while True:
            line = self._read("you: ")
            if line is None:
                return HangsUp()
            words = line.strip()
            if not words:
                return StaysSilent()
            if words.startswith("#"):
                keys = words[1:] or "#"
                if set(keys) <= set("0123456789*#"):
                    return Presses(keys)
                print("  Keys are 0-9, * and #.")
            elif words.startswith("/"):
                if words == "/hangup":
                    return HangsUp()
                self._obey(words)
            else:
                return Speaks((words,))

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """What was said ahead by /dial, or asks."""
        self.show_clips()
        result, self._next_result = self._next_result, None
        while result is None:
            line = self._read(
                f"  {dialling.target} is ringing. answered, busy, no-answer or failed? "
            )
            if line is None:
                return PickUp.NO_ANSWER
            result = _pick_up(line.removeprefix("/dial"))
        return result

    def _obey(self, command: str) -> None:
        name, _, argument = command.partition(" ")
        result = _pick_up(argument) if name == "/dial" else None
        if result is None:
            print(HELP)
        else:
            self._next_result = result


def _pick_up(word: str) -> PickUp | None:
    try:
        return PickUp(word.strip().lower())
    except ValueError:
        return None


def show_event(entry: Entry) -> None:
    """What the line itself did; what was said is shown by the caller."""
    if entry.who is Who.EVENT:
        print(f"  ({entry.text})", flush=True)
    elif entry.who is Who.FAULT:
        print(f"  ! {entry.text}", flush=True)


def show_entry(entry: Entry) -> None:
    """Anything that happened, for calls that nobody types."""
    if entry.who in (Who.AGENT, Who.CALLER):
        tag = f" [{entry.language}]" if entry.language and entry.who is Who.AGENT else ""
        print(f"{entry.who.value}{tag}: {entry.text}", flush=True)
    else:
        show_event(entry)


def show_record(record: Mapping[str, Any]) -> None:
    """What was kept of a call; of its turns and events only how many."""
    shown = {
        name: f"{len(value)} kept" if name in ("turns", "events") else value
        for name, value in record.items()
    }
    print(json.dumps(shown, indent=2, ensure_ascii=False, default=str), flush=True)


def show_verdict(name: str, failures: Sequence[str]) -> None:
    """PASS, or FAIL with every reason."""
    for failure in failures:
        print(f"  - {failure}")
    print(f"{'FAIL' if failures else 'PASS'} {name}", flush=True)
