"""How the carrier takes our orders: when to leave it alone for a while, and when to stop.

It is one carrier for all processes, so what they found is kept in the register.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.records import JsonObject
from storage.register import Entry, Register, StaleEntry

log = logging.getLogger(__name__)

KIND, KEY = "dialing", "carrier"
# Pauses after trouble: two seconds, doubled each time.
PAUSE_MOST = timedelta(minutes=1)
DOUBLINGS_MOST = 5
# A clock that was put back leaves a moment in the future: nobody waits for it longer than that.
_FAR = PAUSE_MOST * 2


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is known of the carrier."""

    in_a_row: int = 0  # times it was overloaded, broken or away
    refused: int = 0  # orders it would not take, in a row
    until: datetime | None = None  # leave it alone until then

    @property
    def is_none(self) -> bool:
        """All is well."""
        return self == Trouble()


@dataclass(frozen=True, slots=True)
class Breaker:
    """Counts what the carrier refuses. Safe for many threads and processes."""

    register: Register
    clock: Callable[[], datetime]

    def trouble(self) -> Trouble:
        """What is known now."""
        return _trouble(self.register.get(KIND, KEY))

    def waits_until(self) -> datetime | None:
        """Until when nobody is rung; None when they may be."""
        return self.waits(self.trouble())

    def waits(self, known: Trouble) -> datetime | None:
        """The same, when it is known what is known."""
        until, now = known.until, self.clock()
        return until if until is not None and now < until < now + _FAR else None

    def is_away(self) -> datetime:
        """The carrier is overloaded, broken or away; until when to leave it alone.

        Orders that were on their way together count once.
        """
        now = self.clock()
        pause = PAUSE_MOST

        def change(known: Trouble) -> Trouble:
            nonlocal pause
            if known.until is not None and now < known.until < now + _FAR:
                return known
            pause = min(
                PAUSE_MOST, timedelta(seconds=2 ** (1 + min(known.in_a_row, DOUBLINGS_MOST)))
            )
            return replace(known, in_a_row=known.in_a_row + 1, until=now + pause)

        kept = self._change(change)
        return kept.until or now + pause

    def refuses(self) -> int:
        """It would not take an order, and not because of the number; how many in a row."""
        return self._change(lambda known: replace(known, refused=known.refused + 1)).refused

    def is_well(self, known: Trouble) -> None:
        """It took an order; `known` is what was known before."""
        if not known.is_none:
            self._change(lambda _: Trouble())

    def reset(self) -> None:
        """Somebody has looked at it: begin anew."""
        self._change(lambda _: Trouble())

    def _change(self, change: Callable[[Trouble], Trouble]) -> Trouble:
        for _ in range(3):
            entry = self.register.get(KIND, KEY)
            known = _trouble(entry)
            changed = change(known)
            if changed == known:
                return known
            now = self.clock()
            version = 0 if entry is None else entry.version
            try:
                self.register.put(Entry(KIND, KEY, _body(changed), now, now, version))
            except StaleEntry:
                continue
            return changed
        return changed  # many count at once: whether this one does decides nothing


def _body(trouble: Trouble) -> JsonObject:
    return {
        "in_a_row": trouble.in_a_row,
        "refused": trouble.refused,
        "until": trouble.until and trouble.until.isoformat(),
    }


def _trouble(entry: Entry | None) -> Trouble:
    if entry is None:
        return Trouble()
    until, counts = entry.body.get("until"), (entry.body.get("in_a_row"), entry.body.get("refused"))
    in_a_row, refused = (count if isinstance(count, int) else 0 for count in counts)
    return Trouble(in_a_row, refused, datetime.fromisoformat(str(until)) if until else None)
