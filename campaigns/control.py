"""What people may do with a campaign, and what is checked before it is done."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaigns.book import Campaigns, IllegalMove, UnknownCampaign
from campaigns.campaign import YEARS, Campaign, CampaignRules, CampaignStatus
from storage.leads import LeadQuery, Leads, LeadStatus


class Action(StrEnum):
    """What somebody does with a campaign."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    DELETE = "delete"


WRITTEN_MOST = 40  # characters of what was written that an answer repeats
_DRAFT, _SCHEDULED = CampaignStatus.DRAFT, CampaignStatus.SCHEDULED
_RUNNING, _PAUSED = CampaignStatus.RUNNING, CampaignStatus.PAUSED
# What may be done with a campaign, in the order in which a page shows it.
POSSIBLE: Mapping[CampaignStatus, tuple[Action, ...]] = {
    _DRAFT: (Action.START, Action.SCHEDULE, Action.CANCEL, Action.DELETE),
    _SCHEDULED: (
        Action.START,
        Action.SCHEDULE,
        Action.UNSCHEDULE,
        Action.CANCEL,
        Action.DELETE,
    ),
    _RUNNING: (Action.PAUSE, Action.CANCEL),
    _PAUSED: (Action.RESUME, Action.START, Action.SCHEDULE, Action.CANCEL, Action.DELETE),
    CampaignStatus.COMPLETED: (Action.START, Action.DELETE),
    CampaignStatus.CANCELED: (Action.DELETE,),
}
_DONE = {
    Action.START: "started",
    Action.PAUSE: "paused",
    Action.RESUME: "resumed",
    Action.CANCEL: "canceled",
    Action.SCHEDULE: "scheduled",
    Action.UNSCHEDULE: "taken off its schedule",
    Action.DELETE: "deleted",
}


class CannotDo(ValueError):
    """That cannot be done with a campaign as it is; `possible` is what can."""

    def __init__(
        self,
        code: str,
        message: str,
        status: CampaignStatus,
        possible: tuple[Action, ...] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.possible = POSSIBLE[status] if possible is None else possible


class BadMoment(ValueError):
    """The moment of a schedule cannot be used."""


@dataclass(frozen=True, slots=True)
class Control:
    """Starts and stops campaigns by hand. Safe for use from many threads.

    Everything here raises UnknownCampaign for one that there is not, and CannotDo.
    """

    campaigns: Campaigns
    leads: Leads
    agents: Container[str]
    clock: Callable[[], datetime]
    # Whether the people of a campaign are being forgotten; asked with its id.
    forgets: Callable[[str], bool] = lambda _: False
    # Whether a file is still to be read into a campaign; asked with its id.
    fills: Callable[[str], bool] = lambda _: False

    def do(self, action: Action, campaign_id: str) -> Campaign:
        """Do anything but SCHEDULE."""
        match action:
            case Action.START:
                return self._start(campaign_id)
            case Action.RESUME:
                self._may_run(campaign_id, action)
                return self._move(campaign_id, action, _RUNNING)
            case Action.PAUSE:
                return self._move(campaign_id, action, _PAUSED)
            case Action.CANCEL:
                return self._move(campaign_id, action, CampaignStatus.CANCELED)
            case Action.UNSCHEDULE:
                return self._move(campaign_id, action, _DRAFT)
            case Action.DELETE:
                return self._delete(campaign_id)
        raise AssertionError(f"{action} needs a moment")

    def possible(self, campaign: Campaign) -> tuple[Action, ...]:
        """What may be done with a campaign as it stands: one that is over starts again only when
        somebody waits or is being read in, and its end is not over, too."""
        actions = POSSIBLE[campaign.status]
        if campaign.status is not CampaignStatus.COMPLETED or self._goes_on(campaign):
            return actions
        return tuple(one for one in actions if one is not Action.START)

    def schedule(self, campaign_id: str, starts_at: datetime) -> Campaign:
        """Have a campaign start by itself. BadMoment when that is not in the future, or after its
        end."""
        now = self.clock()
        if starts_at <= now:
            raise BadMoment("Choose a moment that is still to come.")
        campaign = self._may_run(campaign_id, Action.SCHEDULE)
        ends_at = campaign.rules.ends_at
        if ends_at is not None and starts_at >= ends_at:
            raise BadMoment("Choose a moment before the end of the campaign.")
        return self._move(
            campaign_id, Action.SCHEDULE, _SCHEDULED, lambda rules: _starting(rules, starts_at)
        )

    def _start(self, campaign_id: str) -> Campaign:
        campaign = self._may_run(campaign_id, Action.START)
        starts_at = campaign.rules.starts_at
        if starts_at is None or starts_at <= self.clock():
            return self._move(campaign_id, Action.START, _RUNNING)
        # Whoever starts it by hand wants it to start now.
        return self._move(campaign_id, Action.START, _RUNNING, lambda rules: _starting(rules, None))

    def _delete(self, campaign_id: str) -> Campaign:
        try:
            return self.campaigns.delete(campaign_id)
        except IllegalMove as error:
            raise _impossible(Action.DELETE, error.status) from None

    def _may_run(self, campaign_id: str, action: Action) -> Campaign:
        campaign = self._known(campaign_id)
        if action not in POSSIBLE[campaign.status]:
            raise _impossible(action, campaign.status)
        rules, status = campaign.rules, campaign.status
        if self.forgets(campaign_id):
            message = "Its people are being forgotten at this moment: try again in some minutes."
            raise CannotDo("not_now", message, status, self.possible(campaign))
        if rules.agent not in self.agents:
            message = f"There is no agent {rules.agent}: choose another one for this campaign."
            raise CannotDo("unknown_agent", message, status)
        if rules.ends_at is not None and rules.ends_at <= self.clock():
            message = "The end of this campaign is over: choose a later one."
            raise CannotDo("after_end", message, status, self.possible(campaign))
        # Asked before leads are looked for: the last one may come in between the two.
        fills = self.fills(campaign_id)
        if not fills and not self.leads.find(LeadQuery(campaign_id, limit=1)):
            message = "This campaign has no leads: upload some first."
            raise CannotDo("no_leads", message, status)
        is_over = status is CampaignStatus.COMPLETED
        if is_over and not fills and not self._anybody_waits(campaign_id):
            message = "Nobody is left to ring in this campaign: add leads first."
            raise CannotDo("no_leads", message, status, self.possible(campaign))
        return campaign

    def _goes_on(self, campaign: Campaign) -> bool:
        ends_at = campaign.rules.ends_at
        is_open = ends_at is None or ends_at > self.clock()
        campaign_id = campaign.campaign_id
        return is_open and (self.fills(campaign_id) or self._anybody_waits(campaign_id))

    def _anybody_waits(self, campaign_id: str) -> bool:
        return bool(self.leads.find(LeadQuery(campaign_id, status=LeadStatus.WAITING, limit=1)))

    def _move(
        self,
        campaign_id: str,
        action: Action,
        status: CampaignStatus,
        edit: Callable[[CampaignRules], CampaignRules] | None = None,
    ) -> Campaign:
        only_from = [here for here, actions in POSSIBLE.items() if action in actions]
        try:
            return self.campaigns.move(campaign_id, status, only_from=only_from, edit=edit)
        except IllegalMove as error:
            raise _impossible(action, error.status) from None

    def _known(self, campaign_id: str) -> Campaign:
        campaign = self.campaigns.get(campaign_id)
        if campaign is None:
            raise UnknownCampaign(campaign_id)
        return campaign


def moment_of(local: str, zone: str) -> datetime:
    """A moment as people write it, such as "2026-11-30 10:00", by the clock of an IANA zone.

    BadMoment says what is wrong: no such moment or zone, or an hour that the clock leaves out. Of
    an hour that comes twice, the first is meant.
    """
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadMoment(
            f"There is no time zone {_short(zone)}: write one such as Asia/Kolkata."
        ) from None
    try:
        written = datetime.fromisoformat(local.strip())
    except ValueError:
        raise BadMoment("Write a moment such as 2026-11-30T10:00.") from None
    if written.tzinfo is not None:
        raise BadMoment("Leave the offset out: the zone says it.")
    try:
        at = written.replace(tzinfo=known)
        moment = datetime.fromtimestamp(at.timestamp(), ZoneInfo("UTC"))
        comes_back = moment.astimezone(known).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise BadMoment("Write a moment of this century.") from None
    if moment.year not in YEARS:
        raise BadMoment("Write a moment of this century.")
    if comes_back != written:
        raise BadMoment(f"The clock leaves this hour out on that day in {zone}.")
    return moment


def _short(text: str) -> str:
    """What somebody wrote, as far as it helps to see it again."""
    return repr(text if len(text) <= WRITTEN_MOST else f"{text[:WRITTEN_MOST]}…")


def _starting(rules: CampaignRules, starts_at: datetime | None) -> CampaignRules:
    return rules.model_copy(update={"starts_at": starts_at})


def _impossible(action: Action, status: CampaignStatus) -> CannotDo:
    possible = ", ".join(POSSIBLE[status])
    message = f"A {status} campaign cannot be {_DONE[action]}. Possible now: {possible}."
    return CannotDo("not_now", message, status)
