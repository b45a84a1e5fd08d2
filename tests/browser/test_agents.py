"""An agent in the browser: mistakes at their line, a draft talked to, published and heard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.server_process import ROOT, ServerProcess
from phone.handset import Handset
from phone.rehearsal import play_inbound
from phone.script import load_script
from tests.browser.chromium import Visit
from tests.waiting import wait_until

BEFORE = "Hello! This is the automated assistant of Acme Freight."
AFTER = "Good day! You have reached the rate robot."
SCRIPT = load_script(ROOT / "tests/call_scripts/logistics_hangs_up.yaml")
REPLACE = """([from, to]) => {
  const at = agentEditor.state.doc.toString().indexOf(from);
  agentEditor.dispatch({changes: {from: at, to: at + from.length, insert: to}});
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Two processes behind one address: whichever takes a request knows what was published."""
    folder = tmp_path_factory.mktemp("server")
    settings = {"DATA_DIR": str(folder), "WEB_WORKERS": "2"}
    with ServerProcess(settings, folder / "log") as process:
        yield process


def heard(server: ServerProcess) -> str:
    """Ring the agent; everything it said."""
    handset = Handset(f"http://127.0.0.1:{server.port}")
    said = play_inbound(handset, SCRIPT).dialogue
    handset.close()
    return " ".join(text for _, text in said)


def replace(visit: Visit, before: str, after: str) -> None:
    visit.page.evaluate(REPLACE, [before, after])


def test_a_mistake_is_told_at_its_line_as_one_types(visit: Visit) -> None:
    page = visit.go("/console/agents/logistics")
    replace(visit, "kind: money", "kind: munny")
    line = page.locator(".problems .jump")
    expect(line).to_have_count(1)

    expect(page.locator(".problems")).to_contain_text("did you mean money?")
    line.click()
    expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    assert visit.axe() == []
    replace(visit, "kind: munny", "kind: money")
    expect(line).to_have_count(0)


def test_a_broken_text_is_refused_by_the_server_and_not_lost(visit: Visit) -> None:
    visit.expected = {422}
    page = visit.go("/console/agents/pizza")
    replace(visit, "agent: pizza", "agent: [pizza")
    page.get_by_role("button", name="Publish").click()

    expect(page.locator(".problems")).to_contain_text("is not YAML")
    assert "agent: [pizza" in page.evaluate("agentEditor.state.doc.toString()")


def test_tab_leaves_the_editor(visit: Visit) -> None:
    page = visit.go("/console/agents/logistics")
    page.locator(".cm-content").focus()
    page.keyboard.press("Tab")

    expect(page.locator("#note")).to_be_focused()


def test_a_sentence_is_changed_tried_published_and_heard(
    visit: Visit, server: ServerProcess
) -> None:
    assert BEFORE in heard(server)
    page = visit.go("/console/agents/logistics")
    replace(visit, BEFORE, AFTER)

    page.get_by_role("button", name="Begin").click()
    page.locator("#chat-words").fill("English")
    page.keyboard.press("Enter")
    expect(page.locator("#chat-talk")).to_contain_text(AFTER)
    assert BEFORE in heard(server)  # nobody published anything yet

    page.locator("#note").fill("A friendlier greeting")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="answers calls")).to_contain_text("Version 2")
    wait_until(lambda: all(AFTER in heard(server) for _ in range(4)), limit_s=30)

    page.get_by_role("link", name="Versions").click()
    expect(page.locator("table")).to_contain_text("A friendlier greeting")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".difference .new")).to_contain_text(AFTER)
    expect(page.locator(".difference .gone")).to_contain_text(BEFORE)
    assert visit.axe() == []


def test_without_scripts_the_text_is_a_plain_field(
    browser_without_scripts: Visit,
) -> None:
    page = browser_without_scripts.go("/console/agents/clinic")

    expect(page.locator("textarea[name=text]")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value(
        (ROOT / "agents/clinic.yaml").read_text(encoding="utf-8")
    )


@pytest.fixture
def browser_without_scripts(browser: Browser, server: ServerProcess) -> Iterator[Visit]:
    opened = Visit(browser, f"http://127.0.0.1:{server.port}", java_script_enabled=False)
    yield opened
    opened.close()
    opened.check()
