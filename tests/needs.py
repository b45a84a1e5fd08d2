"""What a test needs of the machine: where that is not there, it skips by name, and fails in CI."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

NOT_INSTALLED = "is not installed: .ci/need-packages installs it"


def lacks(what: str) -> NoReturn:
    """End the test, because of that."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def program(name: str) -> str:
    """Where that program is."""
    return shutil.which(name) or lacks(f"{name} {NOT_INSTALLED}")
