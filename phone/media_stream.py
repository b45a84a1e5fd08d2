"""The carrier's end of a Media Stream: one socket, the caller's sound out, the agent's sound in.

Sources: twilio.com/docs/voice/media-streams/websocket-messages; errors 31901, 31902, 31920, 31921,
31950, 31951. General knowledge: what was not played when the server closes is not heard any more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import picows
from picows import WSFrame, WSMsgType, WSTransport

from phone.beat import Beat, beat
from phone.far_end import FarEnd
from phone.faults import SocketFault
from phone.media_frames import (
    CONNECTED,
    FRAME_BYTES,
    FRAME_MS,
    Clear,
    Frames,
    Mark,
    Media,
    read_order,
)
from phone.mulaw import RATE_HZ, SILENCE
from phone.socket_line import SocketLine
from phone.weather import FAIR, Moment, Passage, Weather
from phone.webhook import Handshake
from phone.word_track import WordReader

PAUSE_S = 0.6  # of the call: after it, what is said is another utterance
_SILENT_FRAME = bytes((SILENCE,)) * FRAME_BYTES
# The server is done, goes away or restarts: no error of the stream.
_ORDERLY = frozenset({1000, 1001, 1005, 1012})
# Samples that are louder than a quiet background; a tenth of a piece is a voice.
_LOUDNESS = bytes(int(~byte & 0x7F > 0x38) for byte in range(256))


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """What is to be connected."""

    handshake: Handshake
    account: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Told:
    """Who is told of what comes through the line, on the loop, at once."""

    on_audio: Callable[[bytes], None] | None = None  # the agent's sound, as it is heard
    on_words: Callable[[list[str]], None] | None = None  # words that were heard, when they were
    on_clear: Callable[[], None] | None = None  # what was not heard yet is gone
    on_sent: Callable[[bytes], None] | None = None  # sound of the caller, as it goes out
    on_warning: Callable[[int, str], None] | None = None  # what the carrier would warn of


class StreamLine(SocketLine):
    """One stream. Once it is open, `feed` it."""

    def __init__(
        self,
        order: StreamOrder,
        told: Told | None = None,
        speed: float = 1.0,
        weather: Weather = FAIR,
    ) -> None:
        super().__init__(order.handshake, weather)
        self.order = order
        self.told = told or Told()
        self.speed = speed
        self.far = FarEnd(speed)
        self.frames = Frames(order.account, order.call_sid)
        # Moments on the loop's clock.
        self.spoke_until: float | None = None  # when the last that was fed had been sent
        self.voice_since: float | None = None  # when the agent began its last utterance
        self.voice_until = 0.0  # when the last voice that arrived will have been heard, or was
        self._out: deque[bytes] = deque()
        self._offset = 0  # sent of the first piece
        self._sent = 0  # frames, and those that were lost
        self._passage = Passage(weather) if weather != FAIR else None
        self._reader = WordReader()
        self._began_at = 0.0
        self._beat: Beat | None = None

    @property
    def is_feeding(self) -> bool:
        """Something that was fed was not sent yet."""
        return bool(self._out)

    @property
    def waiting_s(self) -> float:
        """How long what was fed takes to be sent, in seconds of the call."""
        return (sum(map(len, self._out)) - self._offset) / RATE_HZ

    @property
    def at_s(self) -> float:
        """Seconds of the call since the stream began."""
        return (self._loop.time() - self._began_at) * self.speed

    @property
    def sent_s(self) -> float:
        """Seconds of the call that the caller's side of it has reached."""
        return self._sent * FRAME_MS / 1000

    async def open(self) -> None:
        """Connect, say `connected` and `start`, and begin to send. SocketFault when refused."""
        try:
            await self._connect()
        except TimeoutError as error:
            raise self._refused(31901, "nobody answers") from error
        except picows.WSInvalidURL as error:
            raise self._refused(31923, str(error)) from error
        except picows.WSError as error:
            raise self._refused(31920, str(error)) from error
        except OSError as error:
            raise self._refused(31902, str(error)) from error
        if self.is_over:
            return
        self._came(Moment.CONNECTED)
        self._send(CONNECTED)
        self._send(self.frames.start(self.order.parameters))
        self._came(Moment.STARTED)
        self._began_at = self._loop.time()
        if not self.is_over:
            self._beat = beat()
            self._beat.join(self)

    def feed(self, audio: bytes) -> None:
        """The caller makes a sound (μ-law, any length) after what was fed and not sent yet;
        between two there is silence."""
        if audio and not self.is_over:
            if not self._out:
                self._came(Moment.CALLER_SPEAKS)
            self._out.append(audio)
            self.spoke_until = None
            self.far.turn()

    def press(self, digit: str) -> None:
        """The caller presses a key."""
        self.far.turn()
        self._send(self.frames.dtmf(digit))

    def stop(self) -> None:
        """The caller hangs up: `stop`, and the end of the socket. Safe to call twice."""
        self._send(self.frames.stop())
        super().stop()

    def drop(self) -> None:
        """The connection breaks without a word, which is noticed at once."""
        super().drop()
        self._lost()

    def tick(self, at: float) -> None:
        """Send and play what is due. Whoever opens the line has it ticked already."""
        if self.is_frozen or self.is_over:
            return
        self._play(at)
        due = int((at - self._began_at) * self.speed * 1000 / FRAME_MS)
        if self._passage is None:
            for _ in range(due - self._sent):
                self._send(self._next_frame(at))
            return
        frames = []
        for _ in range(due - self._sent):
            if self._passage.is_lost():
                self._piece(at)
                self._sent += 1
            else:
                frames.append(self._next_frame(at))
        for frame in self._passage.through(frames, self.at_s):
            self._send(frame)

    def _next_frame(self, at: float) -> str:
        frame = self.frames.media(self._piece(at), self._sent * FRAME_MS)
        self._sent += 1
        return frame

    def _piece(self, at: float) -> bytes:
        """The next 20 ms of the caller."""
        if not self._out:
            if self.told.on_sent is not None:
                self.told.on_sent(_SILENT_FRAME)
            return _SILENT_FRAME
        piece = b""
        while self._out and len(piece) < FRAME_BYTES:
            first = self._out[0]
            more = first[self._offset : self._offset + FRAME_BYTES - len(piece)]
            piece += more
            self._offset += len(more)
            if self._offset >= len(first):
                self._out.popleft()
                self._offset = 0
        if not self._out:
            self.spoke_until = at
            self._came(Moment.CALLER_SPOKE)
        piece = piece.ljust(FRAME_BYTES, bytes((SILENCE,)))
        if self.told.on_sent is not None:
            self.told.on_sent(piece)
        return piece

    def _play(self, at: float) -> None:
        played = self.far.play(at)
        if played.audio:
            if self.told.on_words is not None and (words := self._reader.read(played.audio)):
                self.told.on_words(words)
            if self.told.on_audio is not None:
                self.told.on_audio(played.audio)
            if not self.far.is_playing:
                self._came(Moment.AGENT_SPOKE)
        for name in played.marks:
            self._send(self.frames.mark(name))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame of the server."""
        if frame.msg_type != WSMsgType.BINARY:
            super().on_ws_frame(transport, frame)
        elif not self.is_over:
            self._warn(31950, f"a binary message of {frame.payload_size} bytes")

    def _takes(self, message: bytes) -> None:
        at = self._loop.time()
        try:
            order = read_order(message, self.frames.stream_sid)
        except ValueError as error:
            self._warn(31951, str(error))
            return
        self._play(at)
        match order:
            case Media(audio):
                is_first = self.far.first_audio_at is None
                self.far.take(audio, at)
                self._voice(audio, at)
                if is_first:
                    self._came(Moment.AGENT_SPEAKS)
            case Mark(name):
                self.far.mark(name)
                self._play(at)
            case Clear():
                for name in self.far.clear(at):
                    self._send(self.frames.mark(name))
                self.voice_until = min(self.voice_until, at)
                self.voice_since = None
                if self.told.on_clear is not None:
                    self.told.on_clear()

    def _voice(self, audio: bytes, at: float) -> None:
        """Whether somebody speaks in what arrived, and when that is to be heard."""
        if audio.translate(_LOUDNESS).count(1) * 10 < len(audio):
            return
        begins = self.far.dry_at - len(audio) / self.far.rate
        if self.voice_since is None or begins - self.voice_until > PAUSE_S / self.speed:
            self.voice_since = begins
        self.voice_until = self.far.dry_at

    def _closed(self, code: int) -> None:
        at = self._loop.time()
        self._play(at)
        self.voice_until = min(self.voice_until, at)
        super()._closed(code)
        detail = f"the server closed with {code}"
        self._end(None if code in _ORDERLY else SocketFault(31921, detail))

    def _lost(self) -> None:
        self._end(SocketFault(31921, "the connection broke"))

    def _end(self, fault: SocketFault | None = None) -> None:
        self._out.clear()
        if self._beat is not None:
            self._beat.leave(self)
        super()._end(fault)

    def _refused(self, code: int, detail: str) -> SocketFault:
        self.fault = SocketFault(code, detail)
        self.is_over = True
        return self.fault

    def _warn(self, code: int, detail: str) -> None:
        if self.told.on_warning is not None:
            self.told.on_warning(code, detail)
