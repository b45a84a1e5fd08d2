"""What every store of objects must do. A backend's test module inherits ObjectsContract."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import Settings
from storage import open_objects
from storage.objects import NoSuchObject, Objects
from tests.storage.samples import at_once

NAME = "recordings/logistics/call-1.wav"
LARGE = bytes(range(256)) * 4096 * 12  # 12.6 MB: several parts of an upload


def kept(objects: Objects, content: bytes, name: str = NAME) -> int:
    return objects.keep(name, io.BytesIO(content))


def whole(objects: Objects, name: str = NAME) -> bytes:
    return b"".join(objects.read(name))


class Broken(io.BytesIO):
    """A file that fails when it is half read."""

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(8)
        if not piece:
            raise OSError("the disk broke")
        return piece


class ObjectsContract:
    """The behaviour of a store of objects."""

    def settings(self, place: Path) -> Settings:
        """Settings with which a process opens the store of `place`."""
        raise NotImplementedError

    @pytest.fixture
    def objects(self, tmp_path: Path) -> Iterator[Objects]:
        opened = open_objects(self.settings(tmp_path))
        yield opened
        opened.close()

    def test_what_was_kept_is_there_for_another_process(
        self, objects: Objects, tmp_path: Path
    ) -> None:
        assert kept(objects, b"sound") == 5
        other = open_objects(self.settings(tmp_path))
        assert (other.size(NAME), whole(other)) == (5, b"sound")
        other.close()

    def test_a_large_one_is_whole_and_its_file_stays_open(self, objects: Objects) -> None:
        file = io.BytesIO(b"head" + LARGE)
        file.seek(4)
        assert objects.keep(NAME, file) == len(LARGE)
        assert not file.closed
        assert objects.size(NAME) == len(LARGE)
        assert whole(objects) == LARGE

    def test_an_empty_one_is_one(self, objects: Objects) -> None:
        assert kept(objects, b"") == 0
        assert (objects.size(NAME), whole(objects)) == (0, b"")

    def test_it_is_replaced_as_a_whole(self, objects: Objects) -> None:
        kept(objects, b"a long content")
        kept(objects, b"short")
        assert whole(objects) == b"short"

    @pytest.mark.parametrize(
        ("first", "last", "expected"),
        [
            (0, None, b"0123456789"),
            (3, None, b"3456789"),
            (0, 0, b"0"),
            (2, 4, b"234"),
            (9, 9, b"9"),
            (8, 99, b"89"),
            (10, 12, b""),
        ],
    )
    def test_any_part_can_be_read(
        self, objects: Objects, first: int, last: int | None, expected: bytes
    ) -> None:
        kept(objects, b"0123456789")
        assert b"".join(objects.read(NAME, first, last)) == expected

    def test_what_is_not_there_is_missed_at_once(self, objects: Objects) -> None:
        assert objects.size(NAME) is None
        with pytest.raises(NoSuchObject):
            objects.read(NAME)

    def test_it_is_deleted_for_good(self, objects: Objects) -> None:
        kept(objects, b"x")
        assert objects.delete(NAME) is True
        assert objects.delete(NAME) is False
        assert objects.size(NAME) is None

    def test_one_that_cannot_be_read_to_its_end_leaves_the_former(self, objects: Objects) -> None:
        kept(objects, b"former")
        with pytest.raises(Exception, match=r".") as failure:
            objects.keep(NAME, Broken(b"sixteen bytes ok"))
        assert isinstance(failure.value, OSError) or "cannot be" in str(failure.value)
        assert whole(objects) == b"former"

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "/etc/passwd",
            "../secret",
            "a/../b",
            "a//b",
            "a/.b",
            "a/b/",
            "a\\b",
            "a/b\n",
            "a/b\x00",
            "é",
            "a b",
            "a/b/c/d/e/f",
            "x" * 129,
        ],
    )
    def test_a_name_that_could_lead_elsewhere_is_refused(self, objects: Objects, name: str) -> None:
        for attempt in (
            lambda: kept(objects, b"x", name),
            lambda: objects.size(name),
            lambda: objects.read(name),
            lambda: objects.delete(name),
        ):
            with pytest.raises(ValueError, match="no name for an object"):
                attempt()

    def test_of_many_who_write_at_once_one_wins_whole(self, objects: Objects) -> None:
        contents = [bytes([48 + n]) * 200_000 for n in range(6)]
        at_once([lambda c=c: kept(objects, c) for c in contents])  # type: ignore[misc]
        assert whole(objects) in contents
