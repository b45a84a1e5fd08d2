"""The browser phone in a live call: the agent is heard, words at any time, a (fake) microphone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, WebSocket, expect

from benchmarks.server_process import ServerProcess
from phone.mulaw import SILENCE
from tests.browser.chromium import Visit, chromium
from tests.console.test_phone_live import live_agents


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """With a microphone into which something beeps, and a person who allows its use."""
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with chromium(*fake) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("live")
    agents: Path = live_agents(folder)
    settings = {"DATA_DIR": str(folder), "AGENTS_DIR": str(agents), "LIVE_LAG_MS": "10000"}
    with ServerProcess(settings, folder / "log") as process:
        yield process


def test_a_live_agent_is_heard_and_hears_the_microphone_and_typed_words(visit: Visit) -> None:
    sent: list[bytes] = []
    came: list[bytes] = []

    def watch(socket: WebSocket) -> None:
        def note(pieces: list[bytes], payload: str | bytes) -> None:
            if isinstance(payload, bytes):
                pieces.append(payload)

        socket.on("framesent", lambda payload: note(sent, payload))
        socket.on("framereceived", lambda payload: note(came, payload))

    visit.page.on("websocket", watch)
    page = visit.go("/console/phone")
    page.get_by_role("button", name="Ring", exact=True).click()
    microphone = page.get_by_role("button", name="Microphone")
    expect(microphone).to_be_visible()
    expect(page.locator("#state")).to_have_text("Live")
    visit.until("window.phoneLive.playsFor() > 0")
    assert visit.axe() == []

    page.get_by_role("button", name="Keys").click()
    page.locator("[data-key='1']").click()
    expect(page.locator("#talk")).to_contain_text("charge")
    page.get_by_label("What you say").fill("500 rupees")
    page.get_by_label("What you say").press("Enter")
    expect(page.locator("[data-field=charge]")).to_contain_text("500 rupees")

    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "true")
    visit.until("window.phoneLive.isListening()")
    while not any(piece.strip(bytes((SILENCE, 0x7F))) for piece in sent):
        page.wait_for_timeout(50)
    assert {len(piece) for piece in sent} == {160}
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "false")

    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("heading", name="The call is over")).to_be_visible()
    expect(microphone).to_be_hidden()
    assert came
