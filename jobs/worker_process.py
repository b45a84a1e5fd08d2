"""A worker of its own, and beat: what Celery is told before it begins, and as it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import redis
from celery import Celery, signals
from celery.beat import ScheduleEntry, Scheduler
from kombu import Queue

from jobs.app import Jobs
from jobs.celery_app import QUEUE, ROUNDS, add_work, worker_app
from jobs.rounds import Rounds
from jobs.timetable import TIMETABLE

log = logging.getLogger(__name__)

# Before the names of rounds, so that they are no job's.
ROUND = "round "
# Messages of beat that wait; with more of them no worker is there, and another would be no help.
WAITING_MOST = 50


def round_message(name: str) -> str:
    """The name under which beat sends a round."""
    return ROUND + name


def app_of_worker(redis_url: str, threads: int, back_after_s: float = 120) -> Celery:
    """The app that the command `celery` runs. Its jobs come with `take_on`."""
    app = worker_app(redis_url, QUEUE, threads, back_after_s)
    app.conf.update(
        task_queues=[Queue(name, routing_key=name) for name in (QUEUE, ROUNDS)],
        beat_scheduler="jobs.worker_process:Beat",
        # Not one is sent twice as it restarts: it knows nothing of the time before.
        beat_max_loop_interval=1,
        beat_schedule={
            name: {
                "task": round_message(name),
                "schedule": every_s,
                "options": {"queue": ROUNDS, "expires": max(every_s, 5.0), "retry": False},
            }
            for name, every_s in TIMETABLE.items()
        },
    )
    return app


def take_on(app: Celery, jobs: Jobs, rounds: Rounds) -> None:
    """Have a worker of this app do them."""
    for name, (work, _) in jobs.works.items():
        add_work(app, name, work)
    for one in rounds.all:
        add_work(app, round_message(one.name), partial(_in_turn, rounds, one))


def _in_turn(rounds: Rounds, one: Any) -> None:
    rounds.do_in_turn(one)


class Beat(Scheduler):
    """Celery's, that keeps no file, and sends nothing to nobody."""

    _is_away = False  # Redis, as it was told

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """Send one, unless those before it still wait."""
        try:
            waiting = self._waiting()
        except redis.RedisError as error:
            if not self._is_away:  # once for an outage: several entries are due every second
                log.warning("beat sends nothing: Redis is away", exc_info=error)
            self._is_away = True
            return
        if self._is_away:
            self._is_away = False
            log.info("beat sends again")
        if waiting < WAITING_MOST:
            super().apply_entry(entry, producer)

    def _waiting(self) -> int:
        client = redis.Redis.from_url(
            str(self.app.conf.broker_url), socket_timeout=2.0, socket_connect_timeout=2.0
        )
        with client:
            return int(str(client.llen(ROUNDS)))


def when(signal: Any, do: Callable[[], None]) -> None:
    """Do it at a signal of Celery's, for as long as this process lives."""

    def at_signal(**_: Any) -> None:
        do()

    signal.connect(at_signal, weak=False)


def tell_no_others() -> None:
    """Have the worker of this process neither send nor hear what Celery's tell each other: nothing
    here goes by it, and each start would wait a second for it."""

    def at_signal(sender: Any, **_: Any) -> None:
        sender.options.update(without_gossip=True, without_mingle=True, without_heartbeat=True)

    BEGINS.connect(at_signal, weak=False)


BEGINS, ENDS, ENDED = signals.worker_init, signals.worker_shutting_down, signals.worker_shutdown
SETS_UP_LOGS = signals.setup_logging
