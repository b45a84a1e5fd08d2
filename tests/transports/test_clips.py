"""Clips over HTTP: whole ones, growing ones, and what strangers ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest
import requests

from audio_cache.files import Claim, ClipFiles
from benchmarks.server_process import ServerProcess
from calls.speech import CarrierVoice, ClipSpeech, open_speech
from calls.wav import read_wav_head
from conversation.actions import Part
from settings import read_settings
from storage import open_storage
from storage.base import Storage
from storage.records import ClipRecord
from tests.calls.voices import QUESTION, KeptClips, an_agent, answer, clips_of, speaking
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error, mp3
from tests.providers.tts.fake_voice import Spoken
from tests.transports.listening import Listener, ask, run
from transports.clips import LOOKUPS_MOST, LOOKUPS_WAITING, Clips, is_clip

AGENT = an_agent()
KEY = "ab" * 20
SOUND = bytes(range(256)) * 4


@pytest.fixture
def fake() -> Iterator[FakeElevenLabs]:
    with FakeElevenLabs() as fake:
        yield fake


@pytest.fixture
def kept() -> KeptClips:
    return KeptClips()


@pytest.fixture
def speech(fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path) -> Iterator[ClipSpeech]:
    with speaking(fake.settings(data_dir=str(tmp_path)), kept) as speech:
        yield speech


def claimed(speech: ClipSpeech, key: str) -> Claim:
    claim = speech.files.claim(key)
    assert claim is not None
    return claim


@pytest.fixture
def clips(speech: ClipSpeech) -> Clips:
    """Clips of which one is there."""
    claim = claimed(speech, KEY)
    claim.write(SOUND)
    claim.keep()
    return Clips(speech)


def promised(storage: KeptClips | Storage, speech: ClipSpeech) -> str:
    """The key of a clip that another machine has named in an answer."""
    record = speech.orders.record(AGENT, Part(QUESTION, "en-IN"))
    storage.keep_clip(record)
    return record.key


# Whole clips


def test_a_whole_clip_is_served_with_all_that_lets_it_be_kept(clips: Clips) -> None:
    got = run(ask(clips, KEY))
    assert (got.status, got.body) == (200, SOUND)
    assert got.headers == {
        "content-type": "audio/mpeg",
        "content-length": "1024",
        "etag": f'"{KEY}"',
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
    }


def test_a_clip_of_a_live_call_is_played_as_it_is(speech: ClipSpeech) -> None:
    claim = ClipFiles(speech.files.folder, suffix=".ulaw").claim(KEY)
    assert claim is not None
    claim.write(SOUND + b"\xff")
    claim.keep()
    clips = Clips(speech)
    got = [run(ask(clips, KEY)) for _ in range(2)]
    assert [one.headers["content-type"] for one in got] == ["audio/wav"] * 2
    assert got[0].body == got[1].body
    head = read_wav_head(BytesIO(got[0].body), len(got[0].body))
    assert (head.channels, head.rate_hz, head.duration_s) == (1, 8000, 0.128)
    assert got[0].body.endswith(SOUND + b"\xff\0")  # chunks are of even length


def test_a_head_request_gets_the_head(clips: Clips) -> None:
    got = run(ask(clips, KEY, method="HEAD"))
    assert (got.status, got.body, got.headers["content-length"]) == (200, b"", "1024")


@pytest.mark.parametrize(
    ("wanted", "status", "body", "range_"),
    [
        ("bytes=0-9", 206, SOUND[:10], "bytes 0-9/1024"),
        ("bytes=1000-", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=1000-99999", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=-24", 206, SOUND[1000:], "bytes 1000-1023/1024"),
        ("bytes=-9999", 206, SOUND, "bytes 0-1023/1024"),
        ("bytes=0-0", 206, SOUND[:1], "bytes 0-0/1024"),
        ("bytes=1024-", 416, b"", "bytes */1024"),
        (f"bytes={'9' * 5000}-", 416, b"", "bytes */1024"),
        ("bytes=-0", 416, b"", "bytes */1024"),
        ("bytes=9-1", 200, SOUND, None),
        ("bytes=0-1,4-5", 200, SOUND, None),
        ("bytes=-", 200, SOUND, None),
        ("seconds=1-2", 200, SOUND, None),
    ],
)
def test_a_range_is_served(
    clips: Clips, wanted: str, status: int, body: bytes, range_: str | None
) -> None:
    got = run(ask(clips, KEY, headers={"range": wanted}))
    assert (got.status, got.body, got.headers.get("content-range")) == (status, body, range_)
    assert got.headers["content-length"] == str(len(body))


@pytest.mark.parametrize(("tag", "status"), [(f'"{KEY}"', 206), ('"other"', 200)])
def test_a_range_of_another_version_is_the_whole(clips: Clips, tag: str, status: int) -> None:
    assert run(ask(clips, KEY, headers={"range": "bytes=0-1", "if-range": tag})).status == status


@pytest.mark.parametrize("tag", [f'"{KEY}"', f'W/"{KEY}"', f'"x", "{KEY}"', "*"])
def test_who_has_the_clip_is_told_so(clips: Clips, tag: str) -> None:
    got = run(ask(clips, KEY, headers={"if-none-match": tag}))
    assert (got.status, got.body) == (304, b"")
    assert got.headers["etag"] == f'"{KEY}"'


def test_a_clip_served_from_memory_needs_no_disk(clips: Clips, speech: ClipSpeech) -> None:
    async def twice() -> Listener:
        await ask(clips, KEY)
        (speech.files.folder / KEY[:2] / f"{KEY}.mp3").unlink()
        return await ask(clips, KEY)

    assert run(twice()).body == SOUND


def test_memory_is_bounded(speech: ClipSpeech, clips: Clips) -> None:
    small = Clips(speech, hot_bytes=1500)
    claim = claimed(speech, "cd" * 20)
    claim.write(SOUND)
    claim.keep()

    async def both_then_the_first() -> Listener:
        await ask(small, KEY)
        await ask(small, "cd" * 20)
        (speech.files.folder / KEY[:2] / f"{KEY}.mp3").unlink()
        return await ask(small, KEY)

    assert run(both_then_the_first()).status == 404


# Growing clips


def test_a_clip_is_heard_while_it_is_made(
    fake: FakeElevenLabs, speech: ClipSpeech, clips: Clips
) -> None:
    fake.answer = Spoken(between_s=0.05)
    spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
    got = run(ask(clips, clips_of(spoken.actions)[0]))
    assert (got.status, got.body) == (200, mp3(QUESTION))
    assert len(got.sent) > 3  # in pieces
    assert got.headers["cache-control"] == "no-store"
    assert "content-length" not in got.headers


def test_a_hundred_listeners_of_a_clip_nobody_has_are_one_request(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, clips: Clips
) -> None:
    fake.answer = Spoken(first_s=0.1, between_s=0.02)
    key = promised(kept, speech)

    async def all_at_once() -> list[Listener]:
        return await asyncio.gather(*(ask(clips, key) for _ in range(100)))

    got = asyncio.run(asyncio.wait_for(all_at_once(), 20))
    assert {one.body for one in got} == {mp3(QUESTION)}
    assert len(fake.asked) == 1


def test_a_clip_of_another_process_is_followed(clips: Clips, speech: ClipSpeech) -> None:
    claim = claimed(speech, "cd" * 20)
    claim.write(b"one ")

    async def while_it_is_written() -> Listener:
        listener = Listener()
        asking = asyncio.create_task(ask(clips, "cd" * 20, listener=listener))
        await listener.hears.wait()
        claim.write(b"two")
        claim.keep()
        return await asking

    assert run(while_it_is_written()).body == b"one two"


def test_a_clip_whose_writer_dies_ends_properly(clips: Clips, speech: ClipSpeech) -> None:
    claim = claimed(speech, "cd" * 20)
    claim.write(b"half")

    async def until_it_dies() -> Listener:
        listener = Listener()
        asking = asyncio.create_task(ask(clips, "cd" * 20, listener=listener))
        await listener.hears.wait()
        claim._let_go()
        return await asking

    got = run(until_it_dies())
    assert (got.status, got.body) == (200, b"half")
    assert not got.sent[-1].get("more_body")


def test_a_listener_who_hangs_up_is_not_sent_more(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, clips: Clips
) -> None:
    fake.answer = Spoken(stall_after=1)
    key = promised(kept, speech)

    async def leave() -> Listener:
        listener = Listener()
        listener.leaves_after = 2
        return await ask(clips, key, listener=listener)

    got = run(leave())
    assert len(got.body) < len(mp3(QUESTION))
    fake.release()


def test_a_head_request_for_a_growing_clip_has_no_body(
    kept: KeptClips, speech: ClipSpeech, clips: Clips
) -> None:
    got = run(ask(clips, promised(kept, speech), method="HEAD"))
    assert (got.status, got.body) == (200, b"")


def test_a_clip_that_cannot_be_made_is_said_to_be_so(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, clips: Clips
) -> None:
    fake.answer = error(500)
    got = run(ask(clips, promised(kept, speech)))
    assert got.status == 503
    assert got.headers["cache-control"] == "no-store"


def test_a_clip_that_broke_off_is_heard_as_far_as_it_came(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, clips: Clips
) -> None:
    key = promised(kept, speech)
    claim = claimed(speech, key)
    claim.write(b"half a sentence")
    claim.abandon()  # before the carrier came to fetch what it was promised
    fake.answer = error(500)  # nor can it be made anew
    got = run(ask(clips, key))
    assert (got.status, got.body) == (200, b"half a sentence")
    assert got.headers["content-length"] == "15"
    assert got.headers["cache-control"] == "no-store"


# Strangers


@pytest.mark.parametrize("key", ["cd" * 20, "x", "", "../../../etc/passwd", "%2e%2e", "AB" * 20])
def test_what_nobody_knows_is_not_found(clips: Clips, key: str) -> None:
    got = run(ask(clips, key))
    assert (got.status, got.headers["content-type"]) == (404, "application/json")
    assert b'"not_found"' in got.body


class HeldClips(KeptClips):
    """A database that looks nothing up until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.released = Event()
        self.asked: list[str] = []

    def load_clip(self, key: str) -> ClipRecord | None:
        self.asked.append(key)
        self.released.wait(20)
        return None


def test_strangers_who_ask_for_what_is_not_there_hold_up_no_clip(
    fake: FakeElevenLabs, tmp_path: Path
) -> None:
    held = HeldClips()
    with speaking(fake.settings(data_dir=str(tmp_path)), held) as speech:
        clips = Clips(speech)
        heard = run(_beside_strangers(clips, speech, held))
    assert (heard.status, heard.body) == (200, SOUND)
    assert not clips._lookups


async def _beside_strangers(clips: Clips, speech: ClipSpeech, held: HeldClips) -> Listener:
    strangers = [
        asyncio.create_task(ask(clips, f"{number:040x}"))
        for number in range(LOOKUPS_MOST + LOOKUPS_WAITING + 50)
    ]
    done, _ = await asyncio.wait(strangers, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 50:
        more, _ = await asyncio.wait(set(strangers) - done, return_when=asyncio.FIRST_COMPLETED)
        done |= more
    assert {one.result().status for one in done} == {503}
    claim = claimed(speech, KEY)
    claim.write(SOUND)
    claim.keep()
    heard = await ask(clips, KEY)
    assert len(held.asked) == LOOKUPS_MOST
    held.released.set()
    rest = await asyncio.gather(*(set(strangers) - done))
    assert {one.status for one in rest} == {404}
    return heard


def test_the_real_server_hands_out_clips(fake: FakeElevenLabs, tmp_path: Path) -> None:
    settings = {
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "s",
        "ELEVENLABS_API_KEY": "k",
        "ELEVENLABS_BASE_URL": fake.address,
        "PREWARM": "0",
    }
    storage = open_storage(read_settings(settings))
    speech = open_speech(read_settings(settings), storage)
    assert isinstance(speech, ClipSpeech)
    key = promised(storage, speech)
    speech.close()
    storage.close()
    with ServerProcess(settings, tmp_path / "log") as server:
        address = f"http://127.0.0.1:{server.port}/audio"
        first = requests.get(f"{address}/{key}.mp3", timeout=10)
        head = requests.head(f"{address}/{key}.mp3", timeout=10)
        unknown = requests.get(f"{address}/{KEY}.mp3", timeout=10)
        assert server.stop() == 0
    assert (first.status_code, first.content) == (200, mp3(QUESTION))
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(mp3(QUESTION))))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "not_found")
    assert len(fake.asked) == 1


def test_without_a_vendor_there_are_no_clips() -> None:
    assert run(ask(Clips(CarrierVoice()), KEY)).status == 404


@pytest.mark.parametrize(
    ("method", "path"), [("POST", f"/audio/{KEY}.mp3"), ("GET", "/audio/x"), ("GET", "/voice")]
)
def test_other_requests_are_for_others(method: str, path: str) -> None:
    assert not is_clip({"type": "http", "method": method, "path": path})
