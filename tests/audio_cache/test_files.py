"""Clips on disk: one writer, any number of followers, nothing half kept."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio_cache.files import CacheError, ClipFiles, Growing
from benchmarks.server_process import ROOT

KEY = "ab" * 20

WRITER = """
import sys
from pathlib import Path
from audio_cache.files import ClipFiles
claim = ClipFiles(Path(sys.argv[1])).claim(sys.argv[2])
assert claim is not None
claim.write(b"half")
sys.stdout.write("written")
sys.stdout.flush()
sys.stdin.readline()
claim.write(b" and half")
claim.keep()
"""


@pytest.fixture
def files(tmp_path: Path) -> ClipFiles:
    return ClipFiles(tmp_path / "audio")


def rest(growing: Growing) -> bytes:
    """Everything that is there and unread."""
    found = bytearray()
    while piece := growing.read():
        found += piece
    return bytes(found)


def kept(files: ClipFiles, key: str = KEY, data: bytes = b"sound") -> None:
    claim = files.claim(key)
    assert claim is not None
    claim.write(data)
    claim.keep()


def writer(files: ClipFiles) -> subprocess.Popen[str]:
    """Another process that has written half a clip."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(files.folder), KEY],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.read(7) == "written"
    return process


def test_a_whole_clip_is_there_for_good(files: ClipFiles) -> None:
    assert not files.use(KEY)
    kept(files)
    assert files.use(KEY)
    assert files.read(KEY) == b"sound"
    assert files.claim(KEY) is None
    assert files.follow(KEY) is None
    folder = files.folder / "ab"
    assert [path.name for path in folder.iterdir()] == [f"{KEY}.mp3"]
    assert stat.S_IMODE((folder / f"{KEY}.mp3").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_of_a_hundred_who_want_to_write_one_may(files: ClipFiles) -> None:
    with ThreadPoolExecutor(20) as threads:
        claims = [one for one in threads.map(files.claim, [KEY] * 100) if one is not None]
    assert len(claims) == 1
    claims[0].abandon()


def test_followers_hear_a_clip_while_it_grows(files: ClipFiles) -> None:
    claim = files.claim(KEY)
    assert claim is not None
    growing = files.follow(KEY)
    assert growing is not None
    assert (growing.has_more, growing.is_over(), files.has_begun(KEY)) == (False, False, False)
    claim.write(b"one ")
    assert (growing.has_more, rest(growing), files.has_begun(KEY)) == (True, b"one ", True)
    claim.write(b"two")
    claim.keep()
    assert (growing.is_over(), rest(growing)) == (True, b"two")
    growing.close()


def test_followers_of_a_clip_that_is_given_up_get_what_there_is(files: ClipFiles) -> None:
    claim = files.claim(KEY)
    assert claim is not None
    claim.write(b"half")
    growing = files.follow(KEY)
    assert growing is not None
    claim.abandon()
    claim.abandon()
    assert (growing.is_over(), rest(growing)) == (True, b"half")
    growing.close()
    assert not files.use(KEY)
    assert files.read_cut(KEY) == b"half"  # for who comes a moment later


def test_a_clip_that_never_began_leaves_nothing(files: ClipFiles) -> None:
    claim = files.claim(KEY)
    assert claim is not None
    claim.abandon()
    assert files.read_cut(KEY) is None
    assert list((files.folder / "ab").iterdir()) == []


def test_what_is_kept_may_differ_from_what_was_heard(files: ClipFiles) -> None:
    claim = files.claim(KEY)
    assert claim is not None
    claim.write(b"one, spliced")
    growing = files.follow(KEY)
    assert growing is not None
    claim.keep_instead(b"another, clean")
    assert (growing.is_over(), rest(growing)) == (True, b"one, spliced")
    growing.close()
    assert files.read(KEY) == b"another, clean"


def test_a_clip_that_another_process_writes_is_followed(files: ClipFiles) -> None:
    with writer(files) as process:
        assert files.claim(KEY) is None
        assert files.has_begun(KEY)
        growing = files.follow(KEY)
        assert growing is not None
        assert rest(growing) == b"half"
        process.communicate("go on\n")
    assert (growing.is_over(), rest(growing)) == (True, b" and half")
    growing.close()
    assert files.read(KEY) == b"half and half"


def test_what_a_killed_writer_left_is_taken_over(files: ClipFiles) -> None:
    with writer(files) as process:
        growing = files.follow(KEY)
        assert growing is not None
        process.kill()
    assert growing.is_over()
    growing.close()
    assert files.follow(KEY) is None
    kept(files, data=b"anew")
    assert files.read(KEY) == b"anew"


def test_whoever_merely_looks_keeps_nobody_from_writing(files: ClipFiles) -> None:
    claim = files.claim(KEY)
    assert claim is not None
    claim.write(b"x")
    part = files.folder / "ab" / f"{KEY}.part"
    claim._let_go()  # as a killed writer leaves it
    fd = os.open(part, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_SH)
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(files.claim, KEY)
        fcntl.flock(fd, fcntl.LOCK_UN)
        taken = future.result(10)
    os.close(fd)
    assert taken is not None
    taken.abandon()


def test_a_folder_that_cannot_be_is_a_cache_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheError, match="cannot be written"):
        ClipFiles(tmp_path / "file" / "audio").claim(KEY)


def test_a_full_disk_is_a_cache_error(files: ClipFiles) -> None:
    claim = files.claim(KEY)
    assert claim is not None
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, claim._fd)
    os.close(full)
    with pytest.raises(CacheError, match="No space"):
        claim.write(b"sound")
    claim.abandon()
    assert not files.use(KEY)


def test_use_is_marked_no_more_than_every_few_minutes(tmp_path: Path) -> None:
    now = [1_000_000.0]
    files = ClipFiles(tmp_path, lambda: now[0])
    kept(files)
    path = tmp_path / "ab" / f"{KEY}.mp3"
    os.utime(path, (now[0], now[0]))
    now[0] += 299
    files.use(KEY)
    assert path.stat().st_mtime == 1_000_000.0
    now[0] += 2
    files.use(KEY)
    assert path.stat().st_mtime == now[0]


@pytest.mark.parametrize("key", ["../x", "", "AB" * 20])
def test_what_is_no_key_reaches_no_file(files: ClipFiles, key: str) -> None:
    with pytest.raises(ValueError, match="not the key"):
        files.use(key)


def test_a_clip_of_which_the_disk_has_lost_all_is_made_anew(files: ClipFiles) -> None:
    kept(files)
    (files.folder / KEY[:2] / f"{KEY}.mp3").write_bytes(b"")
    assert files.read(KEY) is None
    assert not files.use(KEY)
    kept(files, data=b"again")
    assert files.read(KEY) == b"again"
