"""The rules brain: fills an agent's fields from words alone, with no model.

It serves without any key, stands in when a model fails or is late, and checks a model's answer.
Which values an utterance holds is each field kind's own business (`conversation/fields`); here it
is decided which field a value belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.schema import Agent, FieldSpec
from conversation.extraction import Decision, Extraction, ExtractionRequest
from conversation.fields import kind_of
from conversation.fields.base import Context, Reading, Value
from conversation.reading.confirmation import read_confirmation
from conversation.reading.corrections import retract
from conversation.reading.cues import wants_person

# Kinds that take any words: they never claim a value nobody asked for.
_FREE_TEXT = frozenset({"text", "address", "name"})
# Kinds whose answer is a yes or no, which in an open question belongs to the question.
_ASSENT = frozenset({"yes_no"})


@dataclass(frozen=True, slots=True)
class _Found:
    spec: FieldSpec
    reading: Reading

    def overlaps(self, others: Iterable[_Found]) -> bool:
        """Shares words with a value that is already given to a field."""
        return any(
            self.reading.start < other.reading.end and other.reading.start < self.reading.end
            for other in others
        )


class RulesBrain:
    """Reads utterances by rule. Holds no state; any number of threads."""

    name = "rules"

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance; none where the words leave a doubt. Never raises."""
        text = retract(request.utterance, request.language)
        context = Context(request.language, request.today, request.agent_said)
        found = _find(agent, request, text, context)
        values = {one.spec.name: one.reading.value for one in found}
        return Extraction(_decide(agent, request, values), values)

    def close(self) -> None:
        """Holds nothing."""


def _find(
    agent: Agent, request: ExtractionRequest, text: str, context: Context
) -> Sequence[_Found]:
    asked = agent.field(request.asked) if request.asked else None
    found: list[_Found] = []
    if asked is not None:
        readings = kind_of(asked).read(asked, text, context)
        if readings:
            found.append(_Found(asked, _best(readings)))
        if asked.kind == "text":
            return found  # its words are the answer, whatever else they look like
    others = [spec for spec in agent.fields if spec is not asked]
    taken = [one for one in found if one.spec.kind not in _FREE_TEXT]
    strong, weak = _read_all(others, text, context)
    found += _undisputed(strong, taken, text, request.language)
    if not found and _is_open(request, text):
        found += _only_one(weak)
    return found


def _best(readings: Sequence[Reading]) -> Reading:
    """The first that names its kind by itself, else the first."""
    return next((reading for reading in readings if reading.strong), readings[0])


def _read_all(
    specs: Iterable[FieldSpec], text: str, context: Context
) -> tuple[list[_Found], list[_Found]]:
    strong: list[_Found] = []
    weak: list[_Found] = []
    for spec in specs:
        readings = kind_of(spec).read(spec, text, context)
        if readings:
            best = _best(readings)
            (strong if best.strong else weak).append(_Found(spec, best))
    return strong, weak


def _undisputed(
    strong: Sequence[_Found], taken: Sequence[_Found], text: str, language: str
) -> list[_Found]:
    """The values that only one field claims, or that are claimed by the field that is named."""
    kept: list[_Found] = []
    for one in strong:
        if one.overlaps(taken):
            continue
        rivals = [other for other in strong if other is not one and one.overlaps([other])]
        if rivals and (not _is_named(one.spec, text, language)):
            continue
        if not one.overlaps(kept):
            kept.append(one)
    return kept


def _is_open(request: ExtractionRequest, text: str) -> bool:
    """Bare values may mean a field that was not asked: in an open question or a correction."""
    if request.asked is None:
        return True
    verdict = read_confirmation(request.utterance, request.language)
    return verdict.yes is False or text != request.utterance


def _only_one(weak: Sequence[_Found]) -> list[_Found]:
    """A bare value belongs to a field when no other field could mean it."""
    claims = [
        one for one in weak if one.spec.kind not in _FREE_TEXT and one.spec.kind not in _ASSENT
    ]
    return claims if len(claims) == 1 else []


def _is_named(spec: FieldSpec, text: str, language: str) -> bool:
    """The caller names the field by its label or name."""
    words = text.casefold().split()
    name = spec.label.get(language, spec.name.replace("_", " ")).casefold().split()
    return bool(name) and all(part in words for part in name)


def _decide(agent: Agent, request: ExtractionRequest, values: Mapping[str, Value]) -> Decision:
    if wants_person(request.utterance, request.language):
        return Decision.HANDOVER_TO_HUMAN
    known = request.collected.keys() | values.keys()
    missing = any(spec.required and spec.name not in known for spec in agent.fields)
    return Decision.NEED_MORE_INFO if missing else Decision.THANK_YOU_RESPONSE
