"""Records to keep, and threads to keep them from, for the tests of the stores."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.base import StorageError
from storage.records import CallEvent, CallRecord, ClipRecord, CollectedRecord, TurnRecord

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HARD_TEXT = "ஐநூறு ரூபாய் · അഞ്ഞൂറ് · पाँच सौ · 🙂 e\u0301 \u200d \x00 \x1f ' \" \\ ; -- ${x} $where"


def a_call(call_id: str = "call-1", **changes: object) -> CallRecord:
    """A call that has just been connected."""
    call = CallRecord(
        call_id=call_id,
        carrier_id=f"CA-{call_id}",
        agent="logistics",
        agent_version="v1",
        direction="inbound",
        caller_number="+919876543210",
        line_number="+914400000000",
        stage="language",
        language="en-IN",
        outcome=None,
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(call, **changes)  # type: ignore[arg-type]


def a_turn(turn: int = 0, call_id: str = "call-1", **changes: object) -> TurnRecord:
    """A turn in which the caller answered."""
    record = TurnRecord(
        call_id=call_id,
        turn=turn,
        at=NOON + timedelta(seconds=turn),
        stage="collecting",
        language="en-IN",
        caller="five hundred rupees",
        caller_by="speech",
        confidence=0.93,
        agent="Between what times can you deliver?",
        accepted={"charge": {"amount": 500, "currency": "INR"}},
        brain="rules",
        timings_ms={"brain": 0.25, "total": 2.5},
        usage={"model": "rules", "input_tokens": 0, "cost": {"inr": 0.25}},
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def a_collection(call_id: str = "call-1", **changes: object) -> CollectedRecord:
    """What a completed call brought home."""
    record = CollectedRecord(
        call_id=call_id,
        carrier_id=f"CA-{call_id}",
        agent="logistics",
        caller_number="+919876543210",
        language="en-IN",
        outcome="completed",
        complete=True,
        data={"charge": {"amount": 600, "currency": "INR"}, "window": "14:00-17:00"},
        collected_at=NOON,
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def an_event(key: str, sequence: int = 0, **changes: object) -> CallEvent:
    """A status callback."""
    event = CallEvent("call-1", key, "status", NOON, sequence, {"CallStatus": "ringing"})
    return replace(event, **changes)  # type: ignore[arg-type]


def a_clip(key: str = "clip-1", **changes: object) -> ClipRecord:
    """A clip that a voice spoke."""
    clip = ClipRecord(
        key=key,
        text="Between what times can you deliver?",
        language="en-IN",
        provider="offline",
        voice="kajal",
        model="flash",
        options={"speed": 1.05, "stability": None},
        audio_format="mp3_22050_32",
        created_at=NOON,
    )
    return replace(clip, **changes)  # type: ignore[arg-type]


def at_once(tasks: list[Callable[[], object]]) -> list[object]:
    """Run the tasks in a thread each, started together; what each returned or raised."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        start.wait()
        try:
            return task()
        except StorageError as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))
