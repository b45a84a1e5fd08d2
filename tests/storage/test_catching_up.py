"""A MongoDB that has come back gets all that is owed to it, in time and in order."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

from storage.changes import change_text, creation, saving
from storage.journal import Journal
from storage.mongo import MongoStorage
from tests.storage.mongod import Mongod
from tests.storage.samples import a_turn
from tests.storage.test_failover import a_call, is_caught_up, opened
from tests.waiting import wait_until


def test_many_changes_that_are_owed_are_in_the_database_in_time(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    changes = [creation(a_call(f"call-{number}")) for number in range(200)]
    for turn in range(19):
        for number in range(200):
            call = a_call(f"call-{number}", version=turn + 1)
            changes.append(saving(call, a_turn(turn, call.call_id), None))
    (tmp_path / "data").mkdir()
    with closing(Journal(tmp_path / "data" / "journal.db")) as journal:
        for first in range(0, len(changes), 100):
            journal.keep_all([(one, change_text(one)) for one in changes[first : first + 100]])

    with closing(opened(mongod, tmp_path)) as store:
        wait_until(partial(is_caught_up, store))

    for number in (0, 199):
        assert database.load_call(f"call-{number}") == a_call(f"call-{number}", version=19)
        turns = database.turns(f"call-{number}")
        assert [turn.turn for turn in turns] == list(range(19))


def test_a_refused_change_among_many_owed_ones_holds_up_none_of_the_others(
    mongod: Mongod, tmp_path: Path, database: MongoStorage
) -> None:
    database.connect()
    for number in range(20):
        database.create_call(a_call(f"call-{number}"))
    database.save_call(a_call("call-7"), a_turn(0, "call-7", caller="elsewhere"))
    (tmp_path / "data").mkdir()
    with closing(Journal(tmp_path / "data" / "journal.db")) as journal:
        for turn in range(3):
            for number in range(20):
                call = a_call(f"call-{number}", version=turn + 1)
                journal.keep(saving(call, a_turn(turn, call.call_id), None))

    with closing(opened(mongod, tmp_path)) as store:
        wait_until(partial(is_caught_up, store))

    versions = [database.load_call(f"call-{number}") for number in range(20)]
    assert [call and call.version for call in versions] == [*[3] * 7, 1, *[3] * 12]
    assert database.turns("call-7") == [a_turn(0, "call-7", caller="elsewhere")]
