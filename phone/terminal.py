"""A person at a terminal plays the caller: reads what the agent says and types an answer."""

from __future__ import annotations

import json
import queue
import sys
import threading
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
from phone.live_call import Ear, listening
from phone.transcript import Entry, Who

HELP = """\
  Type what the caller says. An empty line is silence. #123 presses keys (## the hash key).
  A live agent hears you at once, also while it speaks; from a pipe, when it has finished.
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


class _Typed:
    """Lines that are typed while the agent goes on talking."""

    def __init__(self, read: ReadLine) -> None:
        self._read = read
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        # It cannot be told to stop, since it waits for a key.
        threading.Thread(target=self._run, name="keyboard", daemon=True).start()

    def now(self) -> list[str | None]:
        """The next line; none when none was finished."""
        return [] if self._lines.empty() else [self._lines.get()]

    def next(self, prompt: str) -> str | None:
        """The next line, whenever it comes."""
        print(prompt, end="", flush=True)
        return self._lines.get()

    def _run(self) -> None:
        line: str | None = ""
        while line is not None:
            line = self._read("")
            self._lines.put(line)


class TypingCaller:
    """The caller is whoever types. The end of the input hangs up.

    A live agent is heard word by word; who sits at a terminal speaks whenever a line is typed.
    """

    def __init__(
        self, read: ReadLine, words: Callable[[], str] | None = None, *, at_once: bool = False
    ) -> None:
        """`words` says what the recordings of the last answer say, which no phone can read;
        `at_once`: lines come when somebody types them, and a live agent hears them then."""
        self._read = read
        self._at_once = at_once
        self._words = words
        self._clips = 0  # heard, and not shown yet
        self._language = ""
        self._next_result: PickUp | None = None
        self._typed: _Typed | None = None  # once a live call has begun
        self._is_said = False  # of the live agent something stands in the line
        self._is_asked = False  # the prompt stands there

    def picks_up(self, number: str) -> PickUp:
        """Asks whether to answer; an empty line answers."""
        line = self._line(f"  {number} is calling. Enter answers, or busy, no-answer, failed: ")
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
        self._end_line()
        if self._clips and self._words is not None:
            many = "clips" if self._clips > 1 else "clip"
            print(f"agent: {self._words()}  ({self._clips} {many})", flush=True)
        self._clips = 0

    def overhears(self, words: Sequence[str]) -> None:
        """Shows the words as they are heard."""
        if not self._is_said:
            print("\nagent:" if self._is_asked else "agent:", end="", flush=True)
        self._is_said, self._is_asked = True, False
        print("", *words, end="", flush=True)

    def attends(self, ear: Ear, has_finished: bool) -> Move | None:
        """What was typed, at once; what comes from a pipe, when the agent has finished."""
        if self._at_once:
            self._typed = self._typed or _Typed(self._read)
            if has_finished and not self._is_asked:
                self.show_clips()
                print("you: ", end="", flush=True)
                self._is_asked = True
            for line in self._typed.now():
                self._is_said = self._is_asked = False  # Enter has ended the line
                # Saying nothing takes no line: time passes all the same.
                return self._move(line) if line is None or line.strip() else None
            return None
        if not has_finished:
            return None
        self._end_line()
        return self.moves(listening(ear))

    def moves(self, listening: Listening) -> Move:
        """Reads lines until one is a move."""
        self.show_clips()
        while True:
            move = self._move(self._line("you: "))
            if move is not None:
                return move

    def _end_line(self) -> None:
        if self._is_said:
            print(flush=True)
        self._is_said = False

    def _line(self, prompt: str) -> str | None:
        return self._typed.next(prompt) if self._typed else self._read(prompt)

    def _move(self, line: str | None) -> Move | None:
        """What a line means; None when it is no move."""
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
            return None
        if words == "/hangup":
            return HangsUp()
        if words.startswith("/"):
            self._obey(words)
            return None
        return Speaks((words,))

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """What was said ahead by /dial, or asks."""
        self.show_clips()
        result, self._next_result = self._next_result, None
        while result is None:
            line = self._line(
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
