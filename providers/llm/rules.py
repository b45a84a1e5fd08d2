"""The rules brain: fills an agent's fields from words alone, with no model.

It serves without any key, stands in when a model fails or is late, and checks a model's answer.
Which values an utterance holds is each field kind's own business (`conversation/fields`); here it
is decided which field a value belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.schema import Agent, FieldSpec
from conversation.extraction import Decision, Extraction, ExtractionRequest
from conversation.fields import kind_of
from conversation.fields.base import Context, Reading, Value
from conversation.reading.confirmation import only_asks_change, read_confirmation
from conversation.reading.corrections import retract
from conversation.reading.cues import wants_person
from providers.llm.inquiry import Answered
from providers.llm.pieces import is_piece, joined_number

# Kinds that take any words: they never claim a value nobody asked for.
_FREE_TEXT = frozenset({"text", "address", "name"})
# Kinds whose answer is a yes or no, which in an open question belongs to the question. They read
# all that was said: the "no" that takes a value back may be the answer.
_ASSENT = frozenset({"yes_no"})


_OF_THEM = re.compile(r"\s+of (?:them|those|these|it)\b", re.IGNORECASE)


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
        partial = not values and _is_phone_asked(agent, request) and is_piece(request.utterance)
        return Extraction(_decide(agent, request, values), values, partial=partial)

    def begin(self, agent: Agent, request: ExtractionRequest) -> Answered:
        """The reading, which is made at once."""
        return Answered(self.extract(agent, request))

    def close(self) -> None:
        """Holds nothing."""


def _is_phone_asked(agent: Agent, request: ExtractionRequest) -> bool:
    return request.asked is not None and agent.field(request.asked).kind == "phone"


def _find(
    agent: Agent, request: ExtractionRequest, text: str, context: Context
) -> Sequence[_Found]:
    asked = agent.field(request.asked) if request.asked else None
    others = [spec for spec in agent.fields if spec is not asked]
    strong, weak = _read_all(others, text, context)
    found: list[_Found] = []
    if asked is not None:
        found = _answer(asked, request, text, context)
        if asked.kind == "text":
            # Its words are the answer, whatever else they look like: but for "no, make it 4 pm".
            return _correction(request, text, [*strong, *weak]) or found
        if found and not found[0].reading.strong and _is_inside(found[0], strong):
            found = []  # a number of "my address is 45 Park Road"
    taken = [one for one in found if one.spec.kind not in _FREE_TEXT]
    found += _undisputed(strong, taken, text, request.language)
    if found:
        return [*found, *_beside(found, weak, text)]
    return _only_one(weak, request, text, context) if _is_open(request, text) else []


def _answer(
    asked: FieldSpec, request: ExtractionRequest, text: str, context: Context
) -> list[_Found]:
    """The value of the field that was asked, in a list of one or none."""
    heard = request.utterance if asked.kind in _ASSENT else text
    readings = kind_of(asked).read(asked, heard, context)
    if readings:
        return [_Found(asked, _best(readings))]
    if asked.kind == "phone":
        value = joined_number(asked, request, context)
        if value is not None:
            return [_Found(asked, Reading(value, 0, len(text), strong=True))]
    return []


def _is_inside(one: _Found, others: Iterable[_Found]) -> bool:
    """Whether another field's value has these words and more."""
    start, end = one.reading.start, one.reading.end
    return any(
        other.reading.start <= start and end <= other.reading.end
        for other in others
        if other.spec.kind in _FREE_TEXT and other.reading.end - other.reading.start > end - start
    )


def _beside(found: Sequence[_Found], weak: Sequence[_Found], text: str) -> list[_Found]:
    """Bare values that what stands beside them makes clear.

    A span of time next to another answer ("500, between 2 and 5"), and a number before what is
    counted, when one field only holds numbers ("two large pizzas").
    """
    free = [one for one in weak if not one.overlaps(found)]
    spans = [one for one in free if one.spec.kind == "time_range"]
    counts = [one for one in free if one.spec.kind == "number" and _counts(one, found, text)]
    return [one for several in (spans, counts) if len(several) == 1 for one in several]


def _counts(number: _Found, found: Iterable[_Found], text: str) -> bool:
    """Whether a chosen thing, or a word for it, stands right behind the number."""
    return _OF_THEM.match(text, number.reading.end) is not None or any(
        one.spec.kind == "choice" and not text[number.reading.end : one.reading.start].strip()
        for one in found
        if one.reading.start >= number.reading.end
    )


def _correction(request: ExtractionRequest, text: str, claims: Sequence[_Found]) -> list[_Found]:
    """The new value of a field that has one, when the utterance does nothing but change it."""
    known = [one for one in claims if one.spec.name in request.collected]
    known = [one for one in known if one.spec.kind not in _FREE_TEXT | _ASSENT]
    strong = [one for one in known if one.reading.strong] or known
    if len(strong) != 1:
        return []
    reading = strong[0].reading
    rest = request.utterance[: reading.start] + " " + request.utterance[reading.end :]
    return strong if only_asks_change(rest, request.language) else []


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


def _only_one(
    weak: Sequence[_Found], request: ExtractionRequest, text: str, context: Context
) -> list[_Found]:
    """A bare value belongs to a field when no other field could mean it.

    Of several, to the one whose present value is taken back with it: "not 11, 12".
    """
    claims = [
        one for one in weak if one.spec.kind not in _FREE_TEXT and one.spec.kind not in _ASSENT
    ]
    if len(claims) > 1 and text != request.utterance:
        claims = [one for one in claims if _is_taken_back(one.spec, request, text, context)]
    return claims if len(claims) == 1 else []


def _is_taken_back(
    spec: FieldSpec, request: ExtractionRequest, text: str, context: Context
) -> bool:
    """Whether the words that `text` lacks say the value the field has."""
    lost = "".join(
        " " if kept == said else said for kept, said in zip(text, request.utterance, strict=True)
    )
    kind = kind_of(spec)
    known = request.collected.get(spec.name)
    return any(
        kind.accept(spec, reading.value, context) == known
        for reading in kind.read(spec, lost, context)
    )


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
