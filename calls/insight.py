"""What is counted of a call once it has ended. Pure; not here: when that is done (`insights.py`).

Records may be those of another version: what is missing or of another form counts as nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agents.schema import Agent
from calls.ledger import ITEMS, call_cost, line_s, timings
from calls.lexicon import NAME, sentiment_of
from calls.phrases import phrases_of, without_private
from calls.prices import Prices, measured
from providers.llm.summary import Summary
from storage.facts import CallFact, bucket_of
from storage.records import CallEvent, CallRecord, CollectedRecord, JsonObject, TurnRecord

# Where an utterance may bring a value; elsewhere it answers yes or no, or names a language.
_ASKING = frozenset({"welcome", "collecting"})
SUMMARY_ITEM = "summary"  # of the cost


@dataclass(frozen=True, slots=True)
class Ended:
    """An ended call with all that is kept of it."""

    call: CallRecord
    turns: Sequence[TurnRecord]
    collected: CollectedRecord | None
    events: Sequence[CallEvent]

    @property
    def values(self) -> JsonObject:
        """What it collected, by field."""
        return self.collected.data if self.collected else {}


def fact_of(ended: Ended, agent: Agent | None, prices: Prices) -> CallFact:
    """The fact of a call as far as no model is needed for it. `agent`: by its present file."""
    call, turns = ended.call, ended.turns
    sentiment = sentiment_of(turns)
    asked = call.state.get("asking")
    cost: JsonObject = {**call_cost(call, turns, ended.events, prices)}
    return CallFact(
        call_id=call.call_id,
        call_version=call.version,
        agent=call.agent,
        campaign=call.campaign_id,
        started_at=call.created_at,
        direction=call.direction,
        language=call.language,
        outcome=call.outcome or "failed",
        stage=call.stage,
        field=asked if isinstance(asked, str) else "",
        duration_s=round(line_s(call, turns, ended.events), 3),
        turns=len(turns),
        misses=sum(map(_is_miss, turns)),
        silences=sum(turn.caller_by == "silence" for turn in turns),
        brains=Counter(turn.brain for turn in turns if turn.brain),
        cost={item: measured(cost[item]) for item in (*ITEMS, "line") if measured(cost[item])},
        answers=_answers(turns),
        sentiment=sentiment,
        phrases=phrases_of(turns, ended.values, agent),
        judged_by="" if sentiment is None else NAME,
    )


def with_summary(fact: CallFact, ended: Ended, summary: Summary, cost_usd: float) -> CallFact:
    """The fact with what a model says of the call, in place of what words alone say."""
    topics = without_private(summary.topics, ended.turns, ended.values)
    return replace(
        fact,
        cost={**fact.cost, SUMMARY_ITEM: cost_usd} if cost_usd else fact.cost,
        sentiment=summary.sentiment,
        emotions=tuple(summary.emotions),
        phrases=topics or fact.phrases,
        summary=summary.text,
        judged_by=summary.model,
        has_asked=True,
    )


def made_anew(fresh: CallFact, former: CallFact) -> CallFact:
    """A fact of a call that was saved again, with what a model said of it the first time."""
    if not former.summary:
        return replace(fresh, has_asked=former.has_asked)
    paid = {SUMMARY_ITEM: former.cost[SUMMARY_ITEM]} if SUMMARY_ITEM in former.cost else {}
    return replace(
        fresh,
        cost={**fresh.cost, **paid},
        sentiment=former.sentiment,
        emotions=former.emotions,
        phrases=former.phrases,
        summary=former.summary,
        judged_by=former.judged_by,
        has_asked=True,
    )


def bare_fact(call: CallRecord) -> CallFact:
    """The fact of a call whose records cannot be read: that it was, and how it ended."""
    ended_at = call.ended_at or call.updated_at
    return CallFact(
        call_id=call.call_id,
        call_version=call.version,
        agent=call.agent,
        campaign="",
        started_at=call.created_at,
        direction=call.direction,
        language=call.language,
        outcome=call.outcome or "failed",
        stage=call.stage,
        field="",
        duration_s=max(0.0, (ended_at - call.created_at).total_seconds()),
        turns=0,
        misses=0,
        silences=0,
    )


def without_words(fact: CallFact) -> CallFact:
    """The fact without anything that was said in the call; its numbers stay."""
    return replace(fact, summary="", phrases=())


def _is_miss(turn: TurnRecord) -> bool:
    is_answer = turn.caller_by in ("speech", "keys") and turn.stage in _ASKING
    return is_answer and not turn.accepted


def _answers(turns: Sequence[TurnRecord]) -> Mapping[int, int]:
    times_ms = (
        measured(one.get("total")) + measured(one.get("save"))
        for one in timings(turns)
        if measured(one.get("total"))
    )
    return Counter(map(bucket_of, times_ms))
