"""Jobs and rounds over a real Redis, done by a worker that shares it with who sends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from redis import Redis

from jobs.app import Jobs
from jobs.celery_app import ROUNDS, add_work
from jobs.rounds import Round, Rounds
from jobs.worker_process import app_of_worker, round_message, take_on
from storage.sqlite_register import SqliteRegister
from tests.jobs.dying_worker import BACK_AFTER_S
from tests.redis_server import RedisServer
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


# Celery says what its next release will do about jobs of which Redis has no news.
@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_redis_that_is_killed_costs_who_sends_no_time_and_the_worker_goes_on_after_it(
    redis: RedisServer, tmp_path: Path
) -> None:
    done: list[str] = []
    jobs = Jobs(redis.url)
    jobs.register("settle", done.append)
    app = app_of_worker(redis.url, 2)
    with closing(SqliteRegister(tmp_path / "calls.db")) as register:
        rounds = Rounds(register)
        rounds.add(Round("sweep", 1, lambda _: done.append("sweep")))
        take_on(app, jobs, rounds)
        worker = app.WorkController(
            pool_cls=app.conf.worker_pool,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        thread = threading.Thread(target=worker.start, daemon=True)
        thread.start()

        assert jobs.send("settle", "before") is True
        app.send_task(round_message("sweep"), queue=ROUNDS)
        wait_until(lambda: sorted(done) == ["before", "sweep"])

        redis.kill()
        assert jobs.send("settle", "lost") is False
        redis.start()
        wait_until(lambda: jobs.send("settle", "after"))
        wait_until(lambda: "after" in done, 20)

        assert "lost" not in done
        worker.stop()
        thread.join(10)
        jobs.close()
        assert jobs.send("settle", "closed") is False


# As above; and what was being done then cannot be told to be over.
@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_worker_goes_on_after_a_redis_that_was_killed_while_it_did_several_jobs(
    redis: RedisServer,
) -> None:
    begun: list[str] = []
    done: list[str] = []
    goes_on = Event()

    def works(text: str) -> None:
        begun.append(text)
        goes_on.wait(20)
        done.append(text)

    jobs = Jobs(redis.url)
    jobs.register("settle", works)
    app = app_of_worker(redis.url, 4)
    add_work(app, "settle", works)
    worker = app.WorkController(pool_cls=app.conf.worker_pool)  # as the command starts it
    thread = threading.Thread(target=worker.start, daemon=True)
    thread.start()
    for number in range(3):
        assert jobs.send("settle", str(number))
    wait_until(lambda: len(begun) == 3)

    redis.kill()
    wait_until(lambda: jobs.send("settle", "lost") is False)
    redis.start()
    goes_on.set()
    wait_until(lambda: jobs.send("settle", "after"))
    wait_until(lambda: "after" in done, 20)

    assert sorted(done) == ["0", "1", "2", "after"]
    worker.stop()
    thread.join(10)
    jobs.close()


@pytest.mark.filterwarnings("ignore::celery.exceptions.CPendingDeprecationWarning")
def test_a_job_of_a_worker_that_was_killed_is_done_once_by_another(
    redis: RedisServer, tmp_path: Path
) -> None:
    file, done = tmp_path / "lines", list[str]()
    jobs = Jobs(redis.url)
    jobs.register("settle", done.append)
    killed = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.dying_worker", redis.url, str(file)], cwd=ROOT
    )
    assert jobs.send("settle", "call-1")
    wait_until(lambda: file.exists() and "call-1" in file.read_text(), 20)
    killed.kill()
    killed.wait()

    app = app_of_worker(redis.url, 2, BACK_AFTER_S)
    add_work(app, "settle", done.append)
    worker = app.WorkController(pool_cls=app.conf.worker_pool)
    thread = threading.Thread(target=worker.start, daemon=True)
    with Redis(port=redis.port) as client:
        (taken,) = client.zrange("unacked_index", 0, -1, withscores=True)
        wait_until(lambda: time.time() > taken[1] + BACK_AFTER_S)
        thread.start()
        wait_until(lambda: done, 20)
        wait_until(lambda: not client.hlen("unacked"))

    assert done == ["call-1"]
    assert file.read_text() == "begun call-1\n"
    worker.stop()
    thread.join(10)
    jobs.close()


def test_a_redis_that_was_never_there_is_told_at_once() -> None:
    jobs = Jobs("redis://127.0.0.1:9/0")
    jobs.register("settle", lambda _: None)
    told = [jobs.send("settle", "1") for _ in range(50)]  # the second on is not even tried

    assert told == [False] * 50
    jobs.close()


def test_what_takes_long_is_stopped_with_the_process(tmp_path: Path) -> None:
    begun, stopped = Event(), Event()

    def works(stop: Event) -> None:
        begun.set()
        stop.wait(10)
        stopped.set()

    with closing(SqliteRegister(tmp_path / "calls.db")) as register:
        rounds = Rounds(register)
        thread = threading.Thread(target=rounds.do_in_turn, args=[Round("sweep", 1, works)])
        thread.start()
        begun.wait(10)
        rounds.halt()
        thread.join(10)

        assert stopped.is_set()
        rounds.close()
