"""An application whose pages are looked at, per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.sitting import Sitting, a_sitting


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    """An application in local mode with scripted turns."""
    made = a_sitting(tmp_path)
    yield made
    made.services.close()
