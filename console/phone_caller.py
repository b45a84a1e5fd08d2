"""The person in the browser, as the phone sees them: hears by the page, moves when it says so."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from console.phone_messages import (
    Hears,
    IsBusy,
    IsSilent,
    Message,
    PicksUp,
    Played,
    PressesKeys,
    PutsThrough,
    Says,
)
from phone.caller import Dialling, Heard, Listening, Move, PickUp, Presses, Speaks, StaysSilent
from phone.execution import CallerHungUp
from phone.live_call import NO_WORDS, Ear

M = TypeVar("M")
Tell = Callable[[Mapping[str, object]], None]
Words = Callable[[str], tuple[str, str]]  # address of a clip → what it says, in which language

WAITING_MOST = 64  # messages that the call has not looked at yet
# A page that says nothing for so long, beyond what it announced, is taken for a silent caller.
PATIENCE_S = 120.0
RING_S = 60.0  # how long a phone rings
PARTIALS_MOST = 60  # of one utterance
SLOWEST = 3.0  # a browser's voice may take this many times as long as we think
TOLD_EVERY_S = 1.0  # while a live agent speaks, how often it is shown what became of the turn


class Full(Exception):
    """The page sends faster than a person can act."""


class Inbox:
    """Messages from the page to the call, in order. For two threads."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._changed = threading.Condition()
        self._is_closed = False

    def put(self, message: Message) -> None:
        """Hand over a message. Full when too many wait."""
        with self._changed:
            if len(self._messages) >= WAITING_MOST:
                raise Full
            self._messages.append(message)
            self._changed.notify()

    def close(self) -> None:
        """The person is gone. May be called again."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def take(self, seconds: float) -> Message | None:
        """The next message; None when none comes in time. CallerHungUp when the person is gone."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._messages, max(seconds, 0.0))
            if self._is_closed:
                raise CallerHungUp
            return self._messages.popleft() if self._messages else None


class BrowserCaller:
    """A person at a page. Used by the thread of the call."""

    def __init__(self, inbox: Inbox, tell: Tell, words: Words, pauses: Callable[[], None]) -> None:
        """`pauses` is called whenever the person is waited for: the call stands still then. In a
        live call, which never does, also while the agent speaks, once in TOLD_EVERY_S."""
        self._inbox = inbox
        self._tell = tell
        self._words = words
        self._pauses = pauses
        self._sounds = 0
        self._unheard = 0  # sounds since the person was last waited for
        self._listenings = 0
        self._paused_at = 0.0
        self._has_paused = False  # told once that the agent of a live call has finished

    def picks_up(self, number: str) -> PickUp:
        """Their phone rings in the page."""
        self._tell({"type": "rings", "number": number})
        try:
            answered = self._next(PicksUp, RING_S)
        except CallerHungUp:
            return PickUp.NO_ANSWER
        return answered.result if answered else PickUp.NO_ANSWER

    def hears(self, heard: Heard) -> None:
        """The page plays it after what it plays already."""
        if heard.text == NO_WORDS:  # of a live call, whose sound the page has heard
            return
        self._sounds += 1
        self._unheard += 1
        words, language = heard.text, heard.language
        if heard.played:
            words, language = self._words(heard.text)
        self._tell(
            {
                "type": "heard",
                "sound": self._sounds,
                "words": words,
                "language": language,
                "voice": heard.voice,
                "clip": heard.text if heard.played else "",
            }
        )

    def hears_out(self, seconds: float) -> None:
        """Wait until what is playing has been heard; CallerHungUp when they are gone before."""
        limit_s = seconds * SLOWEST + 10.0 if self._unheard else seconds
        until = time.monotonic() + limit_s
        unheard, self._unheard = self._unheard, 0
        while (left_s := until - time.monotonic()) > 0:
            message = self._inbox.take(left_s)
            if unheard and isinstance(message, Played) and message.sound >= self._sounds:
                return

    def moves(self, listening: Listening) -> Move:
        """Waits for the page, which counts the seconds of silence itself."""
        self._unheard = 0
        self._listenings += 1
        self._tell(_told(self._listenings, listening))
        self._pauses()
        limit_s = listening.prompt_s * SLOWEST + listening.timeout_s + PATIENCE_S
        until = time.monotonic() + limit_s
        partials = 0
        while (left_s := until - time.monotonic()) > 0:
            message = self._inbox.take(left_s)
            if message is None or getattr(message, "listening", None) != self._listenings:
                continue
            match message:
                case Says():
                    return Speaks((message.text,), message.confidence, message.after_s)
                case PressesKeys():
                    return Presses(message.keys, after_s=message.after_s)
                case IsSilent():
                    return StaysSilent()
                case Hears() if listening.tells is not None and partials < PARTIALS_MOST:
                    partials += 1
                    listening.tells(message.text)
                case IsBusy():
                    until = time.monotonic() + PATIENCE_S
        return StaysSilent()

    def overhears(self, words: Sequence[str]) -> None:
        """Words of a live agent, as they are heard."""
        self._tell({"type": "overheard", "words": " ".join(words)})
        now = time.monotonic()
        if now - self._paused_at >= TOLD_EVERY_S:
            self._paused_at = now
            self._pauses()

    def attends(self, ear: Ear, has_finished: bool) -> Move | None:
        """In a live call the person acts when they like; nobody counts their silence."""
        if has_finished and not self._has_paused:
            self._pauses()
        self._has_paused = has_finished
        match self._inbox.take(0.0):
            case Says(text=text):
                return Speaks((text,))
            case PressesKeys(keys=keys):
                return Presses(keys)
            case _:
                return None

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """The page asks what becomes of it."""
        self._tell(
            {
                "type": "dials",
                "kind": dialling.kind,
                "target": dialling.target,
                "timeout_s": dialling.timeout_s,
            }
        )
        self._pauses()
        result = self._next(PutsThrough, float(dialling.timeout_s) + PATIENCE_S)
        return result.result if result else PickUp.NO_ANSWER

    def _next(self, kind: type[M], seconds: float) -> M | None:
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            message = self._inbox.take(left_s)
            if isinstance(message, kind):
                return message
        return None


def _told(number: int, listening: Listening) -> Mapping[str, object]:
    return {
        "type": "listening",
        "listening": number,
        "speech": listening.speech,
        "keys": listening.keys,
        "language": listening.language,
        "hints": listening.hints,
        "timeout_s": listening.timeout_s,
        "speech_timeout": listening.speech_timeout,
        "barge_in": listening.barge_in,
        "keys_most": listening.keys_most,
        "keys_end": listening.keys_end,
        "partials": listening.tells is not None,
    }
