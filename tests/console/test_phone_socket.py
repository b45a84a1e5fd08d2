"""The socket of the browser phone, on a real server: whole calls, and everything that ends them."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from benchmarks.server_process import ServerProcess
from console.phone_socket import CALLS_MOST
from tests.console.browser_phone import ANSWERS, BrowserPhone
from tests.waiting import wait_until

WANTED = {
    "charge": {"amount": 600, "currency": "INR"},
    "window": {"start": "14:00", "end": "17:00"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("phone")
    settings = {"DATA_DIR": str(folder), "WEB_WORKERS": "2"}
    with ServerProcess(settings, folder / "log") as process:
        yield process


def status_of(server: ServerProcess, sid: str) -> Mapping[str, Any]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", f"/call-status/{sid}")
        told: Mapping[str, Any] = json.loads(connection.getresponse().read())
        return told
    finally:
        connection.close()


def test_a_whole_call_is_completed_on_whichever_process_its_webhooks_reach(
    server: ServerProcess,
) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        sid = page.until("dialled")["sid"]
        for answer in ANSWERS:
            page.say(answer)
        ended = page.until("ended")
    assert (ended["status"], ended["problem"]) == ("completed", "")
    record = page.all("record")[-1]
    assert (record["stage"], record["outcome"]) == ("completed", "completed")
    assert record["way"] == ["language", "welcome", "collecting", "confirming", "completed"]
    assert {one["name"]: one["value"] for one in record["fields"]} == {
        "charge": "600 rupees",
        "window": "2 pm to 5 pm",
    }
    assert record["fields"][0]["before"] == ["500 rupees"]
    assert status_of(server, sid)["data"] == WANTED


def test_the_page_sees_every_webhook_and_every_document(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.say("English")
        page.until("listening")
        seen = page.all("webhook")
    assert [one["url"].partition("/")[2].partition("/")[2].partition("?")[0] for one in seen] == [
        f"127.0.0.1:{server.port}/voice",
        f"127.0.0.1:{server.port}/process-response",
    ]
    assert all(one["status"] == 200 and one["document"].startswith("<?xml") for one in seen)
    assert seen[1]["form"]["SpeechResult"] == "English"


def test_two_people_call_at_once_and_hear_their_own_call(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as one, BrowserPhone(server.port) as other:
        one.ring(number="+919800000001")
        other.ring("pizza", number="+919800000002")
        one.say("English")
        other.until("listening")
        one.until("listening")
        forms = [page.all("webhook")[0]["form"]["From"] for page in (one, other)]
    assert forms == ["+919800000001", "+919800000002"]


def test_a_window_that_is_closed_hangs_up(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        sid = page.until("dialled")["sid"]
        page.until("listening")
    wait_until(lambda: status_of(server, sid)["outcome"] == "abandoned")


def test_hanging_up_ends_the_call_and_then_the_socket(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.until("listening")
        page.send(type="hang-up")
        assert page.until("ended")["problem"] == ""
        assert page.closed()[0] == 1000
    assert page.all("record")[-1]["outcome"] == "abandoned"


def test_keys_and_silence_are_moves_too(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        heard = page.until("listening")
        page.send(type="silent", listening=heard["listening"])
        heard = page.until("listening")
        page.send(type="keys", listening=heard["listening"], keys="1", after_s=0.4)
        page.until("listening")
        last = page.all("webhook")[-1]
        page.until("record")
    assert last["form"]["Digits"] == "1"
    assert [turn["caller_by"] for turn in page.all("record")[-1]["turns"]][-2:] == [
        "silence",
        "keys",
    ]


def test_an_answer_to_an_earlier_question_is_not_taken_for_this_one(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        number = page.until("listening")["listening"]
        page.send(type="says", listening=number, text="English", after_s=None)
        page.send(type="says", listening=number, text="Tamil", after_s=None)
        page.until("listening")
        page.until("record")
        assert page.all("record")[-1]["language"] == "en-IN"


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"type": "ring"}',
        '{"type": "ring", "agent": "logistics", "number": "12"}',
        '{"type": "ring", "agent": "nobody", "number": "+919812345678"}',
        '{"type": "says", "listening": 1, "text": "before the call"}',
        json.dumps({"type": "ring", "agent": "a" * 20_000, "number": "+919812345678"}),
    ],
)
def test_garbage_closes_the_socket_with_a_reason(server: ServerProcess, frame: str) -> None:
    with BrowserPhone(server.port) as page:
        page.send_raw(frame)
        code, reason = page.closed()
    assert code == 1008
    assert reason


def test_bytes_are_refused(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.send_raw(b"\x00\x01")
        assert page.closed()[0] == 1003


def test_messages_that_mean_nothing_now_are_passed_over(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        number = page.until("listening")["listening"]
        for _ in range(20):
            page.send(type="pick-up", result="answered")
        page.send(type="says", listening=number, text="English", after_s=1.5)
        page.until("listening")
        assert page.all("webhook")[-1]["form"]["SpeechResult"] == "English"


def test_no_more_browsers_call_than_there_are_threads_for(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("full")
    with ServerProcess({"DATA_DIR": str(folder)}, folder / "log") as process, ExitStack() as stack:
        pages = [stack.enter_context(BrowserPhone(process.port)) for _ in range(CALLS_MOST + 1)]
        for page in pages[:-1]:
            page.ring()
            page.until("listening")
        pages[-1].ring()
        code, reason = pages[-1].closed()
        assert code == 1013
        assert "16 browsers are calling" in reason
        pages[0].close()  # a window that is gone keeps no thread
        wait_until(lambda: _can_ring(process))


def _can_ring(server: ServerProcess) -> bool:
    with BrowserPhone(server.port) as page:
        page.ring()
        try:
            page.until("listening")
        except ConnectionClosed:
            return False
        return True


def test_an_outage_is_met_whichever_process_answers_and_ends_with_the_call(
    server: ServerProcess,
) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.say("English")
        listening = page.until("listening")["listening"]  # or it may come before "broken"
        page.send(type="break", part="model", outage="slow")
        page.until("broken")
        words = "500 rupees, 2 pm to 5 pm"
        page.send(type="says", listening=listening, text=words, after_s=None)
        page.until("listening")
        page.until("record")
        turn = page.all("record")[-1]["turns"][-1]
        assert turn["brain"] == "practice"
        assert turn["filler"] >= 1
        page.send(type="hang-up")
        page.until("ended")
        assert page.all("broken")[-1]["outage"] is None


def test_somebody_else_is_rung_as_the_page_says(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring()
        page.say("English")
        page.say("I want to talk to a person")
        assert page.until("dials")["target"] == "+914400000000"
        page.send(type="put-through", result="busy")
        page.until("listening")
        page.until("record")
        assert page.all("record")[-1]["way"][-2:] == ["handover", "collecting"]


def test_the_server_rings_a_browser_that_answers(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page:
        page.ring("lead", outgoing=True, variables={"name": "Asha"})
        page.until("rings")
        page.send(type="pick-up", result="answered")
        page.say("English")
        page.until("listening")
        assert any("Hello Asha" in heard["words"] for heard in page.all("heard"))


def test_only_one_browser_can_be_rung_at_a_time(server: ServerProcess) -> None:
    with BrowserPhone(server.port) as page, BrowserPhone(server.port) as other:
        page.ring("lead", outgoing=True, number="+919800000003")
        page.until("rings")
        other.ring("lead", outgoing=True, number="+919800000004")
        assert "Only one can be rung" in other.until("ended")["problem"]


def test_a_page_of_another_site_gets_no_phone(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus) as refused:
        BrowserPhone(server.port, origin="https://evil.example").__enter__()
    assert refused.value.response.status_code == 403


def test_a_server_that_ends_takes_its_calls_with_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("ends")
    with ServerProcess({"DATA_DIR": str(folder)}, folder / "log") as process:
        with BrowserPhone(process.port) as page:
            page.ring()
            page.until("listening")
            process.signal(signal.SIGTERM)
            assert page.closed()[0] == 1012
        assert process.wait() == 0
