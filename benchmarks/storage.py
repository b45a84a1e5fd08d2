"""What the store adds to a webhook: find the call, save it with its turn.

Prints a table, and as the last line one JSON object. Run: python -m benchmarks.storage [webhooks]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from settings import read_settings
from storage import open_storage
from storage.base import Storage
from storage.mongo import MongoStorage
from storage.records import CallRecord, TurnRecord
from storage.sqlite import SqliteStorage
from tests.storage.mongod import Mongod, why_not

STATE_BYTES = 2048
TURNS_A_CALL = 12

Opener = Callable[[Path], Storage]


def main() -> None:
    """Measure every backend with one thread and with as many as a busy server has."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, ExitStack() as left:
        results = {}
        for number, (name, threads, open_store) in enumerate(rows(left)):
            share = rounds if threads > 1 else max(rounds // 10, TURNS_A_CALL)
            with closing(open_store(Path(folder) / str(number))) as store:
                results[f"{name}, {threads} threads"] = measure(store, threads, share)
    print(f"state of {len(orjson.dumps(a_state()))} bytes; microseconds a webhook")
    print(f"{'store':34}{'find':>9}{'save':>9}{'both':>9}{'p99':>10}{'CPU':>7}{'a second':>10}")
    for name, result in results.items():
        print(
            f"{name:34}{result['find_p50_us']:9.0f}{result['save_p50_us']:9.0f}"
            f"{result['both_p50_us']:9.0f}{result['both_p99_us']:10.0f}"
            f"{result['cpu_us']:7.0f}{result['webhooks_per_s']:10.0f}"
        )
    print(json.dumps(results))


def rows(left: ExitStack) -> Iterator[tuple[str, int, Opener]]:
    """What is measured: a name, threads, and what opens the store in an empty folder."""
    backends: list[tuple[str, Opener]] = [
        ("sqlite", lambda folder: SqliteStorage(folder / "calls.db")),
        ("sqlite, synced", lambda folder: SqliteStorage(folder / "calls.db", "power")),
    ]
    if why_not() is None:
        server = left.enter_context(closing(Mongod()))
        server.start()
        backends.append(("mongo", lambda folder: bare(server.uri(f"b{folder.name}"))))
        backends.append(("failover", lambda folder: behind(server.uri(f"b{folder.name}"), folder)))
    for threads in (1, 64):
        for name, open_store in backends:
            yield name, threads, open_store


def bare(uri: str) -> Storage:
    store = MongoStorage(uri)
    store.connect()
    return store


def behind(uri: str, folder: Path) -> Storage:
    return open_storage(read_settings({"DATA_DIR": str(folder), "MONGODB_URI": uri}))


def measure(store: Storage, threads: int, rounds: int) -> dict[str, float]:
    """Webhooks of `threads` callers at once, `rounds` in all; CPU is that of this process."""
    finds: list[int] = []
    saves: list[int] = []

    def caller(number: int) -> None:
        for turn in range(rounds // threads):
            carrier_id = f"CA{number}-{turn // TURNS_A_CALL}"
            if turn % TURNS_A_CALL == 0:
                store.create_call(a_call(carrier_id))
            find_ns, save_ns = webhook(store, carrier_id, turn % TURNS_A_CALL)
            finds.append(find_ns)
            saves.append(save_ns)

    started, worked = time.perf_counter(), time.process_time()
    run_together(caller, threads)
    elapsed_s, cpu_s = time.perf_counter() - started, time.process_time() - worked
    both = [find_ns + save_ns for find_ns, save_ns in zip(finds, saves, strict=True)]
    return {
        "find_p50_us": percentile_us(finds, 50),
        "save_p50_us": percentile_us(saves, 50),
        "both_p50_us": percentile_us(both, 50),
        "both_p99_us": percentile_us(both, 99),
        "cpu_us": round(cpu_s / len(both) * 1e6, 1),
        "webhooks_per_s": round(len(both) / elapsed_s),
    }


def webhook(store: Storage, carrier_id: str, turn: int) -> tuple[int, int]:
    """One turn of a call; nanoseconds of finding and of saving."""
    before = time.perf_counter_ns()
    call = store.find_call(carrier_id)
    found = time.perf_counter_ns()
    if call is None:
        raise LookupError(carrier_id)
    now = datetime.now(UTC)
    changed = replace(call, updated_at=now, stage="collecting")
    record = a_turn(call, turn, now)
    ready = time.perf_counter_ns()
    store.save_call(changed, record)
    return found - before, time.perf_counter_ns() - ready


def run_together(work: Callable[[int], None], threads: int) -> None:
    if threads == 1:
        work(0)
        return
    crowd = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()


def percentile_us(values_ns: Sequence[int], percent: int) -> float:
    return round(statistics.quantiles(values_ns, n=100)[percent - 1] / 1000, 1)


def a_state() -> dict[str, object]:
    """A state of the usual shape and size."""
    line = {"role": "caller", "text": "five hundred rupees, between two and five pm"}
    slots = {"charge": {"value": {"amount": 500, "currency": "INR"}, "misses": 0}}
    state: dict[str, object] = {"stage": "collecting", "slots": slots, "history": []}
    history = []
    while len(orjson.dumps(state)) < STATE_BYTES:
        history.append(line)
        state["history"] = history
    return state


def a_call(carrier_id: str) -> CallRecord:
    now = datetime.now(UTC)
    return CallRecord(
        call_id=f"call-{carrier_id}",
        carrier_id=carrier_id,
        agent="logistics",
        agent_version="0123456789ab",
        direction="inbound",
        caller_number="+919876543210",
        line_number="+914400000000",
        stage="language",
        language="en-IN",
        outcome=None,
        created_at=now,
        updated_at=now,
        state=a_state(),
        answer={"document": "<Response/>" * 40},
    )


def a_turn(call: CallRecord, turn: int, now: datetime) -> TurnRecord:
    return TurnRecord(
        call_id=call.call_id,
        turn=turn,
        at=now,
        stage="collecting",
        language="en-IN",
        caller="five hundred rupees, between two and five pm",
        caller_by="speech",
        confidence=0.93,
        agent="You charge 500 rupees and deliver from 2 pm to 5 pm. Is that right?",
        accepted={"charge": {"amount": 500, "currency": "INR"}},
        brain="rules",
        timings_ms={"brain": 0.4, "total": 1.9},
    )


if __name__ == "__main__":
    main()
