"""One utterance being read by models in a row and by the rules: who is heard, and when."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Lock

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.llm.agreement import combined
from providers.llm.base import Brain
from providers.llm.lane import Lane, Limits, Question

log = logging.getLogger(__name__)

# A wait that ends this near to the deadline ends at it: whoever waits counts from an earlier
# moment (a webhook's arrival), and between two waits nobody is there to ask the next model.
_NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class Asked:
    """An utterance to be read, and for whom."""

    agent: Agent
    request: ExtractionRequest


@dataclass(frozen=True, slots=True)
class Answered:
    """An inquiry that was answered as it began."""

    answer: Extraction

    def wait(self, seconds: float) -> Extraction | None:
        """The answer."""
        return self.answer

    def settle(self) -> Extraction:
        """The answer."""
        return self.answer

    def late(self) -> Extraction | None:
        """Never."""
        return None


class ModelInquiry:
    """Asks the first model that may be asked; the next when it fails, or beside it when it is slow.

    At most two are asked at once, the first answer counts. The rules read once, in the thread that
    waits first, while the models work.
    """

    def __init__(
        self,
        asked: Asked,
        lanes: Sequence[Lane],
        rules: Brain,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._asked = asked
        self._lanes = list(lanes)  # not asked yet
        self._rules = rules
        self._limits = limits
        self._clock = clock
        self._began_at = clock()
        # Models tell of their ends in any thread, also in the one that asks them: it is reentrant.
        self._changed = Condition()
        self._questions: list[Question] = []
        self._under_way = 0
        self._is_beside = False
        self._by_model: Extraction | None = None
        self._decided: Extraction | None = None  # what was handed out first
        self._checked: Extraction | None = None  # the model's answer after the check
        self._is_reading = Lock()
        self._read: Extraction | None = None  # by the rules
        with self._changed:
            self._ask_next()

    def wait(self, seconds: float) -> Extraction | None:
        """The checked answer as soon as it is there; None when it is not there in `seconds`."""
        began_at = self._clock()
        by_rules = self._by_rules()
        seconds -= self._clock() - began_at
        with self._changed:
            if not self._is_beside:
                alone_s = max(min(seconds, self._limits.deadline_s - self._elapsed_s()), 0.0)
                if not self._changed.wait_for(self._is_over, alone_s):
                    seconds -= alone_s
                    self._ask_beside()
            if self._changed.wait_for(self._is_over, max(seconds, 0.0)):
                return self._decide(by_rules)
        return None

    def settle(self) -> Extraction:
        """Wait no more: the checked answer when there is one, the rules' otherwise."""
        by_rules = self._by_rules()
        with self._changed:
            answer = self._decide(by_rules)
            # Not those beside which another has answered: they may still be in time.
            if self._by_model is None:
                for question in self._questions:
                    question.give_up()
            self._changed.notify_all()
        return answer

    def late(self) -> Extraction | None:
        """A model's answer, checked, that came after the rules' was handed out."""
        by_rules = self._by_rules()
        with self._changed:
            if self._by_model is None or self._decided is not by_rules:
                return None
            return self._check(self._by_model, by_rules)

    def _is_over(self) -> bool:
        return self._by_model is not None or self._decided is not None or self._under_way == 0

    def _decide(self, by_rules: Extraction) -> Extraction:
        """What this inquiry says from now on. Under the lock."""
        if self._decided is None:
            if self._by_model is not None:
                self._decided = self._check(self._by_model, by_rules)
            else:
                self._decided = by_rules
                log.warning(
                    "the rules stand in for a model",
                    extra={
                        "provider": ", ".join(question.name for question in self._questions),
                        "elapsed_ms": round(self._elapsed_s() * 1000),
                    },
                )
        return self._decided

    def _ask_beside(self) -> None:
        if self._is_beside or self._elapsed_s() < self._limits.deadline_s * _NEARLY:
            return
        self._is_beside = True
        self._ask_next()

    def _ask_next(self) -> None:
        """Ask the next model that may be asked while there is time. Under the lock."""
        while self._lanes and self._elapsed_s() < self._limits.hard_limit_s:
            lane = self._lanes.pop(0)
            self._under_way += 1
            question = lane.ask(self._asked.agent, self._asked.request, self._told)
            if question is not None:
                self._questions.append(question)
                return
            self._under_way -= 1

    def _told(self, answer: Extraction | None) -> None:
        """A model has ended."""
        with self._changed:
            self._under_way -= 1
            if answer is not None and self._by_model is None:
                self._by_model = answer
            if self._by_model is None and self._decided is None:
                self._ask_next()
            self._changed.notify_all()

    def _check(self, by_model: Extraction, by_rules: Extraction) -> Extraction:
        if self._checked is None:
            self._checked = combined(self._asked.agent, self._asked.request, by_model, by_rules)
        return self._checked

    def _by_rules(self) -> Extraction:
        with self._is_reading:
            if self._read is None:
                self._read = self._rules.extract(self._asked.agent, self._asked.request)
            return self._read

    def _elapsed_s(self) -> float:
        return self._clock() - self._began_at
