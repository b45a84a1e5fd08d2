"""A real server and a real browser. Tests that need another server start one with `ServerProcess`.

`server`: in local mode, one for all tests of a module. `visit`: a window at it, checked at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from benchmarks.server_process import ServerProcess
from tests.browser.chromium import Visit, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a module.

    Not for longer: while Playwright runs, no other test of the process can run an event loop.
    """
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """gunicorn as `make run` starts it: no keys, on loopback."""
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess({"DATA_DIR": str(folder)}, folder / "log") as process:
        yield process


@pytest.fixture
def visit(browser: Browser, server: ServerProcess) -> Iterator[Visit]:
    """A window at the server; the test fails when anything was wrong with its pages."""
    opened = Visit(browser, f"http://127.0.0.1:{server.port}")
    yield opened
    opened.close()
    opened.check()
