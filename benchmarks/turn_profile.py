"""Where the time of a turn goes: the application in this process, sampled while it answers calls.

A sampler, because a tracing profiler makes code of many small functions look dearer than it is.
"""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import FrameType
from wsgiref.types import WSGIApplication

from app import create_app, services_of
from benchmarks.load import Target, requests_of
from benchmarks.server_process import ROOT
from settings import read_settings
from transports.bridge import environ_of

CALLS = 500  # in a round
ROUNDS = 6
SAMPLE_S = 0.0005
SHOWN = 30

# What a sample counts for: the first of these that any frame of its stack lies in.
PARTS = (
    ("brain", "providers/llm/"),
    ("storage", "storage/"),
    ("signature", "providers/telephony/twilio/signature.py"),
    ("form", "transports/webform.py"),
    ("document", "providers/telephony/twilio/document.py"),
    ("engine", "conversation/"),
    ("session", "calls/"),
    ("doors", "providers/telephony/"),
    ("doors", "transports/"),
    ("clips", "audio_cache/"),
    ("voice", "providers/tts/"),
    ("logs", "logs.py"),
)
REST = "flask"


class Sampler:
    """Counts, at a fixed pace, what the program is at."""

    def __init__(self) -> None:
        self.samples = 0
        self.parts: Counter[str] = Counter()
        self.own: Counter[str] = Counter()  # time in a function itself
        self.whole: Counter[str] = Counter()  # and in what it calls

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGALRM, self._sample)
        signal.setitimer(signal.ITIMER_REAL, SAMPLE_S, SAMPLE_S)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _sample(self, _: int, frame: FrameType | None) -> None:
        stack: list[str] = []
        while frame is not None:
            code = frame.f_code
            stack.append(f"{_place(code.co_filename)}:{code.co_qualname}")
            frame = frame.f_back
        # Only what the application does: the callers run in this process too.
        inside = [number for number, name in enumerate(stack) if name.endswith(":Flask.wsgi_app")]
        if not inside:
            return
        stack = stack[: inside[-1] + 1]
        self.samples += 1
        self.own[stack[0]] += 1
        self.whole.update(set(stack))
        self.parts[_part(stack)] += 1


def profile(target: Target, variables: Mapping[str, str], calls_a_round: int = CALLS) -> None:
    """Print a table of the parts of a turn, the dearest functions, and one JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(read_settings({**variables, "DATA_DIR": folder}))
        try:
            rounds = [
                range(calls_a_round * number, calls_a_round * (number + 1))
                for number in range(ROUNDS)
            ]
            # The best one: whatever else the machine does only makes them slower.
            whole_us = min(_answer_calls(app, target, calls) for calls in rounds)
            with Sampler() as sampler:
                for calls in rounds:
                    _answer_calls(app, target, range(calls.start + 10**6, calls.stop + 10**6))
        finally:
            services_of(app).close()
    us = {part: whole_us * count / sampler.samples for part, count in sampler.parts.items()}
    print(f"a webhook takes {whole_us:.0f} µs of CPU in the application; of that")
    for part, cost_us in sorted(us.items(), key=lambda pair: -pair[1]):
        print(f"  {part:12}{cost_us:7.1f} µs {cost_us / whole_us:6.0%}")
    for title, counts in (("itself", sampler.own), ("with what it calls", sampler.whole)):
        print(f"\n{'µs':>7}  function, {title}")
        for name, count in counts.most_common(SHOWN):
            print(f"{whole_us * count / sampler.samples:7.1f}  {name}")
    print(json.dumps({"webhook_us": round(whole_us, 1), **{k: round(v, 1) for k, v in us.items()}}))


def _answer_calls(app: WSGIApplication, target: Target, numbers: range) -> float:
    """Lead whole calls; microseconds of CPU that a webhook took in the application."""
    webhooks, seconds = 0, 0.0
    status = ""

    def start_response(line: str, headers: object, exc_info: object = None, /) -> object:
        nonlocal status
        status = line
        return None

    for number in numbers:
        requests = requests_of(target, number)
        request = next(requests)
        while True:
            environ = _environ(request)
            started = time.thread_time()
            chunks = app(environ, start_response)  # type: ignore[arg-type]
            content = b"".join(chunks)
            seconds += time.thread_time() - started
            webhooks += 1
            try:
                request = requests.send(f"HTTP/1.1 {status}\r\n\r\n".encode() + content)
            except StopIteration:
                break
    return seconds / webhooks * 1e6


def _environ(request: bytes) -> dict[str, object]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ")
    path, _, query = target.partition(b"?")
    pairs = (line.partition(b": ") for line in lines)
    return environ_of(
        {
            "method": method.decode(),
            "raw_path": path,
            "query_string": query,
            "http_version": "1.1",
            "headers": [(name.lower(), value) for name, _, value in pairs],
            "client": ("127.0.0.1", 40_000),
        },
        body,
    )


def _part(stack: list[str]) -> str:
    for part, place in PARTS:
        if any(name.startswith(place) for name in stack):
            return part
    return REST


@lru_cache
def _place(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-2:])
