"""The contract of a store: threads, processes, kills and health."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from storage.base import Storage, StorageError
from storage.records import CallQuery
from tests.storage.opening import OpensStorage
from tests.storage.samples import a_call, a_collection, a_turn, an_event, at_once

ROOT = Path(__file__).parents[2]
WRITER = Path(__file__).with_name("writer.py")


class LifeContract(OpensStorage):
    """Nothing that was kept is lost, whoever works on the store and dies doing so."""

    def writer(self, place: Path, *order: str) -> subprocess.Popen[str]:
        """Another process that works on the same store; see writer.py for the orders."""
        return subprocess.Popen(
            [sys.executable, str(WRITER), *order],
            env={**self.variables(place), "PYTHONPATH": str(ROOT), "PATH": os.defpath},
            cwd=place,
            stdout=subprocess.PIPE,
            text=True,
        )

    # Threads, processes, life and death

    def test_many_threads_work_on_many_calls(self, store: Storage) -> None:
        def work(number: int) -> None:
            call = a_call(f"call-{number}")
            store.create_call(call)
            for turn in range(10):
                found = store.find_call(f"CA-call-{number}")
                assert found is not None
                saved = store.save_call(
                    replace(found, state={"turn": turn}), a_turn(turn, call.call_id)
                )
                assert store.add_event(an_event(f"status:{turn}", call_id=call.call_id))
                assert saved.version == turn + 1

        outcomes = at_once([partial(work, number) for number in range(24)])

        assert outcomes == [None] * 24
        listed = store.calls(CallQuery(limit=100))
        assert [call.version for call in listed] == [10] * 24
        assert {len(store.turns(call.call_id)) for call in listed} == {10}
        assert {len(store.events(call.call_id)) for call in listed} == {10}

    def test_a_second_opening_sees_what_the_first_kept(
        self, store: Storage, tmp_path: Path
    ) -> None:
        store.create_call(a_call())
        store.save_call(a_call(), a_turn(), a_collection())

        second = self.open(tmp_path)
        try:
            second.save_call(a_call(version=1, stage="collecting"), a_turn(1))
        finally:
            second.close()

        assert store.load_call("call-1") == a_call(version=2, stage="collecting")
        assert store.turns("call-1") == [a_turn(0), a_turn(1)]

    def test_processes_that_start_at_once_share_a_new_store(self, tmp_path: Path) -> None:
        crowd = [self.writer(tmp_path, "create", f"call-{number}") for number in range(4)]

        for process in crowd:
            assert process.communicate(timeout=60)[0] == "created\n"
            assert process.returncode == 0
        store = self.open(tmp_path)
        assert {call.call_id for call in store.calls(CallQuery())} == {
            f"call-{number}" for number in range(4)
        }
        store.close()

    def test_two_processes_on_one_call_lose_no_turn(self, store: Storage, tmp_path: Path) -> None:
        store.create_call(a_call())

        crowd = [self.writer(tmp_path, "race", "call-1", start, "150") for start in ("0", "1000")]
        for process in crowd:
            process.communicate(timeout=120)
            assert process.returncode == 0

        call = store.load_call("call-1")
        assert call is not None
        assert call.version == 300
        numbers = {turn.turn for turn in store.turns("call-1")}
        assert numbers == {*range(150), *range(1000, 1150)}

    def test_what_a_killed_process_was_told_is_kept_is_kept(self, tmp_path: Path) -> None:
        for round_, saves in enumerate((1, 40, 400)):
            call_id = f"call-{round_}"
            process = self.writer(tmp_path, "stream", call_id)
            assert process.stdout is not None
            with process, process.stdout as answers:
                for _ in range(saves):
                    answers.readline()
                os.kill(process.pid, signal.SIGKILL)
                # What it was told while the signal was on its way counts as well. The last line
                # may be cut; a version that is not whole was not heard.
                rest = answers.read()
                told = saves + rest.count("\n")
                assert process.wait(timeout=30) == -signal.SIGKILL

            store = self.open(tmp_path)
            call = store.load_call(call_id)
            assert call is not None
            assert call.version in (told, told + 1)  # one may be saved and not yet told
            assert [turn.turn for turn in store.turns(call_id)] == list(range(call.version))
            assert call.state == {"turn": call.version - 1}
            again = store.save_call(call, a_turn(call.version, call_id))
            assert again.version == call.version + 1
            store.close()

    # Health

    def test_a_store_that_works_passes_its_check(self, store: Storage) -> None:
        store.check()
        store.check()

        assert store.calls(CallQuery()) == []

    def test_closing_twice_is_fine_and_nothing_is_kept_after(
        self, store: Storage, tmp_path: Path
    ) -> None:
        store.close()
        store.close()

        with pytest.raises(StorageError):
            store.create_call(a_call())
        with pytest.raises(StorageError):
            store.check()
        again = self.open(tmp_path)
        assert again.load_call("call-1") is None
        again.close()
