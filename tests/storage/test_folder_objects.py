"""Objects in a folder of this machine."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest

from settings import Settings
from storage.objects import LEFT_OVER_S, FolderObjects, ObjectsAway
from tests.storage.contract_objects import NAME, ObjectsContract, kept, whole


class TestFolderObjects(ObjectsContract):
    """The contract, in a folder of the test's own."""

    def settings(self, place: Path) -> Settings:
        return Settings(data_dir=str(place / "data"))


def test_nobody_else_on_the_machine_can_read_them(tmp_path: Path) -> None:
    kept(FolderObjects(tmp_path), b"x")
    path = tmp_path / NAME
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    folder = (tmp_path / NAME).parent
    folder.mkdir(parents=True)
    old, young = folder / ".call-0.wav.aa.part", folder / ".call-1.wav.bb.part"
    for part in (old, young):
        part.write_bytes(b"RIFF")
    long_ago = time.time() - LEFT_OVER_S - 60
    os.utime(old, (long_ago, long_ago))
    objects = FolderObjects(tmp_path)
    kept(objects, b"x")
    assert (old.exists(), young.exists()) == (False, True)
    assert whole(objects) == b"x"


def test_a_folder_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file")
    objects = FolderObjects(tmp_path)
    with pytest.raises(ObjectsAway, match="recordings"):
        objects.keep(NAME, io.BytesIO(b"x"))
    assert objects.size(NAME) is None
    assert objects.delete(NAME) is False
