"""A million calls as they would be kept, for what is measured of the pages. Written in bulk.

Cached: a file that was seeded so once is used again.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from storage import codec
from storage.changes import creation
from storage.mongo_documents import call_document
from storage.records import CallRecord, CollectedRecord, TurnRecord
from storage.sqlite import SqliteStorage

CALLS = 1_000_000
# Bytes of a state and of an answer, as a call of ten turns leaves them: what a list must not read.
STATE_BYTES, ANSWER_BYTES = 2_000, 600
BATCH = 2_000
SPAN = timedelta(days=365)
AGENTS = ("logistics", "pizza", "clinic", "lead")
LANGUAGES = ("en-IN", "en-IN", "en-IN", "ta-IN", "ml-IN", "hi-IN")
# Outcome, the stage it leaves the call in, and how often it comes.
ENDS = (
    ("completed", "completed", 620),
    ("abandoned", "collecting", 180),
    ("handed_over", "handover", 90),
    ("silent", "collecting", 60),
    ("declined", "welcome", 30),
    ("stuck", "collecting", 14),
    ("failed", "language", 5),
    ("limit", "confirming", 1),
)
# Calls that have turns of their own: all of them would make the file ten times as large, and a list
# looks at the turns of what it shows only.
WITH_TURNS_EVERY = 50


def seeded_sqlite(folder: Path, calls: int = CALLS, now: datetime | None = None) -> Path:
    """A file `callwright.db` in `folder` with so many calls; made when it is not there."""
    path = folder / "callwright.db"
    done = folder / f"seeded-{calls}"
    if done.exists() and path.exists():
        SqliteStorage(path).close()  # brings it to today's form
        return path
    for file in folder.glob("callwright.db*"):
        file.unlink()
    SqliteStorage(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        rows = seeds(calls, now or datetime.now(UTC))
        while batch := list(islice(rows, BATCH)):
            _write(connection, batch)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    done.touch()
    return path


def seeds(calls: int, now: datetime) -> Iterator[tuple[CallRecord, CollectedRecord | None]]:
    """Calls of the last year, the oldest first, and what those collected that completed."""
    dice = random.Random(1)
    state, answer = _filler(STATE_BYTES), {"actions": [["say", "x" * ANSWER_BYTES]]}
    ends = [(outcome, stage) for outcome, stage, _ in ENDS]
    weights = [weight for *_, weight in ENDS]
    for number in range(calls):
        created = now - SPAN * ((calls - number) / calls)
        outcome, stage = dice.choices(ends, weights)[0]
        call = CallRecord(
            call_id=f"{dice.getrandbits(128):032x}",
            carrier_id=f"CA{number:032x}",
            agent=dice.choices(AGENTS, (50, 30, 19, 1))[0],
            agent_version="0123456789abcdef",
            direction="outbound" if dice.random() < 0.3 else "inbound",
            caller_number=f"+91{dice.randrange(7 * 10**9, 10**10 - 1)}",
            line_number=f"+9144000000{dice.randrange(10, 14)}",
            stage=stage,
            language=dice.choice(LANGUAGES),
            outcome=outcome,
            created_at=created,
            updated_at=created,
            ended_at=created + timedelta(milliseconds=round(dice.lognormvariate(4.2, 0.8) * 1000)),
            status="completed",
            state=state,
            answer=answer,
            version=12,
        )
        yield call, _collected(call, dice) if outcome == "completed" else None


def turns_of(call: CallRecord, number: int) -> Sequence[TurnRecord]:
    """The turns of a seeded call."""
    return [
        TurnRecord(
            call_id=call.call_id,
            turn=turn,
            at=call.created_at + timedelta(seconds=6 * turn),
            stage=call.stage,
            language=call.language,
            caller="five hundred rupees, between two and five pm" if turn else "",
            caller_by="speech" if turn else "none",
            confidence=0.93 if turn else None,
            agent="You charge 500 rupees and deliver from 2 pm to 5 pm. Is that right?",
            accepted={"charge": {"amount": 500, "currency": "INR"}} if turn == 1 else {},
            brain="rules" if turn else None,
            timings_ms={"find": 0.3, "brain": 1.2, "speech": 0.4, "engine": 0.3, "total": 2.2},
            usage={"gathers": 1, "cost": {"currency": "USD", "recognition": 0.02, "total": 0.02}},
        )
        for turn in range(4 + number % 7)
    ]


def a_live_call(number: int, now: datetime) -> CallRecord:
    """A call that goes on."""
    call, _ = next(seeds(1, now))
    return replace(
        call,
        call_id=f"live{number:028x}",
        carrier_id=f"CAlive{number:028x}",
        created_at=now,
        updated_at=now,
        ended_at=None,
        outcome=None,
        stage="collecting",
        status="in-progress",
        version=0,
    )


def seed_mongo(collection: Any, calls: int = CALLS, now: datetime | None = None) -> None:
    """The same calls into the collection `calls` of a database, whose indexes are there."""
    rows = seeds(calls, now or datetime.now(UTC))
    while batch := list(islice(rows, BATCH)):
        documents = [call_document(creation(call)) for call, _ in batch]
        collection.insert_many(documents, ordered=False)


def _write(
    connection: sqlite3.Connection, batch: Sequence[tuple[CallRecord, CollectedRecord | None]]
) -> None:
    calls = [codec.call_row(call) for call, _ in batch]
    collected = [codec.collected_row(one) for _, one in batch if one is not None]
    turns = [
        codec.turn_row(turn)
        for number, (call, _) in enumerate(batch)
        if number % WITH_TURNS_EVERY == 0
        for turn in turns_of(call, number)
    ]
    columns = (*codec.CALL_COLUMNS, "duration_ms")
    connection.execute("BEGIN")
    whole = [(*row, codec.duration_ms(row)) for row in calls]
    connection.executemany(_insert("calls", columns), whole)
    connection.executemany(_insert("collected", codec.COLLECTED_COLUMNS), collected)
    connection.executemany(_insert("turns", codec.TURN_COLUMNS), turns)
    connection.execute("COMMIT")


def _insert(table: str, columns: Sequence[str]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def _collected(call: CallRecord, dice: random.Random) -> CollectedRecord:
    charge = {"amount": dice.randrange(100, 5000), "currency": "INR"}
    return CollectedRecord(
        call_id=call.call_id,
        carrier_id=call.carrier_id,
        agent=call.agent,
        caller_number=call.caller_number,
        language=call.language,
        outcome="completed",
        complete=True,
        data={"charge": charge, "window": {"start": "14:00", "end": "17:00"}},
        collected_at=call.ended_at or call.updated_at,
    )


def _filler(size: int) -> dict[str, object]:
    line = ["caller", "five hundred rupees, between two and five pm"]
    slots = {"charge": {"value": {"amount": 500, "currency": "INR"}, "heard": "five hundred"}}
    state: dict[str, object] = {"format": 1, "stage": "completed", "slots": slots, "history": []}
    history: list[list[str]] = []
    while len(orjson.dumps(state)) < size:
        history.append(line)
        state["history"] = history
    return state
