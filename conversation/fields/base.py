"""The contract of a field kind: what it reads, accepts, says back and asks a model for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Protocol

from agents.schema import FieldSpec

# A canonical value, as stored and as shown: text, number, truth, or a flat object
# ({"amount": 600, "currency": "INR"}, {"start": "14:00", "end": "17:00"}).
Value = str | int | float | bool | Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader may know besides the words."""

    language: str  # BCP-47, of the call
    today: date  # where the agent is
    agent_said: str = ""  # the question that was just put; "" when unknown


@dataclass(frozen=True, slots=True)
class Reading:
    """A value found in the words of a caller, not yet validated."""

    value: Value
    start: int  # character offsets in the text that was read
    end: int
    # Strong: the words name the kind by themselves ("500 rupees", "2 pm"), so the value may fill a
    # field that was not asked. Weak: it means this field only when this field was asked ("500").
    strong: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is not accepted. `code` is a key of the wording; `detail` its placeholders."""

    code: str  # "too_small", "too_large", "in_the_past", "too_early", "too_late", "not_valid", …
    detail: Mapping[str, str] = field(default_factory=dict)  # spoken, in the call's language


@dataclass(frozen=True, slots=True)
class Keypad:
    """How a field is typed."""

    most: int | None  # keys after which no more are awaited; None: ends with #
    hint: str  # key of the wording that tells the caller how ("keypad_number")


class FieldKind(Protocol):
    """One kind of field. Instances hold no state and serve every agent and call."""

    name: ClassVar[str]
    takes: ClassVar[frozenset[str]]  # options of FieldSpec it uses beyond the common ones
    needs: ClassVar[frozenset[str]]  # options without which it cannot work

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """What is wrong with the options of `spec`, one sentence each; empty when all is well."""

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """Every value of this kind in `text`, in order of appearance."""

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """The value typed as `digits` (0-9 and *), not yet validated; None when it is none."""

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """`value`, from a reader or a model's JSON, as the canonical value, or why not."""

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """The value as an agent speaks it in `language`; `value` is canonical."""

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """JSON Schema of the value a model is asked for, description included, not nullable."""

    def keypad(self, spec: FieldSpec) -> Keypad | None:
        """How it is typed, or None when it can only be spoken."""

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """Whole seconds of silence that end the answer; None: as soon as speech pauses."""

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """Whether `text` answers the question as a whole: True when nothing can follow, False
        when more has to; None when only a pause can tell. For live calls, at every few words."""

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Words a recogniser should expect; at most 100, each at most 100 characters."""
