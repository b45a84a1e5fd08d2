"""The picture of the stages: all of them, all moves, nothing on top of another."""

from __future__ import annotations

from console.phone_stages import BOX_HEIGHT, BOX_WIDTH, picture, way
from conversation.stages import TABLE, Stage


def test_every_stage_and_every_move_is_drawn() -> None:
    drawn = picture()
    assert {box.stage for box in drawn.boxes} == set(Stage)
    assert len(drawn.arrows) == len(TABLE)


def test_no_two_boxes_share_a_place_and_all_are_inside() -> None:
    drawn = picture()
    assert len({(box.x, box.y) for box in drawn.boxes}) == len(drawn.boxes)
    assert all(box.x + BOX_WIDTH <= drawn.width for box in drawn.boxes)
    assert all(box.y + BOX_HEIGHT <= drawn.height for box in drawn.boxes)


def test_the_usual_call_goes_from_left_to_right() -> None:
    boxes = {box.stage: box for box in picture().boxes}
    usual = [Stage.LANGUAGE, Stage.WELCOME, Stage.COLLECTING, Stage.CONFIRMING, Stage.COMPLETED]
    assert [boxes[stage].x for stage in usual] == sorted(boxes[stage].x for stage in usual)
    assert len({boxes[stage].y for stage in usual}) == 1


def test_stages_that_a_turn_ran_through_were_passed() -> None:
    stood = [Stage.LANGUAGE, Stage.WELCOME, Stage.CONFIRMING, Stage.CONFIRMING, Stage.COMPLETED]
    assert way(stood) == [
        Stage.LANGUAGE,
        Stage.WELCOME,
        Stage.COLLECTING,
        Stage.CONFIRMING,
        Stage.COMPLETED,
    ]


def test_a_call_that_came_back_passed_the_same_stage_again() -> None:
    stood = [Stage.COLLECTING, Stage.HANDOVER, Stage.COLLECTING]
    assert way(stood) == stood
