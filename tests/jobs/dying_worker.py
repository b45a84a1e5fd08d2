"""A worker of its own whose jobs never end, until it is killed.

python -m tests.jobs.dying_worker REDIS_URL FILE; each job writes a line to the file as it begins.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from jobs.celery_app import add_work
from jobs.worker_process import app_of_worker

BACK_AFTER_S = 1.0


def main(redis_url: str, file: Path) -> None:
    def works(text: str) -> None:
        with file.open("a") as lines:
            lines.write(f"begun {text}\n")
        threading.Event().wait()

    app = app_of_worker(redis_url, 1, BACK_AFTER_S)
    add_work(app, "settle", works)
    app.WorkController(pool_cls=app.conf.worker_pool).start()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
