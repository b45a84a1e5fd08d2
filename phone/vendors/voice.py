"""The wire of a voice: ElevenLabs' text to speech, streamed.

Source: elevenlabs.io/docs/api-reference/text-to-speech/stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import orjson

from phone.vendors.clips import Clip, Talk, hummed, talked
from phone.vendors.plan import VOICE, Fault, Plan
from phone.vendors.speech import USUAL_FORMAT, UnknownFormat, clip
from phone.vendors.wire import Asked

_MULAW = "ulaw_8000"


class ElevenLabs:
    """`POST /v1/text-to-speech/VOICE/stream`, and the same without `/stream`."""

    faults = VOICE

    def __init__(self, talk: Talk = hummed) -> None:
        self._talk = talk

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
        try:
            clip = await self._clip(asked)
        except UnknownFormat:
            _error(asked, 400, "output_format_not_allowed")
            return
        await clip.send(asked, plan)

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        match fault:
            case Fault.BUSY:
                _error(asked, 429, "too_many_concurrent_requests")
            case Fault.BROKEN:
                _error(asked, 500, "internal_server_error")
            case _:
                await (await self._clip(asked)).fail(asked, fault, plan)

    async def _clip(self, asked: Asked) -> Clip:
        text = self.text(asked)
        wanted = parse_qs(asked.query).get("output_format", [USUAL_FORMAT])[0]
        if wanted == _MULAW:
            language = str(orjson.loads(asked.body).get("language_code") or "en")
            sound = await talked(self._talk, text, language)
            return Clip(sound, "audio/basic", _headers(text))
        return Clip(clip(len(text), wanted), "audio/mpeg", _headers(text))


def _headers(text: str) -> Mapping[str, str]:
    return {"request-id": "r1", "character-cost": str(len(text))}


def _error(asked: Asked, code: int, status: str) -> None:
    detail = {"status": status, "message": f"no: {status}"}
    asked.send(code, orjson.dumps({"detail": detail}))
