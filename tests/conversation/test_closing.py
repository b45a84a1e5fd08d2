"""What is written to somebody when their call is over."""

from __future__ import annotations

from conversation.closing import closing_message
from conversation.state import changed, new_state
from tests.conversation.casting import NOON
from tests.conversation.test_alerts import parcel

TEXTS = """messages:
  completed: "{agent_name}: your parcel comes {day}."
  silent: "We rang you in vain. Ring us when you like."
"""


def test_a_message_tells_what_the_call_was_about() -> None:
    agent = parcel(TEXTS)
    state = new_state(agent, NOON, {"day": "on Friday"})

    assert closing_message(agent, state, "completed") == "Parcels: your parcel comes on Friday."
    assert closing_message(agent, state, "silent") == "We rang you in vain. Ring us when you like."


def test_nothing_is_written_after_other_ends_nor_in_another_language() -> None:
    agent = parcel(TEXTS)
    state = new_state(agent, NOON, {})

    assert closing_message(agent, state, "abandoned") == ""
    assert closing_message(agent, changed(state, language="ta-IN"), "completed") == ""
