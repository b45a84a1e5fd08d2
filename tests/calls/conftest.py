"""A voice per test, from a vendor on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.speech import ClipSpeech
from tests.calls.voices import KeptClips, speaking
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs


@pytest.fixture
def fake() -> Iterator[FakeElevenLabs]:
    """The vendor."""
    with FakeElevenLabs() as fake:
        yield fake


@pytest.fixture
def kept() -> KeptClips:
    """What the store knows."""
    return KeptClips()


@pytest.fixture
def speech(fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path) -> Iterator[ClipSpeech]:
    """Speech as a server opens it."""
    with speaking(fake.settings(data_dir=str(tmp_path)), kept) as speech:
        yield speech
