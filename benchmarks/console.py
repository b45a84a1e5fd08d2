"""How fast the pages are with a million calls: the real server, and a real browser for first paint.

Prints a table, and as the last line one JSON object. Run: python -m benchmarks.console [--calls N]
The calls are made once, in DATA_DIR/bench-console (5 GB for a million); DATA_DIR is `data` when it
is not set.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Browser, Page
from websockets.sync.client import connect
from websockets.typing import Origin

from benchmarks.console_seed import CALLS, a_live_call, seeded_sqlite
from benchmarks.server_process import ServerProcess
from calls.finding import place_text
from storage.search import Place
from storage.sqlite import SqliteStorage
from tests.browser.chromium import chromium, program

ROUNDS = 15
PAINTS = 5
NEWS = 10
PATH = "/console/calls"

_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main() -> None:
    """Seed what is not seeded yet, measure, print."""
    options = argparse.ArgumentParser()
    options.add_argument("--calls", type=int, default=CALLS)
    calls = options.parse_args().calls
    folder = Path(os.environ.get("DATA_DIR", "data")) / "bench-console"
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    seeded_sqlite(folder, calls)
    seeded_s = time.perf_counter() - began
    results: dict[str, object] = {"calls": calls, "seeded_s": round(seeded_s, 1)}
    for group in (server_rows, browser_rows):
        for name, ms in group(folder):
            results[name] = ms
            print(f"{name:52}{ms:10.1f} ms", flush=True)
    print(json.dumps(results))


def server_rows(folder: Path) -> Iterator[tuple[str, float]]:
    """Median milliseconds of the server, by page."""
    with empty() as base, serving(base) as nothing:
        yield "floor: /health", timed(lambda: get(nothing, "/health"))
        yield "floor: an empty list", timed(lambda: get(nothing, PATH))
    with serving(folder) as server:
        for name, query in queries().items():
            yield name, timed(partial(get, server, f"{PATH}?{query}"))
        for name, query in {"all": "", "a rare combination": _RARE}.items():
            yield f"count: {name}", timed(partial(get, server, f"{PATH}/count?{query}"))
        yield "from a save to the news of it", news_ms(server, folder)


_RARE = "agent=lead&outcome=limit&direction=outbound&language=hi-IN"


def queries() -> dict[str, str]:
    """What is looked for, by name."""
    now = datetime.now(UTC)
    half_a_year_ago = place_text(Place(now - timedelta(days=182), "x"))
    day = (now - timedelta(days=100)).date().isoformat()
    filters = {
        "an agent": "agent=lead",
        "an outcome": "outcome=limit",
        "a stage": "stage=confirming",
        "a direction": "direction=outbound",
        "a language": "language=hi-IN",
        "live calls": "open=1",
        "a day": f"from={day}&to={day}",
        "last digits": "number=4321",
        "a start": "number=%2B9198765",
        "a start of nobody": "number=%2B49",
        "our number": "line=0013",
        "long calls": "shortest=15:00",
        "a rare combination": _RARE,
    }
    return {
        "calls: first page": "",
        "calls: a page half a year down": f"after={half_a_year_ago}",
        "calls: oldest first": "sort=created",
        "calls: longest first": "sort=-duration",
        "calls: shortest first": "sort=duration",
        **{f"calls: {name}": query for name, query in filters.items()},
    }


def browser_rows(folder: Path) -> Iterator[tuple[str, float]]:
    """Median milliseconds until something is painted, and until news is on the page."""
    if program() is None:
        print("Chromium is not installed: first paint is not measured.")
        return
    with serving(folder) as server, chromium() as browser:
        with empty() as base, serving(base) as nothing:
            yield "floor: first paint of an empty list", paint_ms(browser, nothing, PATH)
        yield "first paint: calls", paint_ms(browser, server, PATH)
        longest = f"{PATH}?sort=-duration"
        yield "first paint: calls, longest first", paint_ms(browser, server, longest)
        yield "first paint: a rare combination", paint_ms(browser, server, f"{PATH}?{_RARE}")
        yield "from a save to the row in the page", on_page_ms(browser, server, folder)


def timed(ask: Callable[[], object]) -> float:
    """Median milliseconds; the first time is not counted: it fills caches."""
    ask()
    return median_ms([_took(ask) for _ in range(ROUNDS)])


def _took(ask: Callable[[], object]) -> float:
    before = time.perf_counter()
    ask()
    return (time.perf_counter() - before) * 1000


def median_ms(values: Sequence[float]) -> float:
    """The median, to a tenth."""
    return round(statistics.median(values), 1)


def get(server: ServerProcess, path: str) -> bytes:
    """The body of a page; an error is no figure."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}")
    return body


def paint_ms(browser: Browser, server: ServerProcess, path: str) -> float:
    """Median first contentful paint, each time in a window that knows nothing yet."""
    painted = []
    for _ in range(PAINTS + 1):
        with window(browser, server) as page:
            page.goto(path, wait_until="load")
            painted.append(_painted_ms(page))
    return median_ms(painted[1:])


def _painted_ms(page: Page) -> float:
    """When the page was first painted; its policy allows no waiting by a script of ours."""
    until = time.monotonic() + 20
    while not (ms := float(page.evaluate(_PAINT))):
        if time.monotonic() > until:
            raise RuntimeError("nothing was painted")
        time.sleep(0.02)
    return ms


def news_ms(server: ServerProcess, folder: Path) -> float:
    """Median milliseconds from the save of a call by another process until the socket tells."""
    base = f"127.0.0.1:{server.port}"
    took = []
    with (
        closing(SqliteStorage(folder / "callwright.db")) as store,
        connect(f"ws://{base}/console/live", origin=Origin(f"http://{base}")) as socket,
    ):
        time.sleep(1)  # until the first look
        for number in range(NEWS):
            time.sleep(0.05 * (number % 5))  # not in step with the looks
            before = time.perf_counter()
            call = _begin(store, number)
            while json.loads(socket.recv(timeout=10)).get("call_id") != call:
                pass
            took.append((time.perf_counter() - before) * 1000)
            _end(store, call)
    return median_ms(took)


def on_page_ms(browser: Browser, server: ServerProcess, folder: Path) -> float:
    """Median milliseconds from the save of a call until its row is in the page."""
    took = []
    with (
        closing(SqliteStorage(folder / "callwright.db")) as store,
        window(browser, server) as page,
    ):
        page.goto(PATH)
        page.locator("html[data-live=on]").wait_for()
        time.sleep(1)
        for number in range(NEWS):
            time.sleep(0.05 * (number % 5))
            before = time.perf_counter()
            call = _begin(store, 100 + number)
            page.wait_for_selector(f"#call-{call}", state="attached", timeout=20_000)
            took.append((time.perf_counter() - before) * 1000)
            _end(store, call)
    return median_ms(took)


def _begin(store: SqliteStorage, number: int) -> str:
    now = datetime.now(UTC)
    call = a_live_call(number + time.time_ns() // 1_000_000, now)
    store.create_call(call)
    return call.call_id


def _end(store: SqliteStorage, call_id: str) -> None:
    call = store.load_call(call_id)
    assert call is not None
    now = datetime.now(UTC)
    store.save_call(replace(call, ended_at=now, updated_at=now, outcome="completed"))


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[ServerProcess]:
    """The real server on a folder of calls."""
    environ: Mapping[str, str] = {"DATA_DIR": str(folder), "PREWARM": "0", **settings}
    with ServerProcess(environ, folder / "log") as server:
        yield server


@contextmanager
def empty() -> Iterator[Path]:
    """A folder without calls."""
    folder = Path(tempfile.mkdtemp())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def window(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """A page of a browser that has nothing in its cache."""
    with closing(browser.new_context(base_url=f"http://127.0.0.1:{server.port}")) as context:
        yield context.new_page()


if __name__ == "__main__":
    main()
