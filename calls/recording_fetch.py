"""Fetches recordings from the carrier, and deletes there what was fetched or is to be forgotten.

What is to be done stands in the register, so it is found again whoever dies. Done twice at once, it
does no harm: whoever keeps second finds that the entry has moved on.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import BinaryIO

from calls.recordings import Recording, Recordings, RecordingStatus
from calls.wav import NotWav, read_wav_head
from providers.errors import ProviderError
from providers.telephony.base import Telephony
from settings import Settings
from storage.base import StorageError
from storage.objects import Objects
from storage.register import StaleEntry

log = logging.getLogger(__name__)

# Recordings fetched at the same time by one process.
AT_ONCE = 4
# Recordings looked at in one go.
PAGE = 100
# Tries before a recording is given up. The pauses between them double: the first nine take an hour,
# all of them three days, in which a carrier, a disk or a bucket is mended.
ATTEMPTS_MOST = 20
FIRST_PAUSE, PAUSE_MOST = timedelta(seconds=10), timedelta(hours=6)
# A recording of which nothing was told for so long is asked for; while it runs there is none.
LOST_AFTER = timedelta(minutes=20)
# How long one may take, at 64 kB/s for the largest; others leave it alone for that long.
LONGEST = timedelta(minutes=30)


class Interrupted(Exception):
    """This process ends: the recording is somebody else's to fetch."""


@dataclass(frozen=True, slots=True)
class Fetching:
    """Brings recordings here. Safe for use from many threads and processes."""

    recordings: Recordings
    objects: Objects
    telephony: Telephony
    clock: Callable[[], datetime]
    folder: Path  # for files that are being fetched
    bytes_most: int
    leaves_carrier: bool  # what is kept here is deleted at the carrier

    def work(self, stop: Event) -> None:
        """Do all that is due. StorageError when the register or the store of objects is away."""
        self._find_lost()
        for status, do in (
            (RecordingStatus.WAITING, self._fetch),
            (RecordingStatus.ERASING, self._erase),
        ):
            offset = 0
            while not stop.is_set():
                found = self.recordings.due(status, PAGE, offset)
                now = self.clock()
                due = [one for one in found if one.next_at is None or one.next_at <= now]
                with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="recording") as threads:
                    list(threads.map(partial(self._do, do, stop), due))
                if len(found) < PAGE:
                    break
                # What was done is found under that status no longer.
                offset += len(found) - len(due)

    def _find_lost(self) -> None:
        """Recordings whose end nobody told us: the carrier repeats a callback a few times only."""
        long_ago = self.clock() - LOST_AFTER
        offset = 0
        while found := self.recordings.due(RecordingStatus.RUNNING, PAGE, offset):
            lost = [one for one in found if one.url and one.created_at < long_ago]
            for one in lost:
                self._put_back(replace(one, status=RecordingStatus.WAITING))
            offset += len(found) - len(lost)

    def _do(
        self, do: Callable[[Recording, Event], None], stop: Event, recording: Recording
    ) -> None:
        if stop.is_set():
            return
        attempts = recording.attempts + 1
        try:
            # Claimed before it is begun: others leave it alone until it must have ended.
            mine = self.recordings.save(
                replace(recording, attempts=attempts, next_at=self.clock() + LONGEST)
            )
        except StaleEntry:
            return
        try:
            do(mine, stop)
        except Interrupted:
            self._put_back(replace(mine, attempts=recording.attempts, next_at=None))
        except (ProviderError, NotWav, StorageError, OSError) as error:
            self._put_off(mine, error)

    def _fetch(self, recording: Recording, stop: Event) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder) as file:
            size = self._download(recording.url, file, stop)
            head = read_wav_head(file, size)
            file.seek(0)
            self.objects.keep(recording.name, file)
        kept = replace(
            recording,
            status=RecordingStatus.KEPT,
            duration_s=head.duration_s,
            channels=head.channels,
            size_bytes=size,
            failure="",
            next_at=None,
        )
        try:
            kept = self.recordings.save(kept)
        except StaleEntry:
            self._drop_if_erased(recording)
            return
        log.info("recording kept", extra={"call_id": recording.call_id, "size_bytes": size})
        if self.leaves_carrier:
            self._leave_carrier(kept)

    def _download(self, url: str, file: BinaryIO, stop: Event) -> int:
        size = 0
        until = time.monotonic() + LONGEST.total_seconds()
        with self.telephony.fetch_recording(url) as pieces:
            for piece in pieces:
                size += len(piece)
                if stop.is_set():
                    raise Interrupted
                if size > self.bytes_most:
                    raise NotWav(f"it has more than {self.bytes_most} bytes (RECORDING_MEGABYTES)")
                if time.monotonic() > until:
                    raise NotWav(f"it has not arrived in {LONGEST}")
                file.write(piece)
        return size

    def _drop_if_erased(self, recording: Recording) -> None:
        """It was deleted while it was fetched: then nothing may be left of it."""
        if self.recordings.get(recording.recording_id) is None:
            self.objects.delete(recording.name)

    def _leave_carrier(self, recording: Recording) -> None:
        """Delete it there; when that fails it stays there, which the register says."""
        try:
            self.telephony.delete_recording(recording.url)
            self._put_back(replace(recording, url=""))
        except ProviderError as error:
            log.warning(
                "a recording stays at the carrier",
                extra={"call_id": recording.call_id, "reason": str(error)},
            )

    def _erase(self, recording: Recording, stop: Event) -> None:
        if recording.url:
            self.telephony.delete_recording(recording.url)
        self.objects.delete(recording.name)
        self._put_back(
            replace(recording, status=RecordingStatus.ERASED, url="", failure="", next_at=None)
        )

    def _put_off(self, recording: Recording, error: Exception) -> None:
        """Try it again later, or give it up."""
        is_over = recording.attempts >= ATTEMPTS_MOST or (
            isinstance(error, ProviderError) and error.code == "not_the_carriers"
        )
        pause = min(FIRST_PAUSE * 2 ** (recording.attempts - 1), PAUSE_MOST)
        extra = {"call_id": recording.call_id, "attempts": recording.attempts, "reason": str(error)}
        if is_over:
            log.error("a recording is given up", extra=extra)
        else:
            log.warning("a recording is tried again later", extra=extra)
        given_up = {
            RecordingStatus.WAITING: RecordingStatus.FAILED,
            RecordingStatus.ERASING: RecordingStatus.ERASED,
        }
        self._put_back(
            replace(
                recording,
                status=given_up[recording.status] if is_over else recording.status,
                failure=str(error)[:300],
                next_at=None if is_over else self.clock() + pause,
            )
        )

    def _put_back(self, recording: Recording) -> None:
        try:
            self.recordings.save(recording)
        except StaleEntry:
            pass  # somebody has moved it on; if not, it is found again when the claim has run out


def open_fetching(
    settings: Settings,
    recordings: Recordings,
    objects: Objects,
    telephony: Telephony,
    clock: Callable[[], datetime],
) -> Fetching:
    """As the settings have it."""
    return Fetching(
        recordings=recordings,
        objects=objects,
        telephony=telephony,
        clock=clock,
        folder=Path(settings.data_dir) / "fetching",
        bytes_most=settings.recording_megabytes * 1_000_000,
        leaves_carrier=settings.recordings_leave_carrier,
    )
