"""Keeps how fast calls were begun, for all processes: whoever ticks next goes on from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.slots import Limits, Pacing
from storage.register import Entry, Register, StaleEntry

KIND, KEY = "dialing", "pace"
ACCOUNT = ""  # its name among those of campaigns


@dataclass(frozen=True, slots=True)
class Paces:
    """Reserves calls before they are claimed. Two processes never reserve the same."""

    register: Register

    def reserve(
        self,
        now: datetime,
        limits: Mapping[str, Limits],
        wanted: Callable[[Mapping[str, int]], Mapping[str, int]],
    ) -> Mapping[str, int]:
        """How many calls each campaign may begin; nobody else begins them.

        `limits` by campaign, and of the account under ""; `wanted` makes what each wants of what
        they leave free. Nothing when another process reserves at this moment.
        """
        entry = self.register.get(KIND, KEY)
        kept = {} if entry is None else entry.body
        paces = {name: _pacing(kept.get(name)) for name in limits}
        free = {name: paces[name].free(now, limits[name]) for name in limits}
        granted = {name: calls for name, calls in wanted(free).items() if calls > 0}
        if not granted:
            return {}
        spent = {**granted, ACCOUNT: sum(granted.values())}
        # Of campaigns that begin nothing now only those that still wait are worth keeping.
        body = {name: str(kept[name]) for name in limits if name in kept} | {
            name: paces[name].spend(calls, now, limits[name]).spent_until.isoformat()  # type: ignore[union-attr]
            for name, calls in spent.items()
        }
        try:
            self.register.put(Entry(KIND, KEY, body, now, now, entry.version if entry else 0))
        except StaleEntry:
            return {}
        return granted


def _pacing(kept: object) -> Pacing:
    return Pacing(datetime.fromisoformat(str(kept)) if kept else None)
