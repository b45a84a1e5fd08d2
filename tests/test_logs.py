"""What a log line holds, and what it must not."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from logs import bind_call, set_up_logs
from storage.base import StorageError

OURS = logging.getLogger("calls.session")
LIBRARY = logging.getLogger("carrier_sdk.http_client")
NUMBER = "+919876543210"


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Caller:
    number: str


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where logs go; the loggers are put back afterwards."""
    names = [None, "gunicorn.error", "gunicorn.access", "uvicorn.error", "uvicorn.access"]
    loggers = [logging.getLogger(name) for name in names]
    before = [(one.handlers, one.level, one.propagate) for one in loggers]
    yield io.StringIO()
    for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
        one.handlers = handlers
        one.setLevel(level)
        one.propagate = propagate


def entries(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def log_a_failure(error: Exception) -> None:
    try:
        raise error
    except type(error):
        OURS.exception("it failed")


def test_a_record_is_one_json_object_with_its_values(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    OURS.info("turn taken", extra={"turn": 3, "elapsed_ms": 1.5, "stage": "ശേഖരണം\n"})

    (entry,) = entries(out)
    assert datetime.fromisoformat(entry.pop("at")).utcoffset() == UTC.utcoffset(None)
    assert entry == {
        "level": "info",
        "logger": "calls.session",
        "message": "turn taken",
        "turn": 3,
        "elapsed_ms": 1.5,
        "stage": "ശേഖരണം\n",
    }


def test_below_the_level_nothing_is_written(out: io.StringIO) -> None:
    set_up_logs("warning", False, out)

    OURS.info("turn taken")
    OURS.warning("model late")

    assert [entry["message"] for entry in entries(out)] == ["model late"]


def test_a_second_set_up_replaces_the_first(out: io.StringIO) -> None:
    set_up_logs("info", True, io.StringIO())
    set_up_logs("info", False, out)

    OURS.info("once", extra={"pii_said": "five hundred"})

    assert len(entries(out)) == 1
    assert "pii_said" not in entries(out)[0]


# The call


def test_a_bound_call_is_on_every_record_of_the_block(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    with bind_call("call-1"):
        OURS.info("outer")
        with bind_call("call-2"):
            LIBRARY.warning("inner")
        OURS.info("outer again")
    OURS.info("after")

    assert [entry.get("call_id") for entry in entries(out)] == ["call-1", "call-2", "call-1", None]


def test_a_call_given_with_the_record_wins(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    with bind_call("call-1"):
        OURS.info("handed over", extra={"call_id": "call-2"})

    assert entries(out)[0]["call_id"] == "call-2"


def test_calls_of_other_threads_do_not_mix(out: io.StringIO) -> None:
    set_up_logs("info", False, out)
    together = threading.Barrier(4)

    def work(number: int) -> None:
        with bind_call(f"call-{number}"):
            together.wait()
            OURS.info("turn", extra={"number": number})

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    pairs = {(entry["call_id"], entry["number"]) for entry in entries(out)}
    assert pairs == {(f"call-{number}", number) for number in range(4)}


def test_a_call_is_let_go_when_the_block_fails(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    with pytest.raises(ValueError, match="broken"), bind_call("call-1"):
        raise ValueError("broken")
    OURS.info("after")

    assert "call_id" not in entries(out)[0]


# Personal data


@pytest.mark.parametrize("screen", [io.StringIO, Screen])
def test_personal_values_are_dropped_however_deep(
    out: io.StringIO, screen: type[io.StringIO]
) -> None:
    out = screen()
    set_up_logs("info", False, out)

    OURS.info("heard", extra={"pii_said": NUMBER, "turn": {"number": 1, "pii_caller": NUMBER}})

    assert "heard" in out.getvalue()
    assert NUMBER not in out.getvalue()
    assert "pii_" not in out.getvalue()


def test_personal_values_are_written_when_asked_for(out: io.StringIO) -> None:
    set_up_logs("info", True, out)

    OURS.info("heard", extra={"pii_said": "ஐநூறு", "turn": {"pii_caller": NUMBER}})

    assert entries(out)[0]["pii_said"] == "ஐநூறு"
    assert entries(out)[0]["turn"] == {"pii_caller": NUMBER}


@pytest.mark.parametrize("screen", [io.StringIO, Screen])
def test_the_text_of_a_foreign_error_is_dropped_its_place_is_not(
    out: io.StringIO, screen: type[io.StringIO]
) -> None:
    out = screen()
    set_up_logs("info", False, out)

    log_a_failure(ValueError(f"cannot ring {NUMBER}"))

    assert NUMBER not in out.getvalue()
    assert "ValueError" in out.getvalue()
    assert "tests/test_logs.py:" in out.getvalue()
    assert "log_a_failure" in out.getvalue()


def test_the_text_of_a_foreign_error_is_written_when_asked_for(out: io.StringIO) -> None:
    set_up_logs("info", True, out)

    log_a_failure(ValueError(f"cannot ring {NUMBER}"))

    assert entries(out)[0]["error"]["text"] == f"cannot ring {NUMBER}"


def test_an_error_that_we_worded_keeps_its_text_and_names_its_cause(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    try:
        try:
            raise OSError(f"{NUMBER}.db is missing")
        except OSError as cause:
            raise StorageError("The disk is full.") from cause
    except StorageError:
        OURS.exception("storage failed")

    error = entries(out)[0]["error"]
    assert error["type"] == "storage.base.StorageError"
    assert error["text"] == "The disk is full."
    assert error["cause"]["type"] == "OSError"
    assert "text" not in error["cause"]


def test_errors_that_cause_each_other_end(out: io.StringIO) -> None:
    set_up_logs("info", False, out)
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one

    OURS.error("it failed", exc_info=one)

    assert entries(out)[0]["error"]["cause"]["type"] == "ValueError"


def test_of_an_object_only_the_type_is_written(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    OURS.info("turn", extra={"caller": Caller(NUMBER), "amount": Decimal("1.50"), "odd": {1: {2}}})

    assert entries(out)[0]["caller"] == "<Caller>"
    assert entries(out)[0]["amount"] == "1.50"
    assert entries(out)[0]["odd"] == {"1": "<set>"}


def test_a_record_that_cannot_be_written_does_not_spill_its_values(out: io.StringIO) -> None:
    set_up_logs("info", False, out)
    record = OURS.makeRecord(OURS.name, logging.INFO, "", 1, "a number: %d", (NUMBER,), None)

    logging.getLogger().handlers[-1].handle(record)

    (entry,) = entries(out)
    assert entry["message"] == "a record could not be written"


# Libraries and servers


def test_a_library_is_heard_from_warning_on_without_its_values(out: io.StringIO) -> None:
    set_up_logs("info", False, out)

    LIBRARY.info("POST Request: %s", NUMBER)
    LIBRARY.warning("retrying %s", NUMBER, extra={"to": NUMBER})
    LIBRARY.warning(f"filled in already: {NUMBER}")

    assert NUMBER not in out.getvalue()
    assert [entry["message"] for entry in entries(out)] == [
        "retrying %s",
        "a message of a library (shown with LOG_PII=1)",
    ]


def test_a_library_is_heard_in_full_when_debugging_with_personal_data(out: io.StringIO) -> None:
    set_up_logs("debug", True, out)

    LIBRARY.debug("POST Request: %s", NUMBER)

    assert entries(out)[0]["message"] == f"POST Request: {NUMBER}"


def test_servers_log_through_it_without_queries(out: io.StringIO) -> None:
    for name in ("gunicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = [logging.StreamHandler(sys.stderr)]
        logging.getLogger(name).propagate = False

    set_up_logs("info", False, out)
    logging.getLogger("gunicorn.error").info("Listening at: %s (%s)", "http://0.0.0.0:8000", 7)
    line = '%s - "%s %s HTTP/%s" %d'
    answered = ("127.0.0.1:5", "GET", f"/voice?From={NUMBER}", "1.1", 200)
    logging.getLogger("uvicorn.access").info(line, *answered)

    assert [entry["message"] for entry in entries(out)] == [
        "Listening at: http://0.0.0.0:8000 (7)",
        '127.0.0.1:5 - "GET /voice HTTP/1.1" 200',
    ]


def test_an_access_log_that_was_off_stays_off(out: io.StringIO) -> None:
    access = logging.getLogger("gunicorn.access")
    access.handlers, access.propagate = [], False

    set_up_logs("info", False, out)
    access.info("GET /")

    assert out.getvalue() == ""


def test_a_worker_without_handlers_of_its_own_is_heard(out: io.StringIO) -> None:
    worker = logging.getLogger("uvicorn.error")
    worker.handlers, worker.propagate = [], False

    set_up_logs("info", False, out)
    worker.info("Started server process [%d]", 7)

    assert entries(out)[0]["message"] == "Started server process [7]"


# The terminal


def test_on_a_terminal_a_record_is_a_readable_line(out: io.StringIO) -> None:
    out = Screen()
    set_up_logs("info", False, out)

    with bind_call("call-1"):
        OURS.info("turn taken", extra={"turn": 3, "stage": "to confirm", "path": "/voice"})

    time, line = out.getvalue().rstrip("\n").split(" ", 1)
    assert datetime.strptime(time, "%H:%M:%S")
    assert line == (
        'info    calls.session  turn taken  call_id=call-1  turn=3  stage="to confirm"  path=/voice'
    )


def test_on_a_terminal_nobody_can_forge_a_line(out: io.StringIO) -> None:
    out = Screen()
    set_up_logs("info", False, out)

    OURS.info("no such agent", extra={"agent": "x\n00:00:00 error   forged\x1b[2J"})
    logging.getLogger("gunicorn.error").info("Invalid request: %s", "x\r\n00:00:00 forged")

    assert len(out.getvalue().splitlines()) == 2
    assert "\x1b" not in out.getvalue()


def test_logs_go_to_stderr_by_default(out: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("info", False)

    OURS.info("started")

    written = capsys.readouterr()
    assert written.out == ""
    assert json.loads(written.err)["message"] == "started"
