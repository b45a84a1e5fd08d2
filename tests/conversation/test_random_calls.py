"""Ten thousand random calls: nothing raises, nothing loops, every call ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.loader import load_agents
from agents.schema import Agent
from conversation.actions import Extract, HandOver, HangUp, Listen, Say
from conversation.engine import advance
from conversation.events import (
    BargeIn,
    CallEnded,
    CallStarted,
    Digits,
    Event,
    Extracted,
    ExtractionFailed,
    HandoverAnswered,
    HandoverResult,
    Silence,
    ToolAnswered,
    Utterance,
)
from conversation.extraction import Decision, Extraction
from conversation.stages import Stage
from conversation.state import CallState, new_state
from conversation.steps import HANDOVERS_MOST
from providers.llm.rules import RulesBrain
from tests.conversation.casting import NOON

AGENTS = load_agents(Path("agents"))
BRAIN = RulesBrain()
CALLS_PER_AGENT = 10_000 // len(AGENTS)

WORDS = st.sampled_from(
    [
        "yes", "no", "no, it's 600", "500 rupees, 2 pm to 5 pm", "English", "not English, Tamil",
        "தமிழ்", "മലയാളം", "हिंदी", "500", "large", "a large margherita", "two", "Ravi Kumar",
        "my name is Priya", "98765 43210", "tomorrow", "half past three", "12 Anna Salai, Chennai",
        "I want to talk to a human", "who is calling?", "can you repeat that", "one moment",
        "I don't know", "I'm not interested", "bye", "hm", "ஆம்", "ഇല്ല", "नहीं",
        "the charge is wrong", "two bedroom flat", "50 lakh", "Whitefield", "within three months",
        "{charge}", "\x00", "१२३",
    ]
)  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.text(max_size=10),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["amount", "currency", "start", "end"]), st.integers()),
)
NAMES = sorted({spec.name for agent in AGENTS.values() for spec in agent.fields} | {"nonsense"})
EXTRACTIONS = st.builds(
    Extraction,
    decision=st.sampled_from(Decision),
    values=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3),
    reply=st.none() | st.text(max_size=20),
    language=st.sampled_from([None, "en-IN", "ta-IN", "xx-XX"]),
    doubtful=st.frozensets(st.sampled_from(NAMES), max_size=2),
)
EVENTS = st.one_of(
    st.builds(lambda text: ("utterance", text), WORDS | st.text(max_size=30)),
    st.builds(lambda keys: ("digits", keys), st.text("0123456789*#", max_size=8)),
    st.just(("silence", None)),
    st.builds(lambda result: ("operator", result), st.sampled_from(HandoverResult)),
    st.builds(lambda answer: ("extracted", answer), EXTRACTIONS),
    st.sampled_from([("failed", None), ("started", None), ("barge_in", "hm"), ("tool", "x")]),
)


def made(kind: str, what: Any, at: datetime) -> Event:
    """The event that a drawn pair stands for."""
    match kind:
        case "utterance":
            return Utterance(what, at)
        case "digits":
            return Digits(what, at)
        case "silence":
            return Silence(at)
        case "operator":
            return HandoverAnswered(what, at)
        case "extracted":
            return Extracted(what, at)
        case "failed":
            return ExtractionFailed(at)
        case "barge_in":
            return BargeIn(what, at)
        case "tool":
            return ToolAnswered("t", what, at)
        case _:
            return CallStarted(at)


def fed(agent: Agent, state: CallState, event: Event, brain_answers: bool) -> CallState:
    """The state after an event; asserts what every step owes the caller."""
    state, actions = advance(agent, state, event)
    if actions and isinstance(asked := actions[-1], Extract):
        assert len(actions) == 1
        if not brain_answers:
            return state
        extraction = BRAIN.extract(agent, asked.request)
        state, actions = advance(agent, state, Extracted(extraction, event.at))
    if isinstance(event, BargeIn | ToolAnswered):
        assert actions == () or isinstance(actions[0], HangUp)
        return state
    assert isinstance(actions[-1], Listen | HandOver | HangUp)
    assert (state.outcome is not None) == isinstance(actions[-1], HangUp)
    assert (state.stage is Stage.HANDOVER) >= isinstance(actions[-1], HandOver)
    for action in actions:
        if isinstance(action, Say):
            assert action.text.strip()
            assert all(part.language in agent.languages for part in action.parts)
    return state


@pytest.mark.parametrize("name", sorted(AGENTS))
@settings(
    max_examples=CALLS_PER_AGENT,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(events=st.lists(EVENTS, max_size=25), brain_answers=st.booleans())
def test_random_calls_never_raise_and_always_end(
    name: str, events: list[tuple[str, object]], brain_answers: bool
) -> None:
    agent = AGENTS[name]
    at = NOON
    state = fed(agent, new_state(agent, at), CallStarted(at), brain_answers)
    for kind, what in events:
        at += timedelta(seconds=3)
        before = state
        state = fed(agent, state, made(kind, what, at), brain_answers)
        if before.outcome is not None:
            assert state == before
    assert CallState.from_dict(state.to_dict()) == state
    silences = 0
    while state.outcome is None:  # a caller who says nothing any more is let go
        state = fed(agent, state, Silence(at), brain_answers)
        silences += 1
        assert silences <= (HANDOVERS_MOST + 1) * (agent.limits.silences + 1)
    ended, actions = advance(agent, state, CallEnded(at))
    assert (ended, actions) == (state, ())
