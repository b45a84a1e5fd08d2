"""The state of a call out of its record."""

from __future__ import annotations

from agents.schema import Agent
from conversation.refit import refitted
from conversation.state import CallState, Outcome
from storage.records import CallRecord


def state_of(agent: Agent, call: CallRecord) -> CallState:
    """The state of a call as its agent's present file can go on with it."""
    state = CallState.from_dict(call.state)
    # A process that did not have the version at hand may have led a turn under another one.
    is_its_own = len(state.slots) == len(agent.fields) and state.language in agent.languages
    if call.agent_version == agent.version and is_its_own:
        return state
    return refitted(agent, state)


def has_opted_out(call: CallRecord) -> bool:
    """Whether the caller asked never to be rung again: in the call, or when it was over already."""
    return call.outcome == Outcome.OPTED_OUT or bool(call.state.get("opted_out"))
