"""A call that was recorded is heard on its page, and gone when it was deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server_process import ServerProcess
from phone.caller import HangsUp, Speaks
from phone.handset import Handset
from phone.transcript import Transcript
from tests.browser.chromium import Visit
from tests.phone.planned import PlannedCaller
from tests.waiting import wait_until

AGENT = """\
agent: parcel
name: Parcel desk
goal: Arrange a pick-up.
languages: [en-IN]
record: {announce: "This call is recorded."}
say: {welcome: "Hello, this is the parcel desk.", thanks: "Thank you.", goodbye: "Goodbye."}
fields:
  count: {kind: number, ask: "How many parcels are there?"}
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose agent records its calls."""
    folder = tmp_path_factory.mktemp("recorded")
    agents = folder / "agents"
    agents.mkdir()
    (agents / "parcel.yaml").write_text(AGENT, encoding="utf-8")
    variables = {"DATA_DIR": str(folder / "data"), "AGENTS_DIR": str(agents)}
    with ServerProcess(variables, folder / "log") as process:
        yield process


def a_recorded_call(server: ServerProcess) -> str:
    """Ring, answer, hang up; the id of the call."""
    handset = Handset(f"http://127.0.0.1:{server.port}")
    caller = PlannedCaller([Speaks(("there are five of them",)), HangsUp()])
    line = handset.prepare("parcel", caller, Transcript())
    line.run_inbound()
    handset.close()  # which waits until the server has fetched it
    call_id = str(handset.record(line.call.leg.sid)["call_id"])
    assert "This call is recorded." in caller.texts[0]
    return call_id


def playable(page: Page) -> None:
    expect(page.locator("audio")).to_be_visible()


def test_a_recorded_call_can_be_heard_and_deleted(
    browser: Browser, recorded: ServerProcess
) -> None:
    call_id = a_recorded_call(recorded)
    visit = Visit(browser, f"http://127.0.0.1:{recorded.port}")
    page = visit.go(f"/console/calls/{call_id}")
    playable(page)
    assert visit.axe() == []

    page.evaluate("document.querySelector('audio').play()")
    wait_until(lambda: page.evaluate("document.querySelector('audio').currentTime > 0.1"))
    assert page.evaluate("document.querySelector('audio').duration") > 0.5

    # A player can seek: the middle is asked for, and comes.
    page.evaluate("const a = document.querySelector('audio'); a.currentTime = a.duration / 2")
    is_there = (
        "(a => a.currentTime >= a.duration / 2 && !a.seeking)(document.querySelector('audio'))"
    )
    wait_until(lambda: page.evaluate(is_there))
    page.evaluate("document.querySelector('audio').pause()")

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("audio")).to_have_count(0)
    visit.close()
    visit.check()
