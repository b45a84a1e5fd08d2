"""What kind of answer is awaited: when it is whole, and how long a pause ends it."""

from __future__ import annotations

from dataclasses import dataclass

from agents.schema import Agent, FieldSpec
from conversation.actions import Listen
from conversation.state import CallState


@dataclass(frozen=True, slots=True)
class Manner:
    """How an agent takes turns: its `live:` section."""

    protect_greeting: bool = False  # what is said before the first question is not cut short
    interruption_words: int = 1  # words of a caller that stop the agent
    false_stop_s: float = 1.5  # a cut that no words follow is taken back after this
    end_silence_s: float = 0.7  # pause that ends an answer of which nothing more is known


@dataclass(frozen=True, slots=True)
class Expected:
    """What is awaited after an answer of the agent's."""

    language: str  # BCP-47
    question: str = ""  # as it is put, at the end of what is said
    spec: FieldSpec | None = None  # the field that is asked; None: no single one
    keys_most: int | None = 1  # keys that end the turn at once; None: # ends them
    timeout_s: float = 6.0  # silence after the end of playback that is no answer
    protected: bool = False  # what is said before the question is not cut short


def manner_of(agent: Agent) -> Manner:
    """How the agent takes turns."""
    live = agent.live
    return Manner(
        protect_greeting=live.protect_greeting,
        interruption_words=live.interruption_words,
        false_stop_s=live.false_stop_ms / 1000,
        end_silence_s=live.end_silence_ms / 1000,
    )


def expected(agent: Agent, state: CallState, listen: Listen) -> Expected:
    """What is awaited after the answer that ends in `listen`; `state` is the call's after it."""
    return Expected(
        language=listen.language,
        question=state.question,
        spec=agent.field(listen.asked) if listen.asked else None,
        keys_most=listen.keys_most,
        timeout_s=listen.timeout_s,
    )
