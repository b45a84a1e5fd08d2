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


class Hands(StrEnum):
    """Who does it."""

    HERE = "here"  # this process and those like it
    WORKERS = "workers"
    NOBODY = "nobody"


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
            last = last_done_at(self._register, now)
            works = last is not None and last > now - SILENT
            self._seen = (now, Hands.WORKERS if works else Hands.NOBODY)
        return self._seen[1]
