"""What live calls share within one process: who answers them, and how busy it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls.hearing import Hearing
from calls.live_voice import LiveVoice
from calls.load import Load
from calls.turns import Turns


@dataclass(frozen=True, slots=True)
class Live:
    """Made once a process; `services.live`. Safe for use from many threads, but for the ears."""

    stream_turns: Turns  # the calls by clips in μ-law, which our socket plays
    relay_turns: Turns  # the calls by words, which the carrier speaks
    load: Load = field(default_factory=Load)
    hearing: Hearing = field(default_factory=lambda: Hearing(()))  # for the event loop only
    voice: LiveVoice = field(default_factory=lambda: LiveVoice(()))
