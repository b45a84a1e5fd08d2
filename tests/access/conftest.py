"""A place of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.sqlite_register import SqliteRegister
from tests.access.entrances import Clock, Place, open_at


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A register, and the entrance of one process."""
    path, clock = tmp_path / "calls.db", Clock()
    register = SqliteRegister(path)
    yield Place(path, clock, register, open_at(register, clock))
    register.close()
