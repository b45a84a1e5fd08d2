"""The voices of live calls put together for tests, and an ear on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from calls.live_voice import LiveVoice, open_live_voice
from calls.sounds import Sound
from settings import Settings
from tests.calls.voices import KeptClips, as_storage
from tests.providers.tts.fake_aura import FakeAura
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs
from tests.providers.tts.fake_voice import FakeVoice

HEARD_S = 10.0
_OF: dict[type[FakeVoice], tuple[str, str]] = {
    FakeElevenLabs: ("elevenlabs_api_key", "elevenlabs_base_url"),
    FakeAura: ("deepgram_api_key", "deepgram_base_url"),
}


@contextmanager
def live(*fakes: FakeVoice, kept: KeptClips | None = None, **changes: Any) -> Iterator[LiveVoice]:
    """The voices of these vendors, as a server opens them."""
    given: dict[str, Any] = {}
    for fake in fakes:
        names = next(names for kind, names in _OF.items() if isinstance(fake, kind))
        given |= {name: getattr(fake.settings(), name) for name in names}
    settings = Settings(**{**given, "clip_wait_ms": 3000, **changes})
    voice = open_live_voice(settings, as_storage(kept or KeptClips()))
    try:
        yield voice
    finally:
        voice.close()


async def hear_out(sound: Sound) -> bytes:
    """All of a sound, woken by it and by nothing else."""
    news = asyncio.Event()
    sound.listen(news.set)
    heard = sound.read()
    async with asyncio.timeout(HEARD_S):
        while not sound.is_over:
            await news.wait()
            news.clear()
            heard += sound.read()
    sound.close()
    return heard


def heard(voice: LiveVoice, key: str) -> tuple[bytes, bool]:
    """A clip as a call hears it, and whether it broke off."""

    async def listen() -> tuple[bytes, bool]:
        sound = voice.sound(key)
        return await hear_out(sound), sound.is_broken

    return asyncio.run(listen())
