"""A caller in a live conversation: when the agent has finished, when they speak, what they heard.

The caller is the same as in calls by documents (`caller.py`); the line is a Media Stream or the
carrier's own relay. Not here: either of the two lines.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from phone.caller import Caller, Heard, Listening, Move, StaysSilent
from phone.execution import Execution
from phone.transcript import Who

# The agent has finished when nothing was heard for so long, in time of the call and of the clock:
# at eight times the speed a server that is busy for 100 ms has not fallen silent.
QUIET_S = 0.6
QUIET_REAL_S = 0.15
# Who gets no answer at all says something again; by the clock.
ANSWER_S = 15.0
SILENCE_S = 120.0  # whoever stays silent waits for the agent longer
LOOK_S = 0.01
NO_WORDS = "(speech)"  # of a voice that nobody wrote the words into


@dataclass(frozen=True, slots=True)
class Ear:
    """What there is to hear at a moment. Seconds are of the call, but for those that are real."""

    words: tuple[str, ...]  # that were heard since the last look
    speaks: bool  # the agent's voice is heard
    spoke_s: float  # since it began its last utterance
    quiet_s: float  # since it was last heard
    quiet_real_s: float
    is_over: bool
    cuts: int = 0  # how often what the agent said was taken back in the middle


class LiveLine(Protocol):
    """A line in the hands of the call's thread; nothing blocks."""

    @property
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""

    def look(self) -> Ear:
        """What there is to hear."""

    def act(self, move: Move) -> None:
        """Begin to speak, make a noise, press keys."""


@runtime_checkable
class LivePerson(Protocol):
    """A caller who acts when they like. Others wait until the agent has finished."""

    def overhears(self, words: Sequence[str]) -> None:
        """Words of the agent, as they are heard."""

    def attends(self, ear: Ear, has_finished: bool) -> Move | None:
        """Asked many times a second, while the caller does nothing: what they do now, if anything.

        `has_finished` stays true until they do something or the agent speaks again.
        """


class _Patient:
    """A caller who waits until the agent has finished."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def overhears(self, words: Sequence[str]) -> None:
        self._caller.hears(Heard(" ".join(words), ""))

    def attends(self, ear: Ear, has_finished: bool) -> Move | None:
        return self._caller.moves(listening(ear)) if has_finished else None


def listening(ear: Ear) -> Listening:
    """A live agent always listens."""
    return Listening(True, True, "", (), ANSWER_S, ear.spoke_s)


class _Talk:
    """What was heard since the caller last did something."""

    def __init__(self, call: Execution, person: LivePerson) -> None:
        self._call = call
        self._person = person
        self._words: list[str] = []
        self._was_heard = False
        self._has_words = False  # this voice has the words in it
        self._cuts = 0
        self._waits_most_s = ANSWER_S
        self._moved_at = time.monotonic()

    def hears(self, ear: Ear) -> None:
        """Let the caller hear, too."""
        if ear.words:
            self._words += ear.words
            self._has_words = True
            self._person.overhears(ear.words)
        self._was_heard = self._was_heard or ear.speaks or bool(ear.words)
        if ear.cuts != self._cuts:  # that was the end of what was said before
            self._cuts, self._was_heard = ear.cuts, ear.speaks

    def is_finished(self, ear: Ear) -> bool:
        """The agent has said what it had to say, or will say nothing."""
        if self._was_heard:
            is_quiet = ear.quiet_s >= QUIET_S and ear.quiet_real_s >= QUIET_REAL_S
            is_finished = is_quiet and not ear.speaks
            if is_finished and not self._words and not self._has_words:
                self._call.caller.hears(Heard(NO_WORDS, "", played=True))
                self._words = [NO_WORDS]
            return is_finished
        return time.monotonic() - self._moved_at > self._waits_most_s

    def note(self) -> None:
        """Keep what was heard."""
        if self._words:
            self._call.note(Who.AGENT, " ".join(self._words))
        self._words, self._was_heard = [], False

    def moved(self, move: Move) -> None:
        """The caller did something, and waits."""
        self._waits_most_s = SILENCE_S if isinstance(move, StaysSilent) else ANSWER_S
        self._moved_at = time.monotonic()


def converse(call: Execution, line: LiveLine) -> None:
    """Let the caller talk over the line until it is over. CallerHungUp, Interrupted."""
    person = call.caller if isinstance(call.caller, LivePerson) else _Patient(call.caller)
    talk = _Talk(call, person)
    looked_at = time.monotonic()
    try:
        while True:
            ear = line.look()
            now = time.monotonic()
            call.clock.advance((now - looked_at) * call.live.speed)
            looked_at = now
            talk.hears(ear)
            if ear.is_over:
                return
            call.check_interruption()
            move = None if line.is_acting else person.attends(ear, talk.is_finished(ear))
            if move is not None:
                talk.note()
                call.acted(move, "")
                line.act(move)
                talk.moved(move)
            time.sleep(LOOK_S)
    finally:
        talk.note()
