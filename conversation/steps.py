"""The steps a call can take from any stage: ask, go on, pass over, end. All pure.

A step is a new state and the actions that go with it. Every step that leaves the caller with the
word ends in `Listen`; every step that ends the call sets an outcome and ends in `HangUp`.
"""

from __future__ import annotations

from dataclasses import replace

from agents.schema import Agent, HandoverReason
from conversation.actions import Action, HandOver, HangUp, HangUpReason, Part, Say
from conversation.questions import (
    ANSWER_TIMEOUT_S,
    keypad_help,
    listen,
    next_field,
    question,
    thanks,
    to_confirm,
    words,
)
from conversation.stages import Move, Stage, move
from conversation.state import CallState, Outcome, changed

Step = tuple[CallState, tuple[Action, ...]]
Parts = tuple[Part, ...]

HANDOVERS_MOST = 2  # an operator is tried no more often than this in one call


def ask(
    agent: Agent,
    state: CallState,
    before: Parts = (),
    shorter: bool = False,
    timeout_s: int = ANSWER_TIMEOUT_S,
) -> Step:
    """Put the question of this state, after the words in `before`."""
    asked = question(agent, state, shorter)
    helped = keypad_help(agent, state) if shorter else ()
    say = Say((*before, *asked, *helped))
    put = " ".join(part.text for part in asked)
    state = changed(state, question=put, pending=None).with_line("agent", say.text)
    return state, (say, listen(agent, state, timeout_s))


def wait(agent: Agent, state: CallState, said: Parts, timeout_s: int) -> Step:
    """Say something and go on listening for the answer to the question that stands."""
    say = Say(said)
    state = changed(state, pending=None).with_line("agent", say.text)
    return state, (say, listen(agent, state, timeout_s))


def go_on(agent: Agent, state: CallState, before: Parts = ()) -> Step:
    """Ask for the next field, read back, or finish: whatever the state calls for."""
    if state.stage is Stage.CONFIRMING:
        state = changed(state, stage=move(state.stage, Move.CHANGE))
    spec = next_field(agent, state)
    if spec is not None:
        return ask(agent, changed(state, asking=spec.name, misses=0), before)
    state = changed(state, asking=None, misses=0)
    if agent.alert is not None and not state.values:
        return ask(agent, state, before)
    if to_confirm(agent, state):
        return ask(agent, changed(state, stage=move(state.stage, Move.READ_BACK)), before)
    return complete(agent, state)


def confirm(agent: Agent, state: CallState) -> Step:
    """The caller said that what was read back is right."""
    slots = dict(state.slots)
    for spec in to_confirm(agent, state):
        slots[spec.name] = replace(slots[spec.name], confirmed=True, doubtful=False)
    return complete(agent, changed(state, slots=slots))


def complete(agent: Agent, state: CallState) -> Step:
    """Everything is in: thank the caller and end the call."""
    state = changed(state, stage=move(state.stage, Move.COMPLETE))
    thanked = thanks(agent, state)
    return end(agent, state, Outcome.COMPLETED, HangUpReason.COMPLETED, thanked)


def end(
    agent: Agent, state: CallState, outcome: Outcome, reason: HangUpReason, said: Parts
) -> Step:
    """Say the last words, which cannot be talked over, and hang up."""
    say = Say(said, interruptible=False)
    state = changed(state, outcome=outcome, asking=None, pending=None)
    return state.with_line("agent", say.text), (say, HangUp(reason))


def goodbye(agent: Agent, state: CallState, reason: HangUpReason) -> Step:
    """End a call that did not complete, with a word on why."""
    why = {
        HangUpReason.STUCK: "stuck",
        HangUpReason.LIMIT: "limit",
        HangUpReason.DECLINED: "declined",
        HangUpReason.SILENT: "not_heard",
    }.get(reason)
    said = words(agent, state, why) if why else ()
    farewell = words(agent, state, "goodbye")
    return end(agent, state, Outcome(reason.value), reason, (*said, *farewell))


def opt_out(agent: Agent, state: CallState, said: Parts | None = None) -> Step:
    """The caller wants no more calls: say so, in words of its own or the usual, and hang up."""
    last = words(agent, state, "opted_out") if said is None else said
    state = changed(state, heard=None, lead="")
    return end(agent, state, Outcome.OPTED_OUT, HangUpReason.OPTED_OUT, last)


def can_hand_over(agent: Agent, state: CallState, reason: HandoverReason) -> bool:
    """An operator may be tried for this reason, once more."""
    return (
        agent.handover is not None
        and reason in agent.handover.when
        and state.handovers < HANDOVERS_MOST
    )


def hand_over(agent: Agent, state: CallState, reason: HandoverReason, before: Parts = ()) -> Step:
    """Pass the caller to an operator where that is allowed; else say so, or say goodbye.

    The words in `before` are said when an operator is rung: what the caller did not ask for.
    """
    if agent.handover is None or not can_hand_over(agent, state, reason):
        if reason is HandoverReason.ASKED:
            why = "handover_again" if state.handovers else "handover_unavailable"
            return ask(agent, state, words(agent, state, why))
        return goodbye(agent, state, _HANG_UP[reason])
    say = Say((*before, *words(agent, state, "handover")))
    state = changed(
        state,
        stage=move(state.stage, Move.HAND_OVER),
        handovers=state.handovers + 1,
        handover_reason=reason,
        pending=None,
    ).with_line("agent", say.text)
    return state, (say, HandOver(agent.handover.to, reason, agent.handover.timeout_s))


def come_back(agent: Agent, state: CallState) -> Step:
    """No operator could be reached: tell the caller and take up the questions again."""
    slots = {name: replace(slot, misses=0) for name, slot in state.slots.items()}
    state = changed(
        state, stage=move(state.stage, Move.COME_BACK), slots=slots, silences=0, misses=0
    )
    return go_on(agent, state, words(agent, state, "handover_failed"))


def miss(agent: Agent, state: CallState, before: Parts) -> Step:
    """An answer gave nothing: ask again, or give up after as many as the agent allows."""
    if state.asking is None:
        missed = state.misses + 1
        state = changed(state, misses=missed)
    else:
        slot = state.slots[state.asking]
        missed = slot.misses + 1
        state = state.with_slot(state.asking, replace(slot, misses=missed))
    if missed < agent.limits.misses:
        was_told = missed > 1 or state.asking is None or agent.alert is not None
        shorter = was_told and state.stage is not Stage.CONFIRMING
        return ask(agent, state, before, shorter)
    if state.asking is not None and not agent.field(state.asking).required:
        slot = replace(state.slots[state.asking], skipped=True, misses=0)
        return go_on(agent, state.with_slot(state.asking, slot))
    return hand_over(agent, state, HandoverReason.STUCK, before)


_HANG_UP = {
    HandoverReason.ASKED: HangUpReason.DECLINED,
    HandoverReason.STUCK: HangUpReason.STUCK,
    HandoverReason.SILENT: HangUpReason.SILENT,
}
