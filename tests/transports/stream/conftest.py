"""A house per test, closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transports.stream_house import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with real calls and a recogniser that is told what it hears."""
    house = open_house(tmp_path)
    yield house
    house.close()
