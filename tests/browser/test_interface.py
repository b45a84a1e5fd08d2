"""The page about the interface, in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from benchmarks.server_process import ServerProcess
from tests.browser.chromium import Visit

PATH = "/console/interface"
TOKEN = "api-secret"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server on this machine whose JSON routes want a token."""
    folder = tmp_path_factory.mktemp("guarded")
    settings = {"DATA_DIR": str(folder), "API_TOKEN": TOKEN}
    with ServerProcess(settings, folder / "log") as process:
        yield process


def trying(page: Page, name: str) -> None:
    page.locator(f"#{name}").get_by_text("Try it", exact=True).click()


def test_a_route_is_tried_from_the_page(visit: Visit) -> None:
    page = visit.go(PATH)
    calls = page.locator("#calls")
    trying(page, "calls")

    calls.get_by_label("limit", exact=True).fill("5")
    calls.get_by_label("outcome", exact=True).select_option("completed")
    calls.get_by_role("button", name="Send").click()

    expect(calls.locator("[data-outcome]")).to_contain_text("200")
    expect(calls.get_by_label("The answer")).to_contain_text('{\n  "calls": []')


def test_what_is_wrong_is_shown_as_programs_get_it(visit: Visit) -> None:
    visit.expected = {422}
    page = visit.go(PATH)
    calls = page.locator("#calls")
    trying(page, "calls")

    calls.get_by_label("limit", exact=True).fill("many")
    calls.get_by_role("button", name="Send").click()

    expect(calls.locator("[data-outcome]")).to_contain_text("422")
    expect(calls.get_by_label("The answer")).to_contain_text("a number from 1 to 500")


def test_what_changes_something_is_not_sent_before_it_is_agreed_to(visit: Visit) -> None:
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page = visit.go(PATH)
    page.on("dialog", refuse)
    trying(page, "start_call")
    page.locator("#start_call").get_by_role("button", name="Send").click()

    expect(page.locator("#start_call [data-outcome]")).to_be_empty()
    assert asked == ["POST /start-call is done for real. Send it?"]


def test_a_token_is_sent_and_not_kept(browser: Browser, guarded: ServerProcess) -> None:
    visit = Visit(browser, f"http://127.0.0.1:{guarded.port}")
    visit.expected = {401}
    page = visit.go(PATH)
    trying(page, "calls")
    send = page.locator("#calls").get_by_role("button", name="Send")
    outcome = page.locator("#calls [data-outcome]")

    send.click()
    expect(outcome).to_contain_text("401")
    page.get_by_label("Token to try it with").fill(TOKEN)
    send.click()
    expect(outcome).to_contain_text("200")

    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert TOKEN not in page.evaluate(kept)
    page.reload()
    expect(page.get_by_label("Token to try it with")).to_have_value("")
    visit.close()
    visit.check()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it_with_everything_unfolded(
    browser: Browser, server: ServerProcess, theme: str
) -> None:
    visit = Visit(browser, f"http://127.0.0.1:{server.port}", color_scheme=theme)
    page = visit.go(PATH)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

    assert visit.axe() == []
    visit.close()
    visit.check()


def test_a_sample_is_copied(browser: Browser, server: ServerProcess) -> None:
    address = f"http://127.0.0.1:{server.port}"
    permissions = ["clipboard-read", "clipboard-write"]
    visit = Visit(browser, address, permissions=permissions)
    page = visit.go(PATH)

    page.locator("#health").get_by_role("button", name="Copy").click()

    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"curl {address}/health"
    visit.close()
    visit.check()
