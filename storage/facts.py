"""The contract of the facts: one narrow record an ended call, and what they add up to a day.

Facts can be made again from the calls at any time, so no journal covers them: while the database is
away there are none. Every backend passes the same suite (tests/storage/contract_facts.py).
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import orjson

from storage.codec import document_text, moment_text

# Buckets of a histogram grow by this much, so that a percentile is off by 5 % at most and two
# histograms are merged by adding them up (DDSketch, VLDB 2019, section 2).
GROWTH = 1.1
# Outcomes of calls whose caller was there and did not get to the end.
UNFINISHED = frozenset({"abandoned", "silent", "stuck", "limit", "declined", "opted_out"})
# Phrases of one day, agent and campaign that are kept, those of the most calls.
PHRASES_MOST = 150
# Beyond it a caller is pleased, below its negative displeased: the bounds of VADER's authors.
MOOD = 0.05

Tallies = Mapping[str, int]


@dataclasses.dataclass(frozen=True, slots=True)
class CallFact:
    """What is counted of one ended call."""

    call_id: str
    call_version: int  # of the call that it was made from; a later one makes it anew
    agent: str
    campaign: str  # "": of none
    started_at: datetime
    direction: str
    language: str
    outcome: str
    stage: str  # where it ended
    field: str  # that was being asked then; "": none
    duration_s: float
    turns: int
    misses: int  # utterances that brought nothing
    silences: int
    brains: Mapping[str, int] = dataclasses.field(
        default_factory=dict
    )  # who read the utterances, how many
    cost: Mapping[str, float] = dataclasses.field(default_factory=dict)  # item → dollars
    answers: Mapping[int, int] = dataclasses.field(
        default_factory=dict
    )  # bucket of milliseconds → answers
    sentiment: float | None = None  # -1 displeased … 1 pleased; None: nobody could tell
    emotions: Sequence[str] = ()
    phrases: Sequence[str] = ()
    summary: str = ""  # by a model
    judged_by: str = ""  # whose sentiment that is: a model's name, "lexicon", "": nobody's
    has_asked: bool = False  # a model for the summary, which is done once a call

    @property
    def day(self) -> str:
        """On which it began, in UTC."""
        return moment_text(self.started_at)[:10]


@dataclasses.dataclass(frozen=True, slots=True)
class DayPart:
    """What the calls of one day, agent and campaign add up to."""

    day: str
    agent: str
    campaign: str
    tallies: Tallies


@dataclasses.dataclass(frozen=True, slots=True)
class Days:
    """What a stretch of days adds up to."""

    parts: Sequence[DayPart]
    stale: Sequence[str]  # days, newest first, that have had facts since they were added up


class Facts(Protocol):
    """Where facts are kept. Safe for use from many threads; several processes may share one."""

    def unread(self, before: datetime, limit: int) -> Sequence[str]:
        """Ids of ended calls, last saved before a moment, whose fact is missing or older than the
        call; newest first."""

    def keep(self, facts: Sequence[CallFact]) -> None:
        """Keep facts, each over the former of its call; their days are stale from then on."""

    def get(self, call_id: str) -> CallFact | None:
        """The fact of a call, or None when there is none (yet)."""

    def forget(self, call_id: str) -> bool:
        """Forget the fact of a call, which counts no more; False when there was none."""

    def stale_days(self, limit: int) -> Sequence[str]:
        """Days that have had facts since they were added up, newest first."""

    def add_up(self, day: str) -> bool:
        """Add up a day from its facts; False when facts came meanwhile, and it is still stale."""

    def days(self, first: str, last: str) -> Days:
        """What the days from `first` to `last` added up to when they were last added up."""

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""


def bucket_of(value: float) -> int:
    """The bucket of a histogram into which a value falls; 0 for what is 1 or less."""
    return max(0, math.ceil(math.log(value, GROWTH))) if value > 1 else 0


def value_of(bucket: int) -> float:
    """The value that stands for all of a bucket."""
    return float(2 * GROWTH**bucket / (GROWTH + 1)) if bucket else 1.0


def tallies_of(fact: CallFact) -> Counter[str]:
    """What a fact adds to its day, all of it whole numbers: name, or kind/name → how many.

    Dollars are counted in millionths, sentiment in thousandths.
    """
    duration_ms = round(fact.duration_s * 1000)
    counted = Counter(
        {
            "calls": 1,
            "turns": fact.turns,
            "misses": fact.misses,
            "silences": fact.silences,
            "duration_ms": duration_ms,
            f"outcome/{fact.outcome}": 1,
            f"direction/{fact.direction}": 1,
            f"language/{fact.language}": 1,
            f"hour/{fact.started_at.hour}": 1,
        }
    )
    if fact.outcome == "completed":
        counted[f"completed_hour/{fact.started_at.hour}"] = 1
    if fact.outcome != "failed":
        counted[f"duration/{bucket_of(fact.duration_s)}"] = 1
    if fact.outcome in UNFINISHED:
        counted[f"left/{fact.outcome}/{fact.stage}/{fact.field}"] = 1
    counted.update({f"brain/{name}": number for name, number in fact.brains.items()})
    counted.update({f"cost/{item}": round(money * 1e6) for item, money in fact.cost.items()})
    counted.update({f"answer/{bucket}": number for bucket, number in fact.answers.items()})
    counted.update({f"emotion/{name}": 1 for name in set(fact.emotions)})
    counted.update({f"phrase/{phrase}": 1 for phrase in set(fact.phrases)})
    if fact.sentiment is not None:
        counted["sentiment"] = round(fact.sentiment * 1000)
        counted[f"mood/{mood_of(fact.sentiment)}"] = 1
        counted[f"judged/{fact.judged_by}"] = 1
    return Counter({name: number for name, number in counted.items() if number})


def mood_of(sentiment: float) -> str:
    """positive, neutral or negative."""
    if abs(sentiment) < MOOD:
        return "neutral"
    return "positive" if sentiment > 0 else "negative"


def bounded(tallies: Tallies) -> dict[str, int]:
    """The tallies of a part without the phrases that the fewest calls have."""
    phrases = [name for name in tallies if name.startswith("phrase/")]
    phrases.sort(key=lambda name: (-tallies[name], name))
    dropped = set(phrases[PHRASES_MOST:])
    return {name: number for name, number in tallies.items() if name not in dropped}


def fact_text(fact: CallFact) -> str:
    """A fact as JSON."""
    written: dict[str, object] = {
        one.name: getattr(fact, one.name) for one in dataclasses.fields(CallFact)
    }
    written["started_at"] = moment_text(fact.started_at)
    written["answers"] = {str(bucket): number for bucket, number in fact.answers.items()}
    return document_text(written)


def fact_from(text: str) -> CallFact:
    """The fact that `fact_text` wrote."""
    written = orjson.loads(text)
    written["started_at"] = datetime.fromisoformat(written["started_at"])
    written["answers"] = {int(bucket): number for bucket, number in written["answers"].items()}
    for name in ("emotions", "phrases"):
        written[name] = tuple(written[name])
    return CallFact(**written)
