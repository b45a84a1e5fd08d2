"""GET /metrics: who may read it, in which form, and that it adds up all processes of a server."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import app_of
from benchmarks.server_process import ServerFailed, ServerProcess
from calls.metrics import FILE_BYTES, Metrics
from settings import METRICS_VARIABLE, Settings, share_metrics, shared_metrics
from tests.transports.doors import SIGNED, House, json_of, scripted_services

TARGET = "tests.transports.counting_app:app"
TOKEN = {"Authorization": f"Bearer {SIGNED.api_token}"}


# In one process


def test_what_is_counted_is_shown_to_whoever_has_the_token(house: House) -> None:
    house.services.metrics.call_ended("logistics", "completed")
    answer = house.carrier.client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    line = 'callwright_calls_total{agent="logistics",outcome="completed"} 1.0'
    assert line in answer.text.splitlines()


def test_nobody_else_may_see_it(house: House) -> None:
    answer = house.carrier.client.get("/metrics")
    assert answer.status_code == 401
    assert json_of(answer)["error"]["code"] == "unauthorized"


def test_without_a_token_this_machine_may_see_it(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path, replace(SIGNED, api_token=""))
    client = app_of(services).test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 503
    services.close()


def test_openmetrics_is_spoken_to_whoever_asks_for_it(house: House) -> None:
    headers = TOKEN | {"Accept": "application/openmetrics-text; version=1.0.0; charset=utf-8"}
    answer = house.carrier.client.get("/metrics", headers=headers)
    assert answer.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "text/html;q=0.9,,;;",
        "application/openmetrics-text;version=x",
        "text/plain;version=x;escaping=y",
        "\xff",
    ],
)
def test_any_accept_header_gets_an_answer(house: House, accept: str) -> None:
    answer = house.carrier.client.get("/metrics", headers=TOKEN | {"Accept": accept})
    assert answer.status_code == 200


def test_files_that_cannot_be_read_are_a_plain_503(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path)
    metrics = Metrics(tmp_path / "metrics")
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"")
    client = app_of(replace(services, metrics=metrics)).test_client()
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 503
    assert json_of(answer)["error"]["code"] == "metrics_unavailable"
    services.close()


# In several


def test_several_processes_count_in_a_folder_of_their_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(METRICS_VARIABLE, "/elsewhere")
    folder = share_metrics(Settings(data_dir=str(tmp_path), port=8123, web_workers=2))
    assert folder == tmp_path / "metrics" / "8123"
    assert shared_metrics() == folder


def test_a_folder_is_named_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(METRICS_VARIABLE, "/elsewhere")
    folder = share_metrics(Settings(data_dir="data", web_workers=2))
    assert folder is not None
    assert folder.is_absolute()


def test_one_process_shares_with_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(METRICS_VARIABLE, "/elsewhere")
    monkeypatch.setenv(METRICS_VARIABLE.lower(), "/elsewhere")
    assert share_metrics(Settings(web_workers=1)) is None
    assert shared_metrics() is None
    assert METRICS_VARIABLE.lower() not in os.environ


def counting_server(folder: Path, workers: int, **settings: str) -> ServerProcess:
    environ = {"DATA_DIR": str(folder), "WEB_WORKERS": str(workers), **settings}
    return ServerProcess(environ, folder / "log", TARGET)


def ask(server: ServerProcess, method: str, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        return text
    finally:
        connection.close()


def count_in_both(server: ServerProcess, path: str) -> list[str]:
    """Post until two processes have answered; the process of each answer."""
    pids: list[str] = []
    until = time.monotonic() + 30
    with ThreadPoolExecutor(8) as pool:
        while len(set(pids)) < 2:
            assert time.monotonic() < until, "only one process answers"
            pids += pool.map(lambda _: ask(server, "POST", path), range(16))
    return pids


def shown(server: ServerProcess) -> dict[str, float]:
    """Name → value of every sample, summed over its labels, as whichever process answers."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(ask(server, "GET", "/metrics")):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def post_until_another_answers(server: ServerProcess, path: str, before: list[str]) -> list[str]:
    """The process of each answer; the last is of a process that was not there before."""
    pids: list[str] = []
    until = time.monotonic() + 30
    while not set(pids) - set(before):
        assert time.monotonic() < until, "no new process answers"
        try:
            pids.append(ask(server, "POST", path))
        except ConnectionError:
            continue  # it was taken by the process that died
    return pids


def test_two_processes_are_added_up_and_a_dead_one_still_counts(tmp_path: Path) -> None:
    with counting_server(tmp_path, 2) as server:
        turns = count_in_both(server, "/turn")
        ends = count_in_both(server, "/end")
        for _ in range(8):  # whichever process answers
            found = shown(server)
            assert found["callwright_turns_total"] == len(turns)
            assert found["callwright_turn_seconds_count"] == len(turns)
            assert found["callwright_model_tokens_total"] == len(turns) * 2050
            assert found["callwright_calls_total"] == len(ends)

        os.kill(int(turns[0]), signal.SIGKILL)
        more = post_until_another_answers(server, "/turn", turns)
        # One may have been counted by the process that died before it could answer.
        assert shown(server)["callwright_turns_total"] - len(turns + more) in (0, 1)
        assert shown(server)["callwright_calls_total"] == len(ends)
        left = tmp_path / "metrics" / str(server.port) / f"histogram_{turns[0]}.db"
        assert 8 < left.stat().st_size < FILE_BYTES["histogram"] / 10

        server.stop()
        server.start()
        assert shown(server).get("callwright_turns_total", 0) == 0
        assert shown(server).get("callwright_calls_total", 0) == 0


def test_a_reload_forgets_nothing(tmp_path: Path) -> None:
    with counting_server(tmp_path, 2) as server:
        ends = count_in_both(server, "/end")
        server.signal(signal.SIGHUP)
        more = post_until_another_answers(server, "/end", ends)
        assert shown(server)["callwright_calls_total"] == len(ends + more)


def test_one_process_counts_alone_whatever_the_environment_says(tmp_path: Path) -> None:
    with counting_server(tmp_path, 1, **{METRICS_VARIABLE: "/nowhere"}) as server:
        ask(server, "POST", "/end")
        assert shown(server)["callwright_calls_total"] == 1
    assert not (tmp_path / "metrics").exists()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"WEB_WORKERS": "2", "DATA_DIR": "/proc/nowhere"}, "DATA_DIR: /proc/nowhere/metrics"),
        ({"PRICES_FILE": "/nowhere.yaml"}, "PRICES_FILE: these prices cannot be used"),
    ],
)
def test_what_cannot_work_is_said_in_a_line_and_not_started(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    server = ServerProcess({"DATA_DIR": str(tmp_path), **settings}, tmp_path / "log")
    with pytest.raises(ServerFailed) as failed:
        server.start()
    assert told in str(failed.value)
    assert "trace" not in str(failed.value).lower()
