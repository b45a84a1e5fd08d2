"""Makes the facts of ended calls, and adds up their days: a few at a time, behind the calls."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Event

from agents.schema import Agent
from calls.bookkeeping import Bookkeeping
from calls.insight import Ended, bare_fact, fact_of, made_anew, with_summary, without_words
from calls.prices import measured
from calls.progress import was_unanswered
from calls.redaction import Sight, redacted_turns
from conversation.extraction import Line
from providers.llm.summary import Summariser, Summary, Transcript
from storage.base import Storage, StorageError
from storage.facts import CallFact, Facts
from storage.records import CallRecord

log = logging.getLogger(__name__)

# Between two looks; a call is counted this long after it ended, and SETTLED.
EVERY_S = 2.0
# The carrier's last word on a call, with its duration, follows its end at once.
SETTLED = timedelta(seconds=1.5)
# Calls in one go. A model may take 8 s, and the lease of a round is renewed only between two: goes
# begun within GO_ON_S are over before it runs out.
BATCH, BATCH_WITH_MODEL = 32, 8
GO_ON_S = 2.0
# Between two additions of the days that had facts; a day that takes long is added up more seldom.
ADD_UP_LEAST_S, ADD_UP_SHARE = 20.0, 10


@dataclass(slots=True)
class Insights:
    """Makes what is missing, the newest first. Done twice, or killed in its middle, it does no
    harm: a fact is kept over the former, and a call stays unread until its fact is kept. Only a
    model may then be asked twice for one summary."""

    storage: Storage
    facts: Facts
    agents: Mapping[str, Agent]
    books: Bookkeeping
    summariser: Summariser | None
    clock: Callable[[], datetime]
    # Told of every call that ended, before its fact is kept, and again when it changes after that:
    # whoever is killed, none is missed. They bear being told twice. StorageError: once more, later.
    ended: Sequence[Callable[[CallRecord], None]] = ()
    _add_up_at: float = field(default=0.0, init=False)  # monotonic

    def work(self, stop: Event) -> None:
        """Make facts for a few seconds at most, then add up days. StorageError when it cannot."""
        until = time.monotonic() + GO_ON_S
        while not stop.is_set() and time.monotonic() < until:
            batch = BATCH if self.summariser is None else BATCH_WITH_MODEL
            unread = self.facts.unread(self.clock() - SETTLED, batch)
            if not unread:
                break
            self._keep(self._made(unread, stop))
        if not stop.is_set() and time.monotonic() > self._add_up_at:
            self._add_up(stop)

    def fact(self, call: CallRecord) -> CallFact:
        """The fact of an ended call, with a model's summary when there is to be one."""
        call_id = call.call_id
        was_heard = not was_unanswered(call)  # most calls of a campaign are not: nothing was said
        ended = Ended(
            call,
            self.storage.turns(call_id) if was_heard else (),
            self.storage.collected(call_id) if was_heard else None,
            self.storage.events(call_id),
        )
        agent = self.agents.get(call.agent)
        fact = fact_of(ended, agent, self.books.prices)
        former = self.facts.get(call_id)
        if former is not None:
            fact = made_anew(fact, former)
        if self.summariser is None or agent is None or fact.has_asked or not _has_spoken(ended):
            return fact
        summary = self.summariser.summarise(agent, _transcript(ended, agent))
        if summary is None:
            return replace(fact, has_asked=True)
        return with_summary(fact, ended, summary, self._paid(summary))

    def _made(self, call_ids: Sequence[str], stop: Event) -> list[CallFact]:
        calls = [call for call in map(self.storage.load_call, call_ids) if call is not None]
        calls = self._told(calls)
        at_once = 1 if self.summariser is None else BATCH_WITH_MODEL
        with ThreadPoolExecutor(at_once, thread_name_prefix="insight") as pool:
            made = [(call, pool.submit(self._unless, stop, call)) for call in calls]
        facts = (_outcome(call, future) for call, future in made)
        return [fact for fact in facts if fact is not None]

    def _told(self, calls: Sequence[CallRecord]) -> list[CallRecord]:
        """Those whom everybody was told of; the others come again. StorageError when all are."""
        with ThreadPoolExecutor(1, thread_name_prefix="ended") as pool:
            # Each by itself: what one cannot be told the others are told all the same.
            telling = [(call, [pool.submit(one, call) for one in self.ended]) for call in calls]
        told: list[CallRecord] = []
        away: StorageError | None = None
        for call, futures in telling:
            errors = [error for future in futures if (error := future.exception())]
            of_store = [error for error in errors if isinstance(error, StorageError)]
            for error in errors:
                # A bug, or a call of an unknown form: its fact, and all others, are made anyway.
                if not isinstance(error, StorageError):
                    extra = {"call_id": call.call_id}
                    log.error("the end of a call cannot be told", exc_info=error, extra=extra)
            if of_store:
                away = of_store[0]
                continue
            told.append(call)
        if away is not None and not told:
            raise away
        return told

    def _unless(self, stop: Event, call: CallRecord) -> CallFact | None:
        return None if stop.is_set() else self.fact(call)

    def _keep(self, facts: Sequence[CallFact]) -> None:
        try:
            self.facts.keep(facts)
        except StorageError:
            # One of them cannot be kept, or none: then the first alone says so.
            for fact in facts:
                self._keep_alone(fact)
        for fact in facts:
            has_words = fact.summary or fact.phrases
            if has_words and self.storage.load_call(fact.call_id) is None:
                self.facts.keep([without_words(fact)])  # it was deleted while it was read

    def _keep_alone(self, fact: CallFact) -> None:
        try:
            self.facts.keep([fact])
        except StorageError:
            call = self.storage.load_call(fact.call_id)
            if call is None:
                raise
            self.facts.keep([bare_fact(call)])
            log.error("the fact of a call cannot be kept", extra={"call_id": fact.call_id})

    def _add_up(self, stop: Event) -> None:
        began_at = time.monotonic()
        for day in self.facts.stale_days(100):
            if stop.is_set() or time.monotonic() - began_at > GO_ON_S:
                break
            self.facts.add_up(day)
        took_s = time.monotonic() - began_at
        self._add_up_at = time.monotonic() + max(ADD_UP_LEAST_S, took_s * ADD_UP_SHARE)

    def _paid(self, summary: Summary) -> float:
        used = {
            "model": summary.model,
            "input_tokens": summary.input_tokens,
            "output_tokens": summary.output_tokens,
        }
        cost_usd = measured(self.books.prices.cost(used)["model"])
        self.books.metrics.summarised(used, cost_usd)
        return cost_usd


def _outcome(call: CallRecord, future: Future[CallFact | None]) -> CallFact | None:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, StorageError):
        raise error
    # A bug, or records of an unknown form: the others are counted all the same.
    log.error("a call cannot be read", exc_info=error, extra={"call_id": call.call_id})
    return bare_fact(call)


def _has_spoken(ended: Ended) -> bool:
    return any(turn.caller_by == "speech" and turn.caller.strip() for turn in ended.turns)


def _transcript(ended: Ended, agent: Agent) -> Transcript:
    """What was said, without what names or reaches a person: no summary needs that."""
    lines = []
    for turn in redacted_turns(ended.turns, agent, Sight.MASKED):
        said = turn.agent if turn.heard is None else turn.heard
        lines += [Line("caller", turn.caller), Line("agent", said)]
    return Transcript(agent.goal, ended.call.outcome or "", lines)
