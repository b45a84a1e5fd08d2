"""Joins the hubs of several processes over Redis: news of calls, to where somebody listens.

One channel. Each process says every few seconds which calls are listened to in it; the others send
news of those alone. Redis that is away, hangs or comes back costs news, and nobody's time: two
threads talk to it, over a bounded queue.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

log = logging.getLogger(__name__)

# News that may wait to be sent; beyond it the oldest is dropped.
WAITING_MOST = 1000
# News that are sent together.
TOGETHER = 100
# How often a process says to which calls it listens, and how long the others believe it.
WISH_EVERY_S, WISH_HOLDS_S = 2.0, 7.0
# Calls that others may listen to; what is beyond it is not sent.
WANTED_MOST = 2000
# Redis is asked again after this long; twice as long each time, up to the second.
AGAIN_S, AGAIN_MOST_S = 0.25, 5.0
TIMEOUT_S = 2.0
# How long one waits for a message before looking whether there is something else to do.
LOOK_S = 0.5

_LOST = (redis.RedisError, OSError)

Tell = Callable[[str, str, Mapping[str, object]], None]
Want = Callable[[frozenset[str]], None]


class RedisLink:
    """A `Link` of `hub`. `url` as in REDIS_URL."""

    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            health_check_interval=5,
            retry=Retry(NoBackoff(), 0),
        )
        # What is published goes to all databases of a Redis, so its number is in the name.
        database = self._client.connection_pool.connection_kwargs.get("db", 0)
        self._channel = f"callwright:{database}:live"
        self._id = uuid.uuid4().hex
        self._wishes: frozenset[str] = frozenset()
        self._elsewhere: dict[str, float] = {}  # call → until when somebody listens to it
        self._told: frozenset[str] = frozenset()
        self._waiting: deque[bytes] = deque(maxlen=WAITING_MOST)
        self._is_there = threading.Event()
        self._closing = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()

    def begin(self, tell: Tell, want: Want) -> None:
        """See `Link`."""
        self._threads = (
            threading.Thread(target=self._send_on, name="hub-out", daemon=True),
            threading.Thread(target=self._hear, args=(tell, want), name="hub-in", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def send(self, call_id: str, kind: str, data: Mapping[str, object]) -> None:
        """See `Link`."""
        told = {"from": self._id, "call_id": call_id, "kind": kind, "data": data}
        self._post(orjson.dumps(told))

    def wish(self, wanted: frozenset[str]) -> None:
        """See `Link`."""
        if wanted != self._wishes:
            self._wishes = wanted
            self._post(self._wished())

    def close(self) -> None:
        """See `Link`. A Redis that hangs holds it up for TIMEOUT_S."""
        self._closing.set()
        self._is_there.set()
        for thread in self._threads:
            thread.join()
        self._client.close()

    def _wished(self) -> bytes:
        return orjson.dumps({"from": self._id, "wants": list(self._wishes)})

    def _post(self, message: bytes) -> None:
        self._waiting.append(message)
        self._is_there.set()

    # Out

    def _send_on(self) -> None:
        pause_s = AGAIN_S
        while not self._closing.is_set():
            is_due = not self._is_there.wait(WISH_EVERY_S) and self._wishes
            self._is_there.clear()
            if is_due:
                self._waiting.append(self._wished())
            try:
                self._send_waiting()
                pause_s = AGAIN_S
            except _LOST:
                # What could not be sent is old by the time that it could.
                self._waiting.clear()
                self._closing.wait(pause_s)
                pause_s = min(pause_s * 2, AGAIN_MOST_S)

    def _send_waiting(self) -> None:
        while self._waiting and not self._closing.is_set():
            with self._client.pipeline(transaction=False) as pipeline:
                for _ in range(min(TOGETHER, len(self._waiting))):
                    pipeline.publish(self._channel, self._waiting.popleft())
                pipeline.execute()

    # In

    def _hear(self, tell: Tell, want: Want) -> None:
        pause_s = AGAIN_S
        while not self._closing.is_set():
            try:
                with self._client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(self._channel)
                    if pause_s > AGAIN_S:
                        log.info("news of other processes come again")
                    pause_s = AGAIN_S
                    # The others may have missed what is wanted here, or have begun since.
                    self._post(self._wished())
                    self._listen(channel, tell, want)
            except _LOST as error:
                if pause_s == AGAIN_S:
                    log.warning("no news of other processes: Redis is away", exc_info=error)
                self._closing.wait(pause_s)
                pause_s = min(pause_s * 2, AGAIN_MOST_S)

    def _listen(self, channel: PubSub, tell: Tell, want: Want) -> None:
        while not self._closing.is_set():
            message = channel.get_message(timeout=LOOK_S)
            if message is not None:
                self._take(message["data"], tell)
            now = time.monotonic()
            self._elsewhere = {one: until for one, until in self._elsewhere.items() if until > now}
            wanted = frozenset(self._elsewhere)
            if wanted != self._told:
                self._told = wanted
                want(wanted)

    def _take(self, text: bytes, tell: Tell) -> None:
        """A message of another process; of any other program nothing is believed."""
        try:
            told: dict[str, Any] = orjson.loads(text)
            if told["from"] == self._id:
                return
            if "wants" in told:
                until = time.monotonic() + WISH_HOLDS_S
                for one in told["wants"][: WANTED_MOST - len(self._elsewhere)]:
                    self._elsewhere[str(one)] = until
            else:
                tell(str(told["call_id"]), str(told["kind"]), dict(told["data"]))
        except (ValueError, TypeError, KeyError):
            log.debug("a message that is not ours")
