"""Answering machine detection: what the carrier makes of who answers, when, and how it tells.

Source: twilio.com/docs/voice/answering-machine-detection (parameters, values of AnsweredBy, what
each of them waits for). An estimate of our own: what a beep and a fax take.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from phone.clock import speech_s
from phone.faults import Refused

if TYPE_CHECKING:
    from phone.leg import Leg

BEEP_S = 0.4
FAX_S = 3.0
# Parameter → what it is when it is not given, least and most.
RANGES: Mapping[str, tuple[int, int, int]] = {
    "MachineDetectionTimeout": (30, 3, 59),  # seconds
    "MachineDetectionSpeechThreshold": (2400, 1000, 6000),  # milliseconds, as those below
    "MachineDetectionSpeechEndThreshold": (1200, 500, 5000),
    "MachineDetectionSilenceTimeout": (5000, 2000, 10_000),
}


class Kind(StrEnum):
    """What has picked up."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said into the line as soon as it is open."""

    text: str = "Hello?"  # "": nothing
    kind: Kind = Kind.PERSON
    beeps: bool = False  # after it

    @property
    def seconds(self) -> float:
        """How long it takes, the beep not counted."""
        return speech_s(self.text) if self.text else 0.0


HELLO = Greeting()


@runtime_checkable
class Greets(Protocol):
    """A caller whose first words are known; others say hello."""

    greeting: Greeting

    def recording_begins(self) -> None:
        """The greeting is over: what is heard from now on stays on the machine."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order asks for."""

    awaits_end: bool
    told_at: str  # "": the call is held until it is known
    method: str
    timeout_s: float
    threshold_s: float
    end_s: float
    silence_s: float


def read_wanted(options: Mapping[str, str]) -> Wanted | None:
    """What the parameters of an order ask for; None: nothing. Refused when they are wrong."""
    asked = options.get("MachineDetection", "")
    if not asked:
        return None
    if asked not in ("Enable", "DetectMessageEnd"):
        raise Refused(400, 21200, f"MachineDetection must be Enable or DetectMessageEnd: {asked}")
    values = {name: _value(options, name) for name in RANGES}
    return Wanted(
        awaits_end=asked == "DetectMessageEnd",
        told_at=options.get("AsyncAmdStatusCallback", "") if _is_async(options) else "",
        method=options.get("AsyncAmdStatusCallbackMethod", "POST"),
        timeout_s=values["MachineDetectionTimeout"],
        threshold_s=values["MachineDetectionSpeechThreshold"] / 1000,
        end_s=values["MachineDetectionSpeechEndThreshold"] / 1000,
        silence_s=values["MachineDetectionSilenceTimeout"] / 1000,
    )


def _is_async(options: Mapping[str, str]) -> bool:
    return options.get("AsyncAmd", "").lower() == "true"


def _value(options: Mapping[str, str], name: str) -> int:
    usual, least, most = RANGES[name]
    raw = options.get(name, "")
    if not raw:
        return usual
    if not raw.isdecimal() or not least <= int(raw) <= most:
        raise Refused(400, 21200, f"{name} must be a number from {least} to {most}, not {raw}")
    return int(raw)


@dataclass(frozen=True, slots=True)
class Word:
    """What the carrier says of who answered, so many seconds after they did."""

    answered_by: str
    after_s: float


def word_on(greeting: Greeting, wanted: Wanted) -> Word:
    """What it makes of a greeting: who talks longer than people do is a machine."""
    word = _word_on(greeting, wanted)
    if word.after_s > wanted.timeout_s:
        return Word("unknown", wanted.timeout_s)
    return word


def _word_on(greeting: Greeting, wanted: Wanted) -> Word:
    seconds = greeting.seconds
    if greeting.kind is Kind.FAX:
        return Word("fax", FAX_S)
    if not greeting.text:
        return Word("unknown", wanted.silence_s)
    if seconds < wanted.threshold_s:
        return Word("human", seconds + wanted.end_s)
    if not wanted.awaits_end:
        return Word("machine_start", wanted.threshold_s)
    if greeting.beeps:
        return Word("machine_end_beep", seconds + BEEP_S)
    return Word("machine_end_silence", seconds + wanted.end_s)


@dataclass
class Detection:
    """Listens to one call. Used by the call's thread."""

    wanted: Wanted | None
    greeting: Greeting
    caller: Greets | None  # who is told when its recording begins
    answered_by: str = ""  # what was said of it
    _word: Word | None = field(default=None, init=False)
    _tells_at: datetime | None = field(default=None, init=False)  # while the call goes on
    _records_at: datetime | None = field(default=None, init=False)

    @classmethod
    def of(cls, options: Mapping[str, str], caller: object) -> Detection:
        """What an order wants, on whoever answers it."""
        greets = caller if isinstance(caller, Greets) else None
        return cls(read_wanted(options), greets.greeting if greets else HELLO, greets)

    def begin(self, now: datetime) -> Word | None:
        """The line is open; what has to be known before anything is asked of the app."""
        beep_s = BEEP_S if self.greeting.beeps else 0.0
        if self.greeting.kind is not Kind.PERSON:
            self._records_at = now + timedelta(seconds=self.greeting.seconds + beep_s)
        if self.wanted is None:
            return None
        word = word_on(self.greeting, self.wanted)
        if not self.wanted.told_at:
            self.answered_by = word.answered_by
            return word
        self._word = word
        self._tells_at = now + timedelta(seconds=word.after_s)
        return None

    def tick(self, now: datetime) -> Word | None:
        """What is to be told now that it is so late, once."""
        if self._records_at is not None and now >= self._records_at:
            self._records_at = None
            if self.caller is not None:
                self.caller.recording_begins()
        if self._tells_at is None or now < self._tells_at:
            return None
        self._tells_at = None
        assert self._word is not None
        self.answered_by = self._word.answered_by
        return self._word


def form_of(leg: Leg, word: Word) -> dict[str, str]:
    """The callback's parameters."""
    return {
        "CallSid": leg.sid,
        "AccountSid": leg.account,
        "AnsweredBy": word.answered_by,
        "MachineDetectionDuration": str(round(word.after_s * 1000)),
    }
