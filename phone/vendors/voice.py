"""The wire of a voice: ElevenLabs' text to speech, streamed.

Source: elevenlabs.io/docs/api-reference/text-to-speech/stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

import orjson

from phone.vendors.clips import Clip, Voice
from phone.vendors.plan import Plan
from phone.vendors.refusals import ELEVENLABS
from phone.vendors.speech import USUAL_FORMAT, UnknownFormat, clip
from phone.vendors.wire import Asked

_MULAW = "ulaw_8000"


class ElevenLabs(Voice):
    """`POST /v1/text-to-speech/VOICE/stream`, and the same without `/stream`."""

    refusals = ELEVENLABS

    def refuses(self, asked: Asked) -> bool:
        if asked.method != "POST" or not asked.path.startswith("/v1/text-to-speech/"):
            ELEVENLABS.send(asked, 404, "not_found")
            return True
        if not asked.header("xi-api-key"):
            ELEVENLABS.send(asked, 401, "invalid_api_key")
            return True
        return False

    async def answer(self, asked: Asked, plan: Plan) -> None:
        try:
            await super().answer(asked, plan)
        except UnknownFormat:
            ELEVENLABS.send(asked, 400, "output_format_not_allowed")

    async def _clip(self, asked: Asked) -> Clip:
        text = self.text(asked)
        wanted = parse_qs(asked.query).get("output_format", [USUAL_FORMAT])[0]
        if wanted == _MULAW:
            language = str(orjson.loads(asked.body).get("language_code") or "en")
            sound = await self._talked(text, language)
            return Clip(sound, "audio/basic", _headers(text))
        return Clip(clip(len(text), wanted), "audio/mpeg", _headers(text))


def _headers(text: str) -> Mapping[str, str]:
    return {"request-id": "r1", "character-cost": str(len(text))}
