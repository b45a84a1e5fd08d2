"""An application per test, closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import app_of
from tests.transports.doors import Carrier, House, scripted_services


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An application that checks signatures, with scripted turns."""
    services, turns = scripted_services(tmp_path)
    app = app_of(services)
    yield House(app, services, turns, Carrier(app))
    services.close()
