"""Plays answers on a socket: sound sent ahead in chunks, a mark after each, `clear` at a cut.

What was heard is counted in `calls/playback.py`. Marks that come back let the next chunks out, so
that playing needs no timer of its own; one watches whether they come back at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from calls.playback import BYTES_A_MS, Playback, taken_up
from providers.telephony.base import StreamWire

log = logging.getLogger(__name__)

CHUNK_MS = 200
CHUNK = CHUNK_MS * BYTES_A_MS
# What is sent and not known to be heard: longer than any stall of a loop that still serves calls,
# short enough that a cut does not throw much away.
WINDOW_MS = 4000
# Of sound at the far end, below which what there is of a growing sound goes out at once.
LOW_S = 0.6
# How long after what was sent must have been played its marks may come back. Then they are taken
# for lost, and the clock says what was heard until one comes.
MARKS_LATE_S = 3.0
BY_CLOCK_S = 0.2
AHEAD_BY_CLOCK_S = 1.0
# A filler that has so little left is heard out when the answer comes.
ALMOST_SAID_S = 0.3


class Source(Protocol):
    """Sound as it is there, or comes: `calls.sound.Sound`."""

    def read(self) -> bytes:
        """What was not read yet."""

    @property
    def is_over(self) -> bool:
        """Nothing more comes."""

    @property
    def is_broken(self) -> bool:
        """It is over before its end."""

    def listen(self, more: Callable[[], None]) -> None:
        """Have `more` called when there is more, and when it is over."""

    def close(self) -> None:
        """Nobody listens any longer."""


class Still:
    """Sound that is there."""

    is_over, is_broken = True, False

    def __init__(self, audio: bytes) -> None:
        self._audio = audio

    def read(self) -> bytes:
        """See `Source`."""
        audio, self._audio = self._audio, b""
        return audio

    def listen(self, more: Callable[[], None]) -> None:
        """See `Source`."""

    def close(self) -> None:
        """See `Source`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer as it is played."""

    text: str
    sound: Source
    interruptible: bool


@dataclass(frozen=True, slots=True)
class SoundLine:
    """The way of sound to the far end."""

    wire: StreamWire
    stream_id: str
    send: Callable[[str], None]
    overtake: Callable[[str], None]  # send, in place of what waits to be sent
    # The net under what is called back: by timers, by sounds that have grown.
    net: Callable[[Callable[[], None]], Callable[[], None]]


class Timer(Protocol):
    """What was put off."""

    def cancel(self) -> None:
        """Not at all, then."""


class Timers(Protocol):
    """An event loop, as far as it has to do with time."""

    def time(self) -> float:
        """Seconds of a clock that only goes forward."""

    def call_at(self, when: float, callback: Callable[[], None], /) -> Timer:
        """Put something off."""


class Hearer(Protocol):
    """Who is told how playing goes. Nothing of it may raise."""

    def begins(self, piece: Piece) -> None:
        """From now on the far end plays this piece."""

    def sounds(self) -> None:
        """The first sound of the answer has gone out."""

    def played(self) -> None:
        """All of it has been heard."""

    def breaks(self) -> None:
        """The sound of a piece ended before its words did; what there was of it is sent."""


class Playout:
    """Of one call: one answer at a time. On the event loop; nothing here waits."""

    def __init__(self, line: SoundLine, hearer: Hearer, loop: Timers) -> None:
        self._line = line
        self._hearer = hearer
        self._loop = loop
        self.ledger = Playback(())
        self._pieces: Sequence[Piece] = ()
        self._data: list[bytes] = []  # of each piece, what there is of it
        self._at = 0  # the piece that is being sent
        self._offset = 0  # bytes of it that were
        self._playing = -1  # the piece that is being heard, as was told
        self._awaited = -1  # the piece whose growth is told
        self._marks = 0
        self._dry_at = 0.0  # when the far end has played all that it was sent
        self._late_s = MARKS_LATE_S
        self._watch: Timer | None = None
        self._has_sounded = False
        self._more = line.net(self._has_grown)
        self._look = line.net(self._has_waited)
        self.is_going = False  # sent and heard, until it is cut or all of it was heard

    @property
    def left_s(self) -> float:
        """How long the far end goes on with what it was sent."""
        return max(self._dry_at - self._loop.time(), 0.0)

    def load(self, pieces: Sequence[Piece]) -> None:
        """Have an answer ready; `go` begins it. What plays is stopped, unless it is nearly over."""
        if self.is_going and self.left_s > ALMOST_SAID_S:
            self.cut()
        self._let_go()
        self.is_going = False
        self.ledger = Playback([piece.text for piece in pieces])
        self._pieces = pieces
        self._data = [b""] * len(pieces)
        self._at = self._offset = 0
        self._playing = self._awaited = -1
        self._has_sounded = False

    def go(self) -> None:
        """Play what was loaded, or what was cut from where it was cut."""
        self.is_going = True
        self._step()

    def cut(self) -> None:
        """Fall silent now."""
        if not self.is_going:
            return
        self.is_going = False
        self.ledger.cleared()
        self._dry_at = self._loop.time()
        self._line.overtake(self._line.wire.clear(self._line.stream_id))

    def resume(self) -> None:
        """Go on after a cut, a little before it."""
        if self.is_going:
            return
        part = self.ledger.playing
        if part < len(self._pieces):
            last, offset = self.ledger.heard
            offset = taken_up(self._data[part], offset) if last == part else 0
            self.ledger.rewound(part, offset)
            self._at, self._offset = part, offset
        self.go()

    def marked(self, name: str) -> None:
        """A mark has come back. One of before a cut says nothing, nor one that was never sent."""
        if self.ledger.marked(name):
            self._late_s = MARKS_LATE_S
            if self.is_going:
                self._step()

    def close(self) -> None:
        """Play no more. Safe to call twice."""
        self.is_going = False
        self._let_go()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _let_go(self) -> None:
        for piece in self._pieces:
            piece.sound.close()

    def _step(self) -> None:
        """Send what may be sent, and tell how far it was heard."""
        self._pump()
        if not self.is_going:
            return
        playing = self.ledger.playing
        if playing >= len(self._pieces):
            self.is_going = False
            self._hearer.played()
        elif playing != self._playing and self._has_sounded:
            self._playing = playing
            self._hearer.begins(self._pieces[playing])

    def _pump(self) -> None:
        while self.is_going and self._at < len(self._pieces):
            sound = self._pieces[self._at].sound
            data = self._data[self._at]
            if fresh := sound.read():
                data = data + fresh if data else fresh  # a clip that is whole is not copied
                self._data[self._at] = data
            is_over = sound.is_over
            left = len(data) - self._offset
            if not left and is_over:
                if not self._ends(sound.is_broken):
                    return
                continue
            if self.ledger.ahead_ms >= WINDOW_MS:
                return  # the next mark that comes back has it go on
            if not left or (left < CHUNK and not is_over and self.left_s > LOW_S):
                if self._awaited != self._at:
                    self._awaited = self._at
                    sound.listen(self._more)
                return
            self._send(data[self._offset : self._offset + CHUNK], is_over)

    def _ends(self, is_broken: bool) -> bool:
        """All there is of a piece was sent; whether the next one may follow."""
        self.ledger.ends(self._at, self._offset)
        if is_broken:
            self.is_going = False
            self._hearer.breaks()
            return False
        self._at, self._offset = self._at + 1, 0
        return True

    def _send(self, audio: bytes, is_whole: bool) -> None:
        line = self._line
        self._offset += len(audio)
        self._marks += 1
        mark = f"m{self._marks}"
        if is_whole:
            self.ledger.ends(self._at, len(self._data[self._at]))
        self.ledger.sent(self._at, self._offset, mark)
        line.send(line.wire.audio(line.stream_id, audio))
        line.send(line.wire.mark(line.stream_id, mark))
        now = self._loop.time()
        self._dry_at = max(self._dry_at, now) + len(audio) / (1000 * BYTES_A_MS)
        if self._watch is None:
            self._watch = self._loop.call_at(self._dry_at + self._late_s, self._look)
        if not self._has_sounded:
            self._has_sounded = True
            self._hearer.sounds()

    def _has_grown(self) -> None:
        """A sound has grown."""
        if self.is_going:
            self._step()

    def _has_waited(self) -> None:
        """Whether marks come back: by now all that was sent must have been heard."""
        self._watch = None
        if not self.is_going or not self.ledger.ahead_ms:
            return
        due_at = self._due_at()
        if due_at > self._loop.time():
            self._watch = self._loop.call_at(due_at, self._look)
            return
        if self._late_s == MARKS_LATE_S:
            log.warning("marks do not come back: the clock says what was heard")
        self._late_s = BY_CLOCK_S
        self.ledger.assumed()
        self._step()
        if self._watch is None and self.is_going and self.ledger.ahead_ms:
            self._watch = self._loop.call_at(self._due_at(), self._look)

    def _due_at(self) -> float:
        """When it is looked whether what was sent was heard: without marks, before it runs dry."""
        if self._late_s == BY_CLOCK_S and self._at < len(self._pieces):
            return self._dry_at - AHEAD_BY_CLOCK_S
        return self._dry_at + self._late_s
