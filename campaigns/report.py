"""How a campaign stands and what came of it: leads by fate, attempts by hour and by attempt.

Counting a million leads takes a moment, and every open page and program asks for it: it is counted
for all of them together, and seldom (`seldom.py`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from campaigns.figures import (
    KeptFigures,
    Rows,
    count_rows,
    counts_of,
    tallies_of,
    tally_rows,
    whole_counts,
    whole_tallies,
)
from campaigns.seldom import Seldom, Shelf
from storage.leads import Counts, Leads, LeadStatus, Result, Tally

HUMAN = frozenset({Result.COMPLETED, Result.HANDED_OVER, Result.OPTED_OUT, Result.TALKED})
_ANSWERED = HUMAN | {Result.MACHINE}


@dataclass(frozen=True, slots=True)
class Fates:
    """Where the leads of a campaign are. The statuses add up to `total`, the rest to its status."""

    total: int
    statuses: Mapping[LeadStatus, int]  # every status, in the order in which it is declared
    fresh: int  # WAITING, and never rung
    again: int  # WAITING, and rung before
    results: Mapping[tuple[LeadStatus, str], int]  # DONE and GIVEN_UP: (status, last result)
    refused: Mapping[str, int]  # reason → REFUSED
    held: Mapping[str, int]  # reason → WAITING that were put off by the gate
    counts: Counts  # of those that are there
    forgotten_at: datetime | None = None  # those that are not are counted all the same

    def matching(self, status: str | None, result: str | None, reason: str | None) -> int:
        """How many leads there are of a status, last result and reason; None: of any."""
        return sum(
            number
            for found, number in self.counts.items()
            if all(
                wanted is None or wanted == one
                for wanted, one in zip((status, result, reason), found, strict=True)
            )
        )

    @property
    def over(self) -> int:
        """Leads for whom nothing more is done."""
        return self.total - self.statuses[LeadStatus.WAITING] - self.statuses[LeadStatus.RINGING]


@dataclass(frozen=True, slots=True)
class Dials:
    """Attempts added up. Answered + not answered + going on = dialled."""

    results: Mapping[str, int] = field(default_factory=dict)  # "" for those that go on
    qualified: int = 0
    spoke: int = 0  # somebody said something or pressed a key
    verdicts: Mapping[str, int] = field(default_factory=dict)  # human | machine | fax | unknown
    seconds: float = 0

    @property
    def dialled(self) -> int:
        """Attempts that the carrier placed, or may have."""
        return sum(self.results.values()) - self.not_placed

    @property
    def not_placed(self) -> int:
        """Attempts that the carrier never had the order for; they count as none."""
        return self.results.get(Result.NOT_PLACED, 0)

    @property
    def going_on(self) -> int:
        """Attempts whose call is not over and settled."""
        return self.results.get("", 0)

    @property
    def answered(self) -> int:
        """Somebody or something picked up."""
        return sum(self.results.get(one, 0) for one in _ANSWERED)

    @property
    def human(self) -> int:
        """A person picked up."""
        return sum(self.results.get(one, 0) for one in HUMAN)

    @property
    def machine(self) -> int:
        """A machine picked up."""
        return self.results.get(Result.MACHINE, 0)

    @property
    def completed(self) -> int:
        """The agent got to its end."""
        return self.results.get(Result.COMPLETED, 0)

    @property
    def unanswered(self) -> int:
        """Nobody picked up, the line was busy, or the call failed."""
        return self.dialled - self.answered - self.going_on


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a campaign's attempts; each split adds up to the whole."""

    whole: Dials
    by_hour: Mapping[int, Dials]  # by the recipient's clock, those with attempts
    by_attempt: Mapping[int, Dials]  # from 1


def fates_of(counts: Counts) -> Fates:
    """Leads by what became of them."""
    statuses = dict.fromkeys(LeadStatus, 0)
    results: Counter[tuple[LeadStatus, str]] = Counter()
    refused: Counter[str] = Counter()
    held: Counter[str] = Counter()
    fresh = 0
    for (kept, result, reason), number in counts.items():
        status = LeadStatus(kept)
        statuses[status] += number
        match status:
            case LeadStatus.WAITING:
                fresh += number if not result else 0
                if reason:
                    held[reason] += number
            case LeadStatus.DONE | LeadStatus.GIVEN_UP:
                results[status, result] += number
            case LeadStatus.REFUSED:
                refused[reason] += number
    return Fates(
        total=sum(statuses.values()),
        statuses=statuses,
        fresh=fresh,
        again=statuses[LeadStatus.WAITING] - fresh,
        results=dict(results.most_common()),
        refused=dict(refused.most_common()),
        held=dict(held.most_common()),
        counts=dict(counts),
    )


def report_of(tallies: Sequence[Tally]) -> Report:
    """Attempts, in all and split."""
    hours = sorted({one.local_hour for one in tallies})
    attempts = sorted({one.attempt for one in tallies})
    return Report(
        whole=_dials(tallies),
        by_hour={hour: _dials(one for one in tallies if one.local_hour == hour) for hour in hours},
        by_attempt={
            number: _dials(one for one in tallies if one.attempt == number) for number in attempts
        },
    )


def _dials(tallies: Iterable[Tally]) -> Dials:
    results: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    qualified = spoke = 0
    seconds = 0.0
    for one in tallies:
        results[one.result] += one.count
        if one.answered_by:
            verdicts[one.answered_by] += one.count
        qualified += one.count if one.qualified else 0
        spoke += one.count if one.spoke else 0
        seconds += one.seconds
    return Dials(dict(results), qualified, spoke, dict(verdicts), seconds)


class Reports:
    """Counts leads and attempts for all who ask, seldom enough. Safe for use from many threads."""

    def __init__(
        self,
        leads: Leads,
        kept: KeptFigures,
        shelf: Shelf,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        def fates(campaign_id: str, rows: Rows) -> Fates:
            live, figures = counts_of(rows), kept.get(campaign_id)
            found = fates_of(whole_counts(live, figures))
            forgotten_at = None if figures is None else figures.forgotten_at
            return replace(found, counts=live, forgotten_at=forgotten_at)

        def report(campaign_id: str, rows: Rows) -> Report:
            return report_of(whole_tallies(tallies_of(rows), kept.get(campaign_id)))

        def counted(campaign_id: str) -> Rows:
            return count_rows(leads.counts(campaign_id))

        def tallied(campaign_id: str) -> Rows:
            return tally_rows(leads.tallies(campaign_id))

        self._fates = Seldom("leads", counted, fates, shelf, monotonic)
        self._reports = Seldom("attempts", tallied, report, shelf, monotonic)

    def fates(self, campaign_id: str) -> Fates:
        """Where the leads are, as of a second ago at most, unless there are very many."""
        return self._fates.get(campaign_id)

    def report(self, campaign_id: str) -> Report:
        """What came of the attempts, as fresh."""
        return self._reports.get(campaign_id)

    def forget(self, campaign_id: str) -> None:
        """Count a campaign anew when it is asked about the next time."""
        self._fates.forget(campaign_id)
        self._reports.forget(campaign_id)
