"""Chromium of the system, driven by Playwright: one browser a process, one context a test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests import needs

# shared by all tests; no window, nothing fetched from elsewhere
ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync "
    "--disable-dev-shm-usage --autoplay-policy=no-user-gesture-required"
).split()
# axe-core 4.14.1, MPL-2.0 (vendor/LICENSE-axe-core.txt): finds what people with other senses cannot
# use. It looks only, so it may be as large as it is.
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_AXE_RUN = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  return found.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
}"""
# How long a page may take on a busy machine. Nothing waits that long when all is well.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # five seconds, otherwise


def program() -> str | None:
    """Where Chromium is; None when it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """A browser of its own; `more` are arguments for it."""
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, *more]
        found = program() or needs.lacks(f"Chromium {needs.NOT_INSTALLED}")
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A person with a browser at a server; notes everything that is wrong with its pages.

    `page` is Playwright's. `close` fails on errors in the console, on exceptions of scripts and on
    requests to any other host; `expected` are statuses that the test wants to see.
    """

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        self.base = base
        self.problems: list[str] = []
        self.expected: set[int] = set()
        self._context = browser.new_context(base_url=base, **options)
        self._context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(path)
        return self.page

    def until(self, holds: str) -> None:
        """Wait until an expression is true in the page. Playwright's own waiting has the page
        evaluate a text, which ours are not allowed to."""
        limit = monotonic() + PATIENCE_MS / 1000
        while not self.page.evaluate(holds):
            assert monotonic() < limit, f"it did not come about: {holds}"
            self.page.wait_for_timeout(20)

    def axe(self) -> list[str]:
        """What people with other senses cannot use on the page as it is now."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(_AXE_RUN)
        assert isinstance(found, list)
        return found

    def close(self) -> None:
        """Close the browser's window."""
        self._context.close()

    def check(self) -> None:
        """Fail when anything was wrong with the pages."""
        assert self.problems == []

    def _console(self, message: ConsoleMessage) -> None:
        # What a status is worth is told by the response.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss"):
            if parts.netloc != urlsplit(self.base).netloc:
                self.problems.append(f"another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.status}: {response.url}")
