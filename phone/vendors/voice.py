"""The wire of a voice: ElevenLabs' text to speech, streamed.

Source: elevenlabs.io/docs/api-reference/text-to-speech/stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import parse_qs

import orjson

from phone.vendors.plan import SLOW_S, VOICE, Fault, Plan
from phone.vendors.speech import USUAL_FORMAT, UnknownFormat, clip
from phone.vendors.wire import Asked

PIECES = 8  # that a clip comes in when it takes time
_KIND = "audio/mpeg"


class ElevenLabs:
    """`POST /v1/text-to-speech/VOICE/stream`, and the same without `/stream`."""

    faults = VOICE

    def refuses(self, asked: Asked) -> bool:
        if asked.method != "POST" or not asked.path.startswith("/v1/text-to-speech/"):
            _error(asked, 404, "not_found")
            return True
        if not asked.header("xi-api-key"):
            _error(asked, 401, "invalid_api_key")
            return True
        return False

    def text(self, asked: Asked) -> str:
        text = orjson.loads(asked.body)["text"]
        if not isinstance(text, str) or not text.strip():
            raise ValueError("there is nothing to say")
        return text

    async def answer(self, asked: Asked, plan: Plan) -> None:
        text = self.text(asked)
        try:
            pieces = _pieces(text, asked.query, 1 if plan.last_byte_ms == 0 else PIECES)
        except UnknownFormat:
            _error(asked, 400, "output_format_not_allowed")
            return
        await _sleep(plan.first_byte_ms)
        asked.begin(_KIND, _headers(text))
        gap_ms = max(plan.last_byte_ms - plan.first_byte_ms, 0) / max(len(pieces) - 1, 1)
        for number, piece in enumerate(pieces):
            await _sleep(gap_ms if number else 0)
            asked.piece(piece)
        asked.end()

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        text = self.text(asked)
        match fault:
            case Fault.BUSY:
                _error(asked, 429, "too_many_concurrent_requests")
            case Fault.BROKEN:
                _error(asked, 500, "internal_server_error")
            case Fault.EMPTY:
                asked.begin(_KIND, _headers(text))
                asked.end()
            case Fault.HTML:
                asked.send(200, b"<html><h1>Welcome</h1></html>", "text/html")
            case _:
                await self._half(asked, text, fault, plan)

    async def _half(self, asked: Asked, text: str, fault: Fault, plan: Plan) -> None:
        """The first half of a clip, and then the connection breaks or nothing comes any more."""
        pieces = _pieces(text, asked.query, PIECES)
        await _sleep(plan.first_byte_ms)
        asked.begin(_KIND, _headers(text))
        for piece in pieces[: PIECES // 2]:
            asked.piece(piece)
        # What was written must be on its way before the end is.
        await asyncio.sleep(SLOW_S if fault is Fault.STALL else 0.02)
        asked.cut()


def _pieces(text: str, query: str, number: int) -> Sequence[bytes]:
    wanted = parse_qs(query).get("output_format", [USUAL_FORMAT])[0]
    whole = clip(len(text), wanted)
    size = -(-len(whole) // number)
    return [whole[start : start + size] for start in range(0, len(whole), size)]


async def _sleep(ms: float) -> None:
    if ms > 0:
        await asyncio.sleep(ms / 1000)


def _headers(text: str) -> dict[str, str]:
    return {"request-id": "r1", "character-cost": str(len(text))}


def _error(asked: Asked, code: int, status: str) -> None:
    detail = {"status": status, "message": f"no: {status}"}
    asked.send(code, orjson.dumps({"detail": detail}))
