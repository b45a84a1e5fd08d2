"""<Connect><Stream>: a call over a Media Stream, from the document to what follows it.

Sources: twilio.com/docs/voice/twiml/stream, …/api/errors/31920 and 31950. General knowledge: the
parameters of a stream's status callback.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from phone.caller import MakesNoise, Move, Presses, Speaks
from phone.execution import Execution, Next
from phone.faults import TITLES, WebhookFault
from phone.live_call import Ear, converse
from phone.live_habits import Live
from phone.media_stream import StreamFault, StreamLine, StreamOrder, Told
from phone.mulaw import RATE_HZ, SILENCE
from phone.signature import HEADER, sign
from phone.spoken import noise, silence
from phone.tape import Piece, Side
from phone.transcript import Who
from phone.twiml import Node

APART_S = 0.5  # of silence part two pieces of a recording
TICK_MOST_S = 0.25  # of the call pass between two looks at the clock, at the highest speed
_SILENT = bytes((SILENCE,))
# Whose letters tell the language, for the caller's voice.
_LETTERS = (("\u0900", "\u097f", "hi"), ("\u0b80", "\u0bff", "ta"), ("\u0d00", "\u0d7f", "ml"))


def connect_stream(call: Execution, node: Node, noun: Node) -> Next:
    """Hold the conversation over the stream of `noun`; then go where `node` leads."""
    line = StreamThread(_order(call, noun), call.live, call.clock.now())
    try:
        if urlsplit(noun.get("url")).query:
            raise StreamFault(31920, "the address has a query, which is not supported")
        line.open()
    except StreamFault as fault:
        _fault(call, noun, line, fault)
        return call.follow(node, {})
    call.note(Who.EVENT, f"connects <Stream> {noun.get('url')}")
    _report(call, noun, line, {"StreamEvent": "stream-started"})
    try:
        converse(call, line)
    finally:
        line.close()
        call.tapes.keep(line.pieces())
        for code, detail in line.warnings:
            call.note(Who.FAULT, f"{code} {TITLES[code]}: {detail}")
        if line.fault is not None:
            _fault(call, noun, line, line.fault)
        else:
            _report(call, noun, line, {"StreamEvent": "stream-stopped"})
    return call.follow(node, {})


def _order(call: Execution, noun: Node) -> StreamOrder:
    url = noun.get("url")
    courier = call.courier
    headers = {"User-Agent": "TwilioMediaStreams/1.0"}
    if courier.token:
        headers[HEADER] = sign(courier.token, url)
    listens = courier.way.to_socket(url)
    if listens != url:  # the last proxy before the app tells it how it was asked
        headers["X-Forwarded-Proto"] = "https" if url.startswith("wss:") else "http"
        headers["X-Forwarded-Host"] = urlsplit(url).netloc
    parameters = {child.get("name"): child.get("value") for child in noun.children}
    return StreamOrder(listens, call.leg.account, call.leg.sid, parameters, headers)


def _fault(call: Execution, noun: Node, line: StreamThread, fault: StreamFault) -> None:
    call.note(Who.FAULT, f"{fault.code} {TITLES[fault.code]}: {fault}")
    told = f"{fault.code} {TITLES[fault.code]}"
    _report(call, noun, line, {"StreamEvent": "stream-error", "StreamError": told})


def _report(call: Execution, noun: Node, line: StreamThread, told: dict[str, str]) -> None:
    url = noun.get("statusCallback")
    if not url:
        return
    form = {
        "AccountSid": call.leg.account,
        "CallSid": call.leg.sid,
        "StreamSid": line.sid,
        "StreamName": noun.get("name") or line.sid,
        "Timestamp": call.clock.now().isoformat(timespec="milliseconds"),
        **told,
    }
    try:
        call.courier.send(call.resolve(url), form, noun.get("statusCallbackMethod", "POST"))
    except WebhookFault as fault:
        call.note(Who.FAULT, f"{fault} ({fault.url})")


def language_of(words: str) -> str:
    """The language whose letters `words` are written in, as far as the caller's voice needs it."""
    for first, last, language in _LETTERS:
        if any(first <= letter <= last for letter in words):
            return language
    return "en"


class StreamThread:
    """A stream on an event loop of its own, in the hands of the call's thread."""

    def __init__(self, order: StreamOrder, live: Live, began_at: datetime) -> None:
        self._live = live
        self._began_at = began_at
        self.warnings: list[tuple[int, str]] = []
        self._words: deque[str] = deque()
        self._sounds = {Side.CALLER: Track(), Side.AGENT: Track()}
        told = Told(
            on_words=self._words.extend,
            on_audio=self._heard,
            on_sent=self._sent,
            on_clear=self._cut,
            on_warning=lambda code, detail: self.warnings.append((code, detail)),
            on_end=lambda: self._ended.set(),
        )
        self._line = StreamLine(order, told, live.speed, live.weather)
        self._opened = threading.Event()
        self._cuts = 0
        self._acts = 0  # that were begun and are not over
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    @property
    def sid(self) -> str:
        """The carrier's id of the stream."""
        return self._line.frames.stream_sid

    @property
    def fault(self) -> StreamFault | None:
        """Why it ended, when it should not have."""
        return self._line.fault

    @property
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""
        return self._acts > 0 or self._line.is_feeding

    def open(self) -> None:
        """Connect. StreamFault when that cannot be."""
        self._thread.start()
        self._opened.wait()
        if self._line.is_over and self._line.fault is not None:
            self._thread.join()
            raise self._line.fault

    def look(self) -> Ear:
        """What there is to hear."""
        is_over = self._line.is_over  # first: what was heard by then is all
        words = tuple(self._words.popleft() for _ in range(len(self._words)))
        line, speed = self._line, self._live.speed
        now = self._loop.time()
        quiet_s = max(now - line.voice_until, 0.0)
        speaks = line.voice_since is not None and line.voice_since <= now < line.voice_until
        spoke_s = (now - line.voice_since) * speed if line.voice_since is not None else 0.0
        return Ear(words, speaks, spoke_s, quiet_s * speed, quiet_s, is_over, self._cuts)

    def act(self, move: Move) -> None:
        """Begin to speak, make a noise, press keys."""
        if isinstance(move, Speaks | MakesNoise | Presses) and not self._line.is_over:
            self._acts += 1
            self._loop.call_soon_threadsafe(self._begin, move)

    def close(self) -> None:
        """The caller's side is done with it; returns when the socket is closed."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._line.stop)
            self._thread.join()

    def pieces(self) -> list[Piece]:
        """What both sides could be heard to say, for a recording."""
        return [
            piece
            for side, track in self._sounds.items()
            for piece in track.pieces(side, self._began_at)
        ]

    def _run(self) -> None:
        try:
            asyncio.run(self._live_on())
        finally:
            self._opened.set()

    async def _live_on(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self._line.open()
        except StreamFault:
            return
        self._opened.set()
        await self._ended.wait()
        await self._line.wait_closed()

    def _begin(self, move: Move) -> None:
        match move:
            case Speaks():
                for piece in move.pieces[:-1]:
                    # A voice pauses at the end of what it says: between pieces only so long.
                    self._line.feed(self._sound(piece).rstrip(_SILENT) + silence(move.gap_s))
                self._line.feed(self._sound(move.pieces[-1]))
            case MakesNoise():
                self._line.feed(noise(move.seconds))
            case Presses():
                for number, key in enumerate(move.keys[:-1]):
                    self._later(number * move.gap_s, key)
                self._loop.call_later(
                    (len(move.keys) - 1) * move.gap_s / self._live.speed, self._last, move.keys[-1]
                )
                return
        self._acts -= 1

    def _sound(self, words: str) -> bytes:
        return self._live.sound(words, language_of(words))

    def _later(self, seconds: float, key: str) -> None:
        self._loop.call_later(seconds / self._live.speed, self._line.press, key)

    def _last(self, key: str) -> None:
        self._line.press(key)
        self._acts -= 1

    def _cut(self) -> None:
        self._cuts += 1

    def _heard(self, audio: bytes) -> None:
        self._sounds[Side.AGENT].add(self._line.at_s - len(audio) / RATE_HZ, audio)

    def _sent(self, audio: bytes) -> None:
        self._sounds[Side.CALLER].add(self._line.sent_s, audio)


class Track:
    """The sound of one side, in pieces that silence parts."""

    def __init__(self) -> None:
        self._parts: list[tuple[float, bytearray]] = []

    def add(self, at_s: float, audio: bytes) -> None:
        """Sound that began `at_s` after the stream. Silence is not kept."""
        if not audio.strip(_SILENT):
            return
        if self._parts:
            begun_s, part = self._parts[-1]
            missing = int((at_s - begun_s) * RATE_HZ) - len(part)
            if missing < APART_S * RATE_HZ:
                # Late by less than a tick is not late: only the clock is coarse.
                part += _SILENT * (missing if missing > TICK_MOST_S * RATE_HZ else 0) + audio
                return
        self._parts.append((at_s, bytearray(audio)))

    def pieces(self, side: Side, began_at: datetime) -> list[Piece]:
        """All of it, for a stream that began then."""
        return [
            Piece(
                side,
                began_at + timedelta(seconds=at_s),
                len(part) / RATE_HZ,
                "",
                sound=bytes(part),
            )
            for at_s, part in self._parts
        ]
