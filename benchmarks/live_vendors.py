"""Vendors of the live benchmarks: a recogniser, a voice and a model, as slow as they are told.

They speak the wires of Deepgram (live, v1), ElevenLabs (streamed, μ-law) and Gemini, on sockets of
their own; one for each call, as the real ones do. Cheap, because they share their core with the
callers.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs

import orjson
from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    ws_create_server,
)

from benchmarks.live_sound import Note, read_note
from phone.clock import speech_s
from phone.vendors.models import Gemini
from phone.vendors.plan import Plan
from phone.vendors.speech import clip
from phone.vendors.vendor import Vendor
from phone.vendors.wire import Asked, Listener
from phone.word_track import RATE_HZ, WordReader

# (note, moment): the words have just been told.
Told = Callable[[Note, float], None]


@dataclass(frozen=True, slots=True)
class Delays:
    """How slow the vendors are, in milliseconds."""

    hears: float = 0  # from the caller's last sample to the final words
    reads: float = 0  # the model
    speaks: float = 0  # to the first sound
    speaks_all: float = 0  # to the last


class _Hearing(WSListener):
    """One live recognition: tells what is noted in the sound."""

    def __init__(self, delays: Delays, told: Told) -> None:
        self._delays = delays
        self._told = told
        self._reader = WordReader()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            for word in self._reader.read(frame.get_payload_as_bytes()):
                note = read_note(word)
                if note is not None:
                    self._hears(note)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(WSCloseCode.OK, b"")
            transport.disconnect()

    def _hears(self, note: Note) -> None:
        delay_s = self._delays.hears / 1000 if note.is_final else 0.0
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._tell, note)
        else:
            self._tell(note)

    def _tell(self, note: Note) -> None:
        alternative = {"transcript": note.text, "confidence": 0.97, "words": []}
        message = {
            "type": "Results",
            "channel_index": [0, 1],
            "start": 0.0,
            "duration": 1.0,
            "is_final": note.is_final,
            "speech_final": note.is_final,
            "channel": {"alternatives": [alternative]},
        }
        self._told(note, time.perf_counter())
        self._transport.send(WSMsgType.TEXT, orjson.dumps(message))


class LiveVendors:
    """All three. `open` on the loop; `settings` says how the server finds them."""

    def __init__(self, delays: Delays, told: Told) -> None:
        self._delays = delays
        self._told = told
        self._voice = Listener(self._speak)
        self._model = Vendor(Gemini())
        self._model.plan = Plan(delay_ms=delays.reads)
        self._model_port = Listener(self._model)
        self._hearing: asyncio.Server
        self.spoken = 0  # texts that the voice was asked for
        self.listeners = 0  # recognitions that were opened

    async def open(self) -> None:
        """Listen."""
        await self._voice.open()
        await self._model_port.open()
        self._hearing = await ws_create_server(self._listen, "127.0.0.1", 0)

    def close(self) -> None:
        """Stop listening."""
        self._hearing.close()
        self._voice.close()
        self._model_port.close()

    def settings(self, with_model: bool) -> dict[str, str]:
        """The server's variables."""
        port = self._hearing.sockets[0].getsockname()[1]
        told = {
            "DEEPGRAM_API_KEY": "key",
            "DEEPGRAM_BASE_URL": f"ws://127.0.0.1:{port}",
            "ELEVENLABS_API_KEY": "key",
            "ELEVENLABS_BASE_URL": self._voice.address,
        }
        if with_model:
            told |= {"GEMINI_API_KEY": "key", "GEMINI_BASE_URL": self._model_port.address}
        return told

    def _listen(self, request: WSUpgradeRequest) -> _Hearing:
        self.listeners += 1
        return _Hearing(self._delays, self._told)

    async def _speak(self, asked: Asked) -> None:
        text = str(orjson.loads(asked.body)["text"])
        self.spoken += 1
        form = parse_qs(asked.query).get("output_format", [""])[0]
        # A call that goes on in turns is played clips of the other form, made before it needs them.
        sound = _sound(len(text)) if form == "ulaw_8000" else clip(len(text), form)
        await _sleep(self._delays.speaks)
        asked.begin("audio/basic", {"request-id": "r1", "character-cost": str(len(text))})
        half = len(sound) // 2 if self._delays.speaks_all else len(sound)
        asked.piece(sound[:half])
        if half < len(sound):
            await _sleep(self._delays.speaks_all - self._delays.speaks)
            asked.piece(sound[half:])
        asked.end()


@lru_cache
def _sound(length: int) -> bytes:
    """μ-law that lasts as long as a text of `length` characters; quiet, but not silent."""
    return base64.b16decode("FEFD7E7D") * (round(speech_s("x" * length) * RATE_HZ) // 4)


async def _sleep(ms: float) -> None:
    if ms > 0:
        await asyncio.sleep(ms / 1000)
