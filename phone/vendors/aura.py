"""The wire of a second voice: Deepgram's text to speech over HTTP, raw μ-law only.

Source: developers.deepgram.com/reference/text-to-speech/speak-request.
"""

from __future__ import annotations

from urllib.parse import parse_qs

import orjson

from phone.vendors.clips import Clip, Talk, hummed, talked
from phone.vendors.plan import VOICE, Fault, Plan
from phone.vendors.wire import Asked

PATH = "/v1/speak"
TEXT_MOST = 2000  # characters
_FORM = {"encoding": ["mulaw"], "sample_rate": ["8000"], "container": ["none"]}
_LANGUAGES = frozenset("en es de fr nl it ja".split())


class Aura:
    """`POST /v1/speak?model=aura-2-NAME-LANGUAGE`, and a query that asks for raw μ-law at 8 kHz."""

    faults = VOICE

    def __init__(self, talk: Talk = hummed) -> None:
        self._talk = talk

    def refuses(self, asked: Asked) -> bool:
        query = parse_qs(asked.query)
        if asked.method != "POST" or asked.path != PATH:
            _error(asked, 404, "NOT_FOUND")
        elif not asked.header("authorization").startswith("Token "):
            _error(asked, 401, "INVALID_AUTH")
        elif any(query.get(name) != value for name, value in _FORM.items()):
            _error(asked, 400, "INVALID_QUERY_PARAMETER")
        elif _language(asked) not in _LANGUAGES:
            _error(asked, 400, "INVALID_MODEL")
        else:
            return False
        return True

    def text(self, asked: Asked) -> str:
        text = orjson.loads(asked.body)["text"]
        if not isinstance(text, str) or not text.strip():
            raise ValueError("there is nothing to say")
        return text

    async def answer(self, asked: Asked, plan: Plan) -> None:
        if len(self.text(asked)) > TEXT_MOST:
            _error(asked, 413, "PAYLOAD_TOO_LARGE")
            return
        await (await self._clip(asked)).send(asked, plan)

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        match fault:
            case Fault.BUSY:
                _error(asked, 429, "TOO_MANY_REQUESTS")
            case Fault.BROKEN:
                _error(asked, 500, "INTERNAL_SERVER_ERROR")
            case _:
                await (await self._clip(asked)).fail(asked, fault, plan)

    async def _clip(self, asked: Asked) -> Clip:
        text = self.text(asked)
        sound = await talked(self._talk, text, _language(asked))
        return Clip(sound, "audio/mulaw", {"dg-request-id": "r1"})


def _language(asked: Asked) -> str:
    return parse_qs(asked.query).get("model", [""])[0].rpartition("-")[2]


def _error(asked: Asked, status: int, code: str) -> None:
    told = {"err_code": code, "err_msg": f"no: {code}", "request_id": "r1"}
    asked.send(status, orjson.dumps(told))
