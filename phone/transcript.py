"""What was said and done in a call, as it can be compared and printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Who(StrEnum):
    """Whose doing an entry is."""

    AGENT = "agent"
    CALLER = "caller"
    EVENT = "event"  # of the line: answered, somebody dialled, a verb that is only recorded
    FAULT = "fault"  # something the carrier would log as an error


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    who: Who
    text: str
    language: str = ""
    at: datetime | None = None


@dataclass
class Transcript:
    """The entries of one call in order. `watch` is told of each as it comes."""

    entries: list[Entry] = field(default_factory=list)
    watch: Callable[[Entry], None] | None = None

    def add(self, entry: Entry) -> None:
        """Keep an entry."""
        self.entries.append(entry)
        if self.watch is not None:
            self.watch(entry)

    @property
    def faults(self) -> list[str]:
        """What went wrong, in order."""
        return [entry.text for entry in self.entries if entry.who is Who.FAULT]
