"""A model that is held against the rules, within a deadline, behind a circuit breaker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.breaker import Breaker
from providers.errors import ContentRefused, ProviderError
from providers.llm.agreement import combined
from providers.llm.base import Brain, OpenBrain

log = logging.getLogger(__name__)

# A vendor that failed this often in a row is left alone for the pause.
FAILURES_MOST = 3
PAUSE_S = 15.0


class CheckedBrain:
    """Asks the model and, while it thinks, the rules. Any number of threads.

    No call takes longer than `deadline_s`: the model runs in a thread of a pool, so that nothing
    it waits for (a name server, a trickle of bytes) keeps the caller waiting. A late answer is
    dropped. The model's own deadline ends its thread.
    """

    def __init__(
        self,
        model: OpenBrain,
        rules: Brain,
        deadline_s: float,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = model.name
        self._model = model
        self._rules = rules
        self._deadline_s = deadline_s
        self._clock = clock
        self._breaker = Breaker(FAILURES_MOST, PAUSE_S, clock)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="model")

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The model's answer, checked; the rules' alone when it fails, is late or is left alone."""
        if not self._breaker.admits():
            return self._rules.extract(agent, request)
        began_at = self._clock()
        works = False
        try:
            future = self._pool.submit(copy_context().run, self._model.extract, agent, request)
            by_rules = self._rules.extract(agent, request)
            left_s = self._deadline_s - (self._clock() - began_at)
            by_model = _outcome(future, max(left_s, 0.0))
            works = not isinstance(by_model, Exception) or isinstance(by_model, ContentRefused)
        finally:
            self._breaker.record(works)
        if isinstance(by_model, Extraction):
            return combined(agent, request, by_model, by_rules)
        log.warning(
            "the rules stand in for a model",
            extra={
                "provider": self.name,
                "reason": type(by_model).__name__,
                "code": by_model.code if isinstance(by_model, ProviderError) else "",
                "elapsed_ms": round((self._clock() - began_at) * 1000),
                "breaker_is_open": self._breaker.is_open,
            },
        )
        return by_rules

    def close(self) -> None:
        """Ask nothing more. Does not wait for answers that are under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._model.close()


def _outcome(
    future: Future[Extraction], left_s: float
) -> Extraction | ProviderError | TimeoutError:
    """What the model answers within `left_s`, or how it failed."""
    try:
        return future.result(left_s)
    except (ProviderError, TimeoutError) as error:
        future.cancel()
        return error
