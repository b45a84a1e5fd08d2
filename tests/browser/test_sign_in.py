"""Signing in, in a real browser: let in with the right password, refused with any other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.server_process import ServerProcess
from tests.browser.chromium import Visit
from tests.waiting import wait_until

PASSWORD = "seven brown camels"
EMAIL = "asha@acme.example"


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server where people have to sign in."""
    folder = tmp_path_factory.mktemp("site")
    settings = {"DATA_DIR": str(folder), "TWILIO_AUTH_TOKEN": "webhook-secret"}
    with ServerProcess(settings, folder / "log") as process:
        yield process


def test_a_stranger_is_refused_and_a_person_let_in(browser: Browser, site: ServerProcess) -> None:
    visit = Visit(browser, f"http://127.0.0.1:{site.port}")
    page = visit.page
    wait_until(lambda: '"link"' in site.log)
    link = re.findall(r'"link": "([^"]+)"', site.log)[0]

    # The first administrator
    page.goto(link)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Name").fill("Asha Rao")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    assert visit.axe() == []
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("status")).to_contain_text("The password is set")

    # Refused
    page.goto("/console/audit")
    expect(page).to_have_url(re.compile(r"/console/sign-in\?to="))
    visit.expected.add(422)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill("a wrong one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The e-mail or the password is wrong.")
    assert visit.axe() == []

    # Let in, to the page that was wanted
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    expect(page.get_by_role("cell", name="sign in refused")).to_be_visible()
    for path in ("/console/audit", "/console/people", "/console/people/new", "/console/tokens"):
        page.goto(path)
        assert visit.axe() == []
    page.goto("/console/profile")
    assert visit.axe() == []

    # And out again
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/console/people")
    expect(page).to_have_url(re.compile(r"/console/sign-in\?to="))
    visit.close()
    visit.check()
