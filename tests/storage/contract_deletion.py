"""The contract of a store: calls that are deleted leave nothing behind."""

from __future__ import annotations

from functools import partial

import pytest

from storage.base import Storage, StorageError
from storage.records import CallQuery
from storage.search import CallSearch
from tests.storage.opening import OpensStorage
from tests.storage.samples import a_call, a_collection, a_turn, an_event, at_once


def a_whole_call(store: Storage, call_id: str) -> None:
    """A call with turns, callbacks and what it collected."""
    store.create_call(a_call(call_id))
    call = store.load_call(call_id)
    for turn in range(3):
        assert call is not None
        collected = a_collection(call_id) if turn == 2 else None
        call = store.save_call(call, a_turn(turn, call_id), collected)
        store.add_event(an_event(f"status:{turn}", turn, call_id=call_id))


def is_gone(store: Storage, call_id: str) -> bool:
    """Whether nothing of it can be found in any way."""
    return (
        store.load_call(call_id) is None
        and store.find_call(f"CA-{call_id}") is None
        and not store.turns(call_id)
        and store.collected(call_id) is None
        and not store.collected_by([call_id])
        and not store.events(call_id)
        and call_id not in [one.call_id for one in store.find_collected(None, None, 100)]
        and call_id not in [one.call_id for one in store.calls(CallQuery(limit=100))]
        and call_id not in [one.call_id for one in store.search(CallSearch(limit=100))]
    )


class DeletionContract(OpensStorage):
    """Deleted is deleted."""

    def test_a_deleted_call_leaves_nothing_behind_and_others_alone(self, store: Storage) -> None:
        for call_id in ("call-1", "call-2"):
            a_whole_call(store, call_id)

        assert store.delete_call("call-1") is True

        assert is_gone(store, "call-1")
        assert len(store.turns("call-2")) == 3
        assert len(store.events("call-2")) == 3
        assert store.collected("call-2") == a_collection("call-2")

    def test_deleting_what_is_not_kept_does_nothing(self, store: Storage) -> None:
        assert store.delete_call("call-1") is False
        a_whole_call(store, "call-1")
        store.delete_call("call-1")
        assert store.delete_call("call-1") is False

    def test_a_deleted_call_cannot_be_saved(self, store: Storage) -> None:
        a_whole_call(store, "call-1")
        call = store.load_call("call-1")
        assert call is not None
        store.delete_call("call-1")

        with pytest.raises(StorageError):
            store.save_call(call, a_turn(3))

        assert is_gone(store, "call-1")

    def test_its_ids_are_free_again(self, store: Storage) -> None:
        a_whole_call(store, "call-1")
        store.delete_call("call-1")
        a_whole_call(store, "call-1")
        assert len(store.turns("call-1")) == 3

    def test_many_may_delete_the_same_at_once(self, store: Storage) -> None:
        for number in range(4):
            a_whole_call(store, f"call-{number}")
        tasks = [partial(store.delete_call, f"call-{n % 4}") for n in range(12)]
        assert not [one for one in at_once(list(tasks)) if isinstance(one, Exception)]
        assert all(is_gone(store, f"call-{n}") for n in range(4))
