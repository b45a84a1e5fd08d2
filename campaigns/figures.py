"""Figures of a campaign that stay when its people are forgotten: leads by fate, attempts counted.
Nothing in them is of anybody.

Not here: who is forgotten, and when (`retention.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from campaigns.campaign import Campaign
from storage.leads import Counts, Leads, LeadStatus, Tally
from storage.records import JsonObject
from storage.register import Entry, Register

KIND = "campaign_figures"
_OPEN = frozenset({str(LeadStatus.WAITING), str(LeadStatus.RINGING)})

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted before the people of a campaign were forgotten."""

    campaign_id: str
    of: str  # when the campaign had ended; another end, another time
    counts: Counts
    tallies: Sequence[Tally]
    forgotten_at: datetime | None = None  # None: they are being forgotten at this moment
    version: int = 0


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """Keeps them, in the register. Safe for many threads and processes."""

    register: Register
    clock: Callable[[], datetime]

    def get(self, campaign_id: str) -> Figures | None:
        """What is kept of a campaign; None while all its people are there."""
        entry = self.register.get(KIND, campaign_id)
        return None if entry is None else _figures(entry)

    def forgets(self, campaign_id: str) -> bool:
        """Whether the people of a campaign are being forgotten at this moment."""
        kept = self.get(campaign_id)
        return kept is not None and kept.forgotten_at is None

    def begin(self, campaign: Campaign, leads: Leads) -> Figures:
        """Keep the figures of a campaign that is over, with those that were kept before; done twice
        they are counted once. StaleEntry when somebody else does it."""
        kept, of = self.get(campaign.campaign_id), str(campaign.ended_at)
        if kept is not None and kept.of == of:
            return kept
        counts = Counter(dict(leads.counts(campaign.campaign_id)))
        tallies = list(leads.tallies(campaign.campaign_id))
        for fate in [fate for fate in counts if fate[0] in _OPEN]:
            del counts[fate]
        if kept is not None:
            counts.update(kept.counts)
            tallies += kept.tallies
        version = 0 if kept is None else kept.version
        return self._put(Figures(campaign.campaign_id, of, counts, tallies, None, version))

    def finish(self, kept: Figures) -> Figures:
        """Nobody is left to be forgotten."""
        return self._put(replace(kept, forgotten_at=self.clock()))

    def forget(self, campaign_id: str) -> None:
        """Forget the figures, too."""
        self.register.delete(KIND, campaign_id)

    def _put(self, figures: Figures) -> Figures:
        now = self.clock()
        at = figures.forgotten_at
        body: JsonObject = {
            "of": figures.of,
            "counts": count_rows(figures.counts),
            "tallies": tally_rows(figures.tallies),
            "forgotten_at": at and at.isoformat(),
        }
        entry = Entry(KIND, figures.campaign_id, body, now, now, figures.version)
        return replace(figures, version=self.register.put(entry).version)


def whole_counts(live: Counts, kept: Figures | None) -> Counts:
    """Leads that are there and those that were forgotten, by fate."""
    if kept is None:
        return live
    all_of_them = Counter(dict(kept.counts))
    for fate, number in live.items():
        # While they are being forgotten, those that are over are among the kept ones.
        if kept.forgotten_at is not None or fate[0] in _OPEN:
            all_of_them[fate] += number
    return all_of_them


def whole_tallies(live: Sequence[Tally], kept: Figures | None) -> Sequence[Tally]:
    """The same of attempts."""
    if kept is None:
        return live
    return [*kept.tallies, *(live if kept.forgotten_at is not None else ())]


def count_rows(counts: Counts) -> Rows:
    """Leads by fate as JSON has them."""
    return [[*fate, number] for fate, number in counts.items()]


def counts_of(rows: Rows) -> Counts:
    """The leads by fate that `count_rows` wrote."""
    return {(status, result, reason): number for status, result, reason, number in rows}


def tally_rows(tallies: Sequence[Tally]) -> Rows:
    """Attempts that are alike as JSON has them."""
    return [
        [
            one.attempt,
            one.local_hour,
            one.result,
            one.answered_by,
            one.spoke,
            one.qualified,
            one.count,
            one.seconds,
        ]
        for one in tallies
    ]


def tallies_of(rows: Rows) -> Sequence[Tally]:
    """The attempts that `tally_rows` wrote."""
    return [Tally(*row) for row in rows]


def _figures(entry: Entry) -> Figures:
    body: Mapping[str, Any] = entry.body
    at = body["forgotten_at"]
    return Figures(
        campaign_id=entry.key,
        of=body["of"],
        counts=counts_of(body["counts"]),
        tallies=tallies_of(body["tallies"]),
        forgotten_at=datetime.fromisoformat(at) if at else None,
        version=entry.version,
    )
