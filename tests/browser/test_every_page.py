"""Every page, full and empty, with its mistakes: seen by everybody, in both themes and widths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server_process import ROOT, ServerProcess
from phone.handset import Handset
from phone.rehearsal import play_inbound
from phone.script import load_script
from tests.browser.chromium import Visit

SCRIPT = load_script(ROOT / "tests/call_scripts/logistics_hangs_up.yaml")
AGENT = "/console/agents/logistics"
# What is there without anybody having done anything, and what is answered to mistakes.
PAGES = (
    "/console/phone",
    "/console/calls",
    "/console/calls?number=%2B99900",
    "/console/calls?from=x&outcome=no&sort=no",
    "/console/calls/nobody",
    "/console/campaigns",
    "/console/campaigns?status=paused",
    "/console/campaigns/new",
    "/console/campaigns/nobody",
    "/console/do-not-call",
    "/console/do-not-call?number=x",
    "/console/agents",
    "/console/messages",
    "/console/messages?number=x&direction=inbound",
    "/console/new-agent",
    AGENT,
    f"{AGENT}?version=3",
    f"{AGENT}/versions",
    f"{AGENT}/difference?from=file&to=3",
    f"{AGENT}/text/2",
    "/console/analytics",
    "/console/analytics?from=2020-01-01&to=2020-01-05",
    "/console/analytics?from=x",
    "/console/people",
    "/console/people/new",
    "/console/tokens",
    "/console/tokens/new",
    "/console/webhooks",
    "/console/webhooks/nobody",
    "/console/audit",
    "/console/audit?since=x",
    "/console/audit?who=nobody",
    "/console/profile",
    "/console/interface",
    "/console/sign-in",
    "/console/nothing",
)
WRONG = """() => [
  ...[document.documentElement, ...document.querySelectorAll(".stacked, .legend")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => `wider than its place: ${one.className || one.tagName}`),
  ...[...document.querySelectorAll(".card")]
    .filter((one) => one.offsetWidth && one.getBoundingClientRect().left < 8)
    .map((one) => `no margin: ${one.className}`),
  ...[...document.querySelectorAll(".legend li")]
    .filter((one) => one.offsetHeight > 32).map((one) => `squeezed: ${one.textContent}`),
]"""


@dataclass(frozen=True)
class Site:
    """A server where something was done, and the addresses that came of it."""

    base: str
    pages: tuple[str, ...]


@pytest.fixture(scope="module")
def site(browser: Browser, server: ServerProcess) -> Site:
    """A call, a published version and a draft, people, a token."""
    base = f"http://127.0.0.1:{server.port}"
    handset = Handset(base)
    play_inbound(handset, SCRIPT)
    handset.close()
    visit = Visit(browser, base, java_script_enabled=False)  # forms are enough for all of it
    page = visit.page
    _keep(page, "Good day!", "Publish")
    _keep(page, "Good evening!", "Save draft")
    page.goto("/console/people/new")
    page.get_by_label("E-mail").fill("asha@acme.example")
    page.get_by_role("button", name="Add").click()
    page.goto("/console/tokens/new")
    page.get_by_label("What it is for").fill("Nightly export")
    page.get_by_label("calls:read").check()
    page.get_by_role("button", name="Make the token").click()
    made = [_first(page, path) for path in ("/console/calls", "/console/people")]
    made += [*_campaign(page), *_webhook(page)]
    _message(page, visit)
    visit.close()
    visit.check()
    return Site(base, (*PAGES, *made))


def _keep(page: Page, greeting: str, button: str) -> None:
    page.goto(AGENT)
    text = page.locator("textarea[name=text]")
    text.fill(text.input_value().replace("Hello!", greeting).replace("Good day!", greeting))
    page.get_by_role("button", name=button).click()


def _campaign(page: Page) -> list[str]:
    """The pages of a campaign with somebody in it, and of the list that somebody else is on."""
    page.goto("/console/campaigns/new")
    page.get_by_label("Name").fill("Rates of November")
    page.get_by_label("Agent").select_option("logistics")
    page.get_by_role("button", name="Make the campaign").click()
    here = urlsplit(page.url).path
    page.goto(f"{here}/leads")
    page.locator("#phone").fill("98765 43210")
    page.get_by_role("button", name="Add").click()
    lead = str(page.locator("tbody a.whole").first.get_attribute("href"))
    page.goto(here)
    page.get_by_label("Day and time").fill("2099-11-30T10:00")
    page.get_by_role("button", name="Schedule").click()
    page.goto("/console/do-not-call")
    page.locator("#number").fill("+919876543211")
    page.get_by_role("button", name="Add").click()
    return [here, f"{here}/edit", f"{here}/leads", f"{here}/refusals", f"{here}/preview", lead]


def _webhook(page: Page) -> list[str]:
    """The page of a webhook that nobody answers at, with a ping that failed and two secrets."""
    page.goto("/console/webhooks")
    address = "http://127.0.0.1:9/" + "hook" * 40
    page.get_by_label("Address").fill(address)
    page.get_by_label("What it is for").fill("Our CRM")
    page.get_by_label("call.failed").check()
    page.get_by_role("button", name="Add the webhook").click()
    expect(page.locator("#secret")).to_contain_text("whsec_")
    page.goto("/console/webhooks")
    page.get_by_role("link", name=address).click()
    here = urlsplit(page.url).path
    page.get_by_role("button", name="Send a ping").click()
    page.get_by_role("button", name="New secret").click()
    page.get_by_text("The secret before this one signs, too").wait_for()
    return [here, f"{here}?status=dead"]


def _message(page: Page, visit: Visit) -> None:
    """One that could not be sent: there is no carrier here."""
    page.goto("/console/messages")
    visit.expected = {422}
    page.locator("#number").fill("98765 43210")
    page.locator("#text").fill("We come at ten.")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("tbody").get_by_text("We come at ten.").wait_for()


def _first(page: Page, path: str) -> str:
    page.goto(path)
    return str(page.locator("tbody a.whole").first.get_attribute("href"))


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_every_page_can_be_used_by_everybody(
    browser: Browser, site: Site, theme: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    visit = Visit(browser, site.base, viewport=size, color_scheme=theme)
    visit.expected = {404, 422}
    found = {}
    for path in site.pages:
        page = visit.go(path)
        found[path] = [*visit.axe(), *page.evaluate(WRONG)]
        expect(page.locator("h1")).to_have_count(1)
        assert page.locator("[style]:not(.cm-editor *, .canvas *)").count() == 0
    visit.close()

    assert {path: problems for path, problems in found.items() if problems} == {}
    visit.check()


def test_a_page_that_is_not_there_keeps_the_menu(browser: Browser, site: Site) -> None:
    visit = Visit(browser, site.base)
    visit.expected = {404}
    page = visit.go("/console/nothing")

    expect(page.get_by_role("navigation", name="Pages").get_by_role("link")).to_have_count(8)
    expect(page.get_by_text("There is no page at this address.")).to_be_visible()
    visit.close()
    visit.check()


def test_a_form_is_sent_once_however_often_it_is_clicked(browser: Browser, site: Site) -> None:
    visit = Visit(browser, site.base)
    page = visit.go("/console/tokens/new")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    page.get_by_label("What it is for").fill("Twice")
    page.get_by_label("calls:read").check()

    page.get_by_role("button", name="Make the token").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Twice")
    assert len(sent) == 1
    page.go_back()
    page.get_by_label("What it is for").fill("Again")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Again")
    visit.close()
    visit.check()


def test_a_call_leads_to_the_text_that_its_agent_had(browser: Browser, site: Site) -> None:
    visit = Visit(browser, site.base)
    page = visit.go(next(one for one in site.pages if re.fullmatch(r".*/calls/[0-9a-f]{32}", one)))

    page.locator("dt", has_text="Agent's version").locator("+ dd a").click()

    expect(page.locator("pre")).to_contain_text("Hello! This is the automated assistant")
    visit.close()
    visit.check()
