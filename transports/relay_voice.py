"""The carrier's voice in one call: words out, and when they have been said, cut or taken back.

The carrier speaks what it is sent, one after the other, and stops by itself when the caller cuts
in: then nothing of what was sent is left. It tells what was played, and when it begins and ends to
speak; where it tells nothing, an estimate stands in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from calls.relay_speech import Piece, RelaySpeech, pieces, seconds_of
from conversation.actions import Part
from providers.telephony.base import RelayInterrupted, RelayProgress, RelayWire, RelayWords
from transports.alarm import Alarm

# It fell silent before all was told as played: between two sentences, or it writes them otherwise.
PAUSE_MOST_S = 1.2
# All was told as played, but not that it fell silent.
TAIL_MOST_S = 2.0
# Where it tells, but the end is not told: so much longer than the estimate, and so much more.
LATE_TIMES, LATE_S = 2.0, 3.0


class Speaker(Protocol):
    """Who has words spoken."""

    def begins(self, number: int, interruptible: bool) -> None:
        """From here on a part is heard."""

    def said(self, words: str) -> None:
        """These words were heard."""

    def spoken(self) -> None:
        """All of it was heard."""


class RelayVoice:
    """What is said in one call. On the event loop."""

    __slots__ = (
        "_alarm",
        "_at",
        "_began",
        "_estimate_at",
        "_is_going",
        "_language",
        "_loop",
        "_part",
        "_preemptible",
        "_put",
        "_speaker",
        "_speech",
        "_tells",
        "_wire",
        "is_cut",
        "is_sent",
    )

    def __init__(
        self,
        wire: RelayWire,
        put: Callable[[str], None],
        speaker: Speaker,
        net: Callable[[Callable[[], None]], Callable[[], None]],
    ) -> None:
        self._wire, self._put, self._speaker = wire, put, speaker
        self._loop = asyncio.get_running_loop()
        self._alarm = Alarm(self._loop, net(self._look))
        self._speech = RelaySpeech([])
        self._preemptible = False
        self._language = ""  # that the carrier hears now; "": not known
        self._tells = False  # the carrier has told at least once that it speaks
        self._began = False  # what is said now is being heard
        self.is_sent = True
        self._is_going = False  # it was sent, and is neither over nor cut
        self._part = -1
        self.is_cut = False
        self._at: float | None = None  # when it is taken for over
        self._estimate_at = 0.0

    @property
    def is_going(self) -> bool:
        """Something is being said."""
        return self._is_going

    @property
    def heard(self) -> str | None:
        """What of the last words was heard; None: all of it, or the carrier does not tell."""
        speech = self._speech
        if not self.is_sent:
            return "" if speech.planned else None
        if self.is_cut or (self._is_going and self._tells):
            return None if speech.is_heard else speech.heard
        return None

    @property
    def heard_words(self) -> str | None:
        """What of the last words was heard, all of it too; None: the carrier does not tell."""
        heard = self.heard
        if heard is None and (self._tells or not self._is_going):
            return self._speech.text
        return heard

    def listen(self, language: str, spoken: str) -> None:
        """Have the carrier hear `language` from now on. `spoken`: what it hears at the start."""
        if language != (self._language or spoken):
            self._put(self._wire.language(language))
        self._language = language

    def load(self, parts: Sequence[tuple[Part, bool]], preemptible: bool = False) -> None:
        """Get ready to say `parts`, each with whether it may be interrupted."""
        self._rest()
        self._speech = RelaySpeech(pieces(parts))
        self._preemptible = preemptible
        self._began = self.is_cut = self.is_sent = False
        self._part = -1

    def go(self) -> None:
        """Say it. Nothing to say is said at once, but never before this returns."""
        self._send(self._speech.planned)

    def resume(self) -> None:
        """Say what was not heard when it was cut."""
        if self.is_cut:
            self.is_cut = False
            self._send(self._speech.rest())

    def interrupted(self, told: RelayInterrupted) -> None:
        """The caller cut in: nothing more of it is heard."""
        if not self._is_going:
            return
        self._plays(told.heard)
        self._rest()
        self.is_cut = True

    def progress(self, told: RelayProgress) -> None:
        """The carrier tells how far it is."""
        self._tells = True
        if told.spoken:
            self._plays(told.spoken)
        elif told.is_speaking:
            self._began = True
            self._part_begins()
            self._wait(None)
        elif self._is_going and self._began:
            if self._speech.is_heard:
                self._is_over()
            else:
                self._wait(PAUSE_MOST_S)

    def close(self) -> None:
        """Say and wait for nothing more."""
        self._rest()

    def _send(self, words: Sequence[Piece]) -> None:
        wire, put, last = self._wire, self._put, len(words) - 1
        for index, one in enumerate(words):
            is_last = one.is_last or index == last
            put(
                wire.text(
                    RelayWords(
                        one.text, one.language, is_last, one.interruptible, self._preemptible
                    )
                )
            )
        self._is_going = self.is_sent = True
        self._estimate_at = self._loop.time() + seconds_of(words)
        self._wait(None if words else 0.0)

    def _plays(self, words: str) -> None:
        speech = self._speech
        before = speech.heard_letters
        if not self._is_going or not speech.played(words):
            return  # of something said before
        self._began = True
        self._part_begins()
        if speech.heard_letters > before:
            self._speaker.said(words)
        self._wait(TAIL_MOST_S if speech.is_heard else None)

    def _part_begins(self) -> None:
        piece = self._speech.now
        if piece is not None and piece.number != self._part:
            self._part = piece.number
            self._speaker.begins(piece.number, piece.interruptible)

    def _wait(self, seconds: float | None) -> None:
        """Take it for over in so many seconds; None: when the estimate says so."""
        now = self._loop.time()
        if seconds is None:
            at = self._estimate_at
            if self._tells:
                at = now + max(at - now, 0.0) * LATE_TIMES + LATE_S
        else:
            at = now + seconds
        self._at = at
        self._alarm.set(at)

    def _look(self) -> None:
        if self._at is None:
            return
        if self._loop.time() < self._at:
            self._alarm.set(self._at)
            return
        self._is_over()

    def _is_over(self) -> None:
        self._rest()
        self._speech.all_played()
        self._speaker.spoken()

    def _rest(self) -> None:
        self._at = None
        self._is_going = False
        self._alarm.cancel()
