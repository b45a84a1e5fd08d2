"""The pages of calls in a browser: they refresh by themselves, and nothing stored runs in them."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from benchmarks.server_process import ServerProcess
from storage.records import CallEvent, CallRecord, TurnRecord
from storage.sqlite import SqliteStorage
from tests.browser.chromium import Visit
from tests.storage import samples
from tests.waiting import wait_until

PATH = "/console/calls"
HOSTILE = '<script>window.hurt = 1</script>"><img src=x onerror="window.hurt = 1">{{7*7}}'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calls")


@pytest.fixture(scope="module")
def server(place: Path) -> Iterator[ServerProcess]:
    """gunicorn with two processes, so that a page's news may come from another one."""
    settings = {"DATA_DIR": str(place), "WEB_WORKERS": "2"}
    with ServerProcess(settings, place / "log") as process:
        yield process


@pytest.fixture
def store(server: ServerProcess, place: Path) -> Iterator[SqliteStorage]:
    """What another process writes into the server's file."""
    with closing(SqliteStorage(place / "callwright.db")) as opened:
        yield opened


def a_call(call_id: str, **changes: object) -> CallRecord:
    now = datetime.now(UTC)
    usual = {"created_at": now, "updated_at": now, "status": "in-progress"}
    return samples.a_call(call_id, **{**usual, **changes})


def a_turn(call_id: str, turn: int, **changes: object) -> TurnRecord:
    usual = {"at": datetime.now(UTC), "accepted": {}}
    return samples.a_turn(turn, call_id, **{**usual, **changes})


def saved(store: SqliteStorage, call: CallRecord, turn: TurnRecord | None = None) -> CallRecord:
    return store.save_call(replace(call, updated_at=datetime.now(UTC)), turn)


def is_listening(visit: Visit) -> None:
    expect(visit.page.locator("html")).to_have_attribute("data-live", "on")


def test_an_empty_list_leads_to_the_phone(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("empty")
    with ServerProcess({"DATA_DIR": str(folder)}, folder / "log") as server:
        visit = Visit(browser, f"http://127.0.0.1:{server.port}")
        page = visit.go(PATH)
        expect(page.get_by_role("heading", name="No call yet")).to_be_visible()
        assert visit.axe() == []
        page.get_by_role("link", name="Ring an agent").click()
        assert "/console/phone" in page.url
        visit.close()
        visit.check()


def test_a_call_appears_changes_and_ends_while_somebody_looks_on(
    visit: Visit, store: SqliteStorage
) -> None:
    store.create_call(a_call("before"))
    page = visit.go(PATH)
    is_listening(visit)
    focused = page.locator("#call-before")
    focused.focus()

    call = a_call("appears")
    store.create_call(call)
    row = page.locator("tr", has=page.locator("#call-appears"))
    expect(row).to_contain_text("live")
    expect(row).to_contain_text("language")

    call = saved(store, replace(call, stage="collecting"), a_turn("appears", 1))
    expect(row).to_contain_text("collecting")
    over = {"stage": "completed", "outcome": "completed", "ended_at": datetime.now(UTC)}
    saved(store, replace(call, **over))  # type: ignore[arg-type]
    expect(row.locator(".badge")).to_have_text("completed")

    expect(focused).to_be_focused()


def test_the_record_says_in_whole_words_where_the_time_went(
    visit: Visit, store: SqliteStorage
) -> None:
    call = a_call("timed")
    store.create_call(call)
    saved(store, call, a_turn("timed", 1))
    page = visit.go(f"{PATH}/timed")
    legend = page.locator(".legend li")
    expect(legend.first).to_have_text("find the call")
    # In one look: the page refreshes itself meanwhile.
    high = "all => all.filter(one => one.offsetWidth <= one.offsetHeight).map(one => one.innerText)"
    assert legend.evaluate_all(high) == []


@pytest.mark.parametrize("path", [PATH, f"{PATH}/hurried"])
def test_what_happens_while_the_page_is_fetched_anew_is_seen_too(
    visit: Visit, store: SqliteStorage, path: str
) -> None:
    call = store.load_call("hurried")
    if call is None:
        store.create_call(a_call("hurried"))
        call = a_call("hurried")
    with visit.page.expect_websocket() as opened:
        page = visit.go(path)
    is_listening(visit)
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    page.route(f"**{path}*", lambda route: held.append(route), times=1)
    call = saved(store, replace(call, stage="collecting"))
    wait_until(lambda: page.title() and held)
    answer = held[0].fetch()
    with opened.value.expect_event("framereceived"):
        saved(store, replace(call, stage="handover"))
    held[0].fulfill(response=answer)

    shown = page.locator("tr", has=page.locator("#call-hurried")) if path == PATH else page
    expect(shown.get_by_text("handover").first).to_be_visible()


def test_a_call_goes_on_before_ones_eyes(visit: Visit, store: SqliteStorage) -> None:
    call = a_call("watched")
    store.create_call(call)
    page = visit.go(f"{PATH}/watched")
    is_listening(visit)
    times = page.get_by_role("group", name="Times, a table")
    page.get_by_role("link", name="JSON").focus()

    call = saved(store, call, a_turn("watched", 0, caller="", caller_by="none", agent="Hello."))
    expect(page.get_by_text("Hello.")).to_be_visible()
    saved(store, call, a_turn("watched", 1, caller="good morning"))
    expect(page.get_by_text("good morning")).to_be_visible()

    expect(page.get_by_role("link", name="JSON")).to_be_focused()
    times.focus()
    saved(store, store.load_call("watched") or call, a_turn("watched", 2, caller="and you"))
    expect(page.get_by_text("and you")).to_be_visible()
    expect(times).to_be_focused()
    expect(page.get_by_role("button", name="Hang up")).to_be_visible()
    assert visit.axe() == []


def test_nothing_that_is_stored_runs(visit: Visit, store: SqliteStorage) -> None:
    names = ("agent", "caller_number", "line_number", "stage", "language", "status")
    slot = {"value": HOSTILE, "heard": HOSTILE}
    state = {"format": 1, "slots": {"charge": slot, HOSTILE: slot}, "variables": {HOSTILE: HOSTILE}}
    texts = dict.fromkeys((*names, "agent_version", "direction", "transport", "outcome"), HOSTILE)
    call = a_call("hostile", state=state, **texts)
    store.create_call(call)
    said = {"caller": HOSTILE, "agent": HOSTILE, "accepted": {HOSTILE: HOSTILE}, "brain": HOSTILE}
    saved(store, call, a_turn("hostile", 1, **said))
    store.add_event(
        CallEvent("hostile", HOSTILE, HOSTILE, datetime.now(UTC), 1, {HOSTILE: HOSTILE})
    )

    for path in (PATH, f"{PATH}/hostile", f"{PATH}?agent={HOSTILE}&number={HOSTILE}"):
        visit.expected = {422}
        page = visit.go(path)
        assert page.evaluate("window.hurt") is None
        assert page.locator("main img").count() == 0
        assert "{{7*7}}" in page.content()


def test_filters_are_set_without_scripts(
    browser: Browser, server: ServerProcess, store: SqliteStorage
) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    store.create_call(a_call("stuck", outcome="stuck", created_at=old, ended_at=old))
    visit = Visit(browser, f"http://127.0.0.1:{server.port}", java_script_enabled=False)
    page = visit.go(PATH)

    page.get_by_label("Outcome").select_option("stuck")
    page.get_by_role("button", name="Filter").click()

    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_label("Outcome")).to_have_value("stuck")
    page.locator("tbody a").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("logistics")
    visit.close()
    visit.check()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_use_the_pages(
    browser: Browser, server: ServerProcess, store: SqliteStorage, theme: str, width: int
) -> None:
    call_id = f"usable-{theme}-{width}"
    call = a_call(call_id)
    store.create_call(call)
    saved(store, call, a_turn(call_id, 1, accepted={"charge": {"amount": 5, "currency": "INR"}}))
    size = {"width": width, "height": 800}
    visit = Visit(browser, f"http://127.0.0.1:{server.port}", viewport=size, color_scheme=theme)
    visit.expected = {422}
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for path in (
        PATH,
        f"{PATH}?number=12&stage=none",
        f"{PATH}?outcome=limit",
        f"{PATH}/{call_id}",
    ):
        page = visit.go(path)
        assert visit.axe() == []
        assert page.evaluate(wide) <= 0
    visit.close()
    visit.check()


def test_a_list_is_taken_along_as_a_file(visit: Visit, store: SqliteStorage) -> None:
    store.create_call(a_call("exported"))
    page = visit.go(PATH)

    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()

    written = io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))
    assert "exported" in written.getvalue()
    assert re.fullmatch(r"calls-\d{8}-\d{4}\.csv", waiting.value.suggested_filename)
