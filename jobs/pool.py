"""The threads in which a worker does its jobs: Celery's pool, whose threads know their app.

Celery's own know the app of the process only, and say nothing when a job cannot even be begun.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from celery.concurrency import thread

log = logging.getLogger(__name__)


class TaskPool(thread.TaskPool):
    """Threads of one worker."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.executor = ThreadPoolExecutor(
            max_workers=self.limit, thread_name_prefix="job", initializer=self.app.set_current
        )

    def on_apply(self, target: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Do it in a thread."""
        result = super().on_apply(target, *args, **options)
        result.f.add_done_callback(_say)
        return result


def _say(future: Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("a job cannot be begun", exc_info=error)
