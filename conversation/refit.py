"""Takes up a call under another version of its agent's file than the one it began with."""

from __future__ import annotations

from dataclasses import replace

from agents.schema import Agent, FieldSpec
from conversation.fields import kind_of
from conversation.fields.base import Problem
from conversation.questions import context, next_field
from conversation.stages import Stage
from conversation.state import CallState, Slot, changed


def refitted(agent: Agent, state: CallState) -> CallState:
    """The state as `agent` can go on with it; the same for the version that made it.

    New fields are empty, values that are allowed no longer are asked for again, and what was
    collected in fields that are gone is kept.
    """
    if state.language not in agent.languages:
        state = changed(state, language=agent.languages[0])
    slots = {**state.slots, **{spec.name: _slot(agent, state, spec) for spec in agent.fields}}
    state = changed(state, slots=slots)
    if state.pending is not None:
        # Which answer of the agent's that was, nobody knows any more.
        state = changed(state, pending=replace(state.pending, answer=None))
    names = {spec.name for spec in agent.fields}
    if state.last is not None and state.last.asked not in (*names, None):
        state = changed(state, last=None)
    if state.asking is None or state.asking in names:
        return state
    following = None if state.stage is Stage.CONFIRMING else next_field(agent, state)
    return changed(state, asking=following.name if following else None)


def _slot(agent: Agent, state: CallState, spec: FieldSpec) -> Slot:
    slot = state.slots.get(spec.name, Slot())
    if slot.value is None:
        return slot
    accepted = kind_of(spec).accept(spec, slot.value, context(agent, state, state.started_at))
    return Slot() if isinstance(accepted, Problem) else replace(slot, value=accepted)
