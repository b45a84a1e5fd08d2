"""Who hears and speaks in the live calls of a server that has no key: vendors within its process.

They hear the words of our own phone's voice (`phone/word_track.py`), and nobody else's. They speak
by espeak-ng where that is installed, and in tones where it is not.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from phone.vendors.clips import spoken
from phone.vendors.street import Street

# A key that no vendor has given out.
_KEY = "stand-in"
_NAMES = ("elevenlabs", "deepgram")


@asynccontextmanager
async def stand_ins() -> AsyncIterator[Mapping[str, str]]:
    """The server's settings, in small letters, that lead to them, for as long as they are there.

    They live on the event loop, and listen on this machine only.
    """
    street = Street(talk=spoken)
    await street.open()
    try:
        there = [name for name in _NAMES if name in street.addresses]
        keys = {f"{name}_api_key": _KEY for name in there}
        yield keys | {f"{name}_base_url": street.addresses[name] for name in there}
    finally:
        street.close()
