"""Recordings with everything real but the carrier, which is one on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from calls.recording_fetch import Fetching
from calls.recordings import Recording, Recordings
from providers.telephony.base import CallNotice, NoticeKind
from providers.telephony.twilio import Twilio
from settings import Settings
from storage.objects import FolderObjects
from storage.register import Register
from storage.sqlite_register import SqliteRegister
from tests.providers.telephony.recordings_rest import (
    ACCOUNT,
    CarrierRecordings,
    running_recordings,
)
from tests.storage.samples import a_call

CALL = a_call()


@dataclass
class Desk:
    """Recordings, and what they are kept in."""

    carrier: CarrierRecordings
    folder: Path
    register: Register
    recordings: Recordings
    fetching: Fetching
    now: list[datetime] = field(default_factory=list)

    def tell(self, status: str, url: str = "", recording_id: str = "RE1", **data: str) -> None:
        """A callback of a recording of CALL."""
        self.recordings.note(CALL, notice(status, url, recording_id, **data))

    def work(self) -> None:
        """Do what is due."""
        self.fetching.work(Event())

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.now[0] += timedelta(**duration)

    def the_one(self) -> Recording:
        """The only recording of CALL."""
        [recording] = self.recordings.of_call(CALL.call_id)
        return recording

    def sound(self, recording: Recording) -> bytes:
        """Its file."""
        return b"".join(self.fetching.objects.read(recording.name))

    def with_(self, **changes: Any) -> Fetching:
        """Another process, set up in another way."""
        return replace(self.fetching, **changes)


def notice(status: str, url: str = "", recording_id: str = "RE1", **data: str) -> CallNotice:
    """What a callback of a recording says."""
    told = {"recording_id": recording_id, "status": status, "url": url, **data}
    kept = {name: value for name, value in told.items() if value}
    key = f"recording:{recording_id}:{status}"
    return CallNotice(CALL.carrier_id or "", NoticeKind.RECORDING, key, 0, "", kept)


@contextmanager
def a_desk(folder: Path) -> Iterator[Desk]:
    """A desk whose clock stands still."""
    now = [datetime(2026, 11, 20, 9, 0, tzinfo=UTC)]
    with (
        running_recordings() as carrier,
        closing(SqliteRegister(folder / "calls.db")) as register,
    ):
        settings = Settings(
            twilio_account_sid=ACCOUNT,
            twilio_auth_token="secret",
            twilio_base_url=f"http://127.0.0.1:{carrier.port}",
        )
        objects = FolderObjects(folder)
        recordings = Recordings(register, objects, lambda: now[0])
        fetching = Fetching(
            recordings=recordings,
            objects=objects,
            telephony=Twilio(settings),
            clock=lambda: now[0],
            folder=folder / "fetching",
            bytes_most=1_000_000,
            leaves_carrier=True,
        )
        yield Desk(carrier, folder, register, recordings, fetching, now)
