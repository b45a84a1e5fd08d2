"""Campaigns as they are kept, in the register: made, changed, moved from status to status.

Not here: who is rung (`storage/leads.py`), what is checked before a campaign starts (`control.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError

from campaigns.campaign import MOVES, Campaign, CampaignRules, CampaignStatus
from storage.base import StorageError
from storage.records import JsonObject
from storage.register import Entry, EntryQuery, Register, StaleEntry

log = logging.getLogger(__name__)

KIND = "campaign"
# Running at the same time, and looked at for a start; each is asked for leads every second.
RUNNING_MOST = 1_000
# Somebody else saves the same campaign at the same moment: tried again so often.
TRIES = 8
OVER = frozenset({CampaignStatus.COMPLETED, CampaignStatus.CANCELED})
# Parts of the rules that the gate goes by.
GATE = ("hours", "retries", "consent", "starts_at", "ends_at")
_NONE: Collection[CampaignStatus] = frozenset()


class UnknownCampaign(LookupError):
    """No campaign of this id, or it was deleted."""


class IllegalMove(ValueError):
    """A campaign cannot do this where it stands; `possible` are the statuses it may go to."""

    def __init__(self, message: str, status: CampaignStatus) -> None:
        super().__init__(message)
        self.status = status
        self.possible = tuple(sorted(MOVES[status]))


class Overtaken(ValueError):
    """Somebody changed the campaign since it was looked at."""


class Chore(StrEnum):
    """What is still to be done with the leads of a campaign: see `tidying.py`."""

    CANCEL = "no"
    FORGET = "canceled"
    RECALL = "recall"  # ask the gate again about those whom the former rules held back


@dataclass(frozen=True, slots=True)
class Untidy:
    """A campaign with a chore left."""

    campaign_id: str
    chore: Chore
    version: int  # of the campaign when it was seen


class Campaigns:
    """Loads and changes campaigns. Safe for many threads; processes share the register."""

    def __init__(
        self, register: Register, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._register = register
        self._clock = clock
        self._new_id = new_id

    def add(self, rules: CampaignRules, by: str = "") -> Campaign:
        """A new campaign, as a draft."""
        now = self._clock()
        campaign = Campaign(self._new_id(), rules, CampaignStatus.DRAFT, now, now, by=by)
        return self._put(campaign)

    def get(self, campaign_id: str) -> Campaign | None:
        """The campaign as it is now; None when there is none, or it was deleted."""
        found = self.kept(campaign_id)
        return None if found is None or found.is_deleted else found

    def status_of(self, campaign_id: str) -> CampaignStatus | None:
        """Where a campaign stands; None when there is none, or it was deleted."""
        found = self.get(campaign_id)
        return None if found is None else found.status

    def kept(self, campaign_id: str) -> Campaign | None:
        """The same, deleted or not: its calls may go on."""
        entry = self._register.get(KIND, campaign_id)
        return None if entry is None else _campaign(entry)

    def find(
        self, status: CampaignStatus | None = None, skip: int = 0, limit: int = 100
    ) -> Sequence[Campaign]:
        """Campaigns, newest first, without those that were deleted."""
        return list(self._found(replace(_query(status), offset=skip, limit=limit)))

    def count(self, status: CampaignStatus | None = None) -> int:
        """How many there are."""
        return self._register.count(_query(status))

    def running(self) -> Sequence[Campaign]:
        """Those whose people are rung now, the oldest first."""
        found = self.find(CampaignStatus.RUNNING, limit=RUNNING_MOST)
        return list(reversed(found))

    def due_to_start(self, now: datetime) -> Sequence[Campaign]:
        """SCHEDULED ones whose moment has come."""
        found = self.find(CampaignStatus.SCHEDULED, limit=RUNNING_MOST)
        return [one for one in found if one.rules.starts_at and one.rules.starts_at <= now]

    def change(
        self,
        campaign_id: str,
        edit: Callable[[CampaignRules], CampaignRules],
        edition: int | None = None,
    ) -> Campaign:
        """Keep other rules, which hold from the next tick of the dialer on.

        `edit` makes them of those that are kept, perhaps more than once. A SCHEDULED campaign whose
        moment is taken away, or put into the past, is a draft again. UnknownCampaign;
        IllegalMove for a canceled one; Overtaken unless `edition` is the kept one, when given.
        """

        def changed(campaign: Campaign) -> Campaign:
            if campaign.status is CampaignStatus.CANCELED:
                raise IllegalMove("A canceled campaign stays as it is.", campaign.status)
            if edition is not None and edition != campaign.edition:
                raise Overtaken("Somebody changed this campaign since you opened it.")
            after = _with_rules(campaign, edit(campaign.rules))
            starts_at = after.rules.starts_at
            is_set = starts_at != campaign.rules.starts_at
            is_over = starts_at is None or starts_at <= self._clock()
            if campaign.status is CampaignStatus.SCHEDULED and is_set and is_over:
                # A moment that was taken away, or is over, starts nothing: that is done by hand.
                return replace(after, status=CampaignStatus.DRAFT)
            return after

        return self._change(campaign_id, changed)

    def move(
        self,
        campaign_id: str,
        status: CampaignStatus,
        note: str = "",
        only_from: Collection[CampaignStatus] = _NONE,
        edit: Callable[[CampaignRules], CampaignRules] | None = None,
    ) -> Campaign:
        """Move a campaign by MOVES; `note` says why, when nobody did that.

        With `edit` its rules change at the same moment, and it may stay where it is.
        UnknownCampaign; IllegalMove when it may not go there from where it is, or is in none of
        `only_from`.
        """

        def moved(campaign: Campaign) -> Campaign:
            here = campaign.status
            stays = edit is not None and here is status
            may_go = stays or status in MOVES[here]
            if not may_go or (only_from and here not in only_from):
                raise IllegalMove(f"A {here} campaign cannot become {status}.", here)
            if edit is not None:
                campaign = _with_rules(campaign, edit(campaign.rules))
            now = self._clock()
            starts = status is CampaignStatus.RUNNING and campaign.started_at is None
            return replace(
                campaign,
                status=status,
                note=note,
                started_at=now if starts else campaign.started_at,
                ended_at=now if status in OVER else None,
            )

        return self._change(campaign_id, moved)

    def say(self, campaign_id: str, note: str) -> Campaign:
        """Say why a campaign stands where it stands; "" takes that back."""
        return self._change(campaign_id, lambda campaign: replace(campaign, note=note))

    def delete(self, campaign_id: str) -> Campaign:
        """Hide a campaign from every list; it is kept, and its leads are, for a while.

        UnknownCampaign; IllegalMove while it runs.
        """

        def deleted(campaign: Campaign) -> Campaign:
            if campaign.status is CampaignStatus.RUNNING:
                raise IllegalMove("Pause or cancel this campaign first.", campaign.status)
            return replace(campaign, is_deleted=True)

        return self._change(campaign_id, deleted)

    def untidy(self, deleted_before: datetime) -> Sequence[Untidy]:
        """Campaigns whose waiting leads are to be canceled, because they were canceled or deleted,
        those deleted before a moment, whose leads are to be forgotten, and those with other rules
        for the gate than some leads were held back by."""
        wanted: list[Untidy] = []
        for chore in Chore:
            where: dict[str, str | int | bool | None] = {"tidied": str(chore)}
            if chore is Chore.FORGET:
                where["is_deleted"] = True
            for one in self._all_found(EntryQuery(KIND, where, limit=RUNNING_MOST)):
                # A deleted one is not changed any more.
                is_old = one.is_deleted and one.updated_at < deleted_before
                if chore is Chore.FORGET and not is_old:
                    continue
                due = Chore.FORGET if is_old else chore
                wanted.append(Untidy(one.campaign_id, due, one.version))
        return wanted

    def tidied(self, done: Untidy) -> None:
        """That was done; nothing happens when the campaign is gone or somebody is changing it."""
        entry = self._register.get(KIND, done.campaign_id)
        if entry is None:
            return
        if done.chore is Chore.RECALL and entry.version != done.version:
            return  # its rules may have changed once more
        after = _AFTER[done.chore]
        if done.chore is Chore.CANCEL and not entry.body.get("is_deleted"):
            after = ""  # its people stay; deleted, it is looked at once more
        body = {**entry.body, "tidied": after}
        try:
            self._register.put(replace(entry, body=body))
        except StaleEntry:
            log.info("a campaign is tidied once more", extra={"campaign_id": done.campaign_id})

    def _change(self, campaign_id: str, edit: Callable[[Campaign], Campaign]) -> Campaign:
        for left in reversed(range(TRIES)):
            campaign = self.get(campaign_id)
            if campaign is None:
                raise UnknownCampaign(campaign_id)
            try:
                return self._put(edit(campaign))
            except StaleEntry:
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _put(self, campaign: Campaign) -> Campaign:
        now = self._clock()
        entry = Entry(
            KIND,
            campaign.campaign_id,
            _body(campaign),
            campaign.created_at,
            now,
            campaign.version,
        )
        return _campaign(self._register.put(entry))

    def _all_found(self, query: EntryQuery) -> Iterator[Campaign]:
        while found := list(self._found(query)):
            yield from found
            query = replace(query, offset=query.offset + query.limit)

    def _found(self, query: EntryQuery) -> Iterator[Campaign]:
        for entry in self._register.find(query):
            try:
                yield _campaign(entry)
            except StorageError as error:  # one that cannot be read stops no other
                log.error("a campaign cannot be read", exc_info=error, extra={"key": entry.key})


# What a chore leaves to be done.
_AFTER = {Chore.CANCEL: str(Chore.FORGET), Chore.FORGET: "forgotten", Chore.RECALL: ""}


def _with_rules(campaign: Campaign, rules: CampaignRules) -> Campaign:
    changed = {one for one in GATE if getattr(rules, one) != getattr(campaign.rules, one)}
    recalls = tuple(sorted({*campaign.recalls, *changed}))
    return replace(campaign, rules=rules, recalls=recalls, edition=campaign.edition + 1)


def _query(status: CampaignStatus | None) -> EntryQuery:
    where: Mapping[str, str | int | bool | None] = {"is_deleted": False}
    return EntryQuery(KIND, where if status is None else {**where, "status": str(status)})


def _body(campaign: Campaign) -> JsonObject:
    leads_stay = campaign.status is not CampaignStatus.CANCELED and not campaign.is_deleted
    return {
        "status": str(campaign.status),
        "rules": campaign.rules.model_dump(mode="json"),
        "started_at": campaign.started_at and campaign.started_at.isoformat(),
        "ended_at": campaign.ended_at and campaign.ended_at.isoformat(),
        "note": campaign.note,
        "by": campaign.by,
        "is_deleted": campaign.is_deleted,
        # What is left to do with its leads: a Chore; "" and "forgotten": nothing.
        "tidied": ("recall" if campaign.recalls else "") if leads_stay else "no",
        "recalls": list(campaign.recalls) if leads_stay else [],
        "edition": campaign.edition,
    }


def _campaign(entry: Entry) -> Campaign:
    body = entry.body
    try:
        return Campaign(
            campaign_id=entry.key,
            rules=CampaignRules.model_validate(body["rules"]),
            status=CampaignStatus(str(body["status"])),
            created_at=entry.created_at,
            updated_at=entry.updated_at,
            started_at=_moment(body.get("started_at")),
            ended_at=_moment(body.get("ended_at")),
            note=str(body.get("note", "")),
            by=str(body.get("by", "")),
            is_deleted=bool(body.get("is_deleted", False)),
            recalls=_recalls(body),
            edition=int(str(body.get("edition", 1))),
            version=entry.version,
        )
    except (KeyError, ValueError, ValidationError) as error:
        raise StorageError(f"Campaign {entry.key} cannot be read: {error}") from error


def _recalls(body: JsonObject) -> tuple[str, ...]:
    if body.get("tidied") != Chore.RECALL:
        return ()
    kept = body.get("recalls")
    # Kept before it was kept which parts they are: any of them.
    return tuple(str(one) for one in kept) if isinstance(kept, list) else GATE


def _moment(kept: object) -> datetime | None:
    return datetime.fromisoformat(str(kept)) if kept else None
