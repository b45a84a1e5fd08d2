"""Callers that ring a server all at once: whole calls, signed webhooks, no pause for thought.

Lean on purpose: what the caller costs must not be taken for what the server costs.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
import re
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast
from urllib.parse import urlencode

T = TypeVar("T")

ACCOUNT = "AC" + "b" * 32
# The charge that is said first and the one it is corrected to differ from call to call.
SCRIPT = (
    "English",
    "who is calling",
    "{first} rupees",
    "from 2 pm to 5 pm",
    "no, it's {charge}",
    "yes",
)
# What a carrier sends with every webhook of a call (27 fields with what the caller did).
FORM = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "CallStatus": "in-progress",
    "Called": "+914440001234",
    "CalledCity": "CHENNAI",
    "CalledCountry": "IN",
    "CalledState": "Tamil Nadu",
    "CalledZip": "600001",
    "Caller": "+919812345678",
    "CallerCity": "BENGALURU",
    "CallerCountry": "IN",
    "CallerState": "Karnataka",
    "CallerZip": "560001",
    "Direction": "inbound",
    "From": "+919812345678",
    "FromCity": "BENGALURU",
    "FromCountry": "IN",
    "FromState": "Karnataka",
    "FromZip": "560001",
    "To": "+914440001234",
    "ToCity": "CHENNAI",
    "ToCountry": "IN",
    "ToState": "Tamil Nadu",
    "ToZip": "600001",
}
_ACTION = re.compile(rb'<Gather[^>]* action="([^"]+)"')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class BadAnswer(Exception):
    """The server did not answer a call as it should; the message holds what came."""


@dataclass(frozen=True)
class Target:
    """A server under load. `answers` is False for one whose answers are empty."""

    port: int
    base_url: str
    token: str
    answers: bool = True


@dataclass
class Round:
    """What callers met in one go."""

    seconds: float = 0.0
    turns_ms: list[float] = field(default_factory=list)  # of /process-response only
    charges: dict[str, int] = field(default_factory=dict)  # call → charge that was confirmed

    @property
    def turns_per_s(self) -> float:
        """Turns answered per second, by all callers together."""
        return len(self.turns_ms) / self.seconds


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection that is kept open; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[bytes]
        self._received = b""
        self._needed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._needed:
            head_end = self._received.find(b"\r\n\r\n")
            if head_end < 0:
                return
            length = _LENGTH.search(self._received, 0, head_end)
            self._needed = head_end + 4 + (int(length[1]) if length else 0)
        if len(self._received) >= self._needed:
            self._answer.set_result(self._received)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(BadAnswer(f"the server hung up: {exc}"))

    async def ask(self, request: bytes) -> bytes:
        """Send a request; the whole answer, head and body."""
        self._received, self._needed = b"", 0
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """The signature of a webhook, as its recipient computes it."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def webhook(target: Target, path: str, form: Mapping[str, str], delivery: str) -> bytes:
    """The bytes of a signed webhook."""
    body = urlencode(form)
    head = (
        f"POST {path} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{target.port}\r\n"
        "User-Agent: TwilioProxy/1.1\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Twilio-Signature: {sign(target.token, target.base_url + path, form)}\r\n"
        f"I-Twilio-Idempotency-Token: {delivery}\r\n\r\n"
    )
    return (head + body).encode()


async def drive(target: Target, callers: int, seconds: float, first: int) -> Round:
    """`callers` ring one after the other call for `seconds`, and finish the one they are in.

    Calls are numbered from `first` on. BadAnswer when one does not go as the script says.
    """
    result = Round()
    loop = asyncio.get_running_loop()
    numbers = iter(range(first, first + 1_000_000))
    until = time.perf_counter() + seconds

    async def caller() -> None:
        _, connection = await loop.create_connection(Connection, "127.0.0.1", target.port)
        while time.perf_counter() < until:
            requests = requests_of(target, next(numbers))
            carrier_id, charge = await _call(connection, requests, result.turns_ms)
            result.charges[carrier_id] = charge
        connection.close()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    result.seconds = time.perf_counter() - started
    return result


def requests_of(target: Target, number: int) -> Generator[bytes, bytes, tuple[str, int]]:
    """The webhooks of a call: yields each, is sent its answer; returns the call and its charge.

    The first is /voice, the others are turns.
    """
    carrier_id = f"CA{number:032x}"
    charge = 500 + number % 1000
    common = {**FORM, "CallSid": carrier_id}
    answer = yield webhook(target, "/voice?agent_type=LOGISTICS", common, f"{carrier_id}-0")
    for turn, line in enumerate(SCRIPT, start=1):
        path = _next_path(answer, line) if target.answers else f"/process-response?turn={turn}"
        said = line.format(first=charge + 7, charge=charge)
        form = {**common, "SpeechResult": said, "Confidence": "0.93"}
        answer = yield webhook(target, path, form, f"{carrier_id}-{turn}")
    if not answer.startswith(b"HTTP/1.1 200") or (target.answers and b"<Hangup" not in answer):
        raise BadAnswer(answer.decode(errors="replace"))
    return carrier_id, charge


async def _call(connection: Connection, requests: Generator[bytes, bytes, T], ms: list[float]) -> T:
    answer = await connection.ask(next(requests))
    try:
        while True:
            request = requests.send(answer)
            before = time.perf_counter()
            answer = await connection.ask(request)
            ms.append((time.perf_counter() - before) * 1000)
    except StopIteration as stop:
        result: T = stop.value
        return result


def _next_path(answer: bytes, line: str) -> str:
    action = _ACTION.search(answer)
    if action is None:
        raise BadAnswer(f"before {line!r}: {answer.decode(errors='replace')}")
    # What follows "#" tells the carrier how to connect; it is neither sent nor signed.
    return html.unescape(action[1].decode()).partition("#")[0]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
