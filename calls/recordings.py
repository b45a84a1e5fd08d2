"""Recordings of calls: what is known of each is in the register, their sound in a store of objects.

`recording_fetch` brings them here. A recording's id is the id of its call, with a number behind it
from the second of a call on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from providers.telephony.base import CallNotice
from storage.base import StorageError
from storage.objects import Objects
from storage.records import CallRecord
from storage.register import Entry, EntryQuery, Register, StaleEntry

log = logging.getLogger(__name__)

KIND = "recording"
# Recordings that one call may have: more would be somebody's mistake.
OF_CALL_MOST = 20
# Saves that may be lost to another process before something is wrong.
TRIES_MOST = 10


class RecordingStatus(StrEnum):
    """What has become of a recording."""

    RUNNING = "running"  # the carrier records
    WAITING = "waiting"  # to be fetched
    KEPT = "kept"  # it can be heard
    ABSENT = "absent"  # nothing was recorded
    FAILED = "failed"  # it could not be fetched
    ERASING = "erasing"  # deleted here, and still to be deleted at the carrier
    ERASED = "erased"  # deleted everywhere; remembered, so that no late callback brings it back


# The carrier's word → where that leads, and from where it may.
_WORDS: Mapping[str, tuple[RecordingStatus, frozenset[RecordingStatus]]] = {
    "in-progress": (RecordingStatus.RUNNING, frozenset()),
    "completed": (
        RecordingStatus.WAITING,
        frozenset({RecordingStatus.RUNNING, RecordingStatus.ABSENT}),
    ),
    "absent": (RecordingStatus.ABSENT, frozenset({RecordingStatus.RUNNING})),
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording."""

    recording_id: str
    call_id: str
    agent: str
    carrier_id: str  # the carrier's id of the recording
    status: RecordingStatus
    name: str  # of the object
    created_at: datetime
    url: str = ""  # at the carrier; "": it is not there, or not any more
    duration_s: float | None = None
    channels: int | None = None
    size_bytes: int | None = None
    failure: str = ""  # why it could not be fetched or deleted the last time
    attempts: int = 0
    next_at: datetime | None = None  # when it is tried again
    entry: Entry | None = field(default=None, compare=False)  # as it is kept

    @property
    def is_audible(self) -> bool:
        """Whether it can be heard now."""
        return self.status is RecordingStatus.KEPT


class Recordings:
    """What is known of recordings. Safe for use from many threads and processes."""

    def __init__(self, register: Register, objects: Objects, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._objects = objects
        self._clock = clock

    def note(self, call: CallRecord, notice: CallNotice) -> None:
        """Keep what the carrier tells of a recording: however often, late, in whatever order."""
        word = _WORDS.get(notice.data.get("status", ""))
        carrier_id = notice.data.get("recording_id", "")
        if word is None or not carrier_id:
            log.warning("callback of a recording says nothing", extra={"call_id": call.call_id})
            return
        status, before = word
        now = self._clock()
        told = _told(notice)
        new = Recording("", call.call_id, call.agent, carrier_id, status, "", now, **told)
        known = self._claim(new)
        if known is not None:
            self._move(known, status, before, told)

    def note_stray(self, call_id: str | None, notice: CallNotice) -> None:
        """Keep what the carrier tells of a recording whose call is not kept.

        One of a call that was deleted is deleted at the carrier too; of others nothing is known.
        """
        for one in self.of_call(call_id) if call_id else ():
            if one.carrier_id == notice.data.get("recording_id"):
                self._move(one, one.status, frozenset(), _told(notice))

    def get(self, recording_id: str) -> Recording | None:
        """The recording, or None when it is not known or was deleted."""
        entry = self._register.get(KIND, recording_id)
        found = None if entry is None else _recording(entry)
        return None if found is None or _is_erased(found) else found

    def of_call(self, call_id: str) -> Sequence[Recording]:
        """Every recording of a call, deleted ones too, the first one first."""
        found: list[Recording] = []
        for number in range(1, OF_CALL_MOST + 1):
            entry = self._register.get(KIND, _id(call_id, number))
            if entry is None:
                break
            found.append(_recording(entry))
        return found

    def shown_of_call(self, call_id: str) -> Sequence[Recording]:
        """The recordings of a call that people are shown."""
        return [one for one in self.of_call(call_id) if not _is_erased(one)]

    def due(self, status: RecordingStatus, limit: int, offset: int = 0) -> Sequence[Recording]:
        """Recordings of a status, whenever they are due, the newest first."""
        query = EntryQuery(KIND, {"status": str(status)}, limit=limit, offset=offset)
        return [_recording(entry) for entry in self._register.find(query)]

    def size(self, recording: Recording) -> int | None:
        """Bytes of its file as it lies there; None when it is gone."""
        return self._objects.size(recording.name)

    def read(self, recording: Recording, first: int, last: int) -> Iterator[bytes]:
        """Those bytes of its file. NoSuchObject when it is gone, ObjectsAway."""
        return self._objects.read(recording.name, first, last)

    def erase(self, recording: Recording) -> Recording:
        """Delete its sound here at once and have it deleted at the carrier. Safe to repeat.

        StorageError when it cannot be deleted; then it is still known, and can be deleted again.
        """
        for _ in range(TRIES_MOST):
            # First known as deleted: who dies in between, or fetches it meanwhile, cannot keep it.
            erasing = replace(
                recording,
                status=RecordingStatus.ERASING,
                attempts=0,
                failure="",
                next_at=None,
                size_bytes=None,
            )
            try:
                kept = recording if _is_erased(recording) else self.save(erasing)
            except StaleEntry:
                recording = self._again(recording)
                continue
            self._objects.delete(recording.name)
            return self._erased(kept)
        raise StorageError(f"recording {recording.recording_id} is being changed too fast")

    def erase_all(self, call_id: str) -> None:
        """`erase` every recording of a call."""
        for one in self.of_call(call_id):
            self.erase(one)

    def forget(self, recording: Recording) -> None:
        """Remember nothing of a recording that was erased, not even that."""
        self._register.delete(KIND, recording.recording_id)

    def save(self, recording: Recording) -> Recording:
        """Keep a recording over what was loaded. StaleEntry when another was faster."""
        assert recording.entry is not None
        entry = replace(recording.entry, body=_body(recording), updated_at=self._clock())
        return _recording(self._register.put(entry))

    def _erased(self, recording: Recording) -> Recording:
        """Its sound is gone here; at the carrier `recording_fetch` deletes it."""
        if recording.status is RecordingStatus.ERASED or recording.url:
            return recording
        try:
            return self.save(replace(recording, status=RecordingStatus.ERASED))
        except StaleEntry:  # whoever was faster does the rest
            return recording

    def _again(self, recording: Recording) -> Recording:
        entry = self._register.get(KIND, recording.recording_id)
        if entry is None:
            raise StorageError(f"recording {recording.recording_id} is gone")
        return _recording(entry)

    def _claim(self, new: Recording) -> Recording | None:
        """Keep a new recording under the first id that is free; the one that is known otherwise."""
        for number in range(1, OF_CALL_MOST + 1):
            recording_id = _id(new.call_id, number)
            name = f"recordings/{new.agent}/{recording_id}.wav"
            body = _body(replace(new, recording_id=recording_id, name=name))
            entry = self._register.get(KIND, recording_id)
            if entry is None:
                at = new.created_at
                try:
                    self._register.put(Entry(KIND, recording_id, body, at, at))
                except StaleEntry:  # another process was faster: look whose it is
                    entry = self._register.get(KIND, recording_id)
                else:
                    return None
            if entry is not None and _recording(entry).carrier_id == new.carrier_id:
                return _recording(entry)
        log.error("too many recordings of a call", extra={"call_id": new.call_id})
        return None

    def _move(
        self,
        recording: Recording,
        status: RecordingStatus,
        before: frozenset[RecordingStatus],
        told: Mapping[str, Any],
    ) -> None:
        for _ in range(TRIES_MOST):
            if recording.status in before:
                moved = replace(recording, status=status, **told)
            elif _is_erased(recording) and told["url"] and not recording.url:
                # It was deleted here before it was whole: what came of it goes, too.
                url = told["url"]
                moved = replace(recording, status=RecordingStatus.ERASING, url=url, attempts=0)
            else:
                return
            try:
                self.save(moved)
                return
            except StaleEntry:
                recording = self._again(recording)
        raise StorageError(f"recording {recording.recording_id} is being changed too fast")


def _is_erased(recording: Recording) -> bool:
    return recording.status in (RecordingStatus.ERASING, RecordingStatus.ERASED)


def _id(call_id: str, number: int) -> str:
    return call_id if number == 1 else f"{call_id}-{number}"


def _told(notice: CallNotice) -> dict[str, Any]:
    duration, channels = notice.data.get("duration_s", ""), notice.data.get("channels", "")
    return {
        "url": notice.data.get("url", ""),
        "duration_s": float(duration[:9]) if _is_whole(duration) else None,
        "channels": int(channels[:2]) if _is_whole(channels) else None,
    }


def _is_whole(raw: str) -> bool:
    return raw.isascii() and raw.isdigit()


def _body(recording: Recording) -> dict[str, object]:
    return {
        "call_id": recording.call_id,
        "agent": recording.agent,
        "carrier_id": recording.carrier_id,
        "status": str(recording.status),
        "url": recording.url,
        "name": recording.name,
        "duration_s": recording.duration_s,
        "channels": recording.channels,
        "size_bytes": recording.size_bytes,
        "failure": recording.failure,
        "attempts": recording.attempts,
        "next_at": recording.next_at and recording.next_at.isoformat(),
    }


def _recording(entry: Entry) -> Recording:
    body: Mapping[str, Any] = entry.body
    next_at = body.get("next_at")
    return Recording(
        recording_id=entry.key,
        call_id=body["call_id"],
        agent=body["agent"],
        carrier_id=body["carrier_id"],
        status=RecordingStatus(body["status"]),
        url=body["url"],
        name=body["name"],
        created_at=entry.created_at,
        duration_s=body["duration_s"],
        channels=body["channels"],
        size_bytes=body["size_bytes"],
        failure=body["failure"],
        attempts=body["attempts"],
        next_at=datetime.fromisoformat(next_at) if next_at else None,
        entry=entry,
    )
