"""The address field: where somebody lives or wants something brought, in the caller's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields.base import Context, Problem, Reading, Value
from conversation.fields.text import within_limits
from conversation.reading.asking import asks_something
from conversation.reading.cues import does_not_know, is_backchannel
from conversation.reading.lead_ins import announced_address, answer_span
from conversation.reading.words import Word, split

_LONGEST = 300
_FEWEST_WORDS = 2
# What an address does not go on with: ", and my number is".
_OTHER = frozenset("phone mobile contact cell number name email for".split())
_EDGES = " \t\n,.;:!?।"


class Address:
    """A postal address; canonically one line of text."""

    name: ClassVar[str] = "address"
    takes: ClassVar[frozenset[str]] = frozenset({"min_length", "max_length"})
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """The limits have to leave room."""
        if spec.min_length and spec.max_length and spec.min_length > spec.max_length:
            return ("min_length is larger than max_length",)
        return ()

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """Two words or more; strong when announced ("my address is")."""
        language = context.language
        words = split(text)
        first, after, announced = answer_span(words)
        within = None if announced else announced_address(words)
        if within is not None:
            first, announced = within, True
        if announced:
            after = _end(words, first, after)
        if after - first < _FEWEST_WORDS or asks_something(text, language):
            return ()
        if is_backchannel(text, language) or does_not_know(text, language):
            return ()
        start, end = words[first].start, words[after - 1].end
        return (Reading(text[start:end].strip(_EDGES), start, end, strong=announced),)

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """Keys make no address."""
        return None

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A line of at least two words."""
        line = within_limits(spec, value, spec.max_length or _LONGEST)
        if isinstance(line, str) and len(split(line)) < _FEWEST_WORDS:
            return Problem("too_short")
        return line

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """As it was said."""
        return str(value)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string."""
        return {
            "type": "string",
            "maxLength": spec.max_length or _LONGEST,
            "description": "postal address: house number, street, area, town, as far as given",
        }

    def keypad(self, spec: FieldSpec) -> None:
        """Only spoken."""
        return

    def end_silence_s(self, spec: FieldSpec) -> int:
        """People pause between its lines."""
        return 3

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """More is needed while it is shorter than the field allows."""
        return False if len(text.strip()) < (spec.min_length or 1) else None

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """None of its own."""
        return ()


def _end(words: Sequence[Word], first: int, after: int) -> int:
    """Where an announced address ends: before a clause that gives something else."""
    for at in range(first + _FEWEST_WORDS, after):
        begins = words[at].clause != words[at - 1].clause or words[at - 1].text == "and"
        lead = at + 1 if words[at].text in ("my", "the", "and") else at
        lead += lead < after and words[lead].text in ("my", "the")
        if (begins or words[at].text == "and") and lead < after and words[lead].text in _OTHER:
            return at
    return after
