"""The contract of the do-not-call lists: numbers that are not rung, by one campaign or by any.

There may be millions of them. Every backend passes the same suite
(tests/storage/contract_do_not_call.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Source(StrEnum):
    """How a number got onto a list."""

    HEARD = "heard"  # the person said so in a call
    KEYS = "keys"  # or pressed the key for it
    MESSAGE = "message"  # or wrote STOP
    UPLOAD = "upload"
    BY_HAND = "by_hand"


# The person's own wish: only they, or an administrator, may take it back.
OWN = frozenset({Source.HEARD, Source.KEYS, Source.MESSAGE})


@dataclass(frozen=True, slots=True)
class DoNotCall:
    """One number of one list."""

    number: str  # E.164
    campaign_id: str  # "" for the list of all campaigns
    source: Source
    at: datetime
    words: str = ""  # what the person said or wrote; or why
    # Who did it, of the people at the console; stays when the person wished it later, too, and is
    # put down when they had wished it before.
    by: str = ""
    call_id: str = ""  # where it was heard


@dataclass(frozen=True, slots=True)
class DoNotCallQuery:
    """Which entries, newest first."""

    campaign_id: str | None = None  # None: of any list
    number: str | None = None  # in any of its spellings
    source: str | None = None
    after: tuple[datetime, str, str] | None = None  # (at, number, campaign_id) of the last seen
    limit: int = 100


class DoNotCallLists(Protocol):
    """Where they are kept. Safe for many threads, processes and machines.

    An entry is kept under the spelling it is given with, best that of `one_spelling`. Whoever asks
    for a number is told of the entries of all its spellings; whether it may be rung (`of`, `among`)
    looks at those that may be the same number, too.
    """

    def add(self, entries: Sequence[DoNotCall]) -> int:
        """Keep entries; how many are news. One that is there already stays as it is, but what the
        person said (OWN) takes the place of what others had put there, and is told that others
        (`by`) bar them, too."""

    def remove(self, number: str, campaign_id: str) -> bool:
        """Take a number off one list; False when it was not on it."""

    def of(self, number: str, campaign_id: str) -> DoNotCall | None:
        """Why a campaign may not ring a number: the entry of all campaigns, else its own."""

    def among(self, numbers: Sequence[str], campaign_id: str) -> set[str]:
        """Which of the numbers a campaign may not ring."""

    def on_list(self, numbers: Sequence[str], campaign_id: str) -> set[str]:
        """Which of the numbers are on this very list, in any of their spellings."""

    def find(self, query: DoNotCallQuery) -> Sequence[DoNotCall]:
        """A page of entries; at the same speed wherever it is."""

    def count(self, campaign_id: str | None = None) -> int:
        """How many entries a list has, or all of them."""

    def forget_words(self, number: str) -> int:
        """Keep a number on its lists, but not what was said, by whom, or where; of how many. What
        others barred, too, is theirs from then on (BY_HAND)."""

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
