"""Two readings of one utterance made into one: a model's, held against the rules'. Pure.

A model understands more than the rules do; the rules cannot be talked into anything. So a value
counts as sure only when the caller's words hold it, and everything else is read back.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.schema import Agent, FieldSpec
from conversation.extraction import Decision, Extraction, ExtractionRequest
from conversation.fields import kind_of
from conversation.fields.base import Context, Problem, Value
from conversation.reading.corrections import retract
from conversation.reading.words import plain

# Kinds whose value is the caller's own words: their reader takes whatever is said.
_WORDS = frozenset({"text", "address", "name"})


@dataclass(frozen=True, slots=True)
class _Verdict:
    value: object
    doubtful: bool


def combined(
    agent: Agent, request: ExtractionRequest, model: Extraction, rules: Extraction
) -> Extraction:
    """The model's extraction with the rules' values beside it; doubtful where they differ."""
    evidence = _Evidence(
        request.utterance,
        retract(request.utterance, request.language),
        Context(request.language, request.today, request.agent_said),
    )
    values: dict[str, object] = {}
    doubtful: set[str] = set()
    for spec in agent.fields:
        verdict = _judged(spec, request, model, rules, evidence)
        if verdict is None:
            continue
        values[spec.name] = verdict.value
        if verdict.doubtful:
            doubtful.add(spec.name)
    asks_for_person = Decision.HANDOVER_TO_HUMAN in (model.decision, rules.decision)
    return Extraction(
        decision=Decision.HANDOVER_TO_HUMAN if asks_for_person else model.decision,
        values=values,
        reply=model.reply,
        language=model.language,
        doubtful=frozenset(doubtful),
        brain=model.brain,
        partial=rules.partial and not values,
        model=model.model,
        input_tokens=model.input_tokens,
        output_tokens=model.output_tokens,
    )


def _judged(
    spec: FieldSpec,
    request: ExtractionRequest,
    model: Extraction,
    rules: Extraction,
    evidence: _Evidence,
) -> _Verdict | None:
    """What goes into the field; None: nothing."""
    by_model = evidence.accepted(spec, model.values.get(spec.name))
    by_rules = evidence.accepted(spec, rules.values.get(spec.name))
    if by_model is None:
        if by_rules is not None:
            return _kept(spec, model, by_rules, evidence)
        return _refused(spec, request, model, rules)
    if by_model == by_rules:
        return _Verdict(by_model, doubtful=False)
    is_heard = evidence.holds(spec, by_model)
    if by_rules is not None:
        # Of two values the one that was said wins, when only one was.
        keeps_rules = not is_heard and evidence.names(spec, by_rules)
        return _Verdict(by_rules if keeps_rules else by_model, doubtful=True)
    if not is_heard and by_model == request.collected.get(spec.name):
        return None  # an echo of what is known already
    return _Verdict(by_model, doubtful=not is_heard)


def _kept(
    spec: FieldSpec, model: Extraction, by_rules: Value, evidence: _Evidence
) -> _Verdict | None:
    """The rules found a value and the model none that is allowed."""
    if model.values.get(spec.name) is not None:
        return _Verdict(by_rules, doubtful=True)
    if evidence.names(spec, by_rules):
        return _Verdict(by_rules, doubtful=False)
    # A bare "two" answers the question, unless the model took it for something else.
    is_aside = model.reply is not None or model.decision is Decision.HANDOVER_TO_HUMAN
    if spec.kind in _WORDS or is_aside:
        return None
    return _Verdict(by_rules, doubtful=True)


def _refused(
    spec: FieldSpec, request: ExtractionRequest, model: Extraction, rules: Extraction
) -> _Verdict | None:
    """No allowed value: the field that was asked keeps a refused one, so the caller hears why."""
    raw = rules.values.get(spec.name)
    # A piece of an answer is no wrong answer.
    if raw is None and spec.name == request.asked and not rules.partial:
        raw = model.values.get(spec.name)
    return None if raw is None else _Verdict(raw, doubtful=True)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The caller's words, and what their readers find in them."""

    said: str
    text: str  # without what was taken back
    context: Context

    def accepted(self, spec: FieldSpec, raw: object) -> Value | None:
        """The canonical value; None when there is none or the kind refuses it."""
        if raw is None:
            return None
        value = kind_of(spec).accept(spec, raw, self.context)
        return None if isinstance(value, Problem) else value

    def holds(self, spec: FieldSpec, value: Value) -> bool:
        """The value can be found in the words."""
        if spec.kind in _WORDS:
            words = plain(str(value))
            return bool(words.strip()) and words in plain(self.text)
        return any(self.accepted(spec, found) == value for found, _ in self._read(spec))

    def names(self, spec: FieldSpec, value: Value) -> bool:
        """The words name the value by themselves, whatever was asked."""
        return any(
            is_strong and self.accepted(spec, found) == value
            for found, is_strong in self._read(spec)
        )

    def _read(self, spec: FieldSpec) -> list[tuple[Value, bool]]:
        # The "no" that takes a value back may be the answer to a yes-or-no question.
        text = self.said if spec.kind == "yes_no" else self.text
        readings = kind_of(spec).read(spec, text, self.context)
        return [(reading.value, reading.strong) for reading in readings]
