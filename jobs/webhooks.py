"""Tells customers' addresses of events: kept first, sent then, again for a day, dead after that.

At least once: whoever is killed between an answer and keeping it sends it again, under the same
`webhook-id`. Any number of processes may be at it; no address holds up another.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

from jobs.app import Jobs
from jobs.endpoints import Endpoint, Endpoints, EventName
from jobs.outside import Answered, NoAnswer, NotAllowed, Outside
from jobs.signing import signed
from settings import Settings
from storage import Stores
from storage.base import StorageError
from storage.deliveries import Deliveries, Delivery, DeliveryStatus
from storage.register import StaleEntry

log = logging.getLogger(__name__)

# The job that sends what is due, and the round that does so again and again.
JOB = ROUND = "webhooks"
# Pauses after tries that failed; a day in all. After the last it is dead.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 28_800)
)
# An address that fails is left alone for ever longer: what it has still not taken after so long is
# dead, however seldom it was tried. Longer than all pauses, and what is added to each.
GIVEN_UP = timedelta(hours=27)
# What waits for such an address is put off together, so many at once.
TOGETHER = 1_000
# Tries of one process at the same time: in all, at one address, and at one that is slow.
AT_ONCE, AT_ONE, AT_SLOW_ONE = 32, 8, 2
SLOW_S = 2.0
# Nobody else tries it for so long: longer than a try takes, the name's resolution included.
LEASE = timedelta(seconds=90)
# One that finds its address busy is put off, by as long as those before it may take.
PUT_OFF_MOST_S = 300.0
# How long one goes on before its turn is over.
GO_ON_S = 2.0
# How long what was sent, or died, is kept; news that are older are told to nobody.
KEPT = timedelta(days=30)
FORGET_EVERY_S = 600.0
ANEW = "anew_at"  # in a body, beside what is told: since when it is sent anew
ERROR_MOST = 300  # characters that are kept of what went wrong
GONE = 410  # "never again", by Standard Webhooks


class Webhooks:
    """Safe for use from many threads and processes."""

    def __init__(
        self,
        endpoints: Endpoints,
        deliveries: Deliveries,
        outside: Outside,
        clock: Callable[[], datetime],
        soon: Callable[[], object] = lambda: None,
    ) -> None:
        self.endpoints = endpoints
        self.deliveries = deliveries
        self._outside = outside
        self._clock = clock
        self._soon = soon  # has `deliver` called, somewhere
        self._room = threading.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._busy: Counter[str] = Counter()  # tries at an address now
        self._took_s: dict[str, float] = {}  # the last one, at an address
        self._free_at: dict[str, datetime] = {}  # when those that were put off are done
        self._pool: ThreadPoolExecutor | None = None
        self._is_closed = False
        self._forget_at = 0.0  # monotonic

    # In

    def emit(self, event: EventName, key: str, data: Mapping[str, object], at: datetime) -> int:
        """Have everybody told who wants to know; how many. StorageError: nothing was lost, again.

        `key` names what happened: emitted twice, an address is told once. Who came later than it
        happened is not told.
        """
        now = self._clock()
        if at < now - KEPT:
            return 0
        told = 0
        for endpoint in self.endpoints.all():
            if endpoint.wants(event) and endpoint.created_at <= at:
                told += self._add(endpoint, event, key, data, at)
        if told:
            self._soon()
        return told

    def ping(self, endpoint: Endpoint) -> str:
        """Try an address; the id of the delivery, which shows what came of it."""
        now = self._clock()
        key = now.isoformat()
        self._add(endpoint, EventName.PING, key, {"webhook_id": endpoint.endpoint_id}, now)
        self._soon()
        return _delivery_id(endpoint, EventName.PING, key)

    def replay(self, delivery_id: str) -> Delivery | None:
        """Send it anew, from the first try on, whatever became of it; None when it is unknown."""
        kept = self.deliveries.get(delivery_id)
        if kept is None:
            return None
        now = self._clock()
        again = replace(
            kept,
            body={**kept.body, ANEW: now.isoformat()},
            status=DeliveryStatus.WAITING,
            tries=0,
            due_at=now,
            lease_until=None,
        )
        self.deliveries.save(again)
        self._soon()
        return again

    def remove(self, endpoint_id: str) -> bool:
        """Forget an address, and all that was meant for it."""
        was_there = self.endpoints.remove(endpoint_id)
        self.deliveries.forget_endpoint(endpoint_id, 10_000)
        return was_there

    def _add(
        self,
        endpoint: Endpoint,
        event: EventName,
        key: str,
        data: Mapping[str, object],
        at: datetime,
    ) -> bool:
        now = self._clock()
        # What stands at the top is what an erased call is found by.
        body: dict[str, object] = {
            "type": str(event),
            "timestamp": at.isoformat(),
            "data": dict(data),
        }
        if "call_id" in data:
            body["call_id"] = data["call_id"]
        delivery_id = _delivery_id(endpoint, event, key)
        return self.deliveries.add(
            Delivery(delivery_id, endpoint.endpoint_id, str(event), body, now, now)
        )

    # Out

    def deliver(self) -> None:
        """Begin to send what is due, for a moment: a job."""
        self.work(Event())

    def work(self, stop: Event) -> None:
        """Begin to send what is due, until nothing is or the moment is over: a round.

        StorageError when the store is away.
        """
        until = time.monotonic() + GO_ON_S
        while not stop.is_set() and not self._is_closed and time.monotonic() < until:
            if not self._room.acquire(timeout=0.1):
                continue
            if not self._begin():
                self._room.release()
                break
        if time.monotonic() > self._forget_at:
            self._forget_at = time.monotonic() + FORGET_EVERY_S
            self.deliveries.forget_before(self._clock() - KEPT)

    def close(self) -> None:
        """Wait for the tries that have begun. Safe to call twice."""
        with self._lock:
            self._is_closed = True
            pool = self._pool
        if pool is not None:
            pool.shutdown()

    def _begin(self) -> bool:
        """Take one that is due; False when none is. Whoever began it gives the room back."""
        now = self._clock()
        try:
            delivery = self.deliveries.claim(now, now + LEASE)
            if delivery is None:
                return False
            endpoint = self.endpoints.get(delivery.endpoint_id)
            if endpoint is None:  # deleted, with more waiting than were forgotten then
                self.deliveries.forget_endpoint(delivery.endpoint_id, TOGETHER)
            elif self._is_put_off(delivery, endpoint, now):
                endpoint = None
            if endpoint is None:
                self._room.release()
                return True
        except StorageError:
            self._room.release()
            raise
        with self._lock:
            if self._is_closed:
                return False  # its lease runs out
            if self._pool is None:
                self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
            self._busy[endpoint.endpoint_id] += 1
            sending = self._pool.submit(self._try, delivery, endpoint)
        sending.add_done_callback(lambda done: self._over(endpoint.endpoint_id, done))
        return True

    def _is_put_off(self, delivery: Delivery, endpoint: Endpoint, now: datetime) -> bool:
        """Whether it is not to be sent now; then what is to become of it is kept."""
        rests_until = endpoint.rests_until
        if not endpoint.is_on:
            self.deliveries.save(_dead(delivery, "The webhook is switched off.", now))
            return True
        if rests_until is not None and rests_until > now:
            self._rest(delivery, rests_until, now)
            return True
        free_at = self._busy_until(endpoint, now)
        if free_at is None:
            return False
        self.deliveries.save(replace(delivery, due_at=free_at, lease_until=None))
        return True

    def _rest(self, delivery: Delivery, until: datetime, now: datetime) -> None:
        """Leave an address alone: what waits for it waits on, and dies when its time is over."""
        kept = replace(delivery, due_at=until, lease_until=None)
        if _is_too_old(delivery, now):
            kept = _dead(delivery, delivery.error or "It did not answer for a day.", now)
        self.deliveries.save(kept)
        # The others one by one would take as long as all that is for other addresses.
        self.deliveries.put_off(delivery.endpoint_id, now, until, now - GIVEN_UP, TOGETHER)

    def _busy_until(self, endpoint: Endpoint, now: datetime) -> datetime | None:
        """When it may be an address's turn, which has as many tries as it may have; None: now."""
        with self._lock:
            took_s = self._took_s.get(endpoint.endpoint_id, 0.0)
            most = AT_SLOW_ONE if took_s > SLOW_S else AT_ONE
            if self._busy[endpoint.endpoint_id] < most:
                return None
            free_at = max(self._free_at.get(endpoint.endpoint_id, now), now)
            free_at += timedelta(seconds=max(took_s, 0.05) / most)
            free_at = min(free_at, now + timedelta(seconds=PUT_OFF_MOST_S))
            self._free_at[endpoint.endpoint_id] = free_at
        return free_at

    def _over(self, endpoint_id: str, done: Future[None]) -> None:
        with self._lock:
            self._busy[endpoint_id] -= 1
        self._room.release()
        error = done.exception()
        if error is not None:
            log.error("what became of a webhook is not kept", exc_info=error)

    def _try(self, delivery: Delivery, endpoint: Endpoint) -> None:
        began = time.monotonic()
        answer, wrong = self._post(delivery, endpoint)
        self._took_s[endpoint.endpoint_id] = time.monotonic() - began
        now = self._clock()
        tried = replace(
            delivery,
            tries=delivery.tries + 1,
            tried_at=now,
            answer=0 if answer is None else answer.status,
            error=wrong[:ERROR_MOST],
            lease_until=None,
        )
        if not wrong:
            self.deliveries.save(replace(tried, status=DeliveryStatus.DELIVERED))
            self.endpoints.worked(endpoint)
        elif answer is not None and answer.status == GONE:
            self._switch_off(endpoint)
            self.deliveries.save(_dead(tried, "It said that it wants no more (410).", now))
        elif tried.tries > len(PAUSES) or _is_too_old(tried, now):
            self.deliveries.save(_dead(tried, wrong, now))
            self.endpoints.failed(endpoint)
            log.warning("a webhook is given up", extra={"endpoint": endpoint.endpoint_id})
        else:
            pause = PAUSES[tried.tries - 1]
            # Not all at the same moment that failed at the same moment.
            spread = int(delivery.delivery_id[-4:], 16) / 0xFFFF * 0.1
            self.deliveries.save(replace(tried, due_at=now + pause * (1 + spread)))
            self.endpoints.failed(endpoint)

    def _post(self, delivery: Delivery, endpoint: Endpoint) -> tuple[Answered | None, str]:
        """The answer, and in words what is wrong with it or its absence."""
        told = {name: delivery.body[name] for name in ("type", "timestamp", "data")}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        now = self._clock()
        secrets, at = endpoint.secrets_at(now), int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Callwright",
            **signed(secrets, delivery.delivery_id, at, body),
        }
        try:
            answer = self._outside.post(endpoint.url, body, headers)
        except (NoAnswer, NotAllowed) as error:
            return None, str(error)
        if 200 <= answer.status < 300:
            return answer, ""
        if 300 <= answer.status < 400:
            return answer, f"It answered {answer.status}: redirects are not followed."
        return answer, f"It answered {answer.status}. {answer.text}".strip()

    def _switch_off(self, endpoint: Endpoint) -> None:
        try:
            self.endpoints.switch(endpoint.endpoint_id, False, "It answered 410: no more.")
        except StaleEntry:
            pass  # the next answer says so, too


def open_webhooks(
    settings: Settings, stores: Stores, jobs: Jobs, clock: Callable[[], datetime]
) -> Webhooks:
    """Those of this process. In local mode they go to this machine, too."""
    outside = Outside(allows_here=settings.local_mode)
    endpoints = Endpoints(stores.register, outside, clock)
    made = Webhooks(endpoints, stores.deliveries, outside, clock, lambda: jobs.send(JOB))
    jobs.register(JOB, made.deliver)
    return made


def _delivery_id(endpoint: Endpoint, event: str, key: str) -> str:
    whole = "\n".join([endpoint.endpoint_id, event, key])
    return "msg_" + hashlib.sha256(whole.encode()).hexdigest()[:40]


def _is_too_old(delivery: Delivery, now: datetime) -> bool:
    """Whether it has been tried, or put off, for as long as anything is."""
    anew = delivery.body.get(ANEW)
    since = datetime.fromisoformat(anew) if isinstance(anew, str) else delivery.created_at
    return now - since > GIVEN_UP


def _dead(delivery: Delivery, why: str, now: datetime) -> Delivery:
    return replace(
        delivery,
        status=DeliveryStatus.DEAD,
        error=why[:ERROR_MOST],
        tried_at=delivery.tried_at or now,  # by which it is forgotten
        lease_until=None,
    )
