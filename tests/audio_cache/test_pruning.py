"""What is deleted: the old and the too many, never what somebody was just told of."""

from __future__ import annotations

import os
from pathlib import Path

from audio_cache.files import ClipFiles
from audio_cache.pruning import PROMISED_S, only_one, prune

NOW = 2_000_000_000.0
DAY = 86_400.0


def clip(folder: Path, number: int, age_s: float, size: int = 100, suffix: str = ".mp3") -> Path:
    """A file that was last used that long ago."""
    key = f"{number:040x}"
    path = folder / key[:2] / f"{key}{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def test_what_was_not_used_for_long_goes(tmp_path: Path) -> None:
    old, new = clip(tmp_path, 1, 31 * DAY), clip(tmp_path, 2, 29 * DAY)
    pruned = prune(tmp_path, NOW, 30 * DAY, 1000)
    assert (old.exists(), new.exists()) == (False, True)
    assert (pruned.files, pruned.freed_bytes, pruned.left_bytes) == (1, 100, 100)


def test_beyond_the_size_the_longest_unused_goes_first(tmp_path: Path) -> None:
    paths = [clip(tmp_path, number, number * DAY) for number in range(1, 6)]
    prune(tmp_path, NOW, 30 * DAY, 250)
    assert [path.exists() for path in paths] == [True, True, False, False, False]


def test_what_was_used_this_moment_stays_whatever_the_size(tmp_path: Path) -> None:
    promised, old = clip(tmp_path, 1, PROMISED_S - 1), clip(tmp_path, 2, PROMISED_S + 1)
    prune(tmp_path, NOW, 0, 0)
    assert (promised.exists(), old.exists()) == (True, False)


def test_who_reads_a_clip_reads_on(tmp_path: Path) -> None:
    path = clip(tmp_path, 1, DAY)
    with path.open("rb") as file:
        prune(tmp_path, NOW, 0, 0)
        assert not path.exists()
        assert len(file.read()) == 100


def test_what_killed_writers_left_goes_and_what_grows_stays(tmp_path: Path) -> None:
    left = clip(tmp_path, 1, DAY, suffix=".part")
    draft = clip(tmp_path, 2, DAY, suffix=".new")
    growing = clip(tmp_path, 3, 1, suffix=".part")
    prune(tmp_path, NOW, DAY * 30, 10**9)
    assert (left.exists(), draft.exists(), growing.exists()) == (False, False, True)


def test_without_a_folder_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert prune(tmp_path / "none", NOW, 0, 0).files == 0


def test_one_of_many_does_the_work(tmp_path: Path) -> None:
    folder = ClipFiles(tmp_path / "audio").folder
    with only_one(folder, "tidy") as first, only_one(folder, "tidy") as second:
        assert (first, second) == (True, False)
    with only_one(folder, "tidy") as again:
        assert again
