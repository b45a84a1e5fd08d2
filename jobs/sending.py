"""Puts jobs into Redis, for workers of their own; a Redis that is away costs no caller's time."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import redis
from kombu.exceptions import OperationalError

from jobs.celery_app import sending_app

log = logging.getLogger(__name__)

# How long a sender waits at most, names and connections included.
WAIT_MOST_S = 0.8
# After a failure nobody is sent to Redis for so long.
AGAIN_S = 1.0
# Jobs that are put there at the same time.
AT_ONCE = 8


def answers(redis_url: str) -> bool:
    """Whether Redis is there."""
    client = redis.Redis.from_url(
        redis_url, socket_timeout=WAIT_MOST_S, socket_connect_timeout=WAIT_MOST_S, retry=None
    )
    with client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


class Sender:
    """Safe for use from many threads."""

    def __init__(self, redis_url: str, queue: str) -> None:
        self._app = sending_app(redis_url, queue)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="job-sender")
        self._again_at = 0.0  # monotonic
        self._is_away = False

    def send(self, name: str, args: tuple[str, ...], expires_s: float) -> bool:
        """Whether Redis has it."""
        if time.monotonic() < self._again_at:
            return False
        try:
            sent = self._threads.submit(self._put, name, args, expires_s)
        except RuntimeError:  # this process ends
            return False
        try:
            sent.result(WAIT_MOST_S)
        except (OperationalError, OSError) as error:  # TimeoutError is one
            self._failed(sent, error)
            return False
        if self._is_away:
            self._is_away = False
            log.info("jobs are sent again")
        return True

    def close(self) -> None:
        """Let go of connections. What hangs is left behind."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._app.close()

    def _put(self, name: str, args: tuple[str, ...], expires_s: float) -> None:
        self._app.send_task(name, args, expires=expires_s, retry=False, ignore_result=True)

    def _failed(self, sent: Future[Any], error: Exception) -> None:
        sent.cancel()
        self._again_at = time.monotonic() + AGAIN_S
        if not self._is_away:
            self._is_away = True
            log.warning("jobs cannot be sent: Redis is away", exc_info=error)
