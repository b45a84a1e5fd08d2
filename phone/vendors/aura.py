"""The wire of a second voice: Deepgram's text to speech over HTTP, raw μ-law only.

Source: developers.deepgram.com/reference/text-to-speech/speak-request.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from phone.vendors.clips import Clip, Voice
from phone.vendors.plan import Plan
from phone.vendors.refusals import DEEPGRAM
from phone.vendors.wire import Asked

PATH = "/v1/speak"
TEXT_MOST = 2000  # characters
_FORM = {"encoding": ["mulaw"], "sample_rate": ["8000"], "container": ["none"]}
_LANGUAGES = frozenset("en es de fr nl it ja".split())


class Aura(Voice):
    """`POST /v1/speak?model=aura-2-NAME-LANGUAGE`, and a query that asks for raw μ-law at 8 kHz."""

    refusals = DEEPGRAM

    def refuses(self, asked: Asked) -> bool:
        query = parse_qs(asked.query)
        if asked.method != "POST" or asked.path != PATH:
            DEEPGRAM.send(asked, 404, "NOT_FOUND")
        elif not asked.header("authorization").startswith("Token "):
            DEEPGRAM.send(asked, 401, "INVALID_AUTH")
        elif any(query.get(name) != value for name, value in _FORM.items()):
            DEEPGRAM.send(asked, 400, "INVALID_QUERY_PARAMETER")
        elif _language(asked) not in _LANGUAGES:
            DEEPGRAM.send(asked, 400, "INVALID_MODEL")
        else:
            return False
        return True

    async def answer(self, asked: Asked, plan: Plan) -> None:
        if len(self.text(asked)) > TEXT_MOST:
            DEEPGRAM.send(asked, 413, "PAYLOAD_TOO_LARGE")
        else:
            await super().answer(asked, plan)

    async def _clip(self, asked: Asked) -> Clip:
        sound = await self._talked(self.text(asked), _language(asked))
        return Clip(sound, "audio/mulaw", {"dg-request-id": "r1"})


def _language(asked: Asked) -> str:
    return parse_qs(asked.query).get("model", [""])[0].rpartition("-")[2]
