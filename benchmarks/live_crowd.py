"""Many callers of the live benchmarks in one process, with one clock for all their frames."""

from __future__ import annotations

import asyncio
import html
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from picows import WSError, ws_connect

from benchmarks.live_call import Line, Met, StreamCall
from benchmarks.live_sound import FRAME_S, Note
from benchmarks.load import FORM, BadAnswer, Connection, Target, sign, webhook

_SOCKET = re.compile(rb'<Stream[^>]* url="([^"]+)"')
_PARAMETER = re.compile(rb"<Parameter([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_PAUSE_S = 0.5  # between two calls of one caller

# What a caller of a number says.
Lines = Callable[[int], Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Host:
    """A server that streams are brought to."""

    target: Target
    agent: str = "logistics"
    is_peer: bool = False  # no webhooks: its socket is just opened
    path: str = "/media"


class Crowd:
    """Callers of one part. `told` is for the recogniser."""

    def __init__(self, host: Host, lines: Lines, met: Met) -> None:
        self._host = host
        self._lines = lines
        self._met = met
        self._calls: dict[int, StreamCall] = {}
        # Several crowds may ring one store after the other: no call is another's again.
        self._first = secrets.randbelow(10**9)
        self._numbers = count(self._first + 1)
        self._is_open = True

    def told(self, note: Note, at: float) -> None:
        """A call's words have just been told."""
        call = self._calls.get(note.caller)
        if call is not None:
            call.told(note, at)

    @property
    def open_calls(self) -> int:
        """How many talk now."""
        return len(self._calls)

    async def talk(self, callers: int, ramp_s: float, seconds: float, most: int = 0) -> None:
        """`callers` ring, spread over `ramp_s`, again and again for `seconds` after the last.

        With `most`, no more than so many calls. A call that goes on then is heard to its end.
        """
        ticking = asyncio.create_task(self._tick())
        self._is_open = True
        rings = [
            asyncio.create_task(self._ring(one * ramp_s / callers, most)) for one in range(callers)
        ]
        try:
            if not most:
                await asyncio.sleep(ramp_s + seconds)
                self._is_open = False
            await asyncio.gather(*rings)
        finally:
            ticking.cancel()

    async def _ring(self, wait_s: float, most: int) -> None:
        await asyncio.sleep(wait_s)
        while self._is_open:
            number = next(self._numbers)
            if most and number > self._first + most:
                break
            try:
                how = await self._call(number)
            except (BadAnswer, WSError, OSError, TimeoutError) as error:
                how = f"{type(error).__name__}: {str(error)[:120]}"
            if how:
                self._met.failed[how] += 1
            else:
                self._met.completed += 1
            await asyncio.sleep(_PAUSE_S)

    async def _call(self, number: int) -> str:
        """One call; "" when it went as it should."""
        host = self._host
        carrier_id = f"CA{number:032x}"
        form = {**FORM, "CallSid": carrier_id}
        parameters: Mapping[str, str] = {}
        address = f"ws://127.0.0.1:{host.target.port}{host.path}"
        if not host.is_peer:
            path = f"/voice?agent_type={host.agent}"
            answer = await self._ask(webhook(host.target, path, form, f"{carrier_id}-0"))
            socket, parameters = _connection_of(answer)
            address = f"ws://127.0.0.1:{host.target.port}" + socket
        call = self._calls[number] = StreamCall(
            number, self._lines(number), self._met, leaves=host.is_peer
        )
        try:
            await ws_connect(
                lambda: call, address, extra_headers=self._signed(address), max_frame_size=1 << 20
            )
            call.starts(carrier_id, parameters)
            how = await call.over
        finally:
            call.hangs_up()
            del self._calls[number]
        if how or host.is_peer:
            return how
        resume = webhook(host.target, "/voice-resume", form, f"{carrier_id}-end")
        last = await self._ask(resume)
        return "" if b"<Hangup" in last else "did not end"

    async def _ask(self, request: bytes) -> bytes:
        port = self._host.target.port
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
        try:
            return await connection.ask(request)
        finally:
            connection.close()

    def _signed(self, address: str) -> dict[str, str]:
        target = self._host.target
        if not target.token:
            return {}
        path = address.split("://", 1)[1].partition("/")[2]
        public = target.base_url.replace("https://", "wss://") + "/" + path
        return {"X-Twilio-Signature": sign(target.token, public, {})}

    async def _tick(self) -> None:
        due = time.perf_counter()
        while True:
            due += FRAME_S
            pause = due - time.perf_counter()
            await asyncio.sleep(max(pause, 0.0))
            now = time.perf_counter()
            self._met.lags_ms.append((now - due) * 1000)
            for call in tuple(self._calls.values()):
                call.tick(now)


def _connection_of(answer: bytes) -> tuple[str, Mapping[str, str]]:
    """The path of the socket in a document, and what is to be said there first."""
    socket = _SOCKET.search(answer)
    if socket is None:
        raise BadAnswer(f"no stream: {answer[-300:].decode(errors='replace')}")
    address = html.unescape(socket[1].decode())
    found = _PARAMETER.search(answer)
    told = dict(_ATTRIBUTE.findall(found[1].decode())) if found else {}
    path = "/" + address.split("://", 1)[1].partition("/")[2]
    return path, {told["name"]: html.unescape(told["value"])} if told else {}
