"""What every keeper of facts must do. A backend's test module inherits FactsContract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_facts, open_storage
from storage.base import Storage
from storage.facts import PHRASES_MOST, CallFact, Facts, bucket_of
from tests.storage.samples import NOON, a_call

SOON = NOON + timedelta(minutes=5)


def a_fact(call_id: str = "call-1", **changes: object) -> CallFact:
    """The fact of a completed call."""
    fact = CallFact(
        call_id=call_id,
        call_version=1,
        agent="logistics",
        campaign="",
        started_at=NOON,
        direction="inbound",
        language="en-IN",
        outcome="completed",
        stage="completed",
        field="",
        duration_s=61.5,
        turns=4,
        misses=1,
        silences=1,
        brains={"rules": 1, "some-model": 3},
        cost={"line": 0.017, "model": 0.000012},
        answers={bucket_of(120): 3, bucket_of(900): 1},
        sentiment=0.4,
        emotions=("grateful",),
        phrases=("route rate", "விலை"),
        summary="The caller gave a rate.",
        judged_by="some-model",
    )
    return replace(fact, **changes)  # type: ignore[arg-type]


class FactsContract:
    """The behaviour of the facts of a backend, beside the calls."""

    def variables(self, place: Path) -> Mapping[str, str]:
        """Environment variables with which a process opens the stores of `place`."""
        raise NotImplementedError

    @pytest.fixture
    def facts(self, tmp_path: Path) -> Iterator[Facts]:
        opened = open_facts(read_settings(self.variables(tmp_path)))
        yield opened
        opened.close()

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[Storage]:
        opened = open_storage(read_settings(self.variables(tmp_path)))
        yield opened
        opened.close()

    def ended(self, store: Storage, call_id: str, after_s: int = 0) -> None:
        """A call that began then and has ended."""
        at = NOON + timedelta(seconds=after_s)
        store.create_call(a_call(call_id, created_at=at, updated_at=at))
        begun = store.load_call(call_id)
        assert begun is not None
        store.save_call(replace(begun, outcome="completed", ended_at=at))

    def test_ended_calls_without_a_fact_are_unread_the_newest_first(
        self, facts: Facts, store: Storage
    ) -> None:
        store.create_call(a_call("goes-on"))
        for number in range(3):
            self.ended(store, f"call-{number}", number)

        assert facts.unread(SOON, 10) == ["call-2", "call-1", "call-0"]
        assert facts.unread(SOON, 2) == ["call-2", "call-1"]
        assert facts.unread(SOON, 0) == []
        assert facts.unread(NOON + timedelta(seconds=1), 10) == ["call-0"]

    def test_a_call_whose_fact_is_kept_is_read_until_it_is_saved_again(
        self, facts: Facts, store: Storage
    ) -> None:
        self.ended(store, "call-1")
        facts.keep([a_fact()])
        assert facts.unread(SOON, 10) == []

        saved = store.load_call("call-1")
        assert saved is not None
        store.save_call(replace(saved, status="completed"))

        assert facts.unread(SOON, 10) == ["call-1"]

    def test_a_fact_of_an_older_version_leaves_its_call_unread(
        self, facts: Facts, store: Storage
    ) -> None:
        self.ended(store, "call-1")
        facts.keep([a_fact(call_version=0)])
        assert facts.unread(SOON, 10) == ["call-1"]

    def test_a_fact_comes_back_as_it_was_kept(self, facts: Facts) -> None:
        assert facts.get("call-1") is None
        facts.keep([a_fact(), a_fact("call-2", sentiment=None, summary="'; -- ${x} \u200d 🙂")])

        assert facts.get("call-1") == a_fact()
        assert facts.get("call-2") == a_fact(
            "call-2", sentiment=None, summary="'; -- ${x} \u200d 🙂"
        )

    def test_a_day_adds_up_for_each_agent_and_campaign(self, facts: Facts) -> None:
        facts.keep(
            [
                a_fact("call-1"),
                a_fact("call-2", outcome="abandoned", stage="collecting", field="charge"),
                a_fact("call-3", agent="pizza", campaign="spring"),
                a_fact("call-4", started_at=NOON + timedelta(days=1)),
            ]
        )
        assert facts.stale_days(10) == ["2026-03-02", "2026-03-01"]
        assert facts.add_up("2026-03-01")

        days = facts.days("2026-03-01", "2026-03-02")
        assert days.stale == ["2026-03-02"]
        found = {(one.day, one.agent, one.campaign): one.tallies for one in days.parts}
        assert found.keys() == {("2026-03-01", "logistics", ""), ("2026-03-01", "pizza", "spring")}
        tallies = found["2026-03-01", "logistics", ""]
        assert tallies["calls"] == 2
        assert tallies["outcome/completed"] == tallies["outcome/abandoned"] == 1
        assert tallies["left/abandoned/collecting/charge"] == 1
        assert tallies["duration_ms"] == 123_000
        assert tallies["brain/some-model"] == 6
        assert tallies["cost/line"] == 34_000
        assert tallies[f"answer/{bucket_of(120)}"] == 6
        assert tallies["sentiment"] == 800
        assert tallies["phrase/விலை"] == 2
        assert tallies["hour/12"] == 2

    def test_a_fact_kept_again_counts_once(self, facts: Facts) -> None:
        facts.keep([a_fact()])
        facts.add_up("2026-03-01")
        facts.keep([a_fact(outcome="abandoned")])
        assert facts.stale_days(10) == ["2026-03-01"]
        assert facts.add_up("2026-03-01")

        [part] = facts.days("2026-03-01", "2026-03-01").parts
        assert part.tallies["calls"] == 1
        assert "outcome/completed" not in part.tallies
        assert facts.stale_days(10) == []

    def test_a_forgotten_fact_counts_no_more(self, facts: Facts) -> None:
        facts.keep([a_fact()])
        facts.add_up("2026-03-01")
        assert facts.forget("call-1")
        assert not facts.forget("call-1")
        assert facts.stale_days(10) == ["2026-03-01"]
        assert facts.add_up("2026-03-01")

        assert facts.days("2026-03-01", "2026-03-01").parts == []
        assert facts.get("call-1") is None

    def test_a_day_that_never_had_a_fact_is_added_up_already(self, facts: Facts) -> None:
        assert facts.add_up("2026-03-01")
        assert facts.days("2026-01-01", "2026-12-31").parts == []

    def test_of_a_day_only_the_commonest_phrases_are_kept(self, facts: Facts) -> None:
        many = tuple(f"phrase {number}" for number in range(PHRASES_MOST + 20))
        facts.keep([a_fact("call-1", phrases=many), a_fact("call-2", phrases=("phrase 169",))])
        facts.add_up("2026-03-01")

        [part] = facts.days("2026-03-01", "2026-03-01").parts
        phrases = [name for name in part.tallies if name.startswith("phrase/")]
        assert len(phrases) == PHRASES_MOST
        assert part.tallies["phrase/phrase 169"] == 2

    def test_what_is_kept_while_a_day_is_added_up_leaves_it_stale(
        self, facts: Facts, tmp_path: Path
    ) -> None:
        other = open_facts(read_settings(self.variables(tmp_path)))
        facts.keep([a_fact(f"call-{number}") for number in range(300)])
        kept = 300
        while facts.stale_days(1):
            facts.add_up("2026-03-01")
            if kept < 303:
                other.keep([a_fact(f"call-{kept}")])
                kept += 1
        [part] = facts.days("2026-03-01", "2026-03-01").parts
        assert part.tallies["calls"] == 303
        other.close()
