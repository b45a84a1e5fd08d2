"""Answers questions about many calls from what their days add up to, and remembers the answers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock

from calls.figures import Figures, added
from storage.facts import DayPart, Facts

DAYS_MOST = 366  # of a question
# How long an answer is remembered: one that was made in no time is made again soon, so that the
# call that has just ended is in it.
REMEMBERED_S, REMEMBERED_LEAST_S = 600.0, 2.0
NO_TIME_S = 0.1
# After days that could not be added up in time.
PENDING_S = 10.0
# How long a question may add up days that had facts; the work behind the calls does the rest.
ADDING_UP_S = 0.5
QUESTIONS_MOST = 200  # remembered at once

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Question:
    """Which calls: those that began from `first` to `last`, in UTC; None leaves a filter out."""

    first: date
    last: date
    agent: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One hour of the week, in UTC."""

    weekday: int  # 0: Monday
    hour: int
    calls: int
    completed: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the calls of a question add up to."""

    question: Question
    total: Figures
    days: Mapping[date, Figures]  # those with calls
    agents: Mapping[str, Figures]
    campaigns: Mapping[str, Figures]
    computed_at: datetime
    pending_days: int  # that had calls since they were added up: their newest are missing

    def by_day(self) -> dict[str, Figures]:
        """Every day of the question, those without calls too."""
        number = (self.question.last - self.question.first).days + 1
        days = (self.question.first + timedelta(days=after) for after in range(number))
        return {day.isoformat(): self.days.get(day, _NONE) for day in days}

    def by_week(self) -> dict[str, Figures]:
        """Every ISO week of the question: 2026-W48."""
        weeks: dict[str, list[Figures]] = {}
        for day, figures in self.by_day().items():
            year, week, _ = date.fromisoformat(day).isocalendar()
            weeks.setdefault(f"{year}-W{week:02}", []).append(figures)
        return {week: Figures(added(one.tallies for one in days)) for week, days in weeks.items()}

    def hours(self) -> Sequence[Slot]:
        """All 168 hours of the week from Monday on."""
        calls: Counter[tuple[int, int]] = Counter()
        completed: Counter[tuple[int, int]] = Counter()
        for day, figures in self.days.items():
            for kind, counted in (("hour", calls), ("completed_hour", completed)):
                for hour, number in figures.of(kind).items():
                    counted[day.weekday(), int(hour)] += number
        slots = ((weekday, hour) for weekday in range(7) for hour in range(24))
        return [Slot(*slot, calls[slot], completed[slot]) for slot in slots]


_NONE = Figures({})


@dataclass(slots=True)
class _Kept:
    """A remembered answer; who asks meanwhile waits for who makes it."""

    lock: Lock = field(default_factory=Lock)
    answer: Answer | None = None
    made_at: float = 0.0  # monotonic
    until: float = 0.0


class Analytics:
    """Safe for use from many threads; each process remembers its own answers."""

    def __init__(self, facts: Facts, clock: Callable[[], datetime]) -> None:
        self._facts = facts
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[Question, _Kept] = {}

    def answer(self, question: Question, fresh: bool = False) -> Answer:
        """The answer, at most ten minutes old; a fresh one only seconds. StorageError."""
        kept = self._place(question)
        with kept.lock:
            now = time.monotonic()
            until = min(kept.until, kept.made_at + REMEMBERED_LEAST_S) if fresh else kept.until
            if kept.answer is not None and now < until:
                return kept.answer
            answer = self._made(question)
            kept.made_at = time.monotonic()
            took_s = kept.made_at - now
            lasts_s = REMEMBERED_LEAST_S if took_s < NO_TIME_S else REMEMBERED_S
            kept.until = kept.made_at + (PENDING_S if answer.pending_days else lasts_s)
            kept.answer = answer
            return answer

    def _place(self, question: Question) -> _Kept:
        with self._lock:
            kept = self._kept.pop(question, None) or _Kept()
            self._kept[question] = kept  # the one that was asked for last comes last
            if len(self._kept) > QUESTIONS_MOST:
                del self._kept[next(iter(self._kept))]
            return kept

    def _made(self, question: Question) -> Answer:
        first, last = question.first.isoformat(), question.last.isoformat()
        computed_at = self._clock()
        until = time.monotonic() + ADDING_UP_S
        days = self._facts.days(first, last)
        if days.stale:
            for day in days.stale:
                self._facts.add_up(day)
                if time.monotonic() > until:
                    break
            days = self._facts.days(first, last)
        parts = [one for one in days.parts if _is_wanted(one, question)]
        return Answer(
            question=question,
            total=Figures(added(one.tallies for one in parts)),
            days={date.fromisoformat(day): one for day, one in _by(parts, "day").items()},
            agents=_by(parts, "agent"),
            campaigns=_by(parts, "campaign"),
            computed_at=computed_at,
            pending_days=len(days.stale),
        )


def _is_wanted(part: DayPart, question: Question) -> bool:
    return question.agent in (None, part.agent) and question.campaign in (None, part.campaign)


def _by(parts: Sequence[DayPart], name: str) -> dict[str, Figures]:
    """The parts added up by one of their names, in its order."""
    gathered: dict[str, list[DayPart]] = {}
    for one in parts:
        gathered.setdefault(getattr(one, name), []).append(one)
    return {key: Figures(added(one.tallies for one in gathered[key])) for key in sorted(gathered)}
