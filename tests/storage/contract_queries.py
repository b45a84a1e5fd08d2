"""The contract of a store: what was collected, queries, callbacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from storage.base import Storage
from storage.records import CallQuery
from tests.storage.opening import OpensStorage
from tests.storage.samples import NOON, a_call, a_collection, an_event, at_once


class QueriesContract(OpensStorage):
    """What is kept is found again."""

    # What was collected

    def test_what_was_collected_comes_back(self, store: Storage) -> None:
        store.create_call(a_call())
        collected = a_collection(carrier_id=None, complete=False, outcome="abandoned", data={})

        store.save_call(a_call(), collected=collected)

        assert store.collected("call-1") == collected

    def test_what_was_collected_is_one_record_a_call(self, store: Storage) -> None:
        store.create_call(a_call())
        call = store.save_call(a_call(), collected=a_collection(data={"charge": 500}))

        store.save_call(call, collected=a_collection(data={"charge": 600}))

        assert store.find_collected(None, None, 10) == [a_collection(data={"charge": 600})]

    def test_collections_are_found_by_agent_and_moment_newest_first(self, store: Storage) -> None:
        for number, agent in enumerate(["logistics", "pizza", "logistics", "logistics"]):
            call = a_call(f"call-{number}", agent=agent)
            store.create_call(call)
            moment = NOON + timedelta(hours=number)
            collected = a_collection(call.call_id, agent=agent, collected_at=moment)
            store.save_call(call, collected=collected)

        def found(agent: str | None, since: datetime | None, limit: int = 10) -> list[str]:
            return [one.call_id for one in store.find_collected(agent, since, limit)]

        assert found(None, None) == ["call-3", "call-2", "call-1", "call-0"]
        assert found("logistics", None) == ["call-3", "call-2", "call-0"]
        assert found("logistics", NOON + timedelta(hours=2)) == ["call-3", "call-2"]
        assert found(None, NOON + timedelta(hours=2, microseconds=1)) == ["call-3"]
        assert found(None, None, limit=2) == ["call-3", "call-2"]
        assert found(None, None, limit=0) == []
        assert found("clinic", None) == []

    # Queries

    def test_calls_are_listed_newest_first_a_page_at_a_time(self, store: Storage) -> None:
        for number in (1, 3, 0, 2):
            moment = NOON + timedelta(seconds=number)
            store.create_call(a_call(f"call-{number}", created_at=moment))

        def page(limit: int, offset: int) -> list[str]:
            return [one.call_id for one in store.calls(CallQuery(limit=limit, offset=offset))]

        assert page(50, 0) == ["call-3", "call-2", "call-1", "call-0"]
        assert page(2, 0) == ["call-3", "call-2"]
        assert page(2, 2) == ["call-1", "call-0"]
        assert page(2, 4) == []
        assert page(0, 0) == []

    def test_of_calls_of_one_moment_the_later_kept_comes_first(self, store: Storage) -> None:
        for number in range(3):
            store.create_call(a_call(f"call-{number}"))

        listed = [one.call_id for one in store.calls(CallQuery())]

        assert listed == ["call-2", "call-1", "call-0"]

    def test_each_filter_of_a_query_narrows_it(self, store: Storage) -> None:
        late = NOON + timedelta(minutes=5)
        for call in (
            a_call("going-on"),
            a_call("talking", updated_at=late),
            a_call("done", outcome="completed", ended_at=late),
            a_call("hanging-up", outcome="completed"),
            a_call("pizza", agent="pizza", outcome="completed", ended_at=late),
        ):
            store.create_call(call)

        def found(query: CallQuery) -> set[str]:
            return {one.call_id for one in store.calls(query)}

        assert found(CallQuery(agent="pizza")) == {"pizza"}
        assert found(CallQuery(outcome="completed")) == {"done", "hanging-up", "pizza"}
        assert found(CallQuery(open_only=True)) == {"going-on", "talking", "hanging-up"}
        assert found(CallQuery(quiet_since=late, open_only=True)) == {"going-on", "hanging-up"}
        assert found(CallQuery(quiet_since=NOON)) == set()
        assert found(CallQuery(agent="logistics", outcome="completed")) == {"done", "hanging-up"}

    # The carrier's callbacks

    def test_a_callback_counts_once(self, store: Storage) -> None:
        first = an_event("status:1", data={"CallStatus": "ringing"})

        assert store.add_event(first) is True
        assert store.add_event(replace(first, data={"CallStatus": "changed"})) is False
        assert store.events("call-1") == [first]

    def test_the_key_of_a_callback_belongs_to_its_call(self, store: Storage) -> None:
        assert store.add_event(an_event("status:1")) is True
        assert store.add_event(an_event("status:1", call_id="call-2")) is True

    def test_callbacks_come_by_sequence_then_by_arrival(self, store: Storage) -> None:
        for key, sequence in (("late", 3), ("b", 0), ("a", 0), ("early", 1), ("c", 0)):
            store.add_event(an_event(key, sequence))

        assert [event.key for event in store.events("call-1")] == ["b", "a", "c", "early", "late"]

    def test_the_same_callback_in_many_threads_counts_once(self, store: Storage) -> None:
        outcomes = at_once([lambda: store.add_event(an_event("status:1"))] * 8)

        assert sorted(outcomes, key=str) == [False] * 7 + [True]
