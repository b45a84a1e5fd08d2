"""Keys pressed outside the language menu. They are read here, without any brain."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from agents.schema import Agent, FieldSpec, HandoverReason
from conversation import alerts
from conversation.fields import kind_of
from conversation.fields.base import Problem
from conversation.questions import changeable, context, words
from conversation.stages import Move, Stage, move
from conversation.state import CallState, Slot, changed
from conversation.steps import Step, ask, confirm, go_on, hand_over, miss
from conversation.wording import problem_key

YES, NO, OPERATOR, REPEAT = "1", "2", "0", "*"


def pressed(agent: Agent, state: CallState, digits: str, at: datetime) -> Step:
    """The caller answered by keys. A value wins over the meaning of 0 and *."""
    if state.stage is Stage.WELCOME:
        state = changed(state, stage=move(state.stage, Move.ANSWER))
    if agent.alert is not None and state.stage is not Stage.CONFIRMING:
        return alerts.pressed(agent, agent.alert, state, digits)
    if digits == REPEAT:
        return ask(agent, state)
    if state.stage is Stage.CONFIRMING:
        return _answer_read_back(agent, state, digits)
    if state.asking is None:
        return _pick_field(agent, state, digits)
    spec = agent.field(state.asking)
    kind = kind_of(spec)
    value = kind.read_keys(spec, digits, context(agent, state, at))
    accepted = None if value is None else kind.accept(spec, value, context(agent, state, at))
    if accepted is not None and not isinstance(accepted, Problem):
        return go_on(agent, state.with_slot(spec.name, Slot(accepted, heard=digits)))
    if digits == OPERATOR:
        return hand_over(agent, state, HandoverReason.ASKED)
    if accepted is None:
        return _not_understood(agent, state)
    why = words(agent, state, problem_key(accepted.code), accepted.detail)
    return miss(agent, state, why)


def _answer_read_back(agent: Agent, state: CallState, digits: str) -> Step:
    match digits:
        case "1":
            return confirm(agent, state)
        case "2":
            return refuse(agent, state)
        case "0":
            return hand_over(agent, state, HandoverReason.ASKED)
        case _:
            return miss(agent, state, words(agent, state, "yes_no_again"))


def _pick_field(agent: Agent, state: CallState, digits: str) -> Step:
    specs = changeable(agent, state)
    if digits == OPERATOR:
        return hand_over(agent, state, HandoverReason.ASKED)
    if digits.isdecimal() and 1 <= int(digits) <= len(specs):
        return ask_again(agent, state, specs[int(digits) - 1])
    return _not_understood(agent, state)


def refuse(agent: Agent, state: CallState) -> Step:
    """The caller refused what was read back and did not say what is wrong."""
    state = changed(state, stage=move(state.stage, Move.CHANGE), asking=None, misses=0)
    specs = changeable(agent, state)
    return ask_again(agent, state, specs[0]) if len(specs) == 1 else ask(agent, state)


def ask_again(agent: Agent, state: CallState, spec: FieldSpec) -> Step:
    """Ask for a field anew. Its old value stays until there is another."""
    slot = replace(state.slots[spec.name], misses=0)
    return ask(agent, changed(state.with_slot(spec.name, slot), asking=spec.name))


def _not_understood(agent: Agent, state: CallState) -> Step:
    return miss(agent, state, words(agent, state, "not_understood"))
