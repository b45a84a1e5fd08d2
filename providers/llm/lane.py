"""One model with threads of its own and a circuit breaker. What it answers is checked elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from threading import Lock

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.breaker import Breaker
from providers.errors import ContentRefused, ProviderError
from providers.llm.base import Model

log = logging.getLogger(__name__)

# A vendor that failed this often in a row is left alone for the pause.
FAILURES_MOST = 3
PAUSE_S = 15.0
# Nothing more is asked while more than this share of the questions under way, and of the threads,
# is older than this share of the deadline. A quarter of the threads is half of the callers'.
SLOW_MOST, THREADS_SLOW_MOST, SLOW = 0.5, 0.25, 0.8

# Told how a question ended: with an answer, or with None.
Told = Callable[[Extraction | None], None]


# Told of a model, by its name, that failed, and how.
Failed = Callable[[str, BaseException], None]


def ignored(name: str, error: BaseException) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long models may take, and how many questions one model answers at once."""

    deadline_s: float  # that a caller waits in silence
    hard_limit_s: float  # from when on an answer comes too late for its turn
    threads: int


class Question:
    """An utterance that one model is reading."""

    def __init__(self, lane: Lane, began_at: float) -> None:
        self._lane = lane
        self.name = lane.name
        self.began_at = began_at
        self.is_recorded = False  # the breaker knows how it went

    def give_up(self) -> None:
        """Nobody waits any more: failed, if it had the time of a turn and has not ended."""
        self._lane.give_up(self)


class Lane:
    """Asks one model. For any number of threads.

    A model runs in threads of its own, so that nothing it waits for (a name server, a trickle of
    bytes) keeps a caller or another model waiting. Nothing is queued: when every thread is taken,
    the model is busy and so not there. Nor is it while many have asked and most of them wait in
    vain: who asks now would wait as long, and hold up those who come behind. Every question is
    recorded with the breaker once: when it ends, when it is given up, or by the next question when
    it is older than the hard limit.
    """

    def __init__(
        self,
        model: Model,
        limits: Limits,
        clock: Callable[[], float],
        failed: Failed = ignored,
    ) -> None:
        self.name = model.name
        self._failed = failed
        self._model = model
        self._limits = limits
        self._clock = clock
        # No question from before the pause is open when one tries again, or it would be taken for
        # that one.
        pause_s = max(PAUSE_S, limits.hard_limit_s)
        self._breaker = Breaker(FAILURES_MOST, pause_s, clock)
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix=f"model-{model.name}")
        self._lock = Lock()
        self._under_way: dict[Question, None] = {}  # oldest first

    def ask(self, agent: Agent, request: ExtractionRequest, told: Told) -> Question | None:
        """Have the model read the utterance; None when it is left alone or busy.

        `told` is called in any thread, this one included.
        """
        question = self._admitted()
        if question is None:
            return None
        try:
            context = copy_context()
            future = self._pool.submit(context.run, self._model.extract, agent, request)
        except RuntimeError:  # closed meanwhile, or the machine has no more threads
            self._end(question, worked=False)
            return None
        # In the same context: what is logged of a failure has the call's id.
        future.add_done_callback(lambda done: context.run(self._end_of, question, done, told))
        return question

    def give_up(self, question: Question) -> None:
        """See `Question.give_up`."""
        if self._clock() - question.began_at >= self._limits.deadline_s:
            with self._lock:
                self._record(question, worked=False)

    def close(self) -> None:
        """Ask nothing more. Does not wait for answers that are under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._model.close()

    def _admitted(self) -> Question | None:
        with self._lock:
            self._give_up_the_old()
            if len(self._under_way) >= self._limits.threads:
                log.warning("every thread of a model is taken", extra={"provider": self.name})
                return None
            if self._is_stuck():
                log.warning("a model answers nobody in time", extra={"provider": self.name})
                return None
            if not self._breaker.admits():
                return None
            question = Question(self, self._clock())
            self._under_way[question] = None
            return question

    def _is_stuck(self) -> bool:
        """Most of what is under way waits in vain, and the breaker does not know it yet."""
        now, slow_s = self._clock(), self._limits.deadline_s * SLOW
        ages_s = [now - one.began_at for one in self._under_way if not one.is_recorded]
        slow = sum(age_s >= slow_s for age_s in ages_s)
        most = max(len(ages_s) * SLOW_MOST, self._limits.threads * THREADS_SLOW_MOST)
        return slow > max(most, FAILURES_MOST - 1)

    def _give_up_the_old(self) -> None:
        for question in self._under_way:
            if self._clock() - question.began_at < self._limits.hard_limit_s:
                return
            self._record(question, worked=False)

    def _end_of(self, question: Question, done: Future[Extraction], told: Told) -> None:
        told(self._outcome(question, done))

    def _outcome(self, question: Question, done: Future[Extraction]) -> Extraction | None:
        if done.cancelled():  # closed before it began
            self._end(question, worked=False)
            return None
        error = done.exception()
        elapsed_s = self._clock() - question.began_at
        is_sound = error is None or isinstance(error, ContentRefused)
        self._end(question, worked=is_sound and elapsed_s <= self._limits.hard_limit_s)
        if error is None:
            return done.result()
        self._failed(self.name, error)
        told = {
            "provider": self.name,
            "reason": type(error).__name__,
            "code": error.code if isinstance(error, ProviderError) else "",
            "elapsed_ms": round(elapsed_s * 1000),
            "breaker_is_open": self._breaker.is_open,
        }
        if isinstance(error, ProviderError):
            level = logging.ERROR if error.needs_a_person else logging.WARNING
            log.log(level, "a model failed", extra=told)
        else:  # a bug: the caller still hears something, and a person should look
            log.error("a model broke", extra=told, exc_info=error)
        return None

    def _end(self, question: Question, worked: bool) -> None:
        with self._lock:
            del self._under_way[question]
            self._record(question, worked)

    def _record(self, question: Question, worked: bool) -> None:
        """Tell the breaker, once for a question. Under the lock."""
        if not question.is_recorded:
            question.is_recorded = True
            self._breaker.record(worked)
