"""A person is forgotten everywhere, in every store, and others are not."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from agents.schema import Agent
from calls.erasing import BATCH, REMEMBERED, Retention
from calls.forgetting import FORGOTTEN, NotANumber, ways_to_write
from calls.message_book import Message, MessageBook, MessageQuery, id_of
from calls.progress import Progress
from calls.recordings import Recordings, RecordingStatus
from calls.session import Parts
from calls.turns import Turns
from providers.llm.rules import RulesBrain
from providers.telephony.base import CallNotice
from storage.base import StorageError
from storage.changes import change_text, creation
from storage.journal import Journal
from storage.records import CallRecord, JsonObject
from storage.register import Entry
from tests.calls.keeping import ASHA, NOW, OTHER, Keeping, a_keeping, in_file
from tests.calls.recorded import notice
from tests.conversation.casting import rates
from tests.storage.conftest import shared_mongod as shared_mongod  # a fixture
from tests.storage.contract_deliveries import a_delivery
from tests.storage.contract_do_not_call import an_entry
from tests.storage.lead_samples import a_lead
from tests.storage.mongod import Mongod
from tests.storage.samples import a_call, at_once
from tests.waiting import wait_until


@pytest.fixture(params=["sqlite", "mongodb"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeping]:
    """Every store, in one file, and in MongoDB behind its journal."""
    variables = in_file(tmp_path)
    if request.param == "mongodb":
        server: Mongod = request.getfixturevalue("shared_mongod")
        variables["MONGODB_URI"] = server.uri(f"forget_{abs(hash(tmp_path)) % 10**12}")
    with a_keeping(variables) as made:
        yield made


def keeps(days: int | None) -> dict[str, Agent]:
    return {"logistics": rates(agent="logistics", retention_days=days)}


# Forgetting


def test_everything_of_a_person_goes_and_nothing_of_others(kept: Keeping) -> None:
    for number in range(3):
        kept.add(f"call-{number}", age=timedelta(days=number))
    kept.add("call-9", OTHER)

    traces = kept.forgetting.find("+91 98765 43210")
    assert (len(traces.calls), traces.recordings, traces.live) == (3, 3, ())
    assert kept.has("call-0")  # looking changes nothing

    assert kept.forgetting.forget(traces) == 3

    assert not [n for n in range(3) if kept.has(f"call-{n}")]
    assert kept.has("call-9")
    assert kept.forgetting.find(ASHA).is_none
    assert kept.storage.turns("call-9")


def test_a_person_is_no_lead_any_more_and_stays_on_the_do_not_call_list(kept: Keeping) -> None:
    leads, lists, deliveries = kept.kept.leads, kept.kept.do_not_call, kept.kept.deliveries
    for campaign_id in ("diwali", "pongal"):
        leads.add([a_lead(0, campaign_id, number=ASHA), a_lead(1, campaign_id, number=OTHER)])
    lists.add([an_entry(ASHA, words="don't ever call me again"), an_entry(OTHER)])
    kept.add("call-1")
    deliveries.add(a_delivery(1))  # which tells of that call
    deliveries.add(a_delivery(2))

    traces = kept.forgetting.find(ASHA)
    assert (traces.leads, [one.words for one in traces.listed]) == (2, ["don't ever call me again"])
    kept.forgetting.forget(traces)

    assert leads.of_number(ASHA) == []
    assert len(leads.of_number(OTHER)) == 2
    assert deliveries.counts("shop") == {"waiting": 1}
    barred = lists.of(ASHA, "diwali")
    assert barred is not None
    assert (barred.words, barred.call_id, barred.at) == ("", "", an_entry().at)
    after = kept.forgetting.find(ASHA)
    assert after.is_none
    assert len(after.listed) == 1


def test_messages_of_a_person_and_news_of_them_are_forgotten(kept: Keeping) -> None:
    book, deliveries = MessageBook(kept.register, lambda: NOW), kept.kept.deliveries
    for number in (ASHA, OTHER):
        for direction in ("inbound", "outbound"):
            message_id = f"{direction}{number}"
            message = Message(message_id, direction, number, "+1", "hi", "sent", NOW, NOW)
            book.add(message)
            news: JsonObject = {"data": {"number": number, "text": "hi"}}
            deliveries.add(a_delivery(endpoint_id="shop", delivery_id=message_id, body=news))

    traces = kept.forgetting.find(ASHA)
    assert (traces.messages, len(traces.news), traces.is_none) == (2, 2, False)
    kept.forgetting.forget(traces)

    assert book.find(MessageQuery(number=ASHA)) == []
    assert book.count(MessageQuery(number=OTHER)) == 2
    assert sorted(deliveries.about(OTHER)) == [f"inbound{OTHER}", f"outbound{OTHER}"]
    assert kept.forgetting.find(ASHA).is_none


def test_the_rows_that_an_import_shows_first_are_forgotten(kept: Keeping) -> None:
    rows = [{"phone": ASHA, "name": "Asha"}, {"phone": OTHER, "name": "Ravi"}]
    body: JsonObject = {"first": rows, "rows": 2}
    kept.kept.register.put(Entry("import", "i1", body, NOW, NOW))
    traces = kept.forgetting.find(ASHA)
    assert not traces.is_none
    kept.forgetting.forget(traces)
    entry = kept.kept.register.get("import", "i1")
    assert entry is not None
    assert entry.body == {"first": rows[1:], "rows": 2}
    assert kept.forgetting.find(ASHA).is_none


def test_what_was_counted_stays_counted_without_words(kept: Keeping) -> None:
    kept.add("call-1")
    kept.forgetting.forget(kept.forgetting.find(ASHA))
    fact = kept.facts.get("call-1")
    assert fact is not None
    assert (fact.duration_s, fact.outcome) == (30.0, "completed")
    assert (fact.summary, tuple(fact.phrases)) == ("", ())


def test_a_number_is_found_however_the_carrier_wrote_it(kept: Keeping) -> None:
    for call_id, number in (("a", ASHA), ("b", "919876543210"), ("c", "09876543210")):
        kept.add(f"call-{call_id}", number)
    assert len(kept.forgetting.find(ASHA).calls) == 3


def test_a_number_is_found_in_the_spelling_of_before(kept: Keeping) -> None:
    kept.add("call-a", "+5215512345678")
    kept.add("call-b", "+525512345678")
    kept.add("call-c", "+525512345679")
    assert {one.call_id for one in kept.forgetting.find("+525512345678").calls} == {
        "call-a",
        "call-b",
    }
    assert len(kept.forgetting.find("+5215512345678").calls) == 2


def test_a_call_that_goes_on_is_left_and_told(kept: Keeping) -> None:
    kept.live("call-1")
    kept.kept.leads.add([a_lead(0, "diwali", number=ASHA)])
    traces = kept.forgetting.find(ASHA)
    assert [call.call_id for call in traces.live] == ["call-1"]
    assert kept.forgetting.forget(traces) == 0
    assert kept.storage.load_call("call-1") is not None
    assert kept.kept.leads.of_number(ASHA)  # or another campaign would ring them now


def test_the_number_is_masked_where_the_audit_log_names_it(kept: Keeping) -> None:
    kept.note("e1", ASHA)
    kept.note("e2", "call-1", number=ASHA)
    kept.note("e3", OTHER)
    kept.forgetting.forget(kept.forgetting.find(ASHA))
    bodies = [
        entry.body for key in ("e1", "e2", "e3") if (entry := kept.register.get("audit", key))
    ]
    assert bodies == [
        {"subject": FORGOTTEN, "details": {}},
        {"subject": "call-1", "details": {"number": FORGOTTEN}},
        {"subject": OTHER, "details": {}},
    ]


@pytest.mark.parametrize("number", ["", "anonymous", "9876543210", "+", "+0123456789", "+91", "x"])
def test_what_is_no_whole_number_forgets_nobody(number: str) -> None:
    with pytest.raises(NotANumber):
        ways_to_write(number)


def test_what_is_told_of_a_call_while_it_is_erased_goes_too(kept: Keeping) -> None:
    kept.add("call-1")
    kept.add("call-2")
    ended = [one for name in ("call-1", "call-2") if (one := kept.storage.load_call(name))]
    kept.erasing.erase("call-1")
    for number, call in enumerate(ended):  # loaded before, by who tells of ends
        body: JsonObject = {"call_id": call.call_id, "data": {"number": ASHA}}
        kept.kept.deliveries.add(a_delivery(number, body=body))
        kept.erasing.told(call)
    assert kept.kept.deliveries.about(ASHA) == ["msg-001"]


def test_two_who_forget_the_same_person_at_once_are_both_done(kept: Keeping) -> None:
    for number in range(5):
        kept.add(f"call-{number}")
    traces = kept.forgetting.find(ASHA)
    outcomes = at_once([lambda: kept.forgetting.forget(traces)] * 3)
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert not [n for n in range(5) if kept.has(f"call-{n}")]


def test_what_is_told_of_a_recording_while_its_call_is_deleted_is_deleted_too(
    kept: Keeping,
) -> None:
    kept.add("call-1")

    class Meanwhile(Recordings):
        """In whose hands a callback is while somebody deletes its call."""

        def note(self, call: CallRecord, notice: CallNotice) -> None:
            kept.erasing.erase("call-1")
            super().note(call, notice)

    late = Meanwhile(kept.register, kept.objects, lambda: NOW)
    turns = Turns(Parts(kept.storage, RulesBrain(), lambda: NOW), keeps(None))
    progress = Progress(kept.storage, turns, lambda: NOW, recordings=late)

    assert not progress.report(notice("completed", "https://x/RE2", "RE2"), "call-1")
    assert not kept.has("call-1")
    assert not kept.recordings.due(RecordingStatus.WAITING, 10)


def test_while_some_calls_cannot_be_seen_nobody_is_told_that_there_are_none(
    shared_mongod: Mongod, tmp_path: Path
) -> None:
    uri = shared_mongod.uri(f"behind_{abs(hash(tmp_path)) % 10**12}")
    variables = {**in_file(tmp_path), "MONGODB_URI": uri}
    with a_keeping(variables) as before:
        before.add("call-1")
    owed = replace(creation(a_call("owed", carrier_id="CA2")), at_ns=1)
    with closing(Journal(tmp_path / "data" / "journal.db")) as journal:
        journal.keep_all([(owed, change_text(owed))])

    with (tmp_path / "data" / "journal.db.catch-up").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another process is catching up
        with a_keeping(variables) as kept, pytest.raises(StorageError, match="not caught up"):
            kept.forgetting.find(ASHA)
    with a_keeping(variables) as kept:
        wait_until(lambda: kept.storage.check() == "ok")
        assert len(kept.forgetting.find(ASHA).calls) == 1


def test_calls_of_a_person_are_counted(kept: Keeping) -> None:
    for call_id, number in (("a", ASHA), ("b", "09876543210"), ("c", OTHER)):
        kept.add(f"call-{call_id}", number)
    assert kept.forgetting.count_calls(ASHA) == 2


# Retention


def test_calls_are_deleted_when_their_time_is_over(kept: Keeping) -> None:
    for days in (1, 29, 31, 400):
        kept.add(f"call-{days}", age=timedelta(days=days))
    Retention(kept.erasing, keeps(30), lambda: NOW).work(Event())
    assert [days for days in (1, 29, 31, 400) if kept.has(f"call-{days}")] == [1, 29]
    assert kept.facts.get("call-400") is not None


def test_the_message_after_a_call_goes_with_it(kept: Keeping) -> None:
    book = MessageBook(kept.register, lambda: NOW)
    for days in (1, 31):
        kept.add(f"call-{days}", age=timedelta(days=days))
        message_id = id_of("call", f"call-{days}")
        book.add(Message(message_id, "outbound", ASHA, "+1", "hi", "sent", NOW, NOW))
    Retention(kept.erasing, keeps(30), lambda: NOW).work(Event())
    assert [one.message_id for one in book.find(MessageQuery())] == [id_of("call", "call-1")]


def test_messages_without_a_call_go_when_no_agent_keeps_calls_for_so_long(kept: Keeping) -> None:
    book = MessageBook(kept.register, lambda: NOW)
    for days in (1, 31, 61, 400):
        at = NOW - timedelta(days=days)
        book.add(Message(f"in-{days}", "inbound", ASHA, "+1", "hi", "received", at, at))
        after = Message(f"after-{days}", "outbound", ASHA, "+1", "hi", "sent", at, at)
        book.add(replace(after, call_id=f"call-{days}"))
    two = {**keeps(30), "other": rates(agent="other", retention_days=60)}
    for_good = {**keeps(30), "other": rates(agent="other", retention_days=None)}

    def kept_messages() -> set[str]:
        return {one.message_id for one in book.find(MessageQuery(limit=100))}

    Retention(kept.erasing, for_good, lambda: NOW).work(Event())
    Retention(kept.erasing, {}, lambda: NOW).work(Event())
    assert len(kept_messages()) == 8
    Retention(kept.erasing, two, lambda: NOW).work(Event())
    assert {one for one in kept_messages() if one.startswith("in")} == {"in-1", "in-31"}
    assert len(kept_messages()) == 6  # what follows a call goes with it


def test_without_a_number_of_days_they_are_kept_for_good(kept: Keeping) -> None:
    kept.add("call-1", age=timedelta(days=3000))
    Retention(kept.erasing, keeps(None), lambda: NOW).work(Event())
    Retention(kept.erasing, {}, lambda: NOW).work(Event())
    assert kept.has("call-1")


def test_a_call_that_goes_on_is_never_too_old(kept: Keeping) -> None:
    kept.live("call-1")
    Retention(kept.erasing, keeps(1), lambda: NOW + timedelta(days=9)).work(Event())
    assert kept.storage.load_call("call-1") is not None


def test_who_is_told_to_stop_leaves_the_rest_to_the_next(kept: Keeping) -> None:
    kept.add("call-1", age=timedelta(days=31))
    stop = Event()
    stop.set()
    retention = Retention(kept.erasing, keeps(30), lambda: NOW)
    retention.work(stop)
    assert kept.has("call-1")
    retention.work(Event())
    assert not kept.has("call-1")


def test_what_was_half_deleted_is_deleted_the_next_time(kept: Keeping) -> None:
    kept.add("call-1", age=timedelta(days=31))
    [recording] = kept.recordings.of_call("call-1")
    kept.recordings.erase(recording)  # and then the process was killed
    Retention(kept.erasing, keeps(30), lambda: NOW).work(Event())
    assert not kept.has("call-1")


def test_that_a_recording_was_deleted_is_remembered_for_a_while(kept: Keeping) -> None:
    kept.add("call-1")
    kept.erasing.erase("call-1")
    assert kept.recordings.due(RecordingStatus.ERASED, 10)
    later = NOW + REMEMBERED + timedelta(seconds=1)
    Retention(kept.erasing, {}, lambda: later).work(Event())
    assert not kept.recordings.due(RecordingStatus.ERASED, 10)


def test_of_however_many_that_were_deleted_the_old_ones_are_remembered_no_more(
    kept: Keeping,
) -> None:
    at = NOW - REMEMBERED - timedelta(days=1)
    for number in range(BATCH + 5):
        is_old = number < 5  # and so found last
        moment = at if is_old else NOW
        kept.record(f"call-{number}")
        [one] = kept.recordings.of_call(f"call-{number}")
        kept.recordings.erase(one)
        entry = kept.register.get("recording", one.recording_id)
        assert entry is not None
        kept.register.delete("recording", one.recording_id)
        kept.register.put(replace(entry, created_at=moment, updated_at=moment, version=0))

    Retention(kept.erasing, {}, lambda: NOW).work(Event())

    assert len(kept.recordings.due(RecordingStatus.ERASED, 2 * BATCH)) == BATCH


def test_two_sweeps_at_once_do_no_harm(kept: Keeping) -> None:
    for number in range(6):
        kept.add(f"call-{number}", age=timedelta(days=31))
    kept.add("call-new")
    retention = Retention(kept.erasing, keeps(30), lambda: NOW)
    outcomes = at_once([lambda: retention.work(Event())] * 3)
    assert outcomes == [None] * 3
    assert not [n for n in range(6) if kept.has(f"call-{n}")]
    assert kept.has("call-new")
