"""The analytics page: figures, charts, tables; with scripts and without."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from benchmarks.analytics import some_fact
from benchmarks.server_process import ServerProcess
from storage.sqlite_facts import SqliteFacts
from tests.browser.chromium import Visit
from tests.providers.telephony.twilio_forms import call_form
from tests.waiting import wait_until

HERE = "/console/analytics"
CALLS = 300


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose calls of the last days have been counted."""
    folder = tmp_path_factory.mktemp("busy")
    with ServerProcess({"DATA_DIR": str(folder)}, folder / "log") as process:
        fill(folder / "callwright.db")
        yield process


def fill(path: Path) -> None:
    """Facts of the last ten days; a phrase in them tries to be more than words."""
    chance = random.Random(3)
    now = datetime.now(UTC)
    facts = SqliteFacts(path)
    made = [
        replace(
            some_fact(chance, place),
            started_at=now - timedelta(days=place % 10),
            phrases=("<script>alert(1)</script>", "late truck"),
        )
        for place in range(CALLS)
    ]
    facts.keep(made)
    facts.close()


@pytest.fixture
def looking(browser: Browser, busy: ServerProcess) -> Iterator[Visit]:
    opened = Visit(browser, f"http://127.0.0.1:{busy.port}")
    yield opened
    opened.close()
    opened.check()


def heights(page: Page) -> list[object]:
    """Where everything is, from top to bottom."""
    found: list[object] = page.eval_on_selector_all(
        ".chart-card", "cards => cards.map(card => card.getBoundingClientRect().top)"
    )
    return found


def test_before_any_call_the_page_says_what_to_do(visit: Visit) -> None:
    page = visit.go(HERE)
    expect(page.get_by_role("heading", name="No call ended in these days")).to_be_visible()
    assert visit.axe() == []


def test_a_call_that_ended_is_there_within_seconds(visit: Visit) -> None:
    base = visit.base
    form = call_form(CallSid="CA" + "5" * 32)
    requests.post(f"{base}/voice?agent_type=logistics", data=form, timeout=10).raise_for_status()
    over = {**form, "CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "12"}
    requests.post(f"{base}/call-events/status", data=over, timeout=10).raise_for_status()
    page = visit.go(HERE)

    def is_counted() -> bool:
        page.goto(f"{HERE}?fresh=1")
        return page.locator(".stat dd").first.text_content(timeout=1000) is not None

    wait_until(lambda: page.goto(f"{HERE}?fresh=1") and page.locator(".stats").count(), 20)
    assert is_counted()
    expect(page.locator(".stat dd").first).to_contain_text("1")


def test_figures_are_drawn_and_stand_in_tables(looking: Visit) -> None:
    page = looking.go(HERE)

    expect(page.locator(".stat dd").first).to_contain_text(f"{CALLS}")
    expect(page.locator("[data-chart] canvas")).to_have_count(5)
    card = page.locator("section", has=page.get_by_role("heading", name="Calls", exact=True))
    card.get_by_text("Table", exact=True).click()
    expect(card.get_by_role("row")).to_have_count(31)
    assert page.get_by_text("<script>alert(1)</script>").count() == 1
    assert looking.axe() == []


def test_pointing_at_a_chart_tells_its_figures(looking: Visit) -> None:
    page = looking.go(HERE)
    chart = page.locator("[data-chart='stack'] .u-over")
    chart.hover(position={"x": 300, "y": 60})
    expect(page.locator("[data-chart='stack'] .readout")).to_contain_text("Completed ")


def test_nothing_moves_when_the_theme_changes_and_charts_take_its_colours(looking: Visit) -> None:
    page = looking.go(HERE)
    before = heights(page)
    drawn = "() => document.querySelector('canvas').toDataURL()"
    light = page.evaluate(drawn)

    page.get_by_role("button", name="Light or dark").click()

    looking.until(f"({drawn})() !== {json.dumps(light)}")
    assert heights(page) == before
    assert looking.axe() == []


def test_a_narrow_window_holds_it_all(browser: Browser, busy: ServerProcess) -> None:
    visit = Visit(browser, f"http://127.0.0.1:{busy.port}", viewport={"width": 390, "height": 800})
    page = visit.go(HERE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visit.axe() == []
    visit.close()
    visit.check()


def test_without_scripts_the_tables_are_there(browser: Browser, busy: ServerProcess) -> None:
    visit = Visit(browser, f"http://127.0.0.1:{busy.port}", java_script_enabled=False)
    page = visit.go(HERE)
    expect(page.locator(".chart").first).to_be_hidden()
    page.get_by_text("Table", exact=True).first.click()
    expect(page.locator("#table-calls")).to_be_visible()
    page.get_by_label("Agent", exact=True).select_option("pizza")
    page.get_by_role("button", name="Filter").click()
    assert "agent=pizza" in page.url
    visit.close()
    visit.check()


def test_days_and_agents_are_chosen(looking: Visit) -> None:
    page = looking.go(HERE)
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")
    page.get_by_label("Agent", exact=True).select_option("clinic")
    page.wait_for_url("**agent=clinic**")
    assert "from=" in page.url


def test_a_day_that_is_none_is_named_beside_its_field(looking: Visit) -> None:
    looking.expected = {422}
    page = looking.go(f"{HERE}?from=yesterday")
    expect(page.get_by_text("Write a day such as 2026-11-20.")).to_be_visible()
    assert looking.axe() == []


@pytest.mark.parametrize("name", ["calls", "phrases", "hours", "agents", "items"])
def test_every_table_goes_home_as_csv(busy: ServerProcess, name: str) -> None:
    answer = requests.get(f"http://127.0.0.1:{busy.port}{HERE}/{name}.csv", timeout=10)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.text.splitlines()) > 1


@pytest.mark.parametrize(("address", "status"), [("nothing.csv", 404), ("calls.csv?from=x", 422)])
def test_a_table_that_is_not_there_says_so(busy: ServerProcess, address: str, status: int) -> None:
    answer = requests.get(f"http://127.0.0.1:{busy.port}{HERE}/{address}", timeout=10)
    assert answer.status_code == status
