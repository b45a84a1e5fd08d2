"""People that are added to a campaign by hand: read as rows of a file would be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaigns.campaign import Campaign, CampaignRules, CampaignStatus
from campaigns.intake import Fault, Person, RowRefused, Wanted, person_of
from campaigns.renewing import Renewing
from storage.do_not_call import DoNotCallLists
from storage.leads import Lead, Leads

_PLACE = re.compile(r"([0-9]{1,16})~([A-Za-z0-9_.-]{1,100})")
PLACE_PATTERN = rf"^{_PLACE.pattern}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class PersonRefused(ValueError):
    """Nobody can be added to this campaign."""


@dataclass(frozen=True, slots=True)
class PersonProblem:
    """Somebody who was not added."""

    index: int  # in what was given, from 0
    column: str  # "" when it is about all of it
    reason: str  # an intake.Fault
    message: str


@dataclass(frozen=True, slots=True)
class AddedPeople:
    """Who was added, and who was not."""

    added: int
    asked_again: int  # who were refused, and are due now with what was missing
    lead_ids: Sequence[str]
    problems: Sequence[PersonProblem]


@dataclass(frozen=True, slots=True)
class People:
    """Adds people to campaigns. Safe for use from many threads."""

    leads: Leads
    do_not_call: DoNotCallLists
    countries: Sequence[str]  # that may be rung
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    renewing: Renewing

    def add(self, campaign: Campaign, sent: Sequence[Mapping[str, str]]) -> AddedPeople:
        """Add those who can be; the others are told. PersonRefused for a canceled campaign."""
        if campaign.status is CampaignStatus.CANCELED:
            raise PersonRefused("A canceled campaign takes nobody any more.")
        problems: list[PersonProblem] = []
        people = self._read(campaign, sent, problems)
        numbers = [person.number for person in people.values()]
        known = self.leads.known(campaign.campaign_id, numbers)
        barred = self.do_not_call.among(numbers, campaign.campaign_id)
        now = self.clock()
        given_again = [one for one in people.values() if one.number in known - barred]
        renewed = self.renewing.take(campaign.campaign_id, given_again, now)
        leads: list[Lead] = []
        seen: set[str] = set()
        for index, person in people.items():
            fault = None
            if person.number in renewed:
                continue
            if person.number in barred:
                fault = Fault.ON_THE_LIST, "This number is on a do-not-call list."
            elif person.number in known:
                fault = Fault.DUPLICATE_IN_CAMPAIGN, "The campaign has this number."
            elif person.number in seen:
                fault = Fault.DUPLICATE_IN_FILE, "This number is there twice."
            if fault is None:
                seen.add(person.number)
                # A moment apart, so that they stay in this order.
                at = now + index * _MICROSECOND
                leads.append(lead_of(person, campaign.campaign_id, 0, at, self.new_id()))
            else:
                problems.append(PersonProblem(index, "", str(fault[0]), fault[1]))
        added = self.leads.add(leads)
        problems.sort(key=lambda one: one.index)
        ids = [one.lead_id for one in leads]
        return AddedPeople(added, len(renewed), ids, problems)

    def _read(
        self,
        campaign: Campaign,
        sent: Sequence[Mapping[str, str]],
        problems: list[PersonProblem],
    ) -> dict[int, Person]:
        """Index → person of those who can be read."""
        wanted = Wanted(countries_of(campaign.rules, self.countries))
        people: dict[int, Person] = {}
        for index, columns in enumerate(sent):
            try:
                people[index] = person_of(columns, wanted)
            except RowRefused as error:
                problems.append(PersonProblem(index, error.column, str(error.fault), str(error)))
        return people


def countries_of(rules: CampaignRules, allowed: Sequence[str]) -> Sequence[str]:
    """The countries that may be rung, that of the campaign's national numbers first."""
    first = rules.country
    return allowed if first is None else [first, *(one for one in allowed if one != first)]


def lead_of(person: Person, campaign_id: str, line: int, now: datetime, lead_id: str) -> Lead:
    """Somebody as a lead that is due at once; `line` 0 when they came with no file."""
    return Lead(
        lead_id=lead_id,
        campaign_id=campaign_id,
        number=person.number,
        variables=person.variables,
        zones=person.zones,
        country=person.country,
        subdivision=person.subdivision,
        line=line,
        created_at=now,
        updated_at=now,
        due_at=now,
        consent_basis=person.consent_basis,
        consent_at=person.consent_at,
    )


def place_of(lead: Lead) -> str:
    """Where a lead stands in its list, as a text for an address."""
    return f"{(lead.created_at - _EPOCH) // _MICROSECOND}~{lead.lead_id}"


def read_place(text: str) -> tuple[datetime, str]:
    """The place that `place_of` wrote. ValueError when it is none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError("not a place in a list")
    try:
        return _EPOCH + int(found[1]) * _MICROSECOND, found[2]
    except OverflowError:
        raise ValueError("not a place in a list") from None
