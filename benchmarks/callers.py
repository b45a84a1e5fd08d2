"""Callers who take their time: they hear clips while these are made, think, and speak in pieces.

Beside `load`, whose callers only hurry. Lean as that: what callers cost is no cost of the server.
"""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import orjson

from benchmarks.load import FORM, SCRIPT, BadAnswer, Target, webhook

NEW_TEXT = (4, 5)  # turns whose answer says a charge for the first time in its call
WAITS_MOST = 5  # times in a row that a caller is told to keep waiting
ANSWER_MOST_S = 15.0  # after that the carrier gives up
_FILLER_S = 1.0
_ACTION = re.compile(rb'<Gather[^>]* action="([^"]+)"')
_PARTIAL = re.compile(rb'<Gather[^>]* partialResultCallback="([^"]+)"')
_PLAY = re.compile(rb"<Play>([^<]+)</Play>")
_REDIRECT = re.compile(rb"<Redirect[^>]*>([^<]*/keep-waiting[^<]*)</Redirect>")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
# Pieces of an utterance: seconds before its end, share of its words, whether the recogniser is
# sure of them. Its pause at the end of speech is what is left after the last of them.
_PIECES = ((2.0, 0.5, False), (1.6, 1.0, False), (1.2, 1.0, True))


@dataclass(frozen=True)
class Manner:
    """How callers behave. `charge_of` gives the charge that a call confirms, by its number."""

    charge_of: Callable[[int], int]
    think_s: float = 0.0  # from an answer to the next words
    in_pieces: bool = False  # unfinished words are sent ahead
    remembers: bool = False  # clips that were fetched by anybody are not fetched again


@dataclass
class Turn:
    """One turn as its caller met it. `ms`: to the call document; `sound_ms`: to the first sound."""

    carrier_id: str
    number: int
    ms: float
    sound_ms: float = 0.0


@dataclass
class Met:
    """What all callers met."""

    counts_from: float = 0.0  # on the clock of time.perf_counter
    seconds: float = 0.0  # from then on
    taken: int = 0  # turns in all
    turns: list[Turn] = field(default_factory=list)
    charges: dict[str, int] = field(default_factory=dict)  # call → charge that was confirmed
    failed: list[str] = field(default_factory=list)  # one for each turn or clip that went wrong
    fillers: int = 0
    clips: int = 0  # fetched
    known_clips: set[str] = field(default_factory=set)
    hits: set[tuple[str, int]] = field(default_factory=set)  # turns that had been read ahead

    def ms(self, keep: Callable[[Turn], bool] = lambda _: True) -> list[float]:
        """Milliseconds to the documents of the turns that are kept."""
        return [turn.ms for turn in self.turns if keep(turn)] or [float("nan")]


@dataclass(frozen=True)
class Received:
    """An answer: the raw bytes, and seconds to the first byte of its body."""

    raw: bytes
    first_s: float

    @property
    def is_ok(self) -> bool:
        """It is a 200."""
        return self.raw.startswith(b"HTTP/1.1 200")


class Wire(asyncio.Protocol):
    """One connection that is kept open; one request at a time, of any kind of body."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[Received] | None = None
        self._received = bytearray()
        self._needed = 0  # bytes in all; 0: not known
        self._is_chunked = False
        self._asked_at = self._first_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is not a subclass

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._needed and not self._is_chunked:
            head_end = self._received.find(b"\r\n\r\n")
            if head_end < 0:
                return
            self._is_chunked = bool(_CHUNKED.search(self._received, 0, head_end))
            length = _LENGTH.search(self._received, 0, head_end)
            self._needed = head_end + 4 + (int(length[1]) if length else 0)
        if not self._first_s and len(self._received) > self._received.find(b"\r\n\r\n") + 4:
            self._first_s = time.perf_counter() - self._asked_at
        if self._is_chunked:
            whole = self._received.endswith(b"\r\n0\r\n\r\n")
        else:
            whole = len(self._received) >= self._needed
        if whole and self._answer is not None and not self._answer.done():
            self._answer.set_result(Received(bytes(self._received), self._first_s))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BadAnswer(f"the server hung up: {exc}"))

    async def ask(self, request: bytes) -> Received:
        """Send a request; the answer. BadAnswer when none comes."""
        self._received.clear()
        self._needed, self._is_chunked, self._first_s = 0, False, 0.0
        self._answer = asyncio.get_running_loop().create_future()
        self._asked_at = time.perf_counter()
        self._transport.write(request)
        try:
            async with asyncio.timeout(ANSWER_MOST_S):
                return await self._answer
        except TimeoutError:
            raise BadAnswer(f"no answer in {ANSWER_MOST_S} s") from None

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


class Booth:
    """The connections of one caller: one for turns, one for clips, one for unfinished words."""

    def __init__(self, target: Target, manner: Manner, met: Met, api_token: str = "") -> None:
        self.target = target
        self.manner = manner
        self.met = met
        self._api_token = api_token
        self._wires: list[Wire] = []

    async def open(self) -> None:
        """Connect."""
        loop = asyncio.get_running_loop()
        for _ in range(3):
            _, wire = await loop.create_connection(Wire, "127.0.0.1", self.target.port)
            self._wires.append(wire)

    def close(self) -> None:
        """Hang up."""
        for wire in self._wires:
            wire.close()

    async def post(self, path: str, form: dict[str, str], delivery: str) -> Received:
        """A webhook of the call."""
        return await self._wires[0].ask(webhook(self.target, path, form, delivery))

    async def clip(self, path: str) -> Received:
        """A clip, as it comes."""
        return await self._wires[1].ask(self._get(path))

    async def aside(self, path: str, form: dict[str, str], delivery: str) -> None:
        """A webhook whose answer nobody reads."""
        await self._wires[2].ask(webhook(self.target, path, form, delivery))

    async def status(self, carrier_id: str) -> Received:
        """The call as it is kept."""
        return await self._wires[0].ask(self._get(f"/call-status/{carrier_id}"))

    def _get(self, path: str) -> bytes:
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.target.port}\r\n"
            f"Authorization: Bearer {self._api_token}\r\n\r\n"
        ).encode()


class Call:
    """One call of a caller in a booth. BadAnswer when it does not go as the script says."""

    def __init__(self, booth: Booth, number: int) -> None:
        self.carrier_id = f"CA{number:032x}"
        self.charge = booth.manner.charge_of(number)
        self._booth = booth
        self._form = {**FORM, "CallSid": self.carrier_id}
        self._document = b""
        self._hearing: asyncio.Task[None] | None = None

    async def whole(self) -> None:
        """From the greeting to the goodbye."""
        await self.ring()
        for number in range(1, len(SCRIPT) + 1):
            await self.say(number)
        if b"<Hangup" not in self._document:
            raise BadAnswer(_shown(self._document))
        await self.heard()
        self._booth.met.charges[self.carrier_id] = self.charge

    async def ring(self) -> None:
        """The greeting."""
        path = "/voice?agent_type=LOGISTICS"
        self._take(await self._booth.post(path, self._form, f"{self.carrier_id}-0"))

    async def say(self, number: int) -> None:
        """Think, and take the turn with that number of the script."""
        words = SCRIPT[number - 1].format(first=self.charge + 7, charge=self.charge)
        await self._think(words, number)
        form = {**self._form, "SpeechResult": words, "Confidence": "0.93"}
        path = _path(_ACTION.search(self._document), self._document)
        began_at = time.perf_counter()
        received = await self._booth.post(path, form, f"{self.carrier_id}-{number}")
        turn = Turn(self.carrier_id, number, (time.perf_counter() - began_at) * 1000)
        met = self._booth.met
        met.taken += 1
        if began_at >= met.counts_from:
            met.turns.append(turn)
        await self.heard()  # the carrier stops a clip when the next document comes
        self._take(received, turn)
        for wait in range(WAITS_MOST):
            redirect = _REDIRECT.search(self._document)
            if b"<Gather" in self._document or redirect is None:
                return
            self._booth.met.fillers += 1
            await asyncio.sleep(_FILLER_S)
            await self.heard()
            path = _path(redirect, self._document)
            waited = await self._booth.post(path, self._form, f"{self.carrier_id}-{number}-{wait}")
            self._take(waited)
        raise BadAnswer("kept waiting for ever")

    def leave(self) -> None:
        """Hang up in the middle."""
        if self._hearing is not None:
            self._hearing.cancel()

    async def heard(self) -> None:
        """Wait until the clips of the last answer are whole."""
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            await hearing

    def _take(self, received: Received, turn: Turn | None = None) -> None:
        if not received.is_ok or b"</Response>" not in received.raw:
            raise BadAnswer(_shown(received.raw))
        self._document = received.raw
        paths = [urlsplit(html.unescape(url.decode())).path for url in _PLAY.findall(received.raw)]
        if turn is not None:
            turn.sound_ms = turn.ms
        if paths:
            self._hearing = asyncio.create_task(self._listen(paths, turn))

    async def _listen(self, paths: list[str], turn: Turn | None) -> None:
        """Fetch clips, one after the other; note when the first sound of the turn came."""
        met, manner = self._booth.met, self._booth.manner
        for number, path in enumerate(paths):
            if manner.remembers and path in met.known_clips:
                continue
            met.known_clips.add(path)
            received = await self._booth.clip(path)
            met.clips += 1
            if not received.is_ok or b"audio/" not in received.raw[:1000].lower():
                raise BadAnswer(f"no clip at {path}: {_shown(received.raw)}")
            if number == 0 and turn is not None:
                turn.sound_ms = turn.ms + received.first_s * 1000

    async def _think(self, words: str, number: int) -> None:
        left_s = self._booth.manner.think_s
        match = _PARTIAL.search(self._document) if self._booth.manner.in_pieces else None
        if match is not None:
            path = _path(match, self._document)
            for sequence, (before_s, share, is_sure) in enumerate(_PIECES):
                await asyncio.sleep(max(0.0, left_s - before_s))
                left_s = min(left_s, before_s)
                form = self._piece(words, share, is_sure, sequence)
                await self._booth.aside(path, form, f"{self.carrier_id}-{number}-p{sequence}")
        await asyncio.sleep(max(0.0, left_s))

    def _piece(self, words: str, share: float, is_sure: bool, sequence: int) -> dict[str, str]:
        split = words.split()
        so_far = " ".join(split[: max(1, round(len(split) * share))])
        return {
            **self._form,
            "UnstableSpeechResult": "" if is_sure else so_far,
            "StableSpeechResult": so_far if is_sure else "",
            "Stability": "0.9" if is_sure else "0.5",
            "SequenceNumber": str(sequence),
            "Language": "en-IN",
        }


async def crowd(booth: Callable[[], Booth], callers: int, seconds: float, first: int) -> Met:
    """`callers` ring one after the other call for `seconds`, and finish the one they are in.

    They begin spread over the length of a call, so that at any moment some are at each of its
    turns. Turns count once all have begun. A call that goes wrong is noted and left.
    """
    booths = [booth() for _ in range(callers)]
    met = booths[0].met
    numbers = iter(range(first, first + 1_000_000))
    ramp_s = booths[0].manner.think_s * len(SCRIPT)
    met.counts_from = time.perf_counter() + ramp_s
    until = met.counts_from + seconds

    async def caller(place: int, own: Booth) -> None:
        await asyncio.sleep(ramp_s * place / callers)
        await own.open()
        while time.perf_counter() < until:
            call = Call(own, next(numbers))
            try:
                await call.whole()
                if own.manner.in_pieces:
                    await _note_hits(own, call.carrier_id)
            except (BadAnswer, OSError) as error:
                met.failed.append(str(error))
                call.leave()
                own.close()
                own = booth()
                await own.open()
        own.close()

    await asyncio.gather(*(caller(place, own) for place, own in enumerate(booths)))
    met.seconds = time.perf_counter() - met.counts_from
    return met


async def _note_hits(booth: Booth, carrier_id: str) -> None:
    received = await booth.status(carrier_id)
    shown = orjson.loads(received.raw[received.raw.find(b"\r\n\r\n") + 4 :])
    for turn in shown.get("turns", ()):
        if (turn.get("usage") or {}).get("speculation") == "hit":
            booth.met.hits.add((carrier_id, turn["turn"]))


def _shown(answer: bytes) -> str:
    """The first line and the body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return f"{head[:12].decode()}: {body.decode(errors='replace')[:1000]}"


def _path(match: re.Match[bytes] | None, document: bytes) -> str:
    if match is None:
        raise BadAnswer(_shown(document))
    # What follows "#" tells the carrier how to connect; it is neither sent nor signed.
    return html.unescape(match[1].decode()).partition("#")[0]
