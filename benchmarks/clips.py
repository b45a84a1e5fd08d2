"""Clips a second of the real server beside a bare handler of one file, and misses at once.

Prints a table, and as the last line one JSON object. Run: python -m benchmarks.clips
[--seconds S] [--rounds N]. Both servers run one process each, on one core, in turns; listeners are
on another core. The misses are 100 listeners of one clip that nobody has made yet.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from audio_cache.keys import clip_key
from benchmarks.load import Connection, percentile
from benchmarks.server_process import ServerProcess
from benchmarks.webhooks import share_cpus
from settings import read_settings
from storage import open_storage
from storage.records import ClipRecord
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, mp3
from tests.providers.tts.fake_voice import Spoken

LISTENERS = (1, 10, 50)
MISSES = 100
WARM_UP_S = 0.5
TEXT = "Hello! This is the automated assistant of Acme Freight. I have two short questions."


class WrongSound(Exception):
    """A clip was served, but not the sound that was made."""


@dataclass
class Round:
    """What listeners met in one go."""

    seconds: float
    answers_ms: list[float]

    @property
    def per_s(self) -> float:
        """Clips a second, to all together."""
        return len(self.answers_ms) / self.seconds


def main() -> None:
    """Measure, check and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clips")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each server and load")
    chosen = parser.parse_args()
    server_cpus, listener_cpus = share_cpus()
    if listener_cpus:
        os.sched_setaffinity(0, listener_cpus)
    fake = FakeElevenLabs(Spoken(first_s=0.2, between_s=0.02))
    with tempfile.TemporaryDirectory() as name, fake:
        folder = Path(name)
        settings = {
            "DATA_DIR": str(folder),
            "ELEVENLABS_API_KEY": "key",
            "ELEVENLABS_BASE_URL": fake.address,
            "PREWARM": "0",
            "LOG_LEVEL": "warning",
        }
        keys = promise(settings, ("hot", "cold"))
        (folder / "file.mp3").write_bytes(mp3(TEXT))
        floor_settings = {**settings, "CLIP_FILE": str(folder / "file.mp3")}
        with (
            ServerProcess(settings, folder / "server.log", cpus=server_cpus) as server,
            ServerProcess(
                floor_settings, folder / "floor.log", "benchmarks.clips_floor_app:app", server_cpus
            ) as floor,
        ):
            misses = uvloop.run(miss(server.port, keys["cold"]))
            asked = len(fake.asked)
            uvloop.run(miss(server.port, keys["hot"]))
            path = f"/audio/{keys['hot']}.mp3"
            pairs = uvloop.run(
                measure(server.port, floor.port, path, chosen.seconds, chosen.rounds)
            )
            server.stop()
    report(pairs, misses, asked)


def promise(settings: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """Clips that were named in answers and are not made; their keys."""
    storage = open_storage(read_settings(settings))
    keys = {}
    for name in names:
        keys[name] = clip_key(b"benchmark", {"name": name})
        storage.keep_clip(
            ClipRecord(
                key=keys[name],
                text=TEXT,
                language="en-IN",
                provider="elevenlabs",
                voice="v",
                model="m",
                options={},
                audio_format="mp3_22050_32",
                created_at=datetime.now(UTC),
            )
        )
    storage.close()
    return keys


async def miss(port: int, key: str) -> list[float]:
    """Have many listeners ask for one clip at once; how long each waited for the whole, in ms."""

    async def listen() -> float:
        began_at = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET /audio/{key}.mp3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.read()
        writer.close()
        head_of_it, _, body = answer.partition(b"\r\n\r\n")
        if mp3(TEXT) != (dechunked(body) if b"chunked" in head_of_it else body):
            raise WrongSound(answer[:200].decode(errors="replace"))
        return (time.perf_counter() - began_at) * 1000

    return await asyncio.gather(*(listen() for _ in range(MISSES)))


def dechunked(body: bytes) -> bytes:
    """The content of a chunked body (RFC 9112, 7.1)."""
    content = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        content += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
    return content


async def measure(
    ours: int, floor: int, path: str, seconds: float, rounds: int
) -> dict[int, list[tuple[Round, Round]]]:
    """For each number of listeners, rounds of (server, floor), one after the other."""
    measured: dict[int, list[tuple[Round, Round]]] = {}
    for listeners in LISTENERS:
        for number in range(rounds + 1):
            length_s = seconds if number else WARM_UP_S
            pair = [await drive(port, path, listeners, length_s) for port in (ours, floor)]
            if number:
                measured.setdefault(listeners, []).append((pair[0], pair[1]))
    return measured


async def drive(port: int, path: str, listeners: int, seconds: float) -> Round:
    """Listeners that ask again and again."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "User-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n\r\n"
    ).encode()
    sound = mp3(TEXT)
    answers_ms: list[float] = []
    loop = asyncio.get_running_loop()
    began_at = time.perf_counter()

    async def listen() -> None:
        _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
        while time.perf_counter() < began_at + seconds:
            asked_at = time.perf_counter()
            answer = await connection.ask(request)
            answers_ms.append((time.perf_counter() - asked_at) * 1000)
            if not answer.endswith(sound):
                raise WrongSound(answer[:200].decode(errors="replace"))
        connection.close()

    await asyncio.gather(*(listen() for _ in range(listeners)))
    return Round(time.perf_counter() - began_at, answers_ms)


def report(
    measured: dict[int, list[tuple[Round, Round]]], misses_ms: list[float], asked: int
) -> None:
    """The table, and the JSON object."""
    print(f"one clip of {len(mp3(TEXT))} bytes, every answer checked; one process each")
    print(f"{'listeners':>10}{'clips/s':>10}{'p99 ms':>9}{'floor/s':>10}{'ratio':>8}")
    results: dict[str, object] = {}
    for listeners, pairs in measured.items():
        ours = statistics.median(one.per_s for one, _ in pairs)
        floor = statistics.median(one.per_s for _, one in pairs)
        p99 = statistics.median(percentile(one.answers_ms, 0.99) for one, _ in pairs)
        ratio = statistics.median(one.per_s / other.per_s for one, other in pairs)
        results[str(listeners)] = {
            "clips_per_s": round(ours),
            "p99_ms": round(p99, 3),
            "floor_per_s": round(floor),
            "ratio": round(ratio, 3),
        }
        print(f"{listeners:10}{ours:10.0f}{p99:9.2f}{floor:10.0f}{ratio:8.2f}")
    slowest = max(misses_ms)
    print(
        f"{MISSES} misses at once: {asked} request(s) to the vendor, all heard in {slowest:.0f} ms"
    )
    results["misses"] = {"at_once": MISSES, "vendor_requests": asked, "all_ms": round(slowest)}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
