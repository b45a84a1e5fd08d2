"""Work that is due again and again, done by one process of all that share a store.

Whoever holds a round's lease in the register does it, and renews it as long as it does; the lease
of a process that dies runs out, and another goes on. So a round may be done twice at once in two
cases, a process that was frozen for longer than its lease, and a round that takes longer than
LONGEST: what a round does has to bear that, as it has to bear being killed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from time import monotonic
from uuid import uuid4

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from storage.base import StorageError
from storage.register import Entry, EntryQuery, Register, StaleEntry

log = logging.getLogger(__name__)

KIND = "round"
# How many rounds one process does at the same time: all of them, or some that wait for models and
# carriers would keep the dialer waiting.
AT_ONCE = 16
# A lease outlives this many intervals, and never less than that many seconds.
LEASE_INTERVALS, LEASE_LEAST_S = 3, 15.0
# A round that takes longer than this hangs, for all we know: another process may begin.
LONGEST = timedelta(hours=2)
# What the clocks of machines may differ.
SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Round:
    """Something to be done about every `every_s` seconds."""

    name: str
    every_s: float
    # Does what is due, and returns soon after the event is set. It may raise StorageError.
    work: Callable[[Event], None]
    # Seconds after which another goes on when whoever does it has died; 0: as of all rounds.
    lasts_s: float = 0
    # Asked after it: whether another process should have the next turn.
    passes: Callable[[], bool] = lambda: False


class Rounds:
    """Does the rounds of this process from `start` to `close`, in threads of its own."""

    def __init__(
        self,
        register: Register,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        lease_least_s: float = LEASE_LEAST_S,
    ) -> None:
        self._register = register
        self._lease_least_s = lease_least_s
        self._clock = clock
        self._owner = uuid4().hex
        self._stop = Event()
        self._is_closed = False
        self._rounds: list[Round] = []
        self._failing: set[str] = set()  # names of rounds
        self._doing: set[str] = set()  # of those that are being done here
        self._lock = Lock()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(AT_ONCE)},
            # A round that is late is done once, and never beside itself.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )

    @property
    def all(self) -> Sequence[Round]:
        """What was added."""
        return tuple(self._rounds)

    def add(self, one: Round) -> None:
        """Do this one, too. Before `start`."""
        self._rounds.append(one)

    def start(self) -> None:
        """Begin; each is done for the first time at once."""
        # One that takes longer than its interval is no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for one in self._rounds:
            self._scheduler.add_job(
                self.do,
                "interval",
                args=[one],
                seconds=one.every_s,
                next_run_time=datetime.now(UTC),
                id=one.name,
            )
        self._scheduler.start()

    def close(self) -> None:
        """Stop, wait for what is being done, and let others go on at once. Safe to call twice."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stop.set()
        if self._scheduler.running:
            self._scheduler.shutdown()
        try:
            for one in self._rounds:
                self._let_go(one)
        except StorageError:
            log.warning("leases are left to run out", exc_info=True)

    def halt(self) -> None:
        """Have what is being done stop soon, and begin nothing more; `close` waits for it."""
        self._stop.set()

    def do(self, one: Round) -> bool:
        """Do a round now, unless another process does it; whether it was done."""
        return self._done(one, self._do)

    def do_in_turn(self, one: Round) -> bool:
        """As `do`, and the next time may at once be anybody's: for who is told when it is due."""
        return self._done(one, self._do_in_turn)

    def _done(self, one: Round, do: Callable[[Round], bool]) -> bool:
        with self._lock:
            # One that takes long would be begun here again and again, until no thread is left.
            if self._stop.is_set() or one.name in self._doing:
                return False
            self._doing.add(one.name)
        try:
            return self._tried(one, do)
        finally:
            with self._lock:
                self._doing.discard(one.name)

    def _tried(self, one: Round, do: Callable[[Round], bool]) -> bool:
        try:
            if not do(one):
                return False
        except StorageError:
            # The store is away, or said no: the next time comes soon. Said once, not each time.
            if one.name not in self._failing:
                log.warning("a round is not done", exc_info=True, extra={"round": one.name})
            self._failing.add(one.name)
            return False
        if one.name in self._failing:
            log.info("a round is done again", extra={"round": one.name})
            self._failing.discard(one.name)
        return True

    def _do(self, one: Round) -> bool:
        if not self._lease(one):
            return False
        with _renewed(self._lasts_s(one), lambda: self._lease(one)):
            one.work(self._stop)
        if one.passes():
            self._let_go(one)
        return True

    def _do_in_turn(self, one: Round) -> bool:
        now = self._clock()
        kept = self._register.get(KIND, one.name)
        if kept is not None and _is_taken(kept, self._lasts_s(one), now):
            return False
        until = now + timedelta(seconds=self._lasts_s(one))
        body = {"owner": uuid4().hex, "until": until.isoformat()}
        version = 0 if kept is None else kept.version
        try:
            turn = self._register.put(Entry(KIND, one.name, body, now, now, version))
        except StaleEntry:
            return False  # another was faster

        def renew() -> bool:
            nonlocal turn
            later = self._clock() + timedelta(seconds=self._lasts_s(one))
            body = {**turn.body, "until": later.isoformat()}
            try:
                turn = self._register.put(replace(turn, body=body, updated_at=self._clock()))
            except StaleEntry:
                return False  # another has begun: this process was frozen
            return True

        is_done = False
        try:
            with _renewed(self._lasts_s(one), renew):
                one.work(self._stop)
            is_done = True
        finally:
            self._end_turn(turn, is_done)
        return True

    def _end_turn(self, turn: Entry, is_done: bool) -> None:
        now = self._clock()
        done_at = {"done_at": now.isoformat()} if is_done else {}
        body = {"owner": "", "until": now.isoformat(), **done_at}
        with suppress(StorageError):  # it took so long that somebody else is at it, or runs out
            self._register.put(replace(turn, body=body, updated_at=now))

    def _lease(self, one: Round) -> bool:
        now = self._clock()
        kept = self._register.get(KIND, one.name)
        is_ours = kept is not None and kept.body.get("owner") == self._owner
        if kept is not None and not is_ours and _is_taken(kept, self._lasts_s(one), now):
            return False
        lasts_s = self._lasts_s(one)
        # Renewed when a third is over: writing for every round would be no more than wear.
        if kept is not None and is_ours and _is_taken(kept, self._lasts_s(one), now):
            until = datetime.fromisoformat(str(kept.body["until"]))
            if until - now > timedelta(seconds=lasts_s * 2 / 3):
                return True
        body = {"owner": self._owner, "until": (now + timedelta(seconds=lasts_s)).isoformat()}
        try:
            self._register.put(
                Entry(KIND, one.name, body, now, now, 0 if kept is None else kept.version)
            )
        except StaleEntry:
            return False  # another was faster
        return True

    def _let_go(self, one: Round) -> None:
        kept = self._register.get(KIND, one.name)
        if kept is not None and kept.body.get("owner") == self._owner:
            self._register.delete(KIND, one.name)

    def _lasts_s(self, one: Round) -> float:
        return one.lasts_s or max(one.every_s * LEASE_INTERVALS, self._lease_least_s)


def last_done_at(register: Register, now: datetime) -> datetime | None:
    """When a round was last done in turn, by any process; None when none ever was. What a clock
    that was ahead says of the future does not count."""
    kept = register.find(EntryQuery(KIND))
    told = [str(one.body["done_at"]) for one in kept if one.body.get("done_at")]
    done = map(datetime.fromisoformat, told)
    return max((at for at in done if at <= now + SKEW), default=None)


@contextmanager
def _renewed(lasts_s: float, renew: Callable[[], bool]) -> Iterator[None]:
    """While inside, `renew` the lease three times as often as it ends; no more once it is False."""
    over, until_s = Event(), monotonic() + LONGEST.total_seconds()

    def keep() -> None:
        while not over.wait(lasts_s / 3) and monotonic() < until_s:
            with suppress(StorageError):  # away just now: the next time
                if not renew():
                    return

    keeper = Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _is_taken(kept: Entry, lasts_s: float, now: datetime) -> bool:
    """Whether a lease holds. One that ends later than any may was given by a clock that was ahead:
    nobody waits for that."""
    until = datetime.fromisoformat(str(kept.body["until"]))
    return now < until <= now + timedelta(seconds=lasts_s) + SKEW
