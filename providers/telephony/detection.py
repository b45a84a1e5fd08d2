"""Whether a person, a machine or a fax has answered: what is asked of a carrier, what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answerer(StrEnum):
    """Who has taken a call, as far as the carrier can hear."""

    HUMAN = "human"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"  # it could not tell in time


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the carrier heard."""

    by: Answerer
    records: bool = False  # the machine's greeting is over: what is said now stays on it


@dataclass(frozen=True, slots=True)
class MachineDetection:
    """How the carrier is to listen for machines."""

    awaits_end: bool  # of the machine's greeting, before it says that it is one
    # Where the verdict is told while the call goes on already; "": it holds the call until then.
    told_at: str = ""
    timeout_s: int = 30  # after which it is unknown
    speech_threshold_ms: int = 2400  # nobody who says hello speaks for so long
    speech_end_threshold_ms: int = 1200  # of silence, after which speech was over
    silence_timeout_ms: int = 5000  # of silence from the start, after which it is unknown
