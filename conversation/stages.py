"""The stages of a call, declared once with python-statemachine, and the table made from them.

Rule 1: every move a call can make stands in `CallStages`. Rule 2: the engine looks moves up in
`TABLE`, which is derived from that declaration at import: restoring a machine costs 280 µs a turn,
a look-up 0.1. A test drives machine and table through every stage and move.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from statemachine import State, StateMachine


class IllegalTransition(Exception):
    """A move that the stage does not have: a bug in the engine. Nothing was changed."""


class Stage(StrEnum):
    """Where a call is."""

    LANGUAGE = "language"  # choosing a language
    WELCOME = "welcome"  # greeted, first question put, nothing answered yet
    COLLECTING = "collecting"  # filling the fields
    CONFIRMING = "confirming"  # read back, waiting for yes or no
    COMPLETED = "completed"  # all fields in, thanked
    HANDOVER = "handover"  # an operator is being reached, or has taken over


class Move(StrEnum):
    """What takes a call from one stage to another."""

    CHOOSE_LANGUAGE = "choose_language"
    ANSWER = "answer"  # the caller's first answer
    READ_BACK = "read_back"
    CHANGE = "change"  # the caller refused what was read back
    COMPLETE = "complete"
    HAND_OVER = "hand_over"
    COME_BACK = "come_back"  # no operator could be reached


class CallStages(StateMachine):
    """The declaration: the single truth about stages and moves."""

    language = State(initial=True)
    welcome = State()
    collecting = State()
    confirming = State()
    completed = State(final=True)
    handover = State()

    choose_language = language.to(welcome)
    answer = welcome.to(collecting)
    read_back = collecting.to(confirming)
    change = confirming.to(collecting)
    complete = collecting.to(completed) | confirming.to(completed)
    hand_over = (
        language.to(handover)
        | welcome.to(handover)
        | collecting.to(handover)
        | confirming.to(handover)
    )
    come_back = handover.to(collecting)


def _derive() -> Mapping[tuple[Stage, Move], Stage]:
    return {
        (Stage(state.id), Move(event)): Stage(transition.target.id)
        for state in CallStages.states
        for transition in state.transitions
        for event in transition.event.split()
    }


TABLE: Mapping[tuple[Stage, Move], Stage] = _derive()


def move(stage: Stage, by: Move) -> Stage:
    """The stage after a move. IllegalTransition when the stage has no such move."""
    try:
        return TABLE[stage, by]
    except KeyError:
        raise IllegalTransition(f"a call in stage {stage} cannot {by}") from None


def diagram() -> str:
    """The stages as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", "    direction LR", f"    [*] --> {Stage.LANGUAGE}"]
    lines += [f"    {source} --> {target}: {by}" for (source, by), target in TABLE.items()]
    finals = [Stage(state.id) for state in CallStages.states if state.final]
    return "\n".join(lines + [f"    {stage} --> [*]" for stage in finals]) + "\n"
