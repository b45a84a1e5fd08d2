"""Clips in memory: read as they grow, woken across threads, bounded."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from threading import Thread

import pytest

from audio_cache.files import Claim, ClipFiles
from calls.clip_maker import ClipMaker, Making
from calls.following import Following
from calls.sounds import Sound, Sounds, Source
from providers.tts.base import SpeechOrder
from storage.records import ClipRecord
from tests.calls.live_voices import hear_out
from tests.sources import ROOT
from tests.storage.samples import a_clip
from tests.waiting import wait_until

KEY = "ab" * 20


def test_a_sound_is_read_as_it_grows() -> None:
    source = Source()
    sound = Sound(source)
    assert (sound.read(), sound.is_over, sound.ms) == (b"", False, None)
    source.add(b"a" * 80)
    source.add(b"b" * 80)
    assert sound.read() == b"a" * 80 + b"b" * 80
    assert (sound.read(), sound.is_over) == (b"", False)
    source.end(is_whole=True)
    assert (sound.is_over, sound.is_broken, sound.ms) == (True, False, 20.0)


def test_what_was_not_read_is_not_over() -> None:
    source = Source()
    sound = Sound(source)
    source.add(b"ab")
    source.end(is_whole=False)
    assert not sound.is_over
    assert sound.read() == b"ab"
    assert (sound.is_over, sound.is_broken) == (True, True)


def test_every_listener_reads_from_the_start() -> None:
    source = Source()
    first = Sound(source)
    source.add(b"ab")
    first.read()
    source.add(b"c")
    assert (first.read(), Sound(source).read()) == (b"c", b"abc")


def test_a_listener_is_woken_from_another_thread() -> None:
    async def listen() -> list[bytes]:
        source = Source()
        pieces = [b"%04d" % number for number in range(1000)]

        def write() -> None:
            for piece in pieces:
                source.add(piece)
            source.end(is_whole=True)

        sounds = [Sound(source) for _ in range(20)]
        thread = Thread(target=write)
        hearing = [asyncio.create_task(hear_out(sound)) for sound in sounds]
        thread.start()
        heard = await asyncio.gather(*hearing)
        thread.join()
        return heard

    whole = b"".join(b"%04d" % number for number in range(1000))
    assert asyncio.run(listen()) == [whole] * 20


def test_who_listens_no_longer_is_not_woken() -> None:
    async def listen() -> int:
        woken = 0

        def wake() -> None:
            nonlocal woken
            woken += 1

        source = Source()
        sound = Sound(source)
        sound.listen(wake)
        source.add(b"a")
        sound.close()
        sound.close()
        source.add(b"b")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return woken

    assert asyncio.run(listen()) == 0


def test_who_listens_again_is_woken_once() -> None:
    async def listen() -> int:
        woken = 0

        def wake() -> None:
            nonlocal woken
            woken += 1

        source = Source()
        sound = Sound(source)
        for _ in range(10):
            sound.listen(wake)
        source.add(b"a")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sound.close()
        source.add(b"b")
        await asyncio.sleep(0)
        return woken

    assert asyncio.run(listen()) == 1


def test_a_writer_outlives_the_loop_of_a_listener() -> None:
    source = Source()

    async def listen() -> None:
        Sound(source).listen(lambda: None)

    asyncio.run(listen())
    source.add(b"a")
    source.end(is_whole=True)


def test_memory_is_bounded_and_forgets_the_longest_unheard() -> None:
    sounds = Sounds(most_bytes=250)
    for number in range(5):
        sounds.put(f"{number}", bytes(100))
        sounds.get("0")
    assert [one for one in "01234" if sounds.has(one)] == ["0", "4"]
    assert sounds.size_bytes == 200
    sounds.put("4", bytes(50))
    assert sounds.size_bytes == 150


def test_what_grows_stays_and_what_broke_off_is_made_anew() -> None:
    sounds = Sounds(most_bytes=100)
    growing = sounds.begin("a")
    growing.add(bytes(1000))
    sounds.put("b", bytes(90))
    assert (sounds.has("a"), sounds.has("b"), sounds.size_bytes) == (True, True, 90)
    sounds.ended("a", growing, is_whole=False)
    assert (sounds.has("a"), sounds.get("a")) == (False, growing)
    sounds.ended("c", sounds.begin("c"), is_whole=False)
    assert sounds.get("c") is None


# A disk that is full


class Talker:
    """Speaks whatever it is told to."""

    name, model, is_usual = "talker", "m", True

    def speaks(self, language: str) -> bool:
        return True

    def voice_for(self, language: str) -> str:
        return "v"

    def stream(self, order: SpeechOrder) -> Iterator[bytes]:
        yield from (b"\x80" * 800,) * 10

    def close(self) -> None:
        pass


def record() -> ClipRecord:
    return a_clip(KEY, text="Hello.", audio_format="ulaw_8000")


def test_a_full_disk_takes_no_word_from_the_caller(tmp_path: Path) -> None:
    claim = Claim(os.open("/dev/full", os.O_WRONLY), tmp_path / "a.part", tmp_path / "a.ulaw")
    making = Making(record(), claim, Source())
    ClipMaker(Talker()).make(making)
    assert making.source is not None
    assert bytes(making.source.data) == b"\x80" * 8000
    assert (making.source.is_whole, making.has_begun, making.is_kept) == (True, True, False)
    assert list(tmp_path.iterdir()) == []


# Another process


def test_a_clip_of_another_process_is_heard_as_it_is_written(tmp_path: Path) -> None:
    files, sounds = ClipFiles(tmp_path, suffix=".ulaw"), Sounds()
    following = Following(files, sounds)
    claim = files.claim(KEY)
    assert claim is not None
    claim.write(b"ab")
    source = following.follow(KEY)
    assert source is not None
    assert following.follow(KEY) is source
    wait_until(lambda: source.data == b"ab")
    claim.write(b"cd")
    wait_until(lambda: source.data == b"abcd")
    claim.keep()
    wait_until(lambda: source.is_over)
    assert source.is_whole
    wait_until(lambda: sounds.size_bytes == 4)
    following.close()


def test_a_writer_that_gives_up_leaves_a_broken_sound(tmp_path: Path) -> None:
    files = ClipFiles(tmp_path, suffix=".ulaw")
    following = Following(files, Sounds())
    claim = files.claim(KEY)
    assert claim is not None
    claim.write(b"ab")
    source = following.follow(KEY)
    assert source is not None
    claim.abandon()
    wait_until(lambda: source.is_over)
    assert (bytes(source.data), source.is_whole) == (b"ab", False)
    following.close()


WRITER = """
import sys, time
from pathlib import Path
from audio_cache.files import ClipFiles
claim = ClipFiles(Path(sys.argv[1]), suffix=".ulaw").claim(sys.argv[2])
claim.write(b"ab")
sys.stdout.write("claimed\\n")
sys.stdout.flush()
sys.stdin.read()
"""


def test_a_process_that_is_killed_leaves_what_it_wrote(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path), KEY]
    following = Following(ClipFiles(tmp_path, suffix=".ulaw"), Sounds())
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, cwd=ROOT) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"claimed\n"
        source = following.follow(KEY)
        assert source is not None
        wait_until(lambda: source.data == b"ab")
        assert not source.is_over
        writer.kill()
    wait_until(lambda: source.is_over)
    assert (bytes(source.data), source.is_whole) == (b"ab", False)
    following.close()


@pytest.mark.parametrize("is_claimed", [False, True])
def test_what_nobody_writes_or_comes_too_late_is_not_followed(
    tmp_path: Path, is_claimed: bool
) -> None:
    files = ClipFiles(tmp_path, suffix=".ulaw")
    following = Following(files, Sounds())
    claim = files.claim(KEY) if is_claimed else None
    if is_claimed:
        following.close()
    assert following.follow(KEY) is None
    if claim is not None:
        claim.abandon()
    following.close()
