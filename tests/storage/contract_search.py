"""The contract of a store: calls are found by every filter, in every order, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.base import Storage
from storage.records import CallRecord
from storage.search import CallSearch, CallSort, NumberMatch, NumberPart, Place
from tests.storage.opening import OpensStorage
from tests.storage.samples import HARD_TEXT, NOON, a_call, a_collection, a_turn

MINUTE = timedelta(minutes=1)


def ended(call_id: str, at: int, lasted_s: int, **changes: object) -> CallRecord:
    """A call that came in some minutes after noon and has ended."""
    created = NOON + at * MINUTE
    return a_call(
        call_id,
        created_at=created,
        updated_at=created,
        ended_at=created + timedelta(seconds=lasted_s),
        **{"outcome": "completed", "stage": "completed", "status": "completed", **changes},
    )


def keep(store: Storage, *calls: CallRecord) -> None:
    for call in calls:
        store.create_call(call)


DIWALI: dict[str, object] = {"campaign_id": "diwali"}


def some_calls(store: Storage) -> None:
    keep(
        store,
        ended("first", 0, 90),
        ended("pizza", 1, 30, agent="pizza", outcome="handed_over", stage="handover"),
        ended("ordered", 2, 200, direction="outbound", caller_number="+4915112345678", **DIWALI),
        a_call(
            "going-on",
            created_at=NOON + 3 * MINUTE,
            stage="collecting",
            status="in-progress",
            **DIWALI,
        ),
        ended("tamil", 4, 90, language="ta-IN", transport="relay", line_number="+12125550100"),
    )


def found(store: Storage, **wanted: object) -> list[str]:
    query = replace(CallSearch(), **wanted)  # type: ignore[arg-type]
    return [one.call_id for one in store.search(query)]


FILTERS: list[tuple[dict[str, object], list[str]]] = [
    ({}, ["tamil", "going-on", "ordered", "pizza", "first"]),
    ({"agent": "pizza"}, ["pizza"]),
    ({"agent": "nobody"}, []),
    ({"outcome": "completed"}, ["tamil", "ordered", "first"]),
    ({"stage": "collecting"}, ["going-on"]),
    ({"stage": "handover"}, ["pizza"]),
    ({"direction": "outbound"}, ["ordered"]),
    ({"status": "in-progress"}, ["going-on"]),
    ({"transport": "relay"}, ["tamil"]),
    ({"language": "ta-IN"}, ["tamil"]),
    (DIWALI, ["going-on", "ordered"]),
    ({**DIWALI, "outcome": "completed"}, ["ordered"]),
    ({**DIWALI, "sort": CallSort.DURATION}, ["ordered"]),
    ({**DIWALI, "caller": NumberMatch(NumberPart.END, "5678")}, ["ordered"]),
    ({**DIWALI, "open_only": True}, ["going-on"]),
    ({"campaign_id": ""}, ["tamil", "pizza", "first"]),
    ({"campaign_id": "pongal"}, []),
    ({"open_only": True}, ["going-on"]),
    ({"open_only": True, "agent": "pizza"}, []),
    ({"agent": "logistics", "outcome": "completed", "direction": "inbound"}, ["tamil", "first"]),
    ({"since": NOON + 2 * MINUTE}, ["tamil", "going-on", "ordered"]),
    ({"before": NOON + 2 * MINUTE}, ["pizza", "first"]),
    ({"since": NOON + MINUTE, "before": NOON + 3 * MINUTE}, ["ordered", "pizza"]),
    ({"duration_from_ms": 90_000}, ["tamil", "ordered", "first"]),
    ({"duration_to_ms": 90_000}, ["tamil", "pizza", "first"]),
    ({"duration_from_ms": 31_000, "duration_to_ms": 89_999}, []),
    ({"caller": NumberMatch(NumberPart.WHOLE, "+4915112345678")}, ["ordered"]),
    ({"caller": NumberMatch(NumberPart.WHOLE, "+491511234567")}, []),
    ({"caller": NumberMatch(NumberPart.START, "+49")}, ["ordered"]),
    ({"caller": NumberMatch(NumberPart.START, "+491511234")}, ["ordered"]),
    ({"caller": NumberMatch(NumberPart.END, "78")}, ["ordered"]),
    ({"caller": NumberMatch(NumberPart.END, "5678")}, ["ordered"]),
    ({"caller": NumberMatch(NumberPart.END, "112345678")}, ["ordered"]),
    ({"caller": NumberMatch(NumberPart.END, "912345678")}, []),
    ({"caller": NumberMatch(NumberPart.END, ".....5678")}, []),
    ({"line": NumberMatch(NumberPart.WHOLE, "+12125550100")}, ["tamil"]),
    ({"line": NumberMatch(NumberPart.END, "0100")}, ["tamil"]),
    ({"line": NumberMatch(NumberPart.START, "+1212")}, ["tamil"]),
    ({"descending": False}, ["first", "pizza", "ordered", "going-on", "tamil"]),
    ({"sort": CallSort.DURATION}, ["ordered", "tamil", "first", "pizza"]),
    ({"sort": CallSort.DURATION, "descending": False}, ["pizza", "first", "tamil", "ordered"]),
    ({"sort": CallSort.DURATION, "agent": "pizza"}, ["pizza"]),
    ({"open_only": True, "duration_from_ms": 1}, []),
    ({"open_only": True, "sort": CallSort.DURATION}, []),
    ({"limit": 2}, ["tamil", "going-on"]),
    ({"limit": 2, "offset": 1}, ["going-on", "ordered"]),
    ({"offset": 5}, []),
    ({"limit": 0}, []),
]


class SearchContract(OpensStorage):
    """What is kept is found, and nothing else."""

    @pytest.mark.parametrize(("wanted", "expected"), FILTERS, ids=lambda one: str(one)[:60])
    def test_a_filter_finds_what_it_says_and_counts_it(
        self, store: Storage, wanted: dict[str, object], expected: list[str]
    ) -> None:
        some_calls(store)

        assert found(store, **wanted) == expected
        if wanted.keys().isdisjoint({"limit", "offset", "sort"}):
            assert store.count(replace(CallSearch(), **wanted), 100) == len(expected)  # type: ignore[arg-type]

    def test_a_strange_filter_finds_nothing_and_harms_nothing(self, store: Storage) -> None:
        some_calls(store)

        for strange in ("", "' OR 1=1 --", "%", "$ne", HARD_TEXT):
            assert found(store, agent=strange, outcome=strange) == []
            assert found(store, stage=strange, language=strange) == []
            if strange:
                for part in NumberPart:
                    assert found(store, caller=NumberMatch(part, strange)) == []
        assert len(found(store)) == 5

    def test_what_a_list_shows_of_a_call(self, store: Storage) -> None:
        call = a_call(state={"large": "x" * 10_000}, campaign_id="diwali", lead_id="lead-1")
        store.create_call(call)
        for turn in range(3):
            call = store.save_call(replace(call, stage="collecting"), a_turn(turn))
        goes_on = store.search(CallSearch())[0]

        store.save_call(replace(call, ended_at=NOON + MINUTE, outcome="completed"), a_turn(3))
        has_ended = store.search(CallSearch())[0]

        assert (goes_on.call_id, goes_on.carrier_id) == ("call-1", "CA-call-1")
        assert (goes_on.caller_number, goes_on.created_at) == ("+919876543210", NOON)
        assert (goes_on.stage, goes_on.outcome, goes_on.ended_at) == ("collecting", None, None)
        assert goes_on.duration_ms is None
        assert (goes_on.campaign_id, goes_on.lead_id) == ("diwali", "lead-1")
        assert (has_ended.campaign_id, has_ended.lead_id) == ("diwali", "lead-1")
        assert (has_ended.outcome, has_ended.ended_at) == ("completed", NOON + MINUTE)
        assert has_ended.duration_ms == 60_000

    def test_turns_are_those_that_callers_had(self, store: Storage) -> None:
        store.create_call(a_call())
        before = store.search(CallSearch())[0].turns
        call = store.save_call(a_call(), a_turn(0))
        call = store.save_call(call, a_turn(1))
        store.turns(call.call_id)  # whoever looks at a call brings its turns where they belong

        assert before == 0
        assert store.search(CallSearch())[0].turns == 1

    def test_a_call_is_found_as_it_is_now_and_no_more_as_it_was(self, store: Storage) -> None:
        store.create_call(a_call())
        call = store.save_call(a_call(stage="collecting"))
        assert found(store, stage="language") == []
        assert found(store, stage="collecting", open_only=True) == ["call-1"]

        ending = replace(call, stage="completed", outcome="completed", ended_at=NOON + MINUTE)
        call = store.save_call(ending)
        assert found(store, open_only=True) == []
        assert found(store, stage="completed", duration_from_ms=60_000) == ["call-1"]

        store.save_call(replace(call, status="completed"))
        assert found(store, status="completed", stage="completed") == ["call-1"]
        assert found(store, status="queued") == []

    # Pages

    @pytest.mark.parametrize("descending", [True, False])
    @pytest.mark.parametrize("sort", CallSort)
    def test_pages_leave_out_and_repeat_nothing(
        self, store: Storage, sort: CallSort, descending: bool
    ) -> None:
        for number in range(11):  # several of one moment, and of one length
            keep(store, ended(f"call-{number:02}", number // 3, 60 * (number % 4)))
        if sort is CallSort.CREATED:
            keep(store, a_call("going-on", created_at=NOON + MINUTE))
        query = CallSearch(sort=sort, descending=descending, limit=4)
        whole = store.search(replace(query, limit=100))

        forward: list[str] = []
        place: Place | None = None
        while page := store.search(replace(query, after_place=place)):
            forward += [one.call_id for one in page]
            place = page[-1].place(sort)
        back: list[str] = []
        place = whole[-1].place(sort)
        while page := store.search(replace(query, before_place=place)):
            back = [*(one.call_id for one in page), *back]
            place = page[0].place(sort)

        assert forward == [one.call_id for one in whole]
        assert len(set(forward)) == len(forward) == len(whole)
        assert back == forward[:-1]

    def test_a_page_stays_where_it_is_while_calls_come_in(self, store: Storage) -> None:
        some_calls(store)
        first = store.search(CallSearch(limit=2))
        keep(store, ended("later", 9, 5))

        following = CallSearch(limit=2, after_place=first[-1].place(CallSort.CREATED))

        assert [one.call_id for one in store.search(following)] == ["ordered", "pizza"]

    def test_a_count_goes_no_further_than_it_must(self, store: Storage) -> None:
        some_calls(store)

        assert store.count(CallSearch(), 3) == 3
        assert store.count(CallSearch(limit=1, offset=2), 100) == 5
        assert store.count(CallSearch(agent="nobody"), 3) == 0

    # What lists and pages need besides

    def test_the_pulse_tells_of_every_save_of_calls_that_are_new_or_go_on(
        self, store: Storage
    ) -> None:
        for number in range(5):
            keep(store, ended(f"ended-{number}", 10 + number, 5))
        keep(store, a_call("old-but-open"))

        def pulse() -> dict[str, tuple[datetime, bool]]:
            return {one.call_id: (one.updated_at, one.is_open) for one in store.pulse(3)}

        assert pulse().keys() == {"old-but-open", "ended-2", "ended-3", "ended-4"}
        assert pulse()["old-but-open"] == (NOON, True)
        assert pulse()["ended-4"] == (NOON + 14 * MINUTE, False)

        call = store.save_call(a_call("old-but-open", updated_at=NOON + MINUTE))
        assert pulse()["old-but-open"] == (NOON + MINUTE, True)
        store.save_call(replace(call, ended_at=NOON + MINUTE))
        assert "old-but-open" not in pulse()

    def test_what_many_calls_collected_comes_at_once(self, store: Storage) -> None:
        for number in range(3):
            store.create_call(a_call(f"call-{number}"))
        for number in range(2):
            call_id = f"call-{number}"
            store.save_call(a_call(call_id), collected=a_collection(call_id))
            store.collected(call_id)

        assert store.collected_by(["call-1", "call-2", "unknown"]) == {
            "call-1": a_collection("call-1")
        }
        assert store.collected_by([]) == {}
