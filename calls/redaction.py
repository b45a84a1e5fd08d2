"""What of a call is shown to whom: one place masks values, words and numbers. Pure.

Pages, exports and figures give every record through here. What is not known to be harmless is
masked: the values of an agent whose file is gone, of a field its file no longer has, and whatever
callers said in answer to the question for a masked field, understood or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from agents.schema import Agent, FieldSpec
from conversation.fields import kind_of
from storage.records import CallEvent, CallRecord, CollectedRecord, JsonObject, TurnRecord, changed

WITHHELD = "•••"  # stands where something is not shown


class Sight(StrEnum):
    """How much is shown."""

    FULL = "full"  # one call, to who may see everything in it
    LISTED = "listed"  # lists, exports, figures: fields marked `sensitive` are masked for everybody
    MASKED = "masked"  # to who may only look: also names, addresses and numbers


# Kinds of fields that name or reach a person, whether their file marks them or not.
PERSONAL_KINDS = frozenset({"name", "phone", "email", "address"})

# A number as it is written or read out: seven figures or more, with what stands between them.
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_PLACEHOLDER = re.compile(r"\{\w+\}")
_LITERAL_LEAST = 6  # characters of a question by which it is known again
_NAMELESS = frozenset({"", "anonymous", "unknown", "restricted", "unavailable", "private"})


def masked_number(number: str) -> str:
    """A number by which nobody can be rung, but two of them told apart: +91••••••••10.

    Of what is no number nothing is shown, save a word for there being none.
    """
    if number.lower() in _NAMELESS:
        return number
    figures = number.removeprefix("+")
    if not figures.isdecimal() or len(figures) < 8:
        return WITHHELD
    return f"{number[: -len(figures)]}{figures[:2]}{'•' * (len(figures) - 4)}{figures[-2:]}"


def shown_number(number: str, sight: Sight) -> str:
    """A caller's number as `sight` shows it."""
    return masked_number(number) if sight is Sight.MASKED else number


def hides(agent: Agent | None, name: str, sight: Sight) -> bool:
    """Whether the value of a field is masked."""
    if sight is Sight.FULL:
        return False
    spec = next((one for one in agent.fields if one.name == name), None) if agent else None
    return spec is None or _is_hidden(spec, sight)


def redacted_values(values: JsonObject, agent: Agent | None, sight: Sight) -> dict[str, object]:
    """Values by field, those that are not shown replaced by `WITHHELD`."""
    return {
        name: WITHHELD if hides(agent, name, sight) else value for name, value in values.items()
    }


def redacted_turns(
    turns: Sequence[TurnRecord], agent: Agent | None, sight: Sight
) -> list[TurnRecord]:
    """All turns of a call, from the first, as they are shown.

    An utterance is masked as a whole when a masked value was taken from it, and when it answers
    the question for one or its read-back. In what the agent says the values are masked. Once a
    value was taken for a field that the agent does not know, nobody can tell how it is worded.
    """
    if sight is Sight.FULL:
        return list(turns)
    if agent is None:
        return [_withheld(turn, sight) for turn in turns]
    shown: list[TurnRecord] = []
    forms: set[str] = set()
    known = {spec.name for spec in agent.fields}
    asked = False  # whether what the agent said last was about a masked field
    for at, turn in enumerate(turns):
        if not known.issuperset(turn.accepted):
            return shown + [_withheld(one, sight) for one in turns[at:]]
        kept = {name: v for name, v in turn.accepted.items() if hides(agent, name, sight)}
        forms.update(_forms(agent, kept))
        said = _without(turn.agent, forms)
        is_private = asked or bool(kept)
        shown_said = _figures(said, sight)
        shown.append(
            changed(
                turn,
                caller=_masked(turn.caller) if is_private else _figures(turn.caller, sight),
                agent=shown_said,
                accepted=redacted_values(turn.accepted, agent, sight),
                heard=_redacted_heard(turn, shown_said),
                former={},  # stands in the turn that it is about
            )
        )
        asked = said != turn.agent or _asks(agent, turn.agent, sight)
    return shown


def redacted_call(call: CallRecord, agent: Agent | None, sight: Sight) -> CallRecord:
    """A call as it is shown. Of its state the masked values and all texts are left out."""
    if sight is Sight.FULL:
        return call
    return changed(
        call,
        caller_number=shown_number(call.caller_number, sight),
        state=_redacted_state(call.state, agent, sight),
        answer={},
    )


def redacted_collected(
    record: CollectedRecord, agent: Agent | None, sight: Sight
) -> CollectedRecord:
    """What a call brought home, as it is shown."""
    if sight is Sight.FULL:
        return record
    return replace(
        record,
        caller_number=shown_number(record.caller_number, sight),
        data=redacted_values(record.data, agent, sight),
    )


def redacted_event(event: CallEvent, sight: Sight) -> CallEvent:
    """A callback as it is shown: no numbers, and not where a recording lies at the carrier."""
    if sight is Sight.FULL:
        return event
    data = {name: _figures(value, sight) for name, value in event.data.items() if name != "url"}
    return replace(event, data=data)


def _is_hidden(spec: FieldSpec, sight: Sight) -> bool:
    return spec.sensitive or (sight is Sight.MASKED and spec.kind in PERSONAL_KINDS)


def _masked(text: str) -> str:
    return WITHHELD if text else ""


def _withheld(turn: TurnRecord, sight: Sight) -> TurnRecord:
    """A turn of which nobody can tell what in it is whose."""
    accepted = redacted_values(turn.accepted, None, sight)
    return changed(
        turn,
        caller=_masked(turn.caller),
        agent=_masked(turn.agent),
        accepted=accepted,
        heard=turn.heard and WITHHELD,
        former={},
    )


def _redacted_heard(turn: TurnRecord, said: str) -> str | None:
    """What was heard of a turn of which `said` is shown: not a part of what is masked in it."""
    if turn.heard is None or turn.agent == said:
        return turn.heard
    pairs = enumerate(zip(turn.agent, said, strict=False))
    same = next((at for at, (one, other) in pairs if one != other), min(len(turn.agent), len(said)))
    if len(turn.heard) <= same and turn.agent.startswith(turn.heard):
        return turn.heard
    return said[:same] + WITHHELD


def _figures(text: str, sight: Sight) -> str:
    return _NUMBER.sub(WITHHELD, text) if sight is Sight.MASKED else text


def _without(text: str, forms: Iterable[str]) -> str:
    """A text with the values in it masked, the longest first: one may hold another."""
    for form in sorted(forms, key=len, reverse=True):
        # Endings may grow on to words, but the figure 5 is not in 500.
        end = r"(?!\w)" if len(form) < _LITERAL_LEAST else ""
        text = re.sub(rf"(?<!\w){re.escape(form)}{end}", WITHHELD, text, flags=re.IGNORECASE)
    return text


def _forms(agent: Agent, values: JsonObject) -> Iterator[str]:
    """How values may be worded: as they are kept, and as they are read back in each language."""
    for spec in agent.fields:
        if spec.name not in values:
            continue
        value = values[spec.name]
        if isinstance(value, str) and value.strip():
            yield value.strip()
        for language in agent.languages:
            spoken = _read_back(spec, value, language).strip()
            if spoken:
                yield spoken


def _read_back(spec: FieldSpec, value: object, language: str) -> str:
    try:
        return kind_of(spec).say_back(spec, value, language)  # type: ignore[arg-type]
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
        return ""  # kept by another version of the file, under which the field was another kind


def _asks(agent: Agent, said: str, sight: Sight) -> bool:
    """Whether the agent's words put the question for a masked field."""
    return any(
        literal in said
        for spec in agent.fields
        if _is_hidden(spec, sight)
        for texts in (spec.ask, spec.ask_again)
        for text in texts.values()
        for literal in (max(map(str.strip, _PLACEHOLDER.split(text)), key=len),)
        if len(literal) >= _LITERAL_LEAST or literal == text
    )


def _redacted_state(state: JsonObject, agent: Agent | None, sight: Sight) -> JsonObject:
    slots, variables = state.get("slots"), state.get("variables")
    if not isinstance(slots, Mapping):
        return {}  # of a call that never began, or of a form of which nothing is known
    if sight is Sight.MASKED and isinstance(variables, Mapping):
        variables = dict.fromkeys(variables, WITHHELD)
    kept = {name: value for name, value in state.items() if name not in ("last", "heard", "lead")}
    return {
        **kept,
        "slots": {
            name: _redacted_slot(slot) if hides(agent, name, sight) else slot
            for name, slot in slots.items()
        },
        "variables": variables,
        "history": [],
        "question": "",
        "pending": None,
    }


def _redacted_slot(slot: JsonObject) -> JsonObject:
    told = {name: value for name, value in slot.items() if name not in ("value", "heard")}
    return told | {name: WITHHELD for name in ("value", "heard") if name in slot}
