"""How a campaign stands, in words: where its leads are, and why nobody is being rung."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.asking_again import AskingAgain
from campaigns.book import Campaigns
from campaigns.campaign import Campaign, CampaignStatus
from campaigns.control import Control
from campaigns.exports import Exports
from campaigns.people import People, countries_of
from campaigns.preview import Previews
from campaigns.recalls import BY_HAND
from campaigns.report import Fates, Reports
from campaigns.trial import Trials
from campaigns.written import Writer
from campaigns.zones import zone_of_country
from storage.leads import Leads, LeadStatus, Refusal

# Refusals that are looked at for why people are held back.
REFUSALS_LOOKED_AT = 50

FILLS = "A file is still being read: people are rung as they come in."

# compliance.Reason → what people are told of it.
REASONS: Mapping[str, str] = {
    "opted_out": "asked not to be called",
    "do_not_call": "on a do-not-call list",
    "country_not_allowed": "of a country that is not rung from here",
    "no_consent": "no consent is known",
    "consent_of_the_future": "consent of a day to come",
    "consent_too_old": "consent is too old",
    "attempts_used_up": "no attempts left",
    "campaign_not_running": "the campaign does not run",
    "before_start": "before the start of the campaign",
    "after_end": "after the end of the campaign",
    "broken": "set aside: ringing them failed on our side",
    "being_rung": "rung by another campaign just now",
    "claim_lost": "were to be rung when a worker died, or Redis did",
    "claim_lost_again": "were to be rung when a worker died, twice",
    "claim_lost_thrice": "were to be rung when a worker died, three times or more",
    "too_soon": "not due yet",
    "attempts_of_the_day": "rung often enough today",
    "attempts_of_the_law": "rung as often as the law allows",
    "unknown_zone": "the time there is not known",
    "never_open": "no lawful hour within a month",
    "hours": "outside calling hours",
    "weekday": "not on this day of the week",
    "holiday": "a holiday there",
    "asked_again": "asked about again",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign as it stands now."""

    campaign: Campaign
    fates: Fates
    next_due: datetime | None  # the first WAITING lead; None: none waits
    why: str  # nobody is being rung; "" while somebody is


@dataclass(frozen=True, slots=True)
class CampaignDesk:
    """What doors and pages work with. Safe for use from many threads."""

    campaigns: Campaigns
    control: Control
    people: People
    writer: Writer
    reports: Reports
    leads: Leads
    previews: Previews
    exports: Exports
    clock: Callable[[], datetime]
    asking: AskingAgain
    trials: Trials

    def standing(self, campaign: Campaign) -> Standing:
        """How a campaign stands, as of a second ago at most unless it has very many leads."""
        fates = self.reports.fates(campaign.campaign_id)
        next_due = self.leads.next_due(campaign.campaign_id)
        return Standing(campaign, fates, next_due, self._why(campaign, fates, next_due))

    def askable(self, campaign_id: str, words: Collection[str]) -> int:
        """How many leads there are of these words of `recalls.BY_HAND`."""
        return sum(
            number for word, number in self.askable_ones(campaign_id).items() if word in words
        )

    def askable_ones(self, campaign_id: str) -> Mapping[str, int]:
        """Word of `recalls.BY_HAND` → leads, of which there are any."""
        fates = self.reports.fates(campaign_id)
        ones = {
            word: fates.matching(str(group.status), group.result, group.reason)
            for word, group in BY_HAND.items()
        }
        return {word: number for word, number in ones.items() if number}

    def zone(self, campaign: Campaign) -> str:
        """By whose clock its page tells moments: of the country whose numbers it rings."""
        return zone_of_country(countries_of(campaign.rules, self.people.countries)[0])

    def _why(self, campaign: Campaign, fates: Fates, next_due: datetime | None) -> str:
        if campaign.status is not CampaignStatus.RUNNING:
            said = _not_running(campaign, self.zone(campaign))
            if fates.forgotten_at is None or fates.statuses[LeadStatus.WAITING]:
                return said
            forgotten = told(fates.forgotten_at, self.zone(campaign))
            return f"{said} Its people were forgotten on {forgotten}; what was counted stays."
        if fates.statuses[LeadStatus.RINGING]:
            return campaign.note
        now = self.clock()
        starts_at = campaign.rules.starts_at
        if starts_at is not None and starts_at > now:
            return f"Nobody is rung before {told(starts_at, self.zone(campaign))}."
        if next_due is None:
            if self.control.fills(campaign.campaign_id):
                return FILLS
            return "Nobody is left to ring." if fates.total else "This campaign has no leads."
        if next_due <= now + timedelta(seconds=2):
            return campaign.note
        found = self.leads.refusals(campaign.campaign_id, None, REFUSALS_LOOKED_AT)
        held = [one for one in found if _holds(one, now)]
        return idle(fates, next_due, held, self.zone(campaign))


def idle(fates: Fates, next_due: datetime, held: Sequence[Refusal], zone: str) -> str:
    """Why nobody of a running campaign is due; `held` are refusals that hold still.

    `zone`: by whose clock that is told.
    """
    said = [f"Nobody is due before {told(next_due, zone)}."]
    zones: dict[tuple[str, str], Refusal] = {}
    for one in held:
        # What nobody is held back by any more was said under other rules.
        is_old = bool(fates.held) and one.reason not in fates.held
        for there in one.zones if not one.lead_id and not is_old else ():
            zones.setdefault((there, one.reason), one)
    for (there, reason), one in sorted(zones.items()):
        until = f" until {_there(one.until, there)}" if one.until else ""
        said.append(f"{there}: {REASONS.get(reason, reason)}{until}.")
    if not zones:
        said += [
            f"{number} held back: {REASONS.get(reason, reason)}."
            for reason, number in fates.held.items()
        ]
    if fates.again and not fates.fresh:
        said.append("Everybody was rung once; those who were not reached are rung again then.")
    return " ".join(said)


def _holds(refusal: Refusal, now: datetime) -> bool:
    return refusal.until is not None and refusal.until > now


def _not_running(campaign: Campaign, zone: str) -> str:
    note = campaign.note
    match campaign.status:
        case CampaignStatus.DRAFT:
            return "This campaign is a draft: nobody is rung before it is started."
        case CampaignStatus.SCHEDULED:
            starts_at = campaign.rules.starts_at
            return f"It starts by itself at {told(starts_at, zone)}." if starts_at else note
        case CampaignStatus.PAUSED:
            return f"Paused: {note}" if note else "Paused by hand."
        case CampaignStatus.COMPLETED:
            return note or "Everybody was reached, rung often enough, or may not be rung."
        case _:
            return note or "Canceled: whoever waited is not rung any more."


def _there(at: datetime, zone: str) -> str:
    """A moment by the clock of those who are rung."""
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M} there"


def told(at: datetime, zone: str) -> str:
    """A moment by the clock of a zone, which is named."""
    return f"{at.astimezone(ZoneInfo(zone)):%-d %b %Y, %H:%M} ({zone})"
