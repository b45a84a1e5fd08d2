"""An ElevenLabs on this machine.

Speaks real MP3 frames (silent ones), as long as the text would take, or real telephone sound.
"""

from __future__ import annotations

import json
from typing import Any

from phone.spoken import tones
from phone.tape import Side
from settings import Settings
from tests.providers.fake_vendor import Sent
from tests.providers.tts.fake_voice import Asked, FakeVoice


def error(status: int, code: str = "some_code") -> Sent:
    """An error as the service words it."""
    told = {"detail": {"status": code, "message": "no"}}
    return Sent(status, json.dumps(told).encode())


def mp3(text: str) -> bytes:
    """As many silent frames as `text` takes: MPEG-2, layer III, 22.05 kHz, 32 kbit/s, mono.

    Source: ISO/IEC 13818-3. A frame has 576 samples and 72 * 32000 / 22050 bytes; now and then
    one more, for the rest. A seventh of a second per five letters.
    """
    frames = max(4, len(text) * 2)
    sound = bytearray()
    for number in range(frames):
        until = (number + 1) * 72 * 32000 // 22050
        size = until - number * 72 * 32000 // 22050
        padded = size == 105
        head = bytes((0xFF, 0xF3, 0x40 | (0b10 if padded else 0), 0xC0))
        sound += head + bytes([number % 251]) * (size - 4)
    return bytes(sound)


def mulaw(text: str) -> bytes:
    """The text as sound for a socket: a tone a word, loud from the first sample on."""
    return tones(text, Side.AGENT)


class FakeElevenLabs(FakeVoice):
    """text-to-speech/VOICE/stream."""

    def settings(self, **changes: Any) -> Settings:
        """Settings that point at this server."""
        given = {"elevenlabs_api_key": "key-1", "elevenlabs_base_url": self.address}
        return Settings(**{**given, "clip_wait_ms": 3000, **changes})

    def sound(self, asked: Asked) -> bytes:
        """In the form that was asked for."""
        is_mulaw = asked.query["output_format"].startswith("ulaw")
        return mulaw(asked.text) if is_mulaw else mp3(asked.text)
