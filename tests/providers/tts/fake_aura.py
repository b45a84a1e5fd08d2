"""A Deepgram on this machine, as a voice: POST /v1/speak, raw μ-law."""

from __future__ import annotations

import json
from typing import Any

from settings import Settings
from tests.providers.fake_vendor import Sent
from tests.providers.tts.fake_elevenlabs import mulaw
from tests.providers.tts.fake_voice import Asked, FakeVoice


def error(status: int, code: str = "SOME_CODE") -> Sent:
    """An error as the service words it."""
    told = {"err_code": code, "err_msg": "no", "request_id": "r1"}
    return Sent(status, json.dumps(told).encode())


class FakeAura(FakeVoice):
    """/v1/speak."""

    def settings(self, **changes: Any) -> Settings:
        """Settings that point at this server."""
        given = {"deepgram_api_key": "key-2", "deepgram_base_url": self.address}
        return Settings(**{**given, "clip_wait_ms": 3000, **changes})

    def sound(self, asked: Asked) -> bytes:
        """Another voice than the other company's: the same words, a sample later."""
        return b"\x80" + mulaw(asked.text)
