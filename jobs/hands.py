"""Who does the work behind the calls at this moment, for those who would notice too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from jobs.app import Jobs
from jobs.rounds import last_done_at
from storage.register import Register

# With no round done for so long, nobody does any.
SILENT = timedelta(minutes=1)
# How long an answer is believed.
BELIEVED = timedelta(seconds=5)

NOBODY_WORKS = (
    "No worker is at work: nobody is rung, no webhook is sent and no recording fetched. REDIS_URL "
    "is set, so start `celery -A worker worker` and `celery -A worker beat` (docs/jobs.md)."
)
UNREACHABLE = (
    "Redis is away, by which workers are told: nobody is rung, no webhook is sent and no recording "
    "fetched before it is back. Calls go on."
)


class Hands(StrEnum):
    """Who does it."""

    HERE = "here"  # this process and those like it
    WORKERS = "workers"
    NOBODY = "nobody"
    UNREACHABLE = "unreachable"  # workers, for Redis is away


# What people are told of who does not.
TROUBLES = {Hands.NOBODY: NOBODY_WORKS, Hands.UNREACHABLE: UNREACHABLE}


class Watch:
    """Looks who does it. Safe for use from many threads."""

    def __init__(self, jobs: Jobs, register: Register, clock: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._register = register
        self._clock = clock
        self._seen: tuple[datetime, Hands] | None = None

    def hands(self) -> Hands:
        """Who does it now. StorageError when the register is away."""
        if not self._jobs.is_shared:
            return Hands.HERE
        now = self._clock()
        if self._seen is None or not self._seen[0] <= now < self._seen[0] + BELIEVED:
            self._seen = (now, self._looked(now))
        return self._seen[1]

    def trouble(self) -> str:
        """Why nobody does it, in words; "" when somebody does. StorageError as above."""
        return TROUBLES.get(self.hands(), "")

    def _looked(self, now: datetime) -> Hands:
        if not self._jobs.reaches_workers():
            return Hands.UNREACHABLE
        last = last_done_at(self._register, now)
        works = last is not None and last > now - SILENT
        return Hands.WORKERS if works else Hands.NOBODY
