"""The text field: what the caller said, without what is only said around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields.base import Context, Problem, Reading, Value
from conversation.reading.asking import asks_something
from conversation.reading.cues import does_not_know, is_backchannel
from conversation.reading.lead_ins import answer_span
from conversation.reading.words import split

LONGEST = 500  # characters, when the agent's file names no limit
_EDGES = " \t\n,.;:!?।-–—\"'"


class Text:
    """Free words; canonically a trimmed string."""

    name: ClassVar[str] = "text"
    takes: ClassVar[frozenset[str]] = frozenset({"min_length", "max_length"})
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """The limits have to leave room."""
        if spec.min_length and spec.max_length and spec.min_length > spec.max_length:
            return ("min_length is larger than max_length",)
        return ()

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The whole utterance; never strong, for every utterance is text."""
        language = context.language
        if is_backchannel(text, language) or does_not_know(text, language):
            return ()
        words = split(text)
        first, after, _ = answer_span(words)
        if first >= after or asks_something(text, language):
            return ()
        start, end = words[first].start, words[after - 1].end
        return (Reading(text[start:end].strip(_EDGES), start, end, strong=False),)

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """Keys make no text."""
        return None

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """Any string within the limits."""
        return within_limits(spec, value, spec.max_length or LONGEST)

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """As it was said."""
        return str(value)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string within the limits."""
        return {
            "type": "string",
            "minLength": spec.min_length or 1,
            "maxLength": spec.max_length or LONGEST,
            "description": "what the caller answers, in the caller's own words",
        }

    def keypad(self, spec: FieldSpec) -> None:
        """Only spoken."""
        return

    def end_silence_s(self, spec: FieldSpec) -> int:
        """People think while they tell."""
        return 2

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """More is needed while it is shorter than the field allows."""
        return False if len(text.strip()) < (spec.min_length or 1) else None

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """None of its own."""
        return ()


def within_limits(spec: FieldSpec, value: object, longest: int) -> str | Problem:
    """`value` trimmed, when it is a string of the allowed length and has something to read."""
    if not isinstance(value, str):
        return Problem("not_valid")
    trimmed = " ".join(value.split())
    if not any(char.isalnum() for char in trimmed):
        return Problem("not_valid")
    if len(trimmed) < (spec.min_length or 1):
        return Problem("too_short", {"limit": str(spec.min_length)})
    if len(trimmed) > longest:
        return Problem("too_long", {"limit": str(longest)})
    return trimmed
