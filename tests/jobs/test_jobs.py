"""Jobs that are done by a worker inside the process that sends them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from threading import Event
from types import FrameType

import pytest
from celery import signals
from celery.worker import WorkController

from jobs.app import Jobs
from jobs.memory import Channel
from storage.base import DatabaseAway
from tests.waiting import wait_until


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def test_a_job_is_done_with_what_was_sent(jobs: Jobs) -> None:
    done: list[tuple[str, ...]] = []
    jobs.register("settle", lambda *args: done.append(args))

    assert jobs.send("settle", "call-1", "now") is True

    wait_until(lambda: done == [("call-1", "now")])


def test_a_job_that_fails_is_said_and_holds_up_nobody(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fails(call_id: str) -> None:
        raise ValueError(call_id)

    jobs.register("fails", fails)
    jobs.register("settle", done.append)
    with caplog.at_level(logging.ERROR):
        jobs.send("fails", "call-1")
        jobs.send("settle", "call-2")
        wait_until(lambda: done == ["call-2"])
        wait_until(lambda: caplog.records)

    assert [record.getMessage() for record in caplog.records] == ["a job failed"]


def test_a_job_that_meets_no_store_is_nobodys_fault(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(call_id: str) -> None:
        raise DatabaseAway("MongoDB is away.")

    jobs.register("fails", fails)
    with caplog.at_level(logging.WARNING):
        jobs.send("fails", "call-1")
        wait_until(lambda: caplog.records)

    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_one_that_takes_long_does_not_hold_up_the_next(jobs: Jobs) -> None:
    go_on, done = Event(), list[str]()

    def waits(_: str) -> None:
        go_on.wait(10)

    jobs.register("waits", waits)
    jobs.register("settle", done.append)
    jobs.send("waits", "call-1")
    jobs.send("settle", "call-2")

    wait_until(lambda: done == ["call-2"])
    go_on.set()


def test_what_is_being_done_is_finished_at_the_end() -> None:
    jobs = Jobs()
    begun, done = Event(), list[str]()

    def takes_a_while(call_id: str) -> None:
        begun.set()
        wait_until(lambda: jobs.send("takes a while", "more") is False)
        done.append(call_id)

    jobs.register("takes a while", takes_a_while)
    jobs.send("takes a while", "call-1")
    begun.wait(10)

    jobs.close()
    jobs.close()

    assert "call-1" in done
    assert jobs.send("takes a while", "call-2") is False
    assert not [queue for queue in Channel.queues if queue.startswith("jobs-")]


def test_two_in_one_process_do_not_take_each_others() -> None:
    done: list[str] = []
    one, other = Jobs(), Jobs()
    one.register("settle", lambda call_id: done.append(f"one {call_id}"))
    other.register("settle", lambda call_id: done.append(f"other {call_id}"))

    one.send("settle", "1")
    other.send("settle", "2")

    wait_until(lambda: sorted(done) == ["one 1", "other 2"])
    one.close()
    other.close()


def test_whoever_closes_while_the_worker_is_only_made_does_not_wait_for_ever() -> None:
    is_made, is_asked, go_on = Event(), Event(), Event()

    def holds(frame: FrameType, event: str, value: object) -> None:
        if frame.f_code is WorkController.start.__code__:
            is_made.set()
            go_on.wait(10)

    def asked(**_: object) -> None:
        is_asked.set()

    jobs = Jobs()
    jobs.register("settle", lambda call_id: None)
    before = threading.gettrace()
    threading.settrace(holds)
    try:
        jobs.send("settle", "call-1")
        assert is_made.wait(10)
    finally:
        threading.settrace(before)
    signals.worker_shutdown.connect(asked)
    closing = threading.Thread(target=jobs.close, daemon=True)
    closing.start()
    assert is_asked.wait(10)  # to stop, which it does not notice yet
    go_on.set()
    closing.join(10)
    assert not closing.is_alive()
