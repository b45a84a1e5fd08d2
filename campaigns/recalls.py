"""Leads that are to be asked about again, as that is kept: of which campaign, why, how far it is.

Somebody who was refused or given up may be rung after all when what that depended on is different:
a rule, a list, a country. Not here: doing it (`asking_again.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from campaigns.compliance import Reason
from storage.leads import LeadStatus, Result
from storage.register import Entry, EntryQuery, Register, StaleEntry

KIND = "recall"
# Orders that are worked on in one go, oldest first.
OPEN_MOST = 1_000
# In the refusals of a campaign: those before it do not hold any more.
ASKED_AGAIN = "asked_again"
BROKEN = "broken"  # see `recovery.py`


class Cause(StrEnum):
    """Why they are asked about again."""

    RULES = "rules"  # the campaign has other ones
    COUNTRIES = "countries"  # START_CALL_COUNTRIES has more of them
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that are alike; None: whatever it is."""

    status: LeadStatus
    result: str | None = None
    reason: str | None = None


def _refused(reason: str) -> Group:
    return Group(LeadStatus.REFUSED, reason=reason)


def _held(reason: Reason) -> Group:
    return Group(LeadStatus.WAITING, reason=str(reason))


def _given_up(result: Result) -> Group:
    return Group(LeadStatus.GIVEN_UP, result=str(result))


# Part of a campaign's rules → who may be held back by it. Nobody who opted out is in any of them.
OF_RULES: Mapping[str, Sequence[Group]] = {
    "hours": (
        *map(_held, (Reason.HOURS, Reason.WEEKDAY, Reason.HOLIDAY, Reason.BEFORE_START)),
        *map(_held, (Reason.ATTEMPTS_OF_THE_DAY, Reason.ATTEMPTS_OF_THE_LAW)),
        _refused(Reason.NEVER_OPEN),
    ),
    "retries": (
        _held(Reason.ATTEMPTS_OF_THE_DAY),
        _refused(Reason.ATTEMPTS_USED_UP),
        *map(_given_up, (Result.NO_ANSWER, Result.BUSY, Result.FAILED, Result.MACHINE)),
    ),
    "consent": tuple(
        map(
            _refused,
            (Reason.NO_CONSENT, Reason.CONSENT_OF_THE_FUTURE, Reason.CONSENT_TOO_OLD),
        )
    ),
    # In a campaign that was not canceled itself, the end that it had did that.
    "starts_at": (_held(Reason.BEFORE_START),),
    "ends_at": (_refused(Reason.AFTER_END), Group(LeadStatus.CANCELED)),
}
# What may be asked for by hand: the word of a fate → who that is.
BY_HAND: Mapping[str, Group] = {
    **{
        str(result): _given_up(result)
        for result in (Result.NO_ANSWER, Result.BUSY, Result.FAILED, Result.MACHINE)
    },
    **{
        str(reason): _refused(reason)
        for reason in (
            *(Reason.DO_NOT_CALL, Reason.COUNTRY_NOT_ALLOWED, Reason.UNKNOWN_ZONE),
            *(Reason.NO_CONSENT, Reason.CONSENT_OF_THE_FUTURE, Reason.CONSENT_TOO_OLD),
            *(Reason.ATTEMPTS_USED_UP, Reason.NEVER_OPEN, Reason.AFTER_END, BROKEN),
        )
    },
}


@dataclass(frozen=True, slots=True)
class Recall:
    """That leads of a campaign are to be asked about again."""

    recall_id: str
    campaign_id: str
    cause: Cause
    groups: Sequence[Group]
    at: datetime
    by: str = ""  # who asked for it
    asked: int = 0  # leads that are due again, so far
    left: int = 0  # leads that stay as they were: what held them back is as it was
    place: int = 0  # the group that is looked through
    after: tuple[datetime, str] | None = None  # (created_at, lead_id) of its last that was seen
    ended_at: datetime | None = None
    version: int = 0

    @property
    def words(self) -> Sequence[str]:
        """Whom it is about, by reason or result."""
        found = (one.reason or one.result or str(one.status) for one in self.groups)
        return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Recalls:
    """Keeps them. Safe for many threads and processes."""

    register: Register

    def order(self, recall: Recall) -> Recall:
        """Have leads asked about again; one that is ordered already is as it is kept."""
        try:
            return self.put(recall)
        except StaleEntry:
            return self.get(recall.recall_id) or recall

    def get(self, recall_id: str) -> Recall | None:
        """What was ordered under this id, or None."""
        entry = self.register.get(KIND, recall_id)
        return None if entry is None else _recall(entry)

    def open(self) -> Sequence[Recall]:
        """Those that are not over, oldest first."""
        found = self.register.find(EntryQuery(KIND, {"status": "open"}, limit=OPEN_MOST))
        return [_recall(entry) for entry in reversed(found)]

    def of(self, campaign_id: str, limit: int = 20) -> Sequence[Recall]:
        """Those of a campaign, newest first."""
        where = {"campaign_id": campaign_id}
        return [
            _recall(entry) for entry in self.register.find(EntryQuery(KIND, where, limit=limit))
        ]

    def is_open(self, campaign_id: str) -> bool:
        """Whether leads of a campaign are still to be asked about."""
        where = {"status": "open", "campaign_id": campaign_id}
        return bool(self.register.find(EntryQuery(KIND, where, limit=1)))

    def put(self, recall: Recall) -> Recall:
        """Keep how far it is. StaleEntry when somebody else did."""
        kept = self.register.put(_entry(recall))
        return replace(recall, version=kept.version)

    def forget(self, campaign_id: str) -> None:
        """Forget all of a campaign."""
        while found := self.of(campaign_id, limit=100):
            for one in found:
                self.register.delete(KIND, one.recall_id)


def _entry(recall: Recall) -> Entry:
    after = recall.after and [recall.after[0].isoformat(), recall.after[1]]
    body = {
        "campaign_id": recall.campaign_id,
        "status": "open" if recall.ended_at is None else "done",
        "cause": str(recall.cause),
        "groups": [[str(one.status), one.result, one.reason] for one in recall.groups],
        "by": recall.by,
        "asked": recall.asked,
        "left": recall.left,
        "place": recall.place,
        "after": after,
        "ended_at": recall.ended_at and recall.ended_at.isoformat(),
    }
    return Entry(KIND, recall.recall_id, body, recall.at, recall.at, recall.version)


def _recall(entry: Entry) -> Recall:
    body: Mapping[str, object] = entry.body
    groups, after, ended_at = body["groups"], body["after"], body["ended_at"]
    assert isinstance(groups, list)
    return Recall(
        recall_id=entry.key,
        campaign_id=str(body["campaign_id"]),
        cause=Cause(str(body["cause"])),
        groups=[Group(LeadStatus(status), result, reason) for status, result, reason in groups],
        at=entry.created_at,
        by=str(body["by"]),
        asked=int(str(body["asked"])),
        left=int(str(body["left"])),
        place=int(str(body["place"])),
        after=(datetime.fromisoformat(after[0]), after[1]) if isinstance(after, list) else None,
        ended_at=datetime.fromisoformat(str(ended_at)) if ended_at else None,
        version=entry.version,
    )
