"""The contract of a store: what goes in comes out, or is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

from storage.base import Storage, StorageError
from storage.records import CallQuery
from tests.storage.opening import OpensStorage
from tests.storage.samples import HARD_TEXT, a_call, a_collection, a_turn


class ValuesContract(OpensStorage):
    """Texts, numbers and moments come back as they were."""

    # Values

    def test_texts_of_any_script_come_back_unchanged(self, store: Storage) -> None:
        store.create_call(a_call(caller_number=HARD_TEXT, state={HARD_TEXT[:20]: [HARD_TEXT]}))
        turn = a_turn(0, caller=HARD_TEXT, agent=HARD_TEXT, accepted={"name": HARD_TEXT})
        collected = a_collection(data={"name": HARD_TEXT})

        call = store.load_call("call-1")
        assert call is not None
        store.save_call(call, turn, collected)

        assert call.caller_number == HARD_TEXT
        assert call.state == {HARD_TEXT[:20]: [HARD_TEXT]}
        assert store.turns("call-1") == [turn]
        assert store.collected("call-1") == collected

    def test_a_strange_id_finds_nothing_and_harms_nothing(self, store: Storage) -> None:
        store.create_call(a_call())

        for strange in ("", "' OR 1=1 --", "%", "\x00", HARD_TEXT, "x" * 100_000):
            assert store.find_call(strange) is None
            assert store.load_call(strange) is None

    def test_texts_of_a_megabyte_come_back_unchanged(self, store: Storage) -> None:
        long = "ஐநூறு " * 80_000
        assert len(long.encode()) > 2**20
        store.create_call(a_call())
        turn = a_turn(0, caller=long)

        store.save_call(a_call(state={"heard": long}), turn)

        call = store.load_call("call-1")
        assert call is not None
        assert call.state == {"heard": long}
        assert store.turns("call-1") == [turn]

    def test_read_only_mappings_are_kept_like_dicts(self, store: Storage) -> None:
        inner = MappingProxyType({"amount": 600})

        store.create_call(a_call(state=MappingProxyType({"charge": inner})))

        call = store.load_call("call-1")
        assert call is not None
        assert call.state == {"charge": {"amount": 600}}

    def test_the_largest_number_comes_back_exactly(self, store: Storage) -> None:
        state = {"largest": 2**63 - 1, "least": -(2**63), "part": 0.1, "order": {"b": 1, "a": 2}}
        store.create_call(a_call(state=state))

        call = store.load_call("call-1")

        assert call is not None
        assert call.state == state
        assert list(call.state) == list(state)

    @pytest.mark.parametrize(
        "changes",
        [
            pytest.param({"state": {"when": {1, 2}}}, id="a set in a document"),
            pytest.param({"state": {"amount": 10**40}}, id="a number of more than 64 bits"),
            pytest.param({"state": {"name": "\ud800"}}, id="half a character in a document"),
            pytest.param({"caller_number": "\ud800"}, id="half a character"),
            pytest.param({"status_sequence": 10**40}, id="a sequence number past 64 bits"),
            pytest.param({"created_at": datetime(2026, 3, 1)}, id="no time zone"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, store: Storage, changes: dict[str, Any]) -> None:
        with pytest.raises(StorageError):
            store.create_call(a_call(**changes))

        store.create_call(a_call())
        assert store.load_call("call-1") == a_call()

    def test_moments_come_back_aware_in_utc_to_the_microsecond(self, store: Storage) -> None:
        india = timezone(timedelta(hours=5, minutes=30))
        moments = {
            "call-0": datetime(2026, 3, 1, 0, 0, tzinfo=UTC),
            "call-1": datetime(2026, 3, 1, 5, 30, 0, 1, tzinfo=india),
            "call-2": datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
        }
        for call_id, moment in moments.items():
            store.create_call(a_call(call_id, created_at=moment))

        listed = store.calls(CallQuery())

        assert [call.call_id for call in listed] == ["call-1", "call-0", "call-2"]
        for call in listed:
            assert call.created_at == moments[call.call_id]
            assert call.created_at.utcoffset() == timedelta(0)
