"""Has what an agent says on a live call spoken: μ-law clips of one vendor after the other.

Not here: who plays them (`transports/playout.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from agents.schema import Agent
from audio_cache.files import ClipFiles
from calls.outages import Outages
from calls.sound import Sound
from calls.speech import ClipSpeech, Spoken
from conversation.actions import Action
from settings import Settings
from storage.base import Storage

LIVE_FORMAT = "ulaw_8000"


class LiveVoice:
    """The voices of live calls, the first one first. For any number of threads, and one loop."""

    files: ClipFiles | None = None

    def __init__(self, voices: Sequence[ClipSpeech]) -> None:
        self.voices = tuple(voices)

    def speaks(self, agent: Agent) -> bool:
        """Whether a vendor is set up that speaks every language of the agent. Asks nobody."""
        raise NotImplementedError

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
        """See `Speech`. When `by_carrier` comes back, no vendor could: go on in turns.

        `former`: the call's last answer. A call keeps the vendor that spoke it.
        """
        raise NotImplementedError

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        """See `Speech`."""
        raise NotImplementedError

    def remake(self, key: str) -> bool:
        """See `Speech`."""
        raise NotImplementedError

    def sound(self, key: str) -> Sound:
        """The clip of that key from its start, on the event loop.

        A clip that `prepare` has named in this process is there, or grows. Any other is looked for
        in a thread meanwhile: on disk, at another process, anew at the vendor.
        """
        raise NotImplementedError

    def close(self) -> None:
        """See `Speech`."""


def open_live_voice(
    settings: Settings,
    storage: Storage,
    clock: Callable[[], datetime] | None = None,
    outages: Outages | None = None,
) -> LiveVoice:
    """The voices whose keys are set; with none, nothing can be spoken live."""
    return LiveVoice(())
