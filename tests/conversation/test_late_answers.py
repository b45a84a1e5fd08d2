"""What a brain found too late of one utterance goes with the answer to the next."""

from __future__ import annotations

from conversation.extraction import Extraction, with_late

NOW = Extraction(values={"city": "Pune"}, partial=True, brain="rules")


def test_what_was_found_late_and_is_still_missing_is_taken_up_in_doubt() -> None:
    late = Extraction(values={"name": "Asha Rao", "budget": "50 lakh"})

    joined = with_late(NOW, late, {"name"})

    assert joined.values == {"city": "Pune", "name": "Asha Rao"}
    assert joined.doubtful == {"name"}
    assert not joined.partial
    assert joined.brain == "rules"


def test_what_the_caller_says_now_counts_more_than_what_was_found_late() -> None:
    late = Extraction(values={"city": "Delhi"})

    assert with_late(NOW, late, {"city"}) is NOW


def test_what_was_doubtful_stays_so() -> None:
    now = Extraction(values={"city": "Pune"}, doubtful=frozenset({"city"}))

    joined = with_late(now, Extraction(values={"name": "Asha Rao"}), {"name"})

    assert joined.doubtful == {"city", "name"}
