"""Sends jobs to whoever does them: a worker in this process, or workers that share Redis.

A job is a name and texts: what it needs it loads from the store, so done twice it does no harm.
Not here: what is done again and again (`rounds.py`).
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery import Celery
    from celery.worker import WorkController

    from jobs.sending import Sender

log = logging.getLogger(__name__)

Work = Callable[..., None]

# Jobs done at the same time by the worker inside a web process.
EMBEDDED_THREADS = 4
# A job that nobody began for so long is not done any more: the store says anew what is due.
EXPIRES_S = 60.0
# The worker that is to end is told so again.
STOP_AGAIN_S = 0.2


class Jobs:
    """The jobs of this process: what they are, and where they are sent. Safe for many threads.

    Without Redis they are done here, by a worker that begins with the first of them.
    """

    def __init__(self, redis_url: str = "", threads: int = EMBEDDED_THREADS) -> None:
        self._redis_url = redis_url
        self._threads = threads
        self._works: dict[str, tuple[Work, float]] = {}
        self._lock = threading.Lock()
        self._to: _Embedded | Sender | None = None
        self._is_closed = False

    @property
    def is_shared(self) -> bool:
        """Whether workers of their own do them."""
        return bool(self._redis_url)

    @property
    def works(self) -> Mapping[str, tuple[Work, float]]:
        """Name → what is done, and after how many seconds nobody does it any more."""
        return MappingProxyType(self._works)

    def register(self, name: str, work: Work, expires_s: float = EXPIRES_S) -> None:
        """Have `work` done, with the texts that were sent, for each job of this name.

        It bears being done twice, and being killed in its middle.
        """
        self._works[name] = (work, expires_s)

    def send(self, name: str, *args: str) -> bool:
        """Have a job done soon; False when nobody can be told. Never waits longer than a second.

        True does not say that it will be done: who does it may be killed.
        """
        expires_s = self._works[name][1]
        with self._lock:
            if self._is_closed:
                return False
            if self._to is None:
                self._to = self._opened()
            to = self._to
        return to.send(name, args, expires_s)

    def reaches_workers(self) -> bool:
        """Whether they can be told now, wherever they are. Waits for two seconds at most."""
        if not self._redis_url:
            return True
        # Imported when it is asked for, as above.
        from jobs.sending import answers

        return answers(self._redis_url)

    def close(self) -> None:
        """Finish what is being done; what has not begun is left. Safe to call twice."""
        with self._lock:
            self._is_closed = True
            to, self._to = self._to, None
        if to is not None:
            to.close()

    def _opened(self) -> _Embedded | Sender:
        # Imported with the first job: commands, and most tests, never have one.
        from jobs.celery_app import QUEUE
        from jobs.sending import Sender

        if self._redis_url:
            return Sender(self._redis_url, QUEUE)
        return _Embedded(self._works, self._threads)


def import_worker() -> None:
    """Import what a worker needs, a tenth of a second, before processes are forked."""
    import celery.worker.consumer  # noqa: F401

    import jobs.celery_app
    import jobs.pool
    import jobs.sending  # noqa: F401


class _Embedded:
    """Celery's worker in a thread of this process."""

    def __init__(self, works: Mapping[str, tuple[Work, float]], threads: int) -> None:
        from jobs.celery_app import add_work, embedded_app

        self._queue = f"jobs-{uuid.uuid4().hex}"
        self._app = embedded_app(self._queue, threads)
        for name, (work, _) in works.items():
            add_work(self._app, name, work)
        self._worker: WorkController | None = None
        self._is_made = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def send(self, name: str, args: tuple[str, ...], expires_s: float) -> bool:
        self._app.send_task(name, args, expires=expires_s)
        return True

    def close(self) -> None:
        from jobs.memory import forget, wake

        self._is_made.wait()
        while self._thread.is_alive():
            if self._worker is not None:
                self._worker.stop()  # of no use before it runs, which is a moment after it is made
            wake()
            self._thread.join(STOP_AGAIN_S)
        self._app.close()
        forget(self._queue)

    def _run(self) -> None:
        try:
            self._worker = _made(self._app)
        finally:
            self._is_made.set()
        self._worker.start()


def _made(app: Celery) -> WorkController:
    return app.WorkController(
        pool_cls=app.conf.worker_pool,
        hostname="here",
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )
