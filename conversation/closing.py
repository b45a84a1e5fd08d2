"""What is written to somebody when their call is over."""

from __future__ import annotations

from agents.schema import Agent
from conversation.questions import values
from conversation.state import CallState
from conversation.wording import fill


def closing_message(agent: Agent, state: CallState, outcome: str) -> str:
    """The text message for a call that ended like this, filled in; "" when there is none."""
    template = agent.messages.get(outcome, {}).get(state.language, "")
    return fill(template, values(agent, state)) if "{" in template else template
