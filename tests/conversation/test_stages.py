"""The table that the engine looks up against the machine that declares the stages."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from statemachine.exceptions import TransitionNotAllowed

from conversation.stages import TABLE, CallStages, IllegalTransition, Move, Stage, diagram, move

EVERY_PAIR = list(product(Stage, Move))


@pytest.mark.parametrize(("stage", "by"), EVERY_PAIR)
def test_machine_and_table_agree_on_every_stage_and_move(stage: Stage, by: Move) -> None:
    machine = CallStages(start_value=str(stage))
    try:
        machine.send(str(by))
    except TransitionNotAllowed:
        assert (stage, by) not in TABLE
        with pytest.raises(IllegalTransition, match=f"{stage} cannot {by}"):
            move(stage, by)
    else:
        (reached,) = machine.configuration_values
        assert move(stage, by) == Stage(reached)


def test_every_declared_stage_and_move_has_a_name_here() -> None:
    assert {state.id for state in CallStages.states} == {str(stage) for stage in Stage}
    assert {by for _, by in TABLE} == set(Move)


def test_every_stage_is_reachable_and_completed_is_the_only_dead_end() -> None:
    reached = {Stage.LANGUAGE}
    while more := {to for (source, _), to in TABLE.items() if source in reached} - reached:
        reached |= more
    assert reached == set(Stage)
    assert {stage for stage in Stage if not any(s is stage for s, _ in TABLE)} == {Stage.COMPLETED}


def test_the_picture_in_the_documentation_is_current() -> None:
    assert diagram() in Path("docs/stages.md").read_text(encoding="utf-8")
