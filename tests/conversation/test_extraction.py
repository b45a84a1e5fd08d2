"""Two extractions made into one."""

from __future__ import annotations

from conversation.extraction import Decision, Extraction, with_late

LATE = Extraction(values={"charge": 700, "window": "14:00-17:00"})


def test_a_late_answer_fills_what_is_missing_and_is_doubted() -> None:
    now = Extraction(values={"window": "09:00-11:00"}, partial=True)
    both = with_late(now, LATE, {"charge", "window"})
    assert both.values == {"charge": 700, "window": "09:00-11:00"}
    assert both.doubtful == {"charge"}
    assert not both.partial


def test_a_late_answer_with_nothing_new_changes_nothing() -> None:
    now = Extraction(partial=True)
    assert with_late(now, LATE, frozenset()) is now


def test_a_late_answer_does_not_stand_between_a_caller_and_a_person() -> None:
    now = Extraction(Decision.HANDOVER_TO_HUMAN)
    assert with_late(now, LATE, {"charge"}) is now


def test_what_was_doubted_before_still_is() -> None:
    now = Extraction(values={"window": "09:00-11:00"}, doubtful=frozenset({"window"}))
    assert with_late(now, LATE, {"charge"}).doubtful == {"charge", "window"}
