"""What an agent is: the shape of its YAML file as frozen models. No files, no field kinds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# One sentence in every language of the agent, keyed by BCP-47 tag; a plain string in the file is
# the sentence of an agent with one language.
Sentences = Mapping[str, str]
LocalText = str | dict[str, str]

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
LANGUAGE_PATTERN = r"^[a-z]{2,3}-[A-Z]{2}$"

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Language = Annotated[str, Field(pattern=LANGUAGE_PATTERN)]


class Transport(StrEnum):
    """How the turns of a call come in and go out."""

    GATHER = "gather"
    RELAY = "relay"
    STREAM = "stream"


class HandoverReason(StrEnum):
    """When a call may be passed to an operator."""

    ASKED = "asked"  # the caller asked for a person
    STUCK = "stuck"  # a field was missed too often
    SILENT = "silent"  # the silence ladder ran out


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Voice(_Model):
    """A synthetic voice of a speech provider."""

    provider: str | None = None
    voice: str | None = None
    model: str | None = None
    stability: float | None = Field(default=None, ge=0, le=1)
    similarity_boost: float | None = Field(default=None, ge=0, le=1)
    speed: float | None = Field(default=None, ge=0.5, le=2)


class ChoiceSpec(_Model):
    """One allowed answer of a choice field, with the words that mean it, per language."""

    value: str = Field(min_length=1, max_length=80)
    say: LocalText | None = None  # how it is read back; the value itself when absent
    synonyms: dict[str, list[str]] = Field(default_factory=dict)


class FieldSpec(_Model):
    """A field as declared. Which options a kind takes is that kind's own business (`fields/`)."""

    name: Name
    kind: str
    ask: dict[str, str]
    ask_again: dict[str, str] = Field(default_factory=dict)  # the shorter question
    label: dict[str, str] = Field(default_factory=dict)  # what a caller would call it
    required: bool = True
    hints: tuple[str, ...] = ()
    # Options of single kinds:
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    min: Decimal | None = None
    max: Decimal | None = None
    whole: bool | None = None  # number: no fractions
    unit: dict[str, str] = Field(default_factory=dict)  # number: "bedrooms"
    region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")  # phone: CLDR region
    choices: tuple[ChoiceSpec, ...] = ()
    earliest: str | None = None  # date: "today", "tomorrow", "+3d" or an ISO date; time: HH:MM
    latest: str | None = None
    min_length: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1, le=1000)

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Handover(_Model):
    """Where and when a call goes to an operator."""

    # An E.164 number, "sip:user@host", "client:identity" or "queue:name".
    to: str = Field(pattern=r"^(\+[1-9]\d{6,14}|sips?:.+@.+|client:[\w.@-]+|queue:[\w.-]+)$")
    when: tuple[HandoverReason, ...] = (HandoverReason.ASKED, HandoverReason.STUCK)
    timeout_s: int = Field(default=25, ge=5, le=600)


class Answer(_Model):
    """What the agent says when a caller asks something aside."""

    about: str = Field(min_length=3, max_length=200)
    also: tuple[str, ...] = ()  # other ways to ask it, in any of the agent's languages
    say: dict[str, str]


class Limits(_Model):
    """When a call has gone on long enough."""

    turns: int = Field(default=30, ge=2, le=200)
    seconds: int = Field(default=600, ge=30, le=14_400)
    silences: int = Field(default=3, ge=1, le=10)  # in a row
    misses: int = Field(default=3, ge=1, le=10)  # per field, in a row


class Agent(_Model):
    """One agent, whole and checked. Every sentence has every language of the agent."""

    agent: Name
    name: str = Field(min_length=1, max_length=120)
    goal: str = Field(min_length=1, max_length=1000)
    transport: Transport = Transport.GATHER
    languages: tuple[Language, ...] = Field(min_length=1, max_length=9)
    timezone: str = "UTC"  # IANA name; "today" for dates
    voices: dict[str, Voice] = Field(default_factory=dict)  # "default" or a language
    say_voices: dict[str, str] = Field(default_factory=dict)  # language → carrier voice
    say: dict[str, dict[str, str]]  # sentence key → language → text with {placeholders}
    variables: dict[str, str] = Field(default_factory=dict)  # name → value when none was given
    fields: tuple[FieldSpec, ...] = Field(min_length=1)
    confirm: tuple[str, ...] = ()  # names of the fields read back before the end
    handover: Handover | None = None
    answers: tuple[Answer, ...] = ()
    limits: Limits = Limits()
    version: str = ""  # hash of the file; which version a call used

    def field(self, name: str) -> FieldSpec:
        """The field called `name`; KeyError when there is none."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(name)
