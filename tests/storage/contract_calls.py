"""The contract of a store: calls, versions and turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from storage.base import DuplicateCall, StaleCall, Storage, StorageError
from storage.records import CallRecord
from tests.storage.opening import OpensStorage
from tests.storage.samples import NOON, a_call, a_collection, a_turn, at_once


class CallsContract(OpensStorage):
    """Calls are created once, saved by version, and keep their turns."""

    # What is created comes back

    def test_a_new_call_comes_back_by_either_id(self, store: Storage) -> None:
        call = a_call(
            state={"slots": {"charge": None}, "turns": [1, 2.5, True, None, "x"]},
            answer={"actions": []},
            ended_at=NOON + timedelta(minutes=3),
            status="in-progress",
            status_sequence=4,
            transport="relay",
        )

        store.create_call(call)

        assert store.load_call("call-1") == call
        assert store.find_call("CA-call-1") == call

    def test_an_unknown_call_is_none(self, store: Storage) -> None:
        store.create_call(a_call())

        assert store.load_call("CA-call-1") is None
        assert store.find_call("call-1") is None

    def test_a_call_id_is_taken_once(self, store: Storage) -> None:
        store.create_call(a_call())

        with pytest.raises(DuplicateCall):
            store.create_call(a_call(carrier_id="CA-other", agent="pizza"))
        assert store.load_call("call-1") == a_call()

    def test_a_carrier_id_is_taken_once(self, store: Storage) -> None:
        store.create_call(a_call())

        with pytest.raises(DuplicateCall):
            store.create_call(a_call("call-2", carrier_id="CA-call-1"))
        assert store.load_call("call-2") is None

    def test_calls_that_wait_for_a_carrier_id_do_not_collide(self, store: Storage) -> None:
        store.create_call(a_call("call-1", carrier_id=None))
        store.create_call(a_call("call-2", carrier_id=None))

        ordered = store.load_call("call-2")

        assert ordered is not None
        assert ordered.carrier_id is None

    def test_the_same_new_call_in_two_threads_is_kept_once(self, store: Storage) -> None:
        outcomes = at_once([lambda: store.create_call(a_call())] * 2)

        assert sorted(type(outcome).__name__ for outcome in outcomes) == [
            "DuplicateCall",
            "NoneType",
        ]

    # Saves count versions

    def test_a_save_returns_the_next_version_and_keeps_every_change(self, store: Storage) -> None:
        whose = {"campaign_id": "diwali", "lead_id": "lead-1"}
        store.create_call(a_call(carrier_id=None, **whose))
        changed = a_call(
            **whose,
            carrier_id="CA-9",
            agent_version="v2",
            caller_number="+911111111111",
            line_number="+912222222222",
            stage="completed",
            language="ta-IN",
            outcome="completed",
            updated_at=NOON + timedelta(seconds=9),
            ended_at=NOON + timedelta(seconds=10),
            status="completed",
            status_sequence=3,
            transport="stream",
            state={"stage": "completed"},
            answer={"actions": ["hang_up"]},
        )

        saved = store.save_call(changed)

        assert saved == replace(changed, version=1)
        assert store.load_call("call-1") == saved
        assert store.find_call("CA-9") == saved

    def test_saves_go_on_from_the_record_returned(self, store: Storage) -> None:
        store.create_call(a_call())
        call = a_call()
        for turn in range(5):
            call = store.save_call(replace(call, state={"turn": turn}))

        assert call.version == 5
        assert store.load_call("call-1") == call

    def test_a_stale_save_is_refused_and_writes_nothing(self, store: Storage) -> None:
        store.create_call(a_call())
        saved = store.save_call(a_call(stage="collecting"), a_turn(0))

        with pytest.raises(StaleCall):
            store.save_call(a_call(stage="welcome"), a_turn(1), a_collection())

        assert store.load_call("call-1") == saved
        assert store.turns("call-1") == [a_turn(0)]
        assert store.collected("call-1") is None

    def test_a_save_from_the_future_is_stale_too(self, store: Storage) -> None:
        store.create_call(a_call())

        with pytest.raises(StaleCall):
            store.save_call(a_call(version=7))

    def test_a_call_that_was_never_created_cannot_be_saved(self, store: Storage) -> None:
        with pytest.raises(StorageError) as refused:
            store.save_call(a_call(), a_turn(), a_collection())

        assert not isinstance(refused.value, StaleCall)
        assert "call-1" in str(refused.value)
        assert store.turns("call-1") == []
        assert store.collected("call-1") is None

    def test_a_save_cannot_take_the_carrier_id_of_another_call(self, store: Storage) -> None:
        store.create_call(a_call("call-1"))
        store.create_call(a_call("call-2", carrier_id=None))

        with pytest.raises(DuplicateCall):
            store.save_call(a_call("call-2", carrier_id="CA-call-1"), a_turn(0, "call-2"))
        assert store.load_call("call-2") == a_call("call-2", carrier_id=None)
        assert store.turns("call-2") == []

    def test_a_save_of_one_call_leaves_the_others_alone(self, store: Storage) -> None:
        store.create_call(a_call("call-1"))
        store.create_call(a_call("call-2"))

        store.save_call(a_call("call-1", stage="completed"), a_turn(), a_collection())

        assert store.load_call("call-2") == a_call("call-2")
        assert store.turns("call-2") == []
        assert store.collected("call-2") is None

    def test_of_two_threads_that_save_the_same_version_one_wins(self, store: Storage) -> None:
        for round_ in range(20):
            call = a_call(f"call-{round_}")
            store.create_call(call)

            def save(stage: str, call: CallRecord = call) -> CallRecord:
                turn = a_turn(0, call.call_id, caller=stage)
                return store.save_call(replace(call, stage=stage), turn)

            outcomes = at_once([partial(save, "one"), partial(save, "two")])

            won = [outcome for outcome in outcomes if isinstance(outcome, CallRecord)]
            assert len(won) == 1
            assert sum(isinstance(outcome, StaleCall) for outcome in outcomes) == 1
            assert store.load_call(call.call_id) == won[0]
            assert [turn.caller for turn in store.turns(call.call_id)] == [won[0].stage]

    # Turns

    def test_turns_come_back_whole_and_in_order(self, store: Storage) -> None:
        store.create_call(a_call())
        silent = a_turn(2, caller="", caller_by="silence", confidence=None, accepted={}, brain=None)
        call = store.save_call(a_call(), a_turn(10))
        call = store.save_call(call, silent)
        store.save_call(call, a_turn(0, timings_ms={}))

        assert store.turns("call-1") == [a_turn(0, timings_ms={}), silent, a_turn(10)]

    def test_what_became_known_of_a_turn_is_told_by_the_next_or_by_itself(
        self, store: Storage
    ) -> None:
        told = {"heard": "Between \u0bae", "timings_ms": {"first_audio": 12.5}}
        store.create_call(a_call())
        call = store.save_call(a_call(), a_turn(0))
        call = store.save_call(call, a_turn(1, former=told))
        call = store.save_call(call, a_turn(2))
        store.save_call(call, a_turn(2, heard="", former={"heard": None}))

        first, second, last = store.turns("call-1")

        assert first.heard == told["heard"]
        assert first.timings_ms == {**a_turn(0).timings_ms, "first_audio": 12.5}
        assert (second.heard, last.heard) == (None, "")

    def test_what_a_turn_used_comes_back(self, store: Storage) -> None:
        usage = {"model": "flash", "input_tokens": 812, "clips": [{"characters": 40}], "cost": 0.1}
        store.create_call(a_call())
        call = store.save_call(a_call(), a_turn(0, usage=usage))

        store.save_call(call, a_turn(1, usage={}))

        assert store.turns("call-1") == [a_turn(0, usage=usage), a_turn(1, usage={})]

    def test_a_turn_with_the_same_number_replaces_the_former(self, store: Storage) -> None:
        store.create_call(a_call())
        call = store.save_call(a_call(), a_turn(1, caller="five hundred"))

        store.save_call(call, a_turn(1, caller="no, six hundred", brain=None))

        assert store.turns("call-1") == [a_turn(1, caller="no, six hundred", brain=None)]

    def test_a_save_without_a_turn_keeps_the_turns(self, store: Storage) -> None:
        store.create_call(a_call())
        call = store.save_call(a_call(), a_turn(0), a_collection())

        store.save_call(call)

        assert store.turns("call-1") == [a_turn(0)]
        assert store.collected("call-1") == a_collection()

    def test_an_unknown_call_has_no_turns_events_or_data(self, store: Storage) -> None:
        assert store.turns("call-1") == []
        assert store.events("call-1") == []
        assert store.collected("call-1") is None
