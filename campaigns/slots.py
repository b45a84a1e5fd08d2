"""How many people may be rung now: so many calls at once, so many a second. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# What was not used is saved up for so long, so that a tick that comes late makes up for it.
SAVED = timedelta(seconds=2)
# Of a second's calls: how many whole ones begin at once after ticks that were late.
CATCHING_UP = 1.25
# Of a call: moments are kept in whole microseconds, a hundred calls a second at most.
ROUNDED = 1e-3


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one campaign, or of the account."""

    per_second: float
    live_most: int


@dataclass(frozen=True, slots=True)
class Pacing:
    """Up to which moment the calls of one limit are spent (a leaky bucket that is one number)."""

    spent_until: datetime | None = None

    def free(self, now: datetime, limits: Limits) -> int:
        """Calls that may begin now; hardly more than a second's, whatever is saved up."""
        left = now - self._since(now, limits)
        most = max(math.ceil(limits.per_second), int(limits.per_second * CATCHING_UP))
        return max(0, min(most, int(left.total_seconds() * limits.per_second + ROUNDED)))

    def spend(self, calls: int, now: datetime, limits: Limits) -> Pacing:
        """After so many have begun."""
        return Pacing(self._since(now, limits) + timedelta(seconds=calls / limits.per_second))

    def _since(self, now: datetime, limits: Limits) -> datetime:
        one_call = timedelta(seconds=1 / limits.per_second)
        if self.spent_until is None:
            return now - max(one_call, SAVED)
        if self.spent_until > now + one_call:
            # By a clock that was put back since: nobody waits for the time that it was wrong.
            return now - one_call
        return max(self.spent_until, now - one_call - SAVED)


def share(
    wanted: Mapping[str, int], ringing: Mapping[str, int], account_free: int, account_live: int
) -> dict[str, int]:
    """How many of the `wanted` calls of each campaign may begin, fairly, one campaign after the
    other, as long as the account has any left."""
    left = min(account_free, account_live - sum(ringing.values()))
    given = dict.fromkeys(wanted, 0)
    open_ones = [name for name, most in wanted.items() if most > 0]
    while left > 0 and open_ones:
        each = max(1, left // len(open_ones))
        for name in open_ones:
            more = min(each, wanted[name] - given[name], left)
            given[name] += more
            left -= more
        open_ones = [name for name in open_ones if given[name] < wanted[name]]
    return given
