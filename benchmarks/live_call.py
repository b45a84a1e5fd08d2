"""One caller of the live benchmarks, at the carrier's end of a stream: frames out, sound in.

The wire is that of Twilio's Media Streams (twilio.com/docs/voice/media-streams/websocket-messages).
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from benchmarks.live_far_end import FarEnd
from benchmarks.live_sound import SILENT_FRAME, Note, utterance
from phone.clock import speech_s

ANSWER_MOST_S = 8.0  # after which a caller takes the line for dead
QUIET_S = 0.4  # after the agent's last sound, before the caller speaks
RATE_HZ = 8000


@dataclass(frozen=True, slots=True)
class Line:
    """What a caller says in a turn."""

    text: str
    cuts_in_s: float | None = None  # seconds after the agent began; None: lets it finish
    key: str = ""  # pressed instead of anything said


@dataclass
class Met:
    """What the callers of a part met."""

    turns_ms: list[float] = field(default_factory=list)  # final words → first sound
    cuts_ms: list[float] = field(default_factory=list)  # first words → clear
    late_s: list[float] = field(default_factory=list)  # of every piece of sound
    ear_ms: list[float] = field(default_factory=list)  # end of the caller's speech → first sound
    completed: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    lags_ms: list[float] = field(default_factory=list)  # of the callers' own clock

    @property
    def calls(self) -> int:
        """Those that ended, well or not."""
        return self.completed + self.failed.total()


class StreamCall(WSListener):
    """One call. `tick` fifty times a second; `over` is done when the socket is."""

    def __init__(self, number: int, lines: Sequence[Line], met: Met, leaves: bool) -> None:
        self.number = number
        self._leaves = leaves  # the caller hangs up when all was said and answered
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._lines = lines
        self._met = met
        self._far_end = FarEnd()
        self._frames: list[bytes] = []
        self._at = 0  # in them
        self._turn = 0
        self._sent = 0
        self._final_at: float | None = None  # an answer is due since then
        self._said_at = 0.0
        self._cut_at: float | None = None
        self._begun_at = 0.0  # the answer
        self._stream = f"MZ{number:032x}"
        self._tail = f'"}},"streamSid":"{self._stream}"}}'.encode()
        self._transport: WSTransport | None = None
        self._has_started = False

    def starts(self, carrier_id: str, parameters: Mapping[str, str]) -> None:
        """The first messages."""
        start = {
            "event": "start",
            "sequenceNumber": "1",
            "streamSid": self._stream,
            "start": {
                "streamSid": self._stream,
                "accountSid": "AC" + "b" * 32,
                "callSid": carrier_id,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": dict(parameters),
            },
        }
        self._send(b'{"event":"connected","protocol":"Call","version":"1.0.0"}')
        self._send(orjson.dumps(start))
        self._has_started = True
        self._final_at = time.perf_counter()

    def told(self, note: Note, at: float) -> None:
        """The recogniser has just told the server what this caller says."""
        if note.is_final:
            self._final_at = at
        else:
            self._cut_at = at

    def tick(self, now: float) -> None:
        """Twenty milliseconds have passed."""
        if not self._has_started or self.over.done():
            return
        for mark in self._far_end.played(now):
            self._return(mark)
        payload = SILENT_FRAME
        if self._at < len(self._frames):
            payload = self._frames[self._at]
            self._at += 1
            if self._at == len(self._frames):
                self._said_at = now
                self._far_end.answer_ends()
        elif self._final_at is not None:
            if now - self._final_at > ANSWER_MOST_S:
                self._ends("no answer")
        else:
            self._maybe_speak(now)
        self._sent += 1
        head = b'{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d",'
        timed = b'"timestamp":"%d","payload":"'
        numbers = (self._sent + 1, self._sent, self._sent * 20)
        self._send((head + timed) % numbers + payload + self._tail)

    def hangs_up(self) -> None:
        """The caller goes."""
        if self._transport is not None:
            self._transport.disconnect()

    def _maybe_speak(self, now: float) -> None:
        if self._turn >= len(self._lines):
            if self._leaves and self._far_end.is_quiet(now, QUIET_S):
                self.hangs_up()
            return
        line = self._lines[self._turn]
        if line.cuts_in_s is not None:
            if now < self._begun_at + line.cuts_in_s:
                return
        elif not self._far_end.is_quiet(now, QUIET_S):
            return
        self._turn += 1
        if line.key:
            told = {"track": "inbound_track", "digit": line.key}
            dtmf = {"event": "dtmf", "streamSid": self._stream, "dtmf": told}
            self._send(orjson.dumps(dtmf))
            self._far_end.answer_ends()
            self._said_at = self._final_at = now
            return
        note = Note(self.number, self._turn, line.text, True)
        self._frames = utterance(note, speech_s(line.text), line.cuts_in_s is not None)
        self._at = 0
        self._final_at = now + speech_s(line.text)  # until it is told better

    # The socket

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.send_close(WSCloseCode.OK, b"")
                transport.disconnect()
            return
        now = time.perf_counter()
        message = orjson.loads(frame.get_payload_as_bytes())
        match message["event"]:
            case "media":
                # Four letters are three bytes; the padding is too little to matter.
                self._hears(len(message["media"]["payload"]) * 3 // 4 / RATE_HZ, now)
            case "mark":
                self._far_end.asked(message["mark"]["name"], now)
            case "clear":
                if self._cut_at is not None:
                    self._met.cuts_ms.append((now - self._cut_at) * 1000)
                    self._cut_at = None
                for mark in self._far_end.clears(now):
                    self._return(mark)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self._met.late_s += self._far_end.late_s
        is_whole = self._turn == len(self._lines) and self._final_at is None
        self._ends("" if is_whole else f"closed in turn {self._turn}")

    def _hears(self, seconds: float, now: float) -> None:
        if self._final_at is not None and self._at == len(self._frames):
            if self._turn:
                self._met.turns_ms.append((now - self._final_at) * 1000)
                self._met.ear_ms.append((now - self._said_at) * 1000)
            self._final_at = None
            self._begun_at = now
        self._far_end.hears(seconds, now)

    def _return(self, mark: str) -> None:
        message = {"event": "mark", "streamSid": self._stream, "mark": {"name": mark}}
        self._send(orjson.dumps(message))

    def _send(self, message: bytes) -> None:
        if self._transport is not None:
            self._transport.send(WSMsgType.TEXT, message)

    def _ends(self, how: str) -> None:
        if not self.over.done():
            self.over.set_result(how)
