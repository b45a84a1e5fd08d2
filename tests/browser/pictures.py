"""Takes the pictures of the docs anew, from a real call and a campaign: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, expect

from benchmarks.server_process import ServerProcess
from commands import serve
from console.campaign_commands import run
from settings import Settings
from tests.browser.chromium import Visit, chromium

DEMO_LEADS = 200
FOLDER = Path("docs/pictures")
# What the caller says, and what shows that the agent has answered.
CALL = (
    ("English please", "What do you charge"),
    ("500 rupees, 2 pm to 5 pm", "a charge of 500 rupees"),
    ("no, it's 600", "a charge of 600 rupees"),
    ("yes", "Thank you"),
)


def main() -> None:
    """Ring logistics in the browser, and keep what the phone and the record look like."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with ServerProcess({"DATA_DIR": str(place / "data")}, place / "log") as server:
            base = f"http://127.0.0.1:{server.port}"
            with chromium() as browser:
                visit = Visit(browser, base, viewport={"width": 1280, "height": 960})
                call_in(visit.go("/console/phone"))
                picture(visit.page, "phone.png")
                visit.page.get_by_role("link", name="Open its record").click()
                expect(visit.page.get_by_role("heading", name="What was said")).to_be_visible()
                picture(visit.page, "call.png")
                visit.close()
    if not run(_looked_at, DEMO_LEADS, print_line):
        sys.exit("The demo campaign does not add up.")


@contextmanager
def _looked_at(
    settings_of: Callable[[int], Settings], clock: Callable[[], datetime]
) -> Iterator[str]:
    """The server of the demo; before it is gone the campaign's page is kept."""
    with serve(settings_of, clock) as address:
        yield address
        with chromium() as browser:
            visit = Visit(browser, address, viewport={"width": 1280, "height": 1180})
            visit.go("/console/campaigns")
            visit.page.get_by_role("link", name="Visits of this week").click()
            expect(visit.page.get_by_role("heading", name="What became of them")).to_be_visible()
            picture(visit.page, "campaign.png")
            visit.close()


def print_line(line: str) -> None:
    """What the demo tells."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def call_in(page: Page) -> None:
    """A whole call on the page of the phone."""
    page.get_by_role("button", name="Ring", exact=True).click()
    expect(page.locator(".talk")).to_contain_text("press 1")
    for words, answer in CALL:
        page.get_by_placeholder("Type what you say").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator(".talk")).to_contain_text(answer)
    expect(page.get_by_role("heading", name="The call is over")).to_be_visible(timeout=20_000)


def picture(page: Page, name: str) -> None:
    """Keep the page as it is now."""
    page.screenshot(path=FOLDER / name)


if __name__ == "__main__":
    main()
