"""What live calls share within one process: who answers them, and how busy it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls.load import Load
from calls.turns import Turns


@dataclass(frozen=True, slots=True)
class Live:
    """Made once a process; `services.live`. Safe for use from many threads.

    `hub`, `hearing` and `voice` join as their modules do.
    """

    stream_turns: Turns  # the calls by clips in μ-law, which our socket plays
    relay_turns: Turns  # the calls by words, which the carrier speaks
    load: Load = field(default_factory=Load)
