"""How many people may be rung now: so many calls at once, so many a second. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# What was not used is not saved up for longer: after a pause nobody is rung in a burst.
BURST = timedelta(seconds=1)


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
        """Calls that may begin now."""
        left = now - self._since(now, limits)
        return int(left.total_seconds() * limits.per_second + 1e-6)

    def spend(self, calls: int, now: datetime, limits: Limits) -> Pacing:
        """After so many have begun."""
        return Pacing(self._since(now, limits) + timedelta(seconds=calls / limits.per_second))

    def _since(self, now: datetime, limits: Limits) -> datetime:
        # One call that takes longer than the burst must be saved up for all the same.
        burst = max(BURST, timedelta(seconds=1 / limits.per_second))
        earliest = now - burst
        if self.spent_until is None or self.spent_until < earliest:
            return earliest
        # A clock that was put back must not make a campaign wait for the time that it was wrong.
        return min(self.spent_until, now + burst)


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
