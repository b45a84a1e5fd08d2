"""The browser phone with a model and a voice: clips, partial results, a voice that is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.server_process import ServerProcess
from phone.vendors.process import VendorsProcess
from tests.console.browser_phone import BrowserPhone


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("vendors")
    with VendorsProcess() as vendors:
        settings = {"DATA_DIR": str(folder), **vendors.settings("gemini", "elevenlabs")}
        with ServerProcess(settings, folder / "log") as process:
            yield process


def test_a_clip_comes_with_the_words_it_says(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.until("listening")
        heard = page.all("heard")
    assert [one["language"] for one in heard] == ["en-IN", "ta-IN", "ml-IN"]
    assert heard[0]["words"] == "For English, say English or press 1."
    assert all(one["clip"].endswith(".mp3") for one in heard)


def test_what_is_heard_so_far_reaches_the_server_before_the_whole(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.say("English")
        listening = page.until("listening")
        assert listening["partials"]
        before = len(page.all("webhook"))
        page.send(type="hears", listening=listening["listening"], text="500 rupees")
        page.send(type="says", listening=listening["listening"], text="500 rupees", after_s=1.0)
        page.until("listening")
        later = page.all("webhook")[before:]
        paths = [one["url"].rpartition("/")[2].partition("?")[0] for one in later]
        assert paths == ["partial", "process-response"]


def test_without_its_voice_the_call_goes_on_in_the_carriers(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.say("English")
        page.send(type="break", part="voice", outage="down")
        page.until("broken")
        page.say("731 rupees, 3 pm to 5 pm")
        page.until("listening")
        last = page.all("heard")[-1]
    assert "731 rupees" in last["words"]
    assert last["clip"] == ""
