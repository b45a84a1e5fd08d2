"""What a campaign is: its rules as somebody writes them, and where it stands.

Not here: where campaigns are kept (`book.py`), who is rung (`storage/leads.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"  # starts by itself at `starts_at`
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"  # nobody is left to ring, or `ends_at` is over
    CANCELED = "canceled"


# In which a campaign may start and end: at the ends of the calendar not every zone has a date.
YEARS = range(2000, 2100)

# Where each may go. A campaign that is over stays over.
MOVES: Mapping[CampaignStatus, frozenset[CampaignStatus]] = {
    CampaignStatus.DRAFT: frozenset(
        {CampaignStatus.SCHEDULED, CampaignStatus.RUNNING, CampaignStatus.CANCELED}
    ),
    CampaignStatus.SCHEDULED: frozenset(
        {CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.CANCELED}
    ),
    CampaignStatus.RUNNING: frozenset(
        {CampaignStatus.PAUSED, CampaignStatus.COMPLETED, CampaignStatus.CANCELED}
    ),
    CampaignStatus.PAUSED: frozenset(
        {CampaignStatus.RUNNING, CampaignStatus.SCHEDULED, CampaignStatus.CANCELED}
    ),
    CampaignStatus.COMPLETED: frozenset({CampaignStatus.RUNNING}),  # when leads were added
    CampaignStatus.CANCELED: frozenset(),
}


class Detection(StrEnum):
    """Whether the carrier listens for answering machines."""

    OFF = "off"
    SYNC = "sync"  # the agent waits for the verdict, and so does who answers
    ASYNC = "async"  # the agent talks at once, and the verdict comes meanwhile


class OnMachine(StrEnum):
    """What is done when a machine answers."""

    HANG_UP = "hang_up"
    MESSAGE = "message"  # leave the agent's `voicemail` sentence, whole, after the beep


class Weekday(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _written_moment(raw: object) -> object:
    # The library takes a text of digits for seconds since 1970.
    if not isinstance(raw, str):
        return raw
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        raise ValueError("Write a moment such as 2026-11-30T10:00:00+05:30") from None


def _written_value(raw: object) -> object:
    # As a collected value is compared (`settling.py`): people write JSON's own words, too.
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw) if isinstance(raw, int | float) else raw


WantedValue = Annotated[
    str, BeforeValidator(_written_value, json_schema_input_type=str | bool | float)
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class Hours(_Rules):
    """When people are rung, by the clock where each of them is. Never beyond what the law allows
    there."""

    opens: Clock = Field(default="10:00", description="HH:MM; the first minute.")
    closes: Clock = Field(default="19:00", description="HH:MM; no call begins at it or later.")
    days: tuple[Weekday, ...] = Field(
        default=(Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI, Weekday.SAT),
        min_length=1,
        description="Days on which people are rung.",
    )
    holidays: bool = Field(
        default=False, description="true: people are rung on public holidays, where that is lawful."
    )

    @field_validator("days")
    @classmethod
    def _each_once(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        return tuple(day for day in Weekday if day in days)

    @model_validator(mode="after")
    def _open_at_all(self) -> Self:
        # HH:MM sorts as it tells the time.
        if self.opens >= self.closes:
            raise ValueError(
                f"opens at {self.opens} and closes at {self.closes}: nobody would ever be rung; "
                "closes must be later on the same day (24:00 is its end)"
            )
        return self


class Retries(_Rules):
    """When somebody who was not reached is rung again; seconds, 0: never for this reason."""

    attempts_most: int = Field(default=3, ge=1, le=10, description="Attempts in all.")
    per_day_most: int = Field(
        default=2, ge=1, le=10, description="Attempts a day on one number, by any campaign."
    )
    no_answer_s: int = Field(default=2 * 3600, ge=0, le=30 * 86_400)
    busy_s: int = Field(default=4 * 3600, ge=0, le=30 * 86_400)
    failed_s: int = Field(default=3600, ge=0, le=30 * 86_400)
    machine_s: int = Field(
        default=0, ge=0, le=30 * 86_400, description="After a machine; 0: that was it."
    )
    spread: float = Field(
        default=0.1, ge=0, le=1, description="Share of the time by which it is varied."
    )


class Pace(_Rules):
    """How fast people are rung."""

    calls_per_second: float = Field(default=1, gt=0, le=100)
    live_most: int = Field(default=10, ge=1, le=5000, description="Calls at the same time.")


class Consent(_Rules):
    """Whether somebody must have agreed to be rung."""

    required: bool = Field(
        default=False, description="true: leads without a basis and a date are not rung."
    )
    days_most: int | None = Field(
        default=None, ge=1, le=36_500, description="Days after which consent is too old."
    )


class AnsweringMachines(_Rules):
    """How machines are told from people, with the carrier's tuning."""

    detection: Detection = Detection.OFF
    on_machine: OnMachine = OnMachine.HANG_UP
    timeout_s: int = Field(default=30, ge=3, le=59, description="Seconds until it is unknown.")
    speech_threshold_ms: int = Field(default=2400, ge=1000, le=6000)
    speech_end_threshold_ms: int = Field(default=1200, ge=500, le=5000)
    silence_timeout_ms: int = Field(default=5000, ge=2000, le=10_000)


class CampaignRules(_Rules):
    """Everything that somebody decides about a campaign."""

    name: str = Field(min_length=1, max_length=120)
    agent: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Who talks.")
    country: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="Whose national numbers the file has (ISO 3166); the first of "
        "START_CALL_COUNTRIES when absent.",
    )
    variables: Mapping[str, str] = Field(
        default_factory=dict, description="What sentences say where a lead has nothing."
    )
    hours: Hours = Hours()
    retries: Retries = Retries()
    pace: Pace = Pace()
    consent: Consent = Consent()
    machines: AnsweringMachines = AnsweringMachines()
    starts_at: Moment | None = Field(default=None, description="Nobody is rung before.")
    ends_at: Moment | None = Field(default=None, description="Nor at it or later.")
    qualified_when: Mapping[str, WantedValue] = Field(
        default_factory=dict,
        description="Field → value: a completed call with these is a qualified lead; every "
        "completed one when empty. The same as a text, a number or a truth value; of money the "
        "amount.",
    )


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign, its rules and where it stands."""

    campaign_id: str
    rules: CampaignRules
    status: CampaignStatus
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None  # the first time
    ended_at: datetime | None = None
    note: str = ""  # why it stands where it stands, when nobody did that
    by: str = ""  # who made it
    is_deleted: bool = False
    # Parts of the rules that are different: whoever they held back is to be asked about again.
    recalls: tuple[str, ...] = ()
    edition: int = 1  # counted up when somebody changes the rules
    version: int = 0  # of what is kept; 0: not kept yet. Also counted up by what the dialer notes
