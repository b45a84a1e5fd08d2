"""The vendors in a process of their own, as at their start for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from phone.vendors.process import VendorsProcess


@pytest.fixture(scope="session")
def running() -> Iterator[VendorsProcess]:
    """One process for all tests of a process."""
    with VendorsProcess() as process:
        yield process


@pytest.fixture
def vendors(running: VendorsProcess) -> VendorsProcess:
    """The same without plans and counts."""
    running.reset()
    return running
