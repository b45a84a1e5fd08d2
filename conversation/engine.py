"""The whole conversation: `advance(agent, state, event)` gives the next state and what to do.

Rule 1: everything that affects a call lives in its state; the same agent, state and event always
give the same answer. Rule 2: this code does not know who calls it: no clock, file, thread, socket,
network or randomness. Asking a brain is an action (`Extract`) that is answered by an event.
"""

from __future__ import annotations

from datetime import datetime

from agents.schema import Agent, Alert, HandoverReason
from conversation import keys, menu
from conversation.actions import HangUp, HangUpReason, Listen
from conversation.answering import extracted, utterance
from conversation.events import (
    BargeIn,
    CallEnded,
    CallStarted,
    Digits,
    Direction,
    Event,
    Extracted,
    ExtractionFailed,
    HandoverAnswered,
    HandoverResult,
    MachineAnswered,
    Silence,
    ToolAnswered,
    Utterance,
)
from conversation.interruptions import interrupted
from conversation.machines import (
    falls_silent,
    greeted_by_machine,
    greets_as_machine,
    machine_answered,
)
from conversation.questions import words
from conversation.reading.opt_outs import opts_out
from conversation.stages import Stage
from conversation.state import CallState, Outcome, changed
from conversation.steps import (
    Step,
    ask,
    can_hand_over,
    come_back,
    goodbye,
    hand_over,
    opt_out,
)


def advance(agent: Agent, state: CallState, event: Event) -> Step:
    """The state after `event`, and the actions that follow from it, in order."""
    if isinstance(event, CallEnded):
        return _ended(state, event), ()
    if state.outcome is not None:
        return _last_wish(agent, state, event)
    if isinstance(event, (ToolAnswered, BargeIn)):
        return (interrupted(state, event) if isinstance(event, BargeIn) else state), ()
    if isinstance(event, MachineAnswered):
        return machine_answered(agent, state, event)
    if isinstance(event, CallStarted):
        return _started(agent, state, event)
    if isinstance(event, (Extracted, ExtractionFailed)):
        step = _read(agent, state, event)
    else:
        state = changed(state, turn=state.turn + 1)
        step = _turn(agent, state, event)
    return _within_limits(agent, step, event.at)


def _last_wish(agent: Agent, state: CallState, event: Event) -> Step:
    """What follows when the call is over. Who says "never call me again" over the last words, or as
    they hang up, is heard; what was completed stays so."""
    text = event.text.strip() if isinstance(event, Utterance) else ""
    outcome = state.outcome
    assert outcome is not None
    is_known = state.opted_out or outcome in (Outcome.OPTED_OUT, Outcome.MACHINE)
    if is_known or not opts_out(text):
        return state, (HangUp(_HANG_UP[outcome]),)
    state = changed(state, turn=state.turn + 1).with_line("caller", text)
    if outcome is Outcome.ABANDONED:  # nobody is there to be told
        state = changed(state, outcome=Outcome.OPTED_OUT, asking=None)
        return state, (HangUp(HangUpReason.OPTED_OUT),)
    over, actions = opt_out(agent, state)
    if outcome in (Outcome.COMPLETED, Outcome.HANDED_OVER):
        over = changed(over, outcome=outcome, opted_out=True)
    return over, actions


def _turn(
    agent: Agent, state: CallState, event: Utterance | Digits | Silence | HandoverAnswered
) -> Step:
    """What the caller, or the operator's line, did."""
    if state.stage is Stage.HANDOVER:
        return _handover_answered(agent, state, event)
    if isinstance(event, HandoverAnswered):
        return ask(agent, state)
    text = event.text.strip() if isinstance(event, Utterance) else ""
    digits = event.digits.rstrip("#") if isinstance(event, Digits) else ""
    if not text:
        state = changed(state, heard=None, lead="")
    if not text and not digits:
        return falls_silent(state) or _silence(agent, state)
    state = changed(state, silences=0)
    if digits:
        state = state.with_line("caller", f"[{digits}]")
        if state.stage is Stage.LANGUAGE:
            return menu.choose_by_key(agent, state, digits)
        return keys.pressed(agent, state, digits, event.at)
    is_machine = greets_as_machine(state, text)
    state = state.with_line("caller", text)
    if opts_out(text):
        return opt_out(agent, state)
    if is_machine:
        return greeted_by_machine(agent, state)
    if state.stage is Stage.LANGUAGE:
        return menu.choose_by_word(agent, changed(state, heard=None, lead=""), text)
    return utterance(agent, state, text, event.at)


def _started(agent: Agent, state: CallState, event: CallStarted) -> Step:
    """Greet, once; a second start only puts the question again."""
    if state.history:
        return ask(agent, state)
    state = changed(
        state,
        started_at=event.at,
        variables={**state.variables, **event.variables},
        is_outbound=event.direction is Direction.OUTBOUND,
        leaves_message=event.leaves_message,
    )
    chosen = menu.language_of(agent, state)
    return ask(agent, state) if chosen is None else menu.welcome(agent, state, chosen)


def _read(agent: Agent, state: CallState, event: Extracted | ExtractionFailed) -> Step:
    """A brain answered, or none could."""
    if state.pending is None:  # late: the utterance was dealt with otherwise
        return ask(agent, state)
    if isinstance(event, ExtractionFailed):
        return ask(agent, state, words(agent, state, "not_understood"))
    return extracted(agent, state, state.pending, event)


def _silence(agent: Agent, state: CallState) -> Step:
    """The silence ladder: ask again, ask shorter with the keypad way, then end or hand over."""
    if agent.alert is not None:
        return _alert_silence(agent, agent.alert, state)
    state = changed(state, silences=state.silences + 1)
    not_heard = words(agent, state, "not_heard")
    if state.silences >= agent.limits.silences:
        if can_hand_over(agent, state, HandoverReason.SILENT):
            return hand_over(agent, state, HandoverReason.SILENT, not_heard)
        return goodbye(agent, state, HangUpReason.SILENT)
    return ask(agent, state, not_heard, shorter=state.silences > 1)


def _alert_silence(agent: Agent, alert: Alert, state: CallState) -> Step:
    """An alert is told whether somebody answers or not, as often as its file says."""
    if state.stage is Stage.LANGUAGE:
        return menu.welcome(agent, state, agent.languages[0])
    state = changed(state, silences=state.silences + 1)
    if state.silences < alert.times:
        return ask(agent, state)
    return goodbye(agent, state, HangUpReason.SILENT)


def _handover_answered(agent: Agent, state: CallState, event: Event) -> Step:
    """Reaching the operator ended; anything but a talk brings the caller back. Whoever has had
    enough before anybody is rung wants no operator."""
    if isinstance(event, HandoverAnswered) and event.result is HandoverResult.ANSWERED:
        state = changed(state, outcome=Outcome.HANDED_OVER, asking=None)
        return state, (HangUp(HangUpReason.HANDED_OVER),)
    if isinstance(event, Utterance) and opts_out(event.text):
        return opt_out(agent, state.with_line("caller", event.text.strip()))
    return come_back(agent, state)


def _ended(state: CallState, event: CallEnded) -> CallState:
    """The line is down. A caller who was with an operator was handed over."""
    if state.outcome is not None:
        return state
    if state.stage is Stage.HANDOVER:
        outcome = Outcome.HANDED_OVER
    else:
        outcome = Outcome.FAILED if event.reason == "failed" else Outcome.ABANDONED
    return changed(state, outcome=outcome, pending=None)


def _within_limits(agent: Agent, step: Step, at: datetime) -> Step:
    """A call that went on too long ends where it would have listened again."""
    state, actions = step
    if not any(isinstance(action, Listen) for action in actions):
        return step
    seconds = (at - state.started_at).total_seconds()
    if state.turn < agent.limits.turns and seconds < agent.limits.seconds:
        return step
    if can_hand_over(agent, state, HandoverReason.STUCK):
        return hand_over(agent, state, HandoverReason.STUCK)
    return goodbye(agent, state, HangUpReason.LIMIT)


# A call that was abandoned and yet goes on (its line was thought dead) can only be hung up.
_HANG_UP = {
    outcome: HangUpReason.FAILED if outcome is Outcome.ABANDONED else HangUpReason(outcome.value)
    for outcome in Outcome
}
