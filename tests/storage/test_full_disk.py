"""The disk of this machine is full, for real: files of the writing process have a largest size."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from settings import read_settings
from storage import open_storage
from storage.mongo import MongoStorage
from tests.storage.mongod import Mongod
from tests.storage.samples import a_call
from tests.storage.test_failover import is_caught_up
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
WRITER = Path(__file__).with_name("writer.py")
SAVES = 60


def filled(variables: Mapping[str, str]) -> tuple[list[str], str]:
    """What a process says that saves more than its disk takes: line by line, and its log."""
    done = subprocess.run(
        [sys.executable, str(WRITER), "fill", "call-1", str(SAVES)],
        env={**variables, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.splitlines(), done.stderr


def accepted_of(said: Sequence[str]) -> Sequence[str]:
    """The versions that were accepted; each other answer names the disk."""
    accepted = [line for line in said if line.isdecimal()]
    assert accepted == [str(version) for version in range(1, len(accepted) + 1)]
    assert 0 < len(accepted) < SAVES
    refused = [line for line in said[:SAVES] if not line.isdecimal()]
    assert all(line.startswith("The disk of") for line in refused)
    return accepted


def test_a_call_goes_on_in_the_database_alone_and_health_says_so(
    mongod: Mongod, tmp_path: Path
) -> None:
    variables = {"DATA_DIR": str(tmp_path / "data"), "MONGODB_URI": mongod.uri()}

    said, log = filled(variables)

    assert said == [*(str(version) for version in range(1, SAVES + 1)), "no journal"]
    assert log.count("the journal cannot be used") == 1
    with closing(MongoStorage(mongod.uri())) as database:
        call = database.load_call("call-1")
        assert call == a_call(version=SAVES)
        assert [turn.turn for turn in database.turns("call-1")] == list(range(SAVES))
    with closing(open_storage(read_settings(variables))) as store:  # there is room again
        wait_until(lambda: is_caught_up(store))
        saved = store.save_call(call)
        assert store.load_call("call-1") == saved
        assert store.check() == "ok"


def test_without_room_and_without_a_database_a_save_is_refused_and_the_accepted_stays(
    mongod: Mongod, tmp_path: Path
) -> None:
    variables = {"DATA_DIR": str(tmp_path / "data"), "MONGODB_URI": mongod.uri()}
    mongod.kill()

    said, _ = filled(variables)

    accepted = accepted_of(said)
    mongod.start()
    with closing(open_storage(read_settings(variables))) as store:
        wait_until(lambda: is_caught_up(store))
    with closing(MongoStorage(mongod.uri())) as database:
        assert database.load_call("call-1") == a_call(version=len(accepted))
        assert len(database.turns("call-1")) == len(accepted)


def test_a_file_alone_refuses_clearly_and_keeps_what_it_accepted(tmp_path: Path) -> None:
    variables = {"DATA_DIR": str(tmp_path / "data")}

    said, _ = filled(variables)

    accepted = accepted_of(said)
    with closing(open_storage(read_settings(variables))) as store:
        assert store.load_call("call-1") == a_call(version=len(accepted))
        assert len(store.turns("call-1")) == len(accepted)
