"""Imports whose file is on another machine: left to it, waited for, given up with a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from campaigns.importing import Importer
from campaigns.imports import Import, ImportStatus, UnknownImport, file_of

# The machine that has the file has it to itself for so long before that is said, and for so long
# after it until the import is given up.
SAID, GIVEN_UP = timedelta(seconds=20), timedelta(minutes=5)
_BUCKET = "With several machines, RECORDINGS_BUCKET lets each of them see files."


def is_elsewhere(importer: Importer, one: Import) -> bool:
    """Whether the file of an import is not on this machine, and may be on another. ObjectsAway."""
    if importer.is_shared or (importer.folder / f"{one.import_id}.upload").exists():
        return False
    return importer.objects.size(file_of(one.import_id)) is None


def wait_for(importer: Importer, one: Import) -> Import:
    """Say that a machine is waited for, or give the import up when that was for too long."""

    def waited(kept: Import) -> Import:
        now = importer.clock()
        is_free = kept.lease_until is None or kept.lease_until <= now
        if kept.is_over or not is_free or now - kept.updated_at < SAID:
            return kept
        where = f"The file is on another machine ({kept.machine or 'of unknown name'})"
        if kept.waits_since is None:
            note = f"{where}, which is waited for. {_BUCKET}"
            return replace(kept, notes=[*kept.notes, note], waits_since=now)
        if now - kept.waits_since < GIVEN_UP:
            return kept
        failure = f"{where} that is not answering: send the file again. {_BUCKET}"
        return replace(kept, status=ImportStatus.FAILED, failure=failure, ended_at=now)

    try:
        return importer.imports.change(one.import_id, waited)
    except UnknownImport:
        return one
