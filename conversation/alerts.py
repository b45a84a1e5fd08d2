"""Alerts: what is told to somebody, and what the key does that they press. All pure."""

from __future__ import annotations

from agents.schema import ALERT_FIELD, Agent, Alert, AlertDoes, AlertKey, HandoverReason
from conversation.actions import HangUpReason, Part
from conversation.questions import spoken, words
from conversation.stages import Move, move
from conversation.state import CallState, Outcome, Slot, changed
from conversation.steps import Step, ask, complete, end, hand_over, miss, opt_out

REPEAT, OPERATOR = "*", "0"  # what these keys do when the agent's file says nothing else


def tell(agent: Agent, alert: Alert, state: CallState, before: tuple[Part, ...]) -> Step:
    """Tell an alert that nobody answers, as often as it is told, and end the call."""
    state = changed(state, stage=move(state.stage, Move.ANSWER))
    state = changed(state, stage=move(state.stage, Move.COMPLETE))
    told = spoken(agent, state, alert.say[state.language]) * alert.times
    said = (*before, *told, *words(agent, state, "goodbye"))
    return end(agent, state, Outcome.COMPLETED, HangUpReason.COMPLETED, said)


def pressed(agent: Agent, alert: Alert, state: CallState, digits: str) -> Step:
    """Somebody pressed keys: the last one counts."""
    digit = digits[-1]
    key = next((one for one in alert.keys if one.key == digit), None)
    if key is not None:
        return _obeyed(agent, state, key)
    if digit == REPEAT:
        return ask(agent, state)
    if digit == OPERATOR and agent.handover is not None:
        return hand_over(agent, state, HandoverReason.ASKED)
    return miss(agent, state, words(agent, state, "not_understood"))


def _obeyed(agent: Agent, state: CallState, key: AlertKey) -> Step:
    if key.does is AlertDoes.REPEAT:
        return ask(agent, state)
    if key.does is AlertDoes.OPT_OUT:
        own = key.say.get(state.language)
        return opt_out(agent, state, None if own is None else spoken(agent, state, own))
    if key.does is AlertDoes.HAND_OVER:
        return hand_over(agent, state, HandoverReason.ASKED)
    slot = Slot(key.value, confirmed=True, heard=key.key)
    return complete(agent, state.with_slot(ALERT_FIELD, slot))
