"""How Celery is set up: for the worker inside a web process, for workers of their own, for sending.

Nothing that matters is in the broker alone: the store knows what is due, and rounds find it again.
So results are not kept, and a message that nobody took in time is thrown away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery, Task

from jobs import memory, redis_broker
from storage.base import StorageError

log = logging.getLogger(__name__)

# Bounds of a worker's connection; it waits up to a second for messages at a time.
WORKER_SOCKET_S = 5.0
# The same where a webhook may wait for it.
SENDER_SOCKET_S = 0.4


# Of jobs, and of what beat sends: two, so that neither waits behind a crowd of the other.
QUEUE, ROUNDS = "callwright-jobs", "callwright-rounds"


class Job(Task):  # type: ignore[type-arg]  # generic in its stubs only
    """A job as Celery sees it."""

    acks_late = True
    reject_on_worker_lost = True
    ignore_result = True

    def on_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Say so in our form: Celery's line has the arguments in it."""
        if isinstance(exc, StorageError):  # mostly away; what was to be done is found again
            extra = {"job": self.name, "reason": str(exc)}
            log.warning("a job is left for later", extra=extra)
            return
        log.error("a job failed", exc_info=exc, extra={"job": self.name})


def embedded_app(queue: str, threads: int) -> Celery:
    """For a worker in threads of this process, with a queue that nobody else has."""
    return _app(f"{memory.SCHEME}://here/", queue, {"worker_concurrency": threads})


def worker_app(redis_url: str, queue: str, threads: int, back_after_s: float) -> Celery:
    """For a worker, or beat, that shares Redis with others.

    A message that a worker took and did not finish comes back after so many seconds: it was killed.
    Longer than any job takes; what takes longer still (a round) has a lease in the store besides.
    """
    options = {
        **_bounded(WORKER_SOCKET_S),
        "visibility_timeout": back_after_s,
        "health_check_interval": 5,
    }
    return _app(
        redis_url, queue, {"worker_concurrency": threads, "broker_transport_options": options}
    )


def sending_app(redis_url: str, queue: str) -> Celery:
    """For whoever only sends, and must not wait."""
    return _app(redis_url, queue, {"broker_transport_options": _bounded(SENDER_SOCKET_S)})


def add_work(app: Celery, name: str, work: Callable[..., None]) -> None:
    """Have `work` done for each message of this name, by a worker of this app alone."""

    def run(*args: str) -> None:
        work(*args)

    # Shared ones would be known to every app of this process, for ever.
    app.task(name=name, base=Job, shared=False)(run)


def _bounded(socket_s: float) -> Mapping[str, object]:
    return {"socket_timeout": socket_s, "socket_connect_timeout": socket_s}


def _app(url: str, queue: str, more: Mapping[str, object]) -> Celery:
    redis_broker.use()
    logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)  # Job.on_failure says it
    app: Celery[Any] = Celery("callwright", broker=url, set_as_current=False)
    app.conf.update(
        task_default_queue=queue,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_pool="jobs.pool:TaskPool",
        # What is taken ahead cannot be done by a worker that has time.
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        enable_utc=True,
        **more,
    )
    return app
