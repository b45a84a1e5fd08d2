"""<Connect><Stream>: a call over a Media Stream, from the document to what follows it.

Sources: twilio.com/docs/voice/twiml/stream, …/api/errors/31920 and 31950. General knowledge: the
parameters of a stream's status callback.
"""

from __future__ import annotations

import contextlib
from collections import deque
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from phone.caller import MakesNoise, Presses, Speaks
from phone.execution import Execution, Next
from phone.faults import TITLES, SocketFault, WebhookFault
from phone.line_thread import LineThread
from phone.live_call import Ear, converse
from phone.live_habits import Live
from phone.media_stream import StreamLine, StreamOrder, Told
from phone.mulaw import RATE_HZ, SILENCE
from phone.spoken import noise, silence
from phone.tape import Piece, Side
from phone.transcript import Who
from phone.twiml import Node

APART_S = 0.5  # of silence part two pieces of a recording
TICK_MOST_S = 0.25  # of the call pass between two looks at the clock, at the highest speed
LATE_MOST_S = 0.5  # a person's sound may wait for its turn
_SILENT = bytes((SILENCE,))
# Whose letters tell the language, for the caller's voice.
_LETTERS = (("\u0900", "\u097f", "hi"), ("\u0b80", "\u0bff", "ta"), ("\u0d00", "\u0d7f", "ml"))


def connect_stream(call: Execution, node: Node, noun: Node) -> Next:
    """Hold the conversation over the stream of `noun`; then go where `node` leads."""
    line = StreamThread(_order(call, noun), call.live, call.clock.now())
    try:
        if urlsplit(noun.get("url")).query:
            raise SocketFault(31920, "the address has a query, which is not supported")
        line.open()
    except SocketFault as fault:
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
    handshake = call.courier.handshake(noun.get("url"), "TwilioMediaStreams/1.0")
    parameters = {child.get("name"): child.get("value") for child in noun.children}
    return StreamOrder(handshake, call.leg.account, call.leg.sid, parameters)


def _fault(call: Execution, noun: Node, line: StreamThread, fault: SocketFault) -> None:
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


class StreamThread(LineThread[StreamLine]):
    """A stream, and what its caller says and hears."""

    def __init__(self, order: StreamOrder, live: Live, began_at: datetime) -> None:
        self._began_at = began_at
        self.warnings: list[tuple[int, str]] = []
        self._words: deque[str] = deque()
        self._sounds = {Side.CALLER: Track(), Side.AGENT: Track()}
        self._spoken = False  # by a person, whose silence goes out as sound, too
        told = Told(
            on_words=self._words.extend,
            on_audio=self._heard,
            on_sent=self._sent,
            on_clear=self._cut,
            on_warning=lambda code, detail: self.warnings.append((code, detail)),
        )
        self._cuts = 0
        super().__init__(StreamLine(order, told, live.speed, live.weather), live)

    @property
    def sid(self) -> str:
        """The carrier's id of the stream."""
        return self._line.frames.stream_sid

    @property
    def is_acting(self) -> bool:
        """The caller still speaks or presses."""
        return self._acts > 0 or (self._line.is_feeding and not self._spoken)

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

    def pieces(self) -> list[Piece]:
        """What both sides could be heard to say, for a recording."""
        return [
            piece
            for side, track in self._sounds.items()
            for piece in track.pieces(side, self._began_at)
        ]

    def _go_live(self) -> None:
        super()._go_live()
        if self._live.headset is not None:
            self._live.headset.connect(self._speak)

    def _begin(self, move: Speaks | MakesNoise | Presses) -> None:
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

    def _speak(self, audio: bytes) -> None:
        """A person's sound, from any thread."""
        with contextlib.suppress(RuntimeError):  # the stream has just ended
            self._loop.call_soon_threadsafe(self._spoke, audio)

    def _spoke(self, audio: bytes) -> None:
        self._spoken = True
        if self._line.waiting_s < LATE_MOST_S:  # a burst is not heard seconds later
            self._line.feed(audio)

    def _sound(self, words: str) -> bytes:
        return self._live.sound(words, language_of(words))

    def _later(self, seconds: float, key: str) -> None:
        self._loop.call_later(seconds / self._live.speed, self._line.press, key)

    def _last(self, key: str) -> None:
        self._line.press(key)
        self._acts -= 1

    def _cut(self) -> None:
        self._cuts += 1
        if self._live.headset is not None:
            self._live.headset.cut()

    def _heard(self, audio: bytes) -> None:
        if self._live.headset is not None:
            self._live.headset.hear(audio)
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
