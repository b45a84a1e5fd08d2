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

ALERT_FIELD = "answer"  # what is kept of an alert is kept under this name
MESSAGE_LENGTH = 1600  # characters of one text message; carriers send it in pieces

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


class Compose(StrEnum):
    """Of what recordings a sentence with values is put together."""

    SLOT = "slot"
    SENTENCE = "sentence"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Voice(_Model):
    """A synthetic voice of a speech provider."""

    provider: str | None = Field(default=None, description="The speech company.")
    voice: str | None = Field(default=None, description="The company's id of the voice.")
    model: str | None = Field(default=None, description="The company's id of the speech model.")
    stability: float | None = Field(
        default=None, ge=0, le=1, description="0: lively, 1: always the same tone."
    )
    similarity_boost: float | None = Field(
        default=None, ge=0, le=1, description="How close to the original speaker, 0 to 1."
    )
    compose: Compose | None = Field(
        default=None,
        description="slot (usual): a sentence is put together from clips, and only values are "
        "made anew; sentence: a sentence with a value in it is made as a whole, which sounds "
        "smoother and costs more.",
    )
    speed: float | None = Field(default=None, ge=0.5, le=2, description="1 is the usual pace.")


class ChoiceSpec(_Model):
    """One allowed answer of a choice field, with the words that mean it, per language."""

    value: str = Field(min_length=1, max_length=80)
    say: LocalText | None = None  # how it is read back; the value itself when absent
    synonyms: dict[str, list[str]] = Field(default_factory=dict)


class FieldSpec(_Model):
    """A field as declared. Which options a kind takes is that kind's own business (`fields/`)."""

    name: Name
    kind: str = Field(description="What kind of value the field holds.")
    ask: dict[str, str] = Field(description="The question.")
    ask_again: dict[str, str] = Field(
        default_factory=dict, description="The shorter question, after the first got no answer."
    )
    label: dict[str, str] = Field(
        default_factory=dict, description="What a caller would call the field: delivery charge."
    )
    required: bool = Field(default=True, description="false: the call may end without it.")
    hints: tuple[str, ...] = Field(
        default=(), description="Words the recogniser should expect in the answer."
    )
    sensitive: bool = Field(
        default=False,
        description="true: the value, and the words it came from, are masked in lists, exports "
        "and figures, and for people who may only look.",
    )
    # Options of single kinds:
    currency: str | None = Field(
        default=None, pattern=r"^[A-Z]{3}$", description="ISO 4217 code, such as INR."
    )
    min: Decimal | None = Field(default=None, description="The least value that is accepted.")
    max: Decimal | None = Field(default=None, description="The greatest value that is accepted.")
    whole: bool | None = Field(default=None, description="true: whole numbers only.")
    unit: dict[str, str] = Field(
        default_factory=dict, description="What is counted, as spoken after the number: bedrooms."
    )
    region: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}$",
        description="Country (ISO 3166) whose national numbers are meant, such as IN.",
    )
    choices: tuple[ChoiceSpec, ...] = Field(
        default=(), description="The answers that are accepted, with the words that mean each."
    )
    earliest: str | None = Field(
        default=None,
        description="The first day or time that is accepted. "
        "A day: today, tomorrow, +3d or 2030-01-31. A time: 09:30.",
    )
    latest: str | None = Field(
        default=None, description="The last day or time that is accepted; written as earliest is."
    )
    min_length: int | None = Field(
        default=None, ge=1, description="The least number of characters."
    )
    max_length: int | None = Field(
        default=None, ge=1, le=1000, description="The greatest number of characters."
    )


class Handover(_Model):
    """Where and when a call goes to an operator."""

    to: str = Field(
        pattern=r"^(\+[1-9]\d{6,14}|sips?:.+@.+|client:[\w.@-]+|queue:[\w.-]+)$",
        description='"+914400000000" (E.164, in quotes), "sip:user@host", "client:identity" or '
        '"queue:name".',
    )
    when: tuple[HandoverReason, ...] = Field(
        default=(HandoverReason.ASKED, HandoverReason.STUCK),
        min_length=1,
        description="asked: the caller wants a person; stuck: a field was missed too often; "
        "silent: the caller says nothing any more.",
    )
    timeout_s: int = Field(
        default=25, ge=5, le=600, description="Seconds to ring before the caller is told."
    )


class Answer(_Model):
    """What the agent says when a caller asks something aside."""

    about: str = Field(min_length=3, max_length=200, description="What is asked: who is calling.")
    also: tuple[str, ...] = Field(
        default=(), description="Other ways to ask it, in any of the agent's languages."
    )
    say: dict[str, str] = Field(description="The answer.")


class Record(_Model):
    """That calls are recorded, and what callers are told before they are."""

    announce: dict[str, str] = Field(
        description="Said before the welcome, and not to be talked over: recording begins when it "
        "has been said."
    )


class Background(StrEnum):
    """What is heard while a live caller waits."""

    NONE = "none"
    TYPING = "typing"
    ROOM = "room"


class LiveRecogniser(_Model):
    """Who turns speech into words in a live call."""

    name: str = Field(description="The speech company.")
    model: str | None = Field(default=None, description="The company's id of its model.")


class LiveSpeech(_Model):
    """How a live conversation feels: who may cut in, and how long is waited."""

    protect_greeting: bool = Field(
        default=False,
        description="true: what is said before the first question is not cut short; words spoken "
        "over it are kept.",
    )
    interruption_words: int = Field(
        default=1,
        ge=1,
        le=10,
        description='Words of the caller that stop the agent; "mhm" and "okay" never do.',
    )
    false_stop_ms: int = Field(
        default=1500,
        ge=300,
        le=5000,
        description="Milliseconds after which the agent goes on when it stopped and no words came.",
    )
    end_silence_ms: int = Field(
        default=700,
        ge=200,
        le=3000,
        description="Milliseconds of silence that end an answer; numbers and addresses get more.",
    )
    recogniser: LiveRecogniser | None = Field(
        default=None, description="Who turns speech into words; whoever can when absent."
    )
    background: Background = Field(
        default=Background.NONE,
        description="What is heard while a caller waits: none, typing or room.",
    )
    hold: dict[str, str] = Field(
        default_factory=dict,
        description="Said when an answer takes very long; the filler when absent.",
    )


class AlertDoes(StrEnum):
    """What a key of an alert does."""

    ANSWER = "answer"  # keeps a value, says something and ends the call
    REPEAT = "repeat"  # says the alert again
    OPT_OUT = "opt_out"  # nobody rings this number again
    HAND_OVER = "hand_over"  # an operator takes the call


class AlertKey(_Model):
    """A key that somebody who is told something may press."""

    key: str = Field(pattern=r"^[0-9*]$", description="The key: 0 to 9 or *.")
    does: AlertDoes = Field(
        default=AlertDoes.ANSWER,
        description="answer: keeps the value and ends the call; repeat: says it again; opt_out: "
        "nobody rings this number again; hand_over: an operator takes the call.",
    )
    value: str | None = Field(
        default=None, min_length=1, max_length=80, description="What is kept of an answer."
    )
    say: dict[str, str] = Field(
        default_factory=dict,
        description="Said before the call ends; say.thanks, or say.opted_out, when absent.",
    )
    words: dict[str, list[str]] = Field(
        default_factory=dict, description="What may be said in place of the key, by language."
    )


class Alert(_Model):
    """An agent that tells something and asks for a key at most, in place of fields."""

    say: dict[str, str] = Field(description="What is told.")
    ask: dict[str, str] = Field(
        default_factory=dict, description="Which keys there are; said after it."
    )
    times: int = Field(
        default=2, ge=1, le=5, description="How often it is told, while nobody answers."
    )
    keys: tuple[AlertKey, ...] = Field(
        default=(), max_length=11, description="What each key does; the call just ends when absent."
    )


class Limits(_Model):
    """When a call has gone on long enough."""

    turns: int = Field(default=30, ge=2, le=200, description="Answers of the caller.")
    seconds: int = Field(default=600, ge=30, le=14_400, description="Length of the call.")
    silences: int = Field(default=3, ge=1, le=10, description="Silences in a row.")
    misses: int = Field(
        default=3, ge=1, le=10, description="Answers to one question, in a row, that are no use."
    )


class Agent(_Model):
    """One agent, whole and checked. Every sentence has every language of the agent."""

    agent: Name = Field(
        description="The name in /voice?agent_type=NAME: small letters, digits and _."
    )
    name: str = Field(
        min_length=1, max_length=120, description="What people call the agent; {agent_name}."
    )
    goal: str = Field(
        min_length=1, max_length=1000, description="What a call is for, in a sentence."
    )
    transport: Transport = Field(
        default=Transport.GATHER, description="How the turns of a call come in and go out."
    )
    languages: tuple[Language, ...] = Field(
        min_length=1,
        max_length=9,
        description="Languages by key, [en-IN, ta-IN]: the first is key 1 and the default; "
        "with one there is no menu.",
    )
    timezone: str = Field(
        default="UTC", description="IANA name, Asia/Kolkata: where the agent's today is."
    )
    voices: dict[str, Voice] = Field(
        default_factory=dict, description="The voice: default, and what differs by language."
    )
    say_voices: dict[str, str] = Field(
        default_factory=dict, description="The carrier's own voice, by language."
    )
    say: dict[str, dict[str, str]] = Field(
        description="Sentences by key and language; {placeholders} are filled in."
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        description="Values a call is started with, and what stands in for one not given.",
    )
    fields: tuple[FieldSpec, ...] = Field(
        default=(), description="What is asked, in this order; an alert has its keys instead."
    )
    alert: Alert | None = Field(
        default=None, description="What is told by an agent that asks for a key at most."
    )
    confirm: tuple[str, ...] = Field(
        default=(), description="Fields read back before the end: all, none or [names]."
    )
    models: tuple[str, ...] = Field(
        default=(),
        description="Models that read what callers say, in this order; all there are when absent. "
        "rules, which always stand in last, alone: no model.",
    )
    handover: Handover | None = Field(
        default=None, description="Where and when a call goes to an operator."
    )
    answers: tuple[Answer, ...] = Field(
        default=(), description="What is answered when a caller asks something aside."
    )
    limits: Limits = Field(default=Limits(), description="When a call has gone on long enough.")
    record: Record | None = Field(
        default=None, description="Calls are recorded, both sides, after this is announced."
    )
    live: LiveSpeech = Field(
        default=LiveSpeech(),
        description="How a live conversation feels: who may cut in, and how long is waited.",
    )
    voicemail: dict[str, str] = Field(
        default_factory=dict,
        description="What is left on an answering machine, where a campaign wants that.",
    )
    messages: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="Text messages sent when a call is over, by how it ended.",
    )
    retention_days: int | None = Field(
        default=None,
        ge=1,
        le=36_500,
        description="Days after its end at which a call is deleted, with its recording, and at "
        "which the people of a campaign that is over are; kept for good when absent. Text messages "
        "that followed no call go by the agent that keeps calls the longest.",
    )
    version: str = ""  # hash of the file; which version a call used

    def field(self, name: str) -> FieldSpec:
        """The field called `name`; KeyError when there is none."""
        for spec in self.fields:
            if spec.name == name:
                return spec
        raise KeyError(name)
