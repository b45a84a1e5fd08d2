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
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from storage.base import Storage
from storage.records import CallRecord, TurnRecord
from storage.sqlite import SqliteStorage

STATE_BYTES = 2048
TURNS_A_CALL = 12


def main() -> None:
    """Measure both durabilities with one thread, and the usual one with several."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        results = {
            "process, 1 thread": measure(Path(folder) / "a.db", "process", 1, rounds),
            "process, 8 threads": measure(Path(folder) / "b.db", "process", 8, rounds),
            "power, 1 thread": measure(Path(folder) / "c.db", "power", 1, min(rounds, 1000)),
        }
    print(f"state of {len(orjson.dumps(a_state()))} bytes; microseconds a webhook")
    print(f"{'durability':20}{'find':>8}{'save':>8}{'both':>8}{'p99':>9}{'a second':>10}")
    for name, result in results.items():
        print(
            f"{name:20}{result['find_p50_us']:8.1f}{result['save_p50_us']:8.1f}"
            f"{result['both_p50_us']:8.1f}{result['both_p99_us']:9.1f}"
            f"{result['webhooks_per_s']:10.0f}"
        )
    print(json.dumps(results))


def measure(path: Path, durability: str, threads: int, rounds: int) -> dict[str, float]:
    """Webhooks of `threads` callers at once, `rounds` in all."""
    store = SqliteStorage(path, durability)
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

    started = time.perf_counter()
    run_together(caller, threads)
    elapsed_s = time.perf_counter() - started
    store.close()
    both = [find_ns + save_ns for find_ns, save_ns in zip(finds, saves, strict=True)]
    return {
        "find_p50_us": percentile_us(finds, 50),
        "save_p50_us": percentile_us(saves, 50),
        "both_p50_us": percentile_us(both, 50),
        "both_p99_us": percentile_us(both, 99),
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
