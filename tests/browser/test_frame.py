"""What every page has: a menu, a theme, an error page, nothing from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.server_process import ServerProcess
from tests.browser.chromium import Visit

WIDTHS = (390, 1280)


def test_the_address_alone_leads_into_the_console(visit: Visit) -> None:
    page = visit.go("/")

    assert "/console/" in page.url
    expect(page.get_by_text("Open without a password")).to_be_visible()


def test_a_page_that_is_not_there_says_so_and_leads_back(visit: Visit) -> None:
    visit.expected = {404}
    page = visit.go("/console/nothing")

    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")
    assert visit.axe() == []
    page.get_by_role("link", name="Back to the console").click()
    assert "/console/" in page.url


def test_the_theme_is_kept(visit: Visit) -> None:
    page = visit.go("/console/")
    scheme = "getComputedStyle(document.documentElement).colorScheme"
    assert page.evaluate(scheme) == "light"

    page.get_by_role("button", name="Light or dark").click()

    assert page.evaluate(scheme) == "dark"
    page.reload()
    assert page.evaluate(scheme) == "dark"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_of_the_menu_can_be_used_by_everybody(
    browser: Browser, server: ServerProcess, theme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    visit = Visit(browser, f"http://127.0.0.1:{server.port}", viewport=size, color_scheme=theme)
    page = visit.go("/console/")
    links = page.locator("nav a.link")
    addresses = [str(links.nth(n).get_attribute("href")) for n in range(links.count())]
    found: dict[str, list[str]] = {}
    for address in addresses:
        visit.go(address)
        found[address] = visit.axe()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if page.evaluate(wide) > 0:
            found[address].append("the page is wider than the window")
    visit.close()

    assert {address: problems for address, problems in found.items() if problems} == {}
    visit.check()
