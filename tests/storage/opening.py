"""How the contract opens the store of a backend; the one thing that a backend fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_storage
from storage.base import Storage


class OpensStorage:
    """What the parts of the contract share."""

    def variables(self, place: Path) -> Mapping[str, str]:
        """Environment variables with which a process opens the store that belongs to `place`."""
        raise NotImplementedError

    def open(self, place: Path) -> Storage:
        """The store that belongs to `place`; a second one sees what the first kept."""
        return open_storage(read_settings(self.variables(place)))

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Storage]:
        opened = self.open(tmp_path)
        yield opened
        opened.close()
