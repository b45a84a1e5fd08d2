"""Who does imports, and when: those that wait are looked for every second.

A small file is read in the round itself. A large one, or a sheet, is read by a process of its own:
calls go on beside it undisturbed, and its memory is given back.
"""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import uuid4

from campaigns.import_elsewhere import is_elsewhere, wait_for
from campaigns.importing import Importer, Taken
from campaigns.imports import Import
from settings import Settings

log = logging.getLogger(__name__)

EVERY_S = 1.0
# Read in the round: a tenth of a second's work.
SMALL_BYTES = 64 * 1024
# Processes at once. One keeps a core busy.
PROCESSES_MOST = 2
# A file of somebody who died is deleted here when nobody has gone on with it for so long.
LEFT_S = 3600.0
# How long rows that were not taken, and what is told of an import, are kept.
KEPT = timedelta(days=90)
ROOT = Path(__file__).resolve().parents[1]
# Until a process that is told to stop has noted how far it is.
STOP_S = 10.0


@dataclass
class ImportRounds:
    """Has imports done. For one thread at a time."""

    importer: Importer
    settings: Settings
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _tidied_at: float = 0.0
    _is_elsewhere: bool = False

    def work(self, stop: Event) -> None:
        """Begin what can be begun. StorageError."""
        self._reap()
        self._is_elsewhere = False
        waiting = self.importer.imports.open()
        for one in waiting:
            if stop.is_set():
                break
            now = self.importer.clock()
            if one.lease_until is not None and one.lease_until > now:
                continue
            self._end_stuck(one.import_id)
            if is_elsewhere(self.importer, one):
                self._is_elsewhere |= not wait_for(self.importer, one).is_over
            elif one.size_bytes <= SMALL_BYTES:
                self._do(one, stop)
            elif len(self._children) < PROCESSES_MOST:
                self._begin(one)
        if not stop.is_set() and time.monotonic() - self._tidied_at > LEFT_S:
            self._tidy({one.import_id for one in waiting})
        if stop.is_set():
            self.close()

    def passes(self) -> bool:
        """Whether it is another machine's turn: a file that waits is there."""
        return self._is_elsewhere

    def close(self) -> None:
        """Have the processes note how far they are, and end. Safe to call twice."""
        for child in self._children.values():
            if child.stdin is not None:
                child.stdin.close()
        for child in self._children.values():
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def _do(self, one: Import, stop: Event) -> None:
        claimed = self.importer.claim(one.import_id, uuid4().hex)
        if claimed is not None:
            try:
                self.importer.run(claimed, stop.is_set)
            except Taken:
                log.info("an import is left to others", extra={"import_id": one.import_id})

    def _begin(self, one: Import) -> None:
        lease = uuid4().hex
        if self.importer.claim(one.import_id, lease) is None:
            return
        child = subprocess.Popen(
            [sys.executable, "-m", "campaigns.import_process"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: it ends when we close its input
        )
        assert child.stdin is not None
        self._children[one.import_id] = child
        try:
            child.stdin.write(pickle.dumps((self.settings, one.import_id, lease)))
            child.stdin.flush()
        except BrokenPipeError:
            log.warning("an import's process ended at once", extra={"import_id": one.import_id})

    def _end_stuck(self, import_id: str) -> None:
        """End a process of ours that has noted nothing for so long that its lease is over."""
        child = self._children.pop(import_id, None)
        if child is not None:
            child.kill()
            child.wait()
            if child.stdin is not None:
                child.stdin.close()
            log.error("an import's process was stuck", extra={"import_id": import_id})

    def _reap(self) -> None:
        for import_id, child in list(self._children.items()):
            code = child.poll()
            if code is not None:
                del self._children[import_id]
                if child.stdin is not None:
                    child.stdin.close()
                if code:
                    told = {"import_id": import_id, "exit_code": code}
                    log.error("an import's process has failed", extra=told)

    def _tidy(self, open_ids: set[str]) -> None:
        self._tidied_at = time.monotonic()
        clear(self.importer.folder, open_ids, time.time() - LEFT_S)
        imports = self.importer.imports
        for one in imports.before(self.importer.clock() - KEPT):
            imports.forget_one(one.import_id)


def clear(folder: Path, open_ids: set[str], older_than: float) -> None:
    """Delete what those who died left here of imports that are over."""
    for file in folder.glob("*"):
        if file.name.partition(".")[0] not in open_ids:
            with suppress(FileNotFoundError):
                if file.stat().st_mtime < older_than:
                    file.unlink()
