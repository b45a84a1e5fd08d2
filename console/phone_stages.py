"""The picture of the stages, laid out from their declaration: boxes in columns, moves as lines.

Whatever stages and moves there are, each box stands behind all that lead to it; moves that go on in
a row are straight, those that skip or go back run above it, those to another row below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conversation.stages import TABLE, Move, Stage

BOX_WIDTH, BOX_HEIGHT = 104, 34
GAP_X, GAP_Y = 40, 44
TOP = 30  # room for the moves above the first row
LANE = 10  # between two moves that run side by side

Moves = Mapping[tuple[Stage, Move], Stage]


@dataclass(frozen=True, slots=True)
class Box:
    """A stage; x and y of its upper left corner."""

    stage: Stage
    x: int
    y: int

    @property
    def middle(self) -> int:
        """Of its width."""
        return self.x + BOX_WIDTH // 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A move, as the path of an SVG."""

    source: Stage
    target: Stage
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, with its size."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def picture(table: Moves = TABLE) -> Picture:
    """The stages and moves of `table`, the first stage at the left."""
    columns = _columns(table)
    boxes: dict[Stage, Box] = {}
    for stage, column in columns.items():
        # The first in a column stays in the main row, the others go below.
        row = sum(columns[placed] == column for placed in boxes)
        boxes[stage] = Box(stage, column * (BOX_WIDTH + GAP_X), TOP + row * (BOX_HEIGHT + GAP_Y))
    moves = [(source, target, move) for (source, move), target in table.items()]
    arrows = tuple(
        Arrow(source, target, move.replace("_", " "), _path(boxes[source], boxes[target]))
        for source, target, move in moves
    )
    width = max(box.x for box in boxes.values()) + BOX_WIDTH
    height = max(box.y for box in boxes.values()) + BOX_HEIGHT + LANE * 2
    return Picture(tuple(boxes.values()), arrows, width, height)


def _columns(table: Moves) -> dict[Stage, int]:
    """How many moves lie before each stage at most, going round no circle; in order of stages."""
    first = next(iter(table))[0]
    leads_on = _without_returns(table, first)
    columns: dict[Stage, int] = {}

    def visit(stage: Stage, column: int) -> None:
        columns[stage] = max(columns.get(stage, 0), column)
        for target in _targets(leads_on, stage):
            visit(target, column + 1)

    visit(first, 0)
    return {stage: columns[stage] for stage in Stage if stage in columns}


def _without_returns(table: Moves, first: Stage) -> Moves:
    """The moves that lead on: those left out lead to a stage that was passed on the way."""
    order: list[Stage] = []

    def visit(stage: Stage) -> None:
        order.append(stage)
        for target in _targets(table, stage):
            if target not in order:
                visit(target)

    visit(first)
    return {key: to for key, to in table.items() if order.index(to) > order.index(key[0])}


def _targets(table: Moves, stage: Stage) -> Iterable[Stage]:
    return [target for (source, _), target in table.items() if source == stage]


def _path(source: Box, target: Box) -> str:
    if source.y == target.y:
        if target.x == source.x + BOX_WIDTH + GAP_X:
            y = source.y + BOX_HEIGHT // 2
            return f"M{source.x + BOX_WIDTH} {y}H{target.x}"
        return _above(source, target)
    return _below(source, target) if target.y > source.y else _back_up(source, target)


def _above(source: Box, target: Box) -> str:
    """Over the row: higher when it goes on than when it comes back."""
    goes_on = target.x > source.x
    lane = source.y - (2 * LANE if goes_on else LANE)
    side = 12 if goes_on else -12
    start, end = source.middle + side, target.middle - side
    turn = 6 if goes_on else -6
    return (
        f"M{start} {source.y}V{lane + 6}Q{start} {lane} {start + turn} {lane}"
        f"H{end - turn}Q{end} {lane} {end} {lane + 6}V{target.y}"
    )


def _below(source: Box, target: Box) -> str:
    """Down out of the box, and along to the one in the lower row."""
    start, bottom, y = source.middle - 8, source.y + BOX_HEIGHT, target.y + BOX_HEIGHT // 2
    if source.x == target.x:
        return f"M{target.middle} {bottom}V{target.y}"
    return f"M{start} {bottom}V{y - 6}Q{start} {y} {start + 6} {y}H{target.x}"


def _back_up(source: Box, target: Box) -> str:
    """Under everything, and up into the row above."""
    lane, start, end = source.y + BOX_HEIGHT + LANE, source.middle, target.middle + 8
    return (
        f"M{start} {source.y + BOX_HEIGHT}V{lane - 6}Q{start} {lane} {start - 6} {lane}"
        f"H{end + 6}Q{end} {lane} {end} {lane - 6}V{target.y + BOX_HEIGHT}"
    )


def way(stages: Sequence[Stage], table: Moves = TABLE) -> list[Stage]:
    """Every stage a call has passed, given where it stood after each turn.

    A turn may make several moves; where it did, the fewest that lead there are taken.
    """
    passed = list(stages[:1])
    for stage in stages[1:]:
        if stage != passed[-1]:
            passed += _fewest(table, passed[-1], stage)
    return passed


def _fewest(table: Moves, source: Stage, target: Stage) -> list[Stage]:
    """The stages after `source` on the shortest way to `target`; the target when there is none."""
    ways: list[list[Stage]] = [[stage] for stage in _targets(table, source)]
    seen = {source}
    while ways:
        one = ways.pop(0)
        if one[-1] == target:
            return one
        if one[-1] not in seen:
            seen.add(one[-1])
            ways += [[*one, stage] for stage in _targets(table, one[-1])]
    return [target]
