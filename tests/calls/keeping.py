"""Calls of people, with everything that is kept of them, in any of the stores."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calls.erasing import Erasing
from calls.forgetting import Forgetting
from calls.recordings import Recordings, RecordingStatus
from settings import read_settings
from storage import Stores, open_stores
from storage.base import Storage
from storage.facts import CallFact, Facts
from storage.objects import Objects
from storage.register import Entry, Register
from tests.calls.recorded import notice
from tests.storage.samples import a_call, a_collection, a_turn, an_event

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ASHA, OTHER = "+919876543210", "+919812345678"


@dataclass
class Keeping:
    """Every store of one place."""

    kept: Stores
    recordings: Recordings
    erasing: Erasing
    forgetting: Forgetting

    @property
    def storage(self) -> Storage:
        """The calls."""
        return self.kept.storage

    @property
    def facts(self) -> Facts:
        """What is counted of them."""
        return self.kept.facts

    @property
    def register(self) -> Register:
        """The audit log, and recordings."""
        return self.kept.register

    @property
    def objects(self) -> Objects:
        """The sound."""
        return self.kept.objects

    def add(self, call_id: str, number: str = ASHA, age: timedelta = timedelta(0)) -> None:
        """A call that ended so long ago, with a recording and what was counted of it."""
        at = NOW - age
        began = {"created_at": at, "updated_at": at, "caller_number": number}
        call = a_call(call_id, **began)
        self.storage.create_call(call)
        ended = replace(call, outcome="completed", ended_at=at)
        data = a_collection(call_id, caller_number=number, collected_at=at)
        self.storage.save_call(ended, a_turn(1, call_id, at=at), data)
        self.storage.add_event(an_event("status:1", call_id=call_id, at=at))
        self.facts.keep([a_fact(call_id, at)])
        self.record(call_id)

    def record(self, call_id: str) -> None:
        """A recording that can be heard."""
        told = notice("completed", "", f"RE{call_id}")
        self.recordings.note(a_call(call_id), told)
        [one] = self.recordings.of_call(call_id)
        self.objects.keep(one.name, io.BytesIO(b"RIFF"))
        self.recordings.save(replace(one, status=RecordingStatus.KEPT, size_bytes=4))

    def live(self, call_id: str, number: str = ASHA) -> None:
        """A call that goes on."""
        self.storage.create_call(
            a_call(call_id, caller_number=number, created_at=NOW, updated_at=NOW)
        )

    def note(self, key: str, subject: str, **details: object) -> None:
        """A line of the audit log."""
        body = {"subject": subject, "details": details}
        self.register.put(Entry("audit", key, body, NOW, NOW))

    def has(self, call_id: str) -> bool:
        """Whether anything of a call is there."""
        fact = self.facts.get(call_id)
        return bool(
            self.storage.load_call(call_id)
            or self.storage.turns(call_id)
            or self.storage.collected(call_id)
            or self.storage.events(call_id)
            or self.recordings.shown_of_call(call_id)
            or self.objects.size(f"recordings/logistics/{call_id}.wav")
            or (fact is not None and (fact.phrases or fact.summary))
        )


def a_fact(call_id: str, at: datetime) -> CallFact:
    """What is counted of a call, with words of the caller in it."""
    return CallFact(
        call_id=call_id,
        call_version=1,
        agent="logistics",
        campaign="",
        started_at=at,
        direction="inbound",
        language="en-IN",
        outcome="completed",
        stage="completed",
        field="",
        duration_s=30.0,
        turns=1,
        misses=0,
        silences=0,
        phrases=("five hundred rupees",),
        summary="Asha wants five hundred rupees.",
    )


@contextmanager
def a_keeping(variables: Mapping[str, str]) -> Iterator[Keeping]:
    """Every store of the place that the variables name."""
    settings = read_settings(variables)
    with closing(open_stores(settings)) as kept:
        recordings = Recordings(kept.register, kept.objects, lambda: NOW)
        erasing = Erasing(kept.storage, kept.facts, recordings, kept.deliveries, kept.register)
        forgetting = Forgetting(
            erasing, kept.storage, kept.register, kept.leads, kept.do_not_call, lambda: NOW
        )
        yield Keeping(kept, recordings, erasing, forgetting)


def in_file(place: Path) -> dict[str, str]:
    """SQLite."""
    return {"DATA_DIR": str(place / "data")}
