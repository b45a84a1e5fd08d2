"""An application with a folder of agents of its own, and somebody who looks at its pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, services_of
from settings import Settings
from tests.console.pages import Reader
from tests.console.sitting import Sitting, a_sitting
from tests.waiting import wait_until

RATES = """agent: rates
name: Rate desk
goal: Collect a rate.
languages: [en-IN]
say:
  welcome: "Hello, this is the rate desk."
  thanks: "Thank you."
  goodbye: "Goodbye."
  handover: "I am connecting you."
fields:
  charge: {kind: number, min: 1, ask: "What do you charge?"}
handover: {to: "+914400000000", when: [asked]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of agents; one is in it."""
    folder = tmp_path / "agents"
    folder.mkdir()
    (folder / "rates.yaml").write_text(RATES, encoding="utf-8")
    return folder


@pytest.fixture
def app(folder: Path) -> Iterator[Flask]:
    """The application in local mode."""
    data = str(folder.parent / "data")
    made = create_app(Settings(data_dir=data, agents_dir=str(folder), prewarm=False))
    wait_until(lambda: services_of(made).agents.versions.count("rates"))
    yield made
    services_of(made).close()


@pytest.fixture
def reader(app: Flask) -> Reader:
    """Somebody at this machine."""
    return Reader(app)


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    """An application in local mode with scripted turns."""
    made = a_sitting(tmp_path)
    yield made
    made.services.close()
