"""The page of a call that goes on: words as they are said, who speaks, where the call moves to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.server_process import ServerProcess
from calls.hub import Hub
from calls.hub_link import RedisLink
from storage.sqlite import SqliteStorage
from tests.browser.chromium import Visit
from tests.redis_server import RedisServer
from tests.storage.samples import a_call, a_turn
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("words")


@pytest.fixture(scope="module")
def server(place: Path, redis: RedisServer) -> Iterator[ServerProcess]:
    settings = {"DATA_DIR": str(place), "REDIS_URL": redis.url}
    with ServerProcess(settings, place / "log") as process:
        yield process


@pytest.fixture
def hub(redis: RedisServer) -> Iterator[Hub]:
    """That of the process in which the call is."""
    with closing(Hub(RedisLink(redis.url))) as opened:
        yield opened


@pytest.fixture
def store(server: ServerProcess, place: Path) -> Iterator[SqliteStorage]:
    with closing(SqliteStorage(place / "callwright.db")) as opened:
        yield opened


def line_of(page: Page, speaker: str) -> str:
    return f"[data-speaker={speaker}]"


def test_a_page_shows_the_words_as_they_are_said(
    visit: Visit, store: SqliteStorage, hub: Hub
) -> None:
    now = datetime.now(UTC)
    store.create_call(a_call("live", created_at=now, updated_at=now, transport="stream"))
    page = visit.go("/console/calls/live")
    expect(page.locator("[data-words]")).to_have_attribute("data-listening", "")
    wait_until(lambda: hub.is_wanted("live"))
    caller, agent = page.locator(line_of(page, "caller")), page.locator(line_of(page, "agent"))

    hub.publish("live", "words", speaker="caller", text="five <b>hun", is_final=False)
    hub.publish("live", "level", caller=0.5, agent=0.0)
    expect(caller.locator(".words.interim")).to_have_text("five <b>hun")
    expect(caller.locator("meter")).to_have_js_property("value", 0.5)
    assert visit.axe() == []
    hub.publish("live", "words", speaker="caller", text="five hundred", is_final=True)
    expect(caller.locator(".words:not(.interim)")).to_have_text("five hundred")

    hub.publish("live", "said", turn=1, caller="five hundred", agent="When?")
    hub.publish("live", "words", speaker="agent", text="When?", is_final=True)
    expect(caller.locator(".words")).to_have_text("")
    expect(agent.locator(".words")).to_have_text("When?")
    hub.publish("live", "stage", stage="handover", language="en-IN")
    expect(page.locator("[data-stage]")).to_have_text("handover")
    hub.publish("live", "moved", to="gather", reason="socket_lost")
    expect(page.locator("[data-note]")).to_have_text("The call goes on by gather: socket lost.")

    page.set_viewport_size({"width": 390, "height": 800})
    hub.publish("live", "words", speaker="caller", text="w" * 200, is_final=False)
    expect(caller.locator(".words")).to_have_text("w" * 200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    hub.publish("live", "ended", outcome="completed")
    expect(page.locator("[data-words]")).to_be_hidden()


def test_what_was_said_and_not_heard_is_struck_through(visit: Visit, store: SqliteStorage) -> None:
    now = datetime.now(UTC)
    call = a_call("cut", created_at=now, updated_at=now)
    store.create_call(call)
    call = store.save_call(call, a_turn(0, "cut", agent="Welcome. <i>What</i> do you charge?"))
    store.save_call(
        replace(call, ended_at=now, outcome="abandoned"),
        a_turn(1, "cut", agent="Goodbye now.", heard="Goodbye", former={"heard": "Welcome."}),
    )
    page = visit.go("/console/calls/cut")

    assert page.locator(".talk s").all_text_contents() == ["<i>What</i> do you charge?", "now."]
    expect(page.locator("[data-words]")).to_have_count(0)  # it is over
    assert visit.axe() == []


def test_without_redis_or_news_the_page_is_whole(browser: Browser, tmp_path: Path) -> None:
    with ServerProcess({"DATA_DIR": str(tmp_path)}, tmp_path / "log") as server:
        with closing(SqliteStorage(tmp_path / "callwright.db")) as store:
            now = datetime.now(UTC)
            store.create_call(a_call("quiet", created_at=now, updated_at=now))
        visit = Visit(browser, f"http://127.0.0.1:{server.port}")
        page = visit.go("/console/calls/quiet")
        expect(page.get_by_role("heading", name="At this moment")).to_be_visible()
        visit.close()
        visit.check()
