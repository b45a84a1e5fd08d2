"""A speech service put together for tests: real clips, a real HTTP vendor on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from agents.schema import Agent
from calls.speech import ClipSpeech, open_speech
from conversation.actions import Action, Listen, Part, Say
from settings import Settings
from storage.base import Storage, StorageError
from storage.records import ClipRecord

QUESTION = "What do you charge for this route?"


class KeptClips:
    """The part of a store that knows how clips are made."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.clips: dict[str, ClipRecord] = {}
        self.writes = 0

    def keep_clip(self, clip: ClipRecord) -> None:
        """Keep it unless it is kept."""
        self._fail()
        self.writes += 1
        self.clips.setdefault(clip.key, clip)

    def load_clip(self, key: str) -> ClipRecord | None:
        """The record."""
        self._fail()
        return self.clips.get(key)

    def forget_clips(self, before: datetime) -> int:
        """Forget old ones."""
        self._fail()
        old = [key for key, clip in self.clips.items() if clip.created_at < before]
        for key in old:
            del self.clips[key]
        return len(old)

    def _fail(self) -> None:
        if self.fails:
            raise StorageError("the store is away")


def as_storage(kept: KeptClips) -> Storage:
    """The same as its users know it."""
    return cast(Storage, kept)


@contextmanager
def speaking(settings: Settings, kept: KeptClips) -> Iterator[ClipSpeech]:
    """Speech as a server opens it."""
    speech = open_speech(settings, as_storage(kept))
    assert isinstance(speech, ClipSpeech)
    try:
        yield speech
    finally:
        speech.close()


def an_agent(**changes: Any) -> Agent:
    """An agent that asks in English, Tamil and Malayalam."""
    languages = ("en-IN", "ta-IN", "ml-IN")
    return Agent.model_validate(
        {
            "agent": "rates",
            "name": "Rates",
            "goal": "Collect a rate.",
            "languages": languages,
            "say": {},
            "fields": [{"name": "charge", "kind": "number", "ask": {"en-IN": "How much?"}}],
            **changes,
        }
    )


def answer(*texts: str, language: str = "en-IN", fixed: bool = True) -> tuple[Action, ...]:
    """An answer with a part for every text."""
    said = Say(tuple(Part(text, language, fixed) for text in texts))
    return said, Listen(language)


def clips_of(actions: tuple[Action, ...]) -> list[str]:
    """The keys that an answer names, in order."""
    return [part.clip for one in actions if isinstance(one, Say) for part in one.parts]
