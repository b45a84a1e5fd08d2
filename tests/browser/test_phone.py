"""The browser phone in a real browser: ring, answer, watch, break, hang up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from benchmarks.server_process import ServerProcess
from tests.browser.chromium import Visit
from tests.console.browser_phone import ANSWERS

PHONE = "/console/phone"


def ring(page: Page) -> None:
    """Ring the agent that is chosen."""
    page.get_by_role("button", name="Ring", exact=True).click()


def hear_out(page: Page) -> None:
    """Wait until the agent has finished and listens."""
    page.wait_for_selector("#ear[data-state=counting]", state="attached")


def say(page: Page, text: str) -> None:
    """Type words as soon as the agent listens, which it does while it talks."""
    page.wait_for_selector("#ear:is([data-state=counting], [data-state=talking])", state="attached")
    said = page.locator("#talk .caller")
    before = said.count()
    page.get_by_label("What you say").fill(text)
    page.get_by_label("What you say").press("Enter")
    expect(said).to_have_count(before + 1)


def field(page: Page, name: str) -> Locator:
    """The card of a field."""
    return page.locator(f"[data-field={name}]")


def lit(page: Page) -> Locator:
    """The stage where the call is."""
    return page.locator("#stages .is-current text")


def test_a_call_is_rung_answered_watched_and_completed(visit: Visit) -> None:
    page = visit.go(PHONE)
    ring(page)
    say(page, ANSWERS[0])
    say(page, ANSWERS[1])
    expect(field(page, "charge")).to_contain_text("500 rupees")
    expect(lit(page)).to_have_text("confirming")
    say(page, ANSWERS[2])
    expect(field(page, "charge")).to_contain_text("600 rupees")
    expect(field(page, "charge")).to_contain_text("no, it's 600")
    assert visit.axe() == []
    say(page, ANSWERS[3])

    expect(page.get_by_role("heading", name="The call is over")).to_be_visible()
    expect(page.locator("#summary-badge")).to_have_text("completed")
    expect(page.locator("#summary")).to_contain_text("2 pm to 5 pm")
    expect(lit(page)).to_have_text("completed")
    expect(field(page, "window")).to_have_attribute("data-state", "confirmed")
    expect(page.locator("#turns > li")).to_have_count(5)
    page.locator("#turns summary").first.click()
    expect(page.locator("#turns .code .tag").first).to_have_text("Response")
    assert visit.axe() == []
    record = page.get_by_role("link", name="Open its record")
    record.click()
    page.wait_for_url("**/console/calls/*")
    expect(page.locator("main")).to_contain_text("no, it's 600")


def test_keys_are_pressed_on_the_pad_and_interrupt_the_agent(visit: Visit) -> None:
    page = visit.go(PHONE)
    ring(page)
    page.locator("#talk .words").first.wait_for()
    page.get_by_role("button", name="Keys").click()
    page.locator("[data-key='2']").click()
    expect(page.locator("#talk .caller .words")).to_have_text("2")
    expect(page.locator("#talk")).to_contain_text("வணக்கம்")
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#summary-badge")).to_have_text("abandoned")


def test_what_is_typed_while_the_agent_talks_interrupts_it(visit: Visit) -> None:
    page = visit.go(PHONE)
    ring(page)
    page.locator("#talk .words").first.wait_for()
    page.get_by_label("What you say").fill("English")
    page.get_by_label("What you say").press("Enter")
    expect(page.locator("#talk")).to_contain_text("What do you charge")
    expect(page.locator("#talk .caller .words")).to_have_text("English")
    page.get_by_role("button", name="Hang up").click()


def test_nothing_said_is_asked_again(visit: Visit) -> None:
    page = visit.go(PHONE)
    ring(page)
    hear_out(page)
    page.get_by_role("button", name="Say nothing").click()
    expect(page.locator("#talk .caller .words")).to_have_text("(silence)")
    hear_out(page)
    expect(page.locator("#turns > li")).to_have_count(2)
    page.get_by_role("button", name="Hang up").click()


def test_a_person_is_waited_for_unless_they_want_the_seconds_of_a_caller(visit: Visit) -> None:
    page = visit.go(PHONE)
    ring(page)
    hear_out(page)
    expect(page.locator("#ear-text")).to_contain_text("Waiting for you; a caller has 6 s")
    page.get_by_label("Wait for me").uncheck()
    expect(page.locator("#ear-text")).to_contain_text("Listening, 6 s")
    expect(page.locator("#talk .caller .words")).to_have_text("(silence)")
    page.get_by_role("button", name="Hang up").click()


@pytest.mark.parametrize(
    ("button", "told"),
    [
        ("comes twice", "delivered twice"),
        ("comes late", "changed nothing"),
        ("loses its answer", "2 attempts"),
        ("is answered by a proxy", "fallback address"),
    ],
)
def test_a_call_survives_what_happens_to_a_webhook(visit: Visit, button: str, told: str) -> None:
    page = visit.go(PHONE)
    ring(page)
    say(page, ANSWERS[0])
    hear_out(page)
    page.get_by_role("button", name=button).click()
    say(page, ANSWERS[1])
    expect(page.locator("#talk").get_by_text(told)).to_have_count(1)
    # The call begins, two utterances, and whatever brought another document: none is shown twice.
    also = 1 if button == "is answered by a proxy" else 0
    expect(page.locator("#turns > li")).to_have_count(3 + also)
    expect(field(page, "charge")).to_contain_text("500 rupees")
    say(page, "yes")
    expect(page.locator("#summary-badge")).to_have_text("completed")


def test_a_slow_model_is_covered_by_a_filler_and_its_answer_used(visit: Visit) -> None:
    page = visit.go(PHONE)
    ring(page)
    say(page, ANSWERS[0])
    hear_out(page)
    page.get_by_role("button", name="model is slow").click()
    expect(page.locator("#broken")).to_contain_text("model is slow")
    say(page, ANSWERS[1])
    expect(page.locator("#talk")).to_contain_text("The caller heard nothing for 2.")
    expect(field(page, "charge")).to_contain_text("500 rupees")
    page.get_by_role("button", name="Hang up").click()
    expect(page.locator("#broken")).to_be_hidden()


def test_the_agent_rings_the_browser(visit: Visit) -> None:
    page = visit.go(f"{PHONE}?agent=lead")
    page.get_by_text("Number, direction, voice").click()
    page.get_by_label("The agent rings you").check()
    page.get_by_label("name", exact=True).fill("Asha")
    page.get_by_role("button", name="Be rung").click()
    page.get_by_role("button", name="Answer", exact=True).click()
    say(page, "English")
    expect(page.locator("#talk")).to_contain_text("Hello Asha")
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("heading", name="The call is over")).to_be_visible()


@pytest.fixture
def narrow(browser: Browser, server: ServerProcess) -> Iterator[Visit]:
    size = {"width": 390, "height": 800}
    opened = Visit(browser, f"http://127.0.0.1:{server.port}", viewport=size, color_scheme="dark")
    yield opened
    opened.close()
    opened.check()


def test_a_narrow_screen_shows_one_part_at_a_time(narrow: Visit) -> None:
    page = narrow.go(PHONE)
    ring(page)
    hear_out(page)
    expect(page.locator("#stages")).to_be_hidden()
    page.get_by_role("tab", name="Inside the call").click()
    expect(page.locator("#stages")).to_be_visible()
    assert narrow.axe() == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.get_by_role("tab", name="Talk").click()
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("button", name="Another call")).to_be_visible()
    page.get_by_role("button", name="Another call").click()
    expect(page.get_by_role("button", name="Ring", exact=True)).to_be_visible()
