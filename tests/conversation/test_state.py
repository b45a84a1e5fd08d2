"""A call's state survives being written and read."""

from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.schema import HandoverReason
from conversation.extraction import Line
from conversation.questions import is_complete
from conversation.stages import Stage
from conversation.state import HISTORY_LINES, CallState, Outcome, Pending, Slot, new_state
from tests.conversation.casting import NOON, rates, with_field

TEXT = st.text(max_size=40)
VALUES = st.one_of(
    st.none(),
    TEXT,
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.dictionaries(TEXT, st.one_of(TEXT, st.integers(-(2**53), 2**53)), max_size=3),
)
STATES = st.builds(
    CallState,
    stage=st.sampled_from(Stage),
    language=st.sampled_from(["en-IN", "ta-IN"]),
    slots=st.dictionaries(
        TEXT,
        st.builds(
            Slot,
            value=VALUES,
            confirmed=st.booleans(),
            doubtful=st.booleans(),
            skipped=st.booleans(),
            misses=st.integers(0, 9),
            heard=TEXT,
        ),
        max_size=4,
    ),
    started_at=st.datetimes(timezones=st.just(UTC)),
    asking=st.none() | TEXT,
    turn=st.integers(0, 200),
    silences=st.integers(0, 9),
    misses=st.integers(0, 9),
    handovers=st.integers(0, 2),
    handover_reason=st.none() | st.sampled_from(HandoverReason),
    variables=st.dictionaries(TEXT, TEXT, max_size=3),
    history=st.lists(st.builds(Line, TEXT, TEXT), max_size=5).map(tuple),
    question=TEXT,
    pending=st.none()
    | st.builds(
        Pending,
        utterance=TEXT,
        yes=st.none() | st.booleans(),
        excused=st.booleans(),
        answer=st.none() | st.integers(0, 5),
    ),
    outcome=st.none() | st.sampled_from(Outcome),
)


@given(STATES)
def test_a_state_written_as_json_and_read_again_is_equal(state: CallState) -> None:
    assert CallState.from_dict(json.loads(json.dumps(state.to_dict()))) == state


def test_a_state_of_another_format_is_refused() -> None:
    written = new_state(rates(), NOON).to_dict() | {"format": 99}
    with pytest.raises(ValueError, match="format 99"):
        CallState.from_dict(written)


def test_the_history_keeps_only_the_last_lines_and_cuts_long_ones() -> None:
    state = new_state(rates(), NOON)
    for number in range(HISTORY_LINES + 5):
        state = state.with_line("caller", f"{number} " + "x" * 2000)
    assert len(state.history) == HISTORY_LINES
    assert state.history[0].text.startswith("5 ")
    assert len(state.history[0].text) == 500


def test_given_variables_win_over_the_agents_defaults() -> None:
    agent = rates(variables={"name": "there", "city": "Chennai"})
    state = new_state(agent, NOON, {"name": "Ravi", "extra": "1"})
    assert state.variables == {"name": "Ravi", "city": "Chennai", "extra": "1"}


def test_a_call_is_complete_when_every_required_field_has_a_value() -> None:
    agent = with_field(rates(), "window", required=False)
    state = new_state(agent, NOON)
    assert not is_complete(agent, state)
    assert is_complete(agent, state.with_slot("charge", Slot({"amount": 1, "currency": "INR"})))


def test_a_field_that_the_agent_does_not_have_is_no_field() -> None:
    with pytest.raises(KeyError, match="colour"):
        rates().field("colour")
