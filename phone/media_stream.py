"""The carrier's end of a Media Stream: one socket, the caller's sound out, the agent's sound in.

Sources: twilio.com/docs/voice/media-streams/websocket-messages; errors 31901, 31902, 31920, 31921,
31950, 31951. General knowledge: what was not played when the server closes is not heard any more.
Everything happens on the event loop that opened it; many lines may share one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import picows
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from phone.beat import Beat, beat
from phone.far_end import FarEnd
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
from phone.mulaw import SILENCE
from phone.weather import FAIR, Moment, Passage, Weather
from phone.word_track import WordReader

OPEN_S = 10.0  # of the clock: longer, and the carrier gives up (31901)
CLOSE_S = 1.0
PAUSE_S = 0.6  # of the call: after it, what is said is another utterance
_SILENT_FRAME = bytes((SILENCE,)) * FRAME_BYTES
# The server is done, goes away or restarts: no error of the stream.
_ORDERLY = frozenset({1000, 1001, 1005, 1012})
# Samples that are louder than a quiet background; a tenth of a piece is a voice.
_LOUDNESS = bytes(int(~byte & 0x7F > 0x38) for byte in range(256))


@dataclass(frozen=True, slots=True)
class StreamOrder:
    """What is to be connected."""

    url: str  # ws:// or wss://, where it really listens
    account: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # of the handshake: signature, proxy


class StreamFault(Exception):
    """The stream could not be opened, or broke. `code` is the carrier's number for it."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(slots=True)
class Told:
    """Who is told of what comes through the line, on the loop, at once."""

    on_audio: Callable[[bytes], None] | None = None  # the agent's sound, as it is heard
    on_words: Callable[[list[str]], None] | None = None  # words that were heard, when they were
    on_clear: Callable[[], None] | None = None  # what was not heard yet is gone
    on_sent: Callable[[bytes], None] | None = None  # sound of the caller, as it goes out
    on_warning: Callable[[int, str], None] | None = None  # what the carrier would warn of
    on_end: Callable[[], None] | None = None  # the stream is over, whoever ended it


class StreamLine:
    """One stream. `open` it, `feed` it, until `is_over`; `stop` hangs up."""

    def __init__(
        self,
        order: StreamOrder,
        told: Told | None = None,
        speed: float = 1.0,
        weather: Weather = FAIR,
    ) -> None:
        self.order = order
        self.told = told or Told()
        self.speed = speed
        self.weather = weather
        self.far = FarEnd(speed)
        self.frames = Frames(order.account, order.call_sid)
        self.fault: StreamFault | None = None  # why it ended, when it should not have
        self.closed_with: int | None = None  # the server's code; None: open, or no close at all
        self.is_over = False
        self.is_frozen = False
        # Moments on the loop's clock.
        self.spoke_until: float | None = None  # when the last that was fed had been sent
        self.voice_since: float | None = None  # when the agent began its last utterance
        self.voice_until = 0.0  # when the last voice that arrived will have been heard, or was
        self._out: deque[bytes] = deque()
        self._offset = 0  # sent of the first piece
        self._sent = 0  # frames, and those that were lost
        self._passage = Passage(weather) if weather != FAIR else None
        self._moments = 0
        self._parts = b""  # of a message that comes in several frames
        self._reader = WordReader()
        self._began_at = 0.0
        self._transport: WSTransport | None = None
        self._beat: Beat | None = None
        self._loop: asyncio.AbstractEventLoop

    @property
    def is_feeding(self) -> bool:
        """Something that was fed was not sent yet."""
        return bool(self._out)

    @property
    def at_s(self) -> float:
        """Seconds of the call since the stream began."""
        return (self._loop.time() - self._began_at) * self.speed

    @property
    def sent_s(self) -> float:
        """Seconds of the call that the caller's side of it has reached."""
        return self._sent * FRAME_MS / 1000

    async def open(self) -> None:
        """Connect, say `connected` and `start`, and begin to send. StreamFault when refused."""
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(OPEN_S):
                await picows.ws_connect(
                    lambda: _Peer(self),
                    self.order.url,
                    extra_headers=dict(self.order.headers),
                    max_redirects=0,
                    websocket_handshake_timeout=OPEN_S,
                )
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

    def hush(self) -> None:
        """The caller breaks off: nothing more of what was fed is sent."""
        self._out.clear()
        self._offset = 0
        self.spoke_until = self._loop.time()

    def press(self, digit: str) -> None:
        """The caller presses a key."""
        self.far.turn()
        self._send(self.frames.dtmf(digit))

    def stop(self) -> None:
        """The caller hangs up: `stop`, and the end of the socket. Safe to call twice."""
        if self.is_over or self._transport is None:
            return
        self._send(self.frames.stop())
        if not self.is_frozen:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()
        else:
            self._transport.underlying_transport.abort()
        self._end()

    async def wait_closed(self) -> None:
        """Return when the socket is closed, or should have been long ago."""
        if self._transport is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._transport.wait_disconnected()

    def drop(self) -> None:
        """The connection breaks without a word."""
        if self._transport is not None:
            self._transport.underlying_transport.abort()
        self._lost("the connection broke")

    def freeze(self) -> None:
        """Nothing goes through any more, and the connection stays open for a while."""
        if self._transport is not None and not self.is_frozen:
            self.is_frozen = True
            self._transport.underlying_transport.pause_reading()
            self._loop.call_later(self.weather.frozen_most_s, self.drop)

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

    def connected(self, transport: WSTransport) -> None:
        """The socket is open. A server may close it before `open` gets to say anything."""
        self._transport = transport

    def received(self, frame: WSFrame) -> None:
        """A frame of the server."""
        if self.is_over:
            return
        at = self._loop.time()
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.CONTINUATION:
                self._parts += frame.get_payload_as_bytes()
                if frame.fin:
                    message, self._parts = self._parts, b""
                    self._obey(message, at)
            case WSMsgType.BINARY:
                self._warn(31950, f"a binary message of {frame.payload_size} bytes")
            case WSMsgType.CLOSE:
                self._closed(int(frame.get_close_code().value or 1005))

    def _obey(self, message: bytes, at: float) -> None:
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
        self.closed_with = code
        if code not in _ORDERLY:
            self.fault = StreamFault(31921, f"the server closed with {code}")
        if self._transport is not None:
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()
        self._end()

    def gone(self) -> None:
        """There is no connection any more."""
        self._lost("the connection broke")

    def _lost(self, why: str) -> None:
        if not self.is_over:
            self.fault = StreamFault(31921, why)
            self._end()

    def _end(self) -> None:
        self.is_over = True
        self._out.clear()
        if self._beat is not None:
            self._beat.leave(self)
        if self.told.on_end is not None:
            self.told.on_end()

    def _refused(self, code: int, detail: str) -> StreamFault:
        self.fault = StreamFault(code, detail)
        self.is_over = True
        return self.fault

    def _warn(self, code: int, detail: str) -> None:
        if self.told.on_warning is not None:
            self.told.on_warning(code, detail)

    def _send(self, message: str) -> None:
        if self._transport is None or self.is_over or self.is_frozen:
            return
        with contextlib.suppress(ConnectionError):  # `gone` follows
            self._transport.send(WSMsgType.TEXT, message.encode())

    def _came(self, moment: Moment) -> None:
        if moment not in (self.weather.drops, self.weather.freezes):
            return
        self._moments += 1
        if self._moments == self.weather.times:
            if moment is self.weather.drops:
                self.drop()
            else:
                self.freeze()


class _Peer(WSListener):
    """The socket's side of a line."""

    def __init__(self, line: StreamLine) -> None:
        self._line = line

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._line.connected(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._line.received(frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._line.gone()
