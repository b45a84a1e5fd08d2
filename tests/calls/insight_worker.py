"""A process that makes facts until it is killed: `python -m tests.calls.insight_worker FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event

from storage.sqlite import SqliteStorage
from storage.sqlite_facts import SqliteFacts
from tests.calls.test_insights import House


def main(folder: str) -> None:
    """Make facts until killed."""
    path = Path(folder) / "calls.db"
    insights = House(SqliteStorage(path), SqliteFacts(path)).insights()
    while True:
        insights.work(Event())


if __name__ == "__main__":
    main(sys.argv[1])
