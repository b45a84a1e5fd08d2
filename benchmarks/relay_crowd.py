"""Callers whose carrier hears and speaks: many relays in one process, for benchmarks and faults.

The carrier's side is the phone's own (`phone/relay_session.py`): it speaks in real time, and tells
what it played.
"""

from __future__ import annotations

import asyncio
import html
import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from benchmarks.load import FORM, BadAnswer, Connection, Target, sign, webhook
from phone.caller import Presses, Speaks
from phone.faults import SocketFault
from phone.relay_line import RelayLine
from phone.relay_session import Manners, Party, RelaySession
from phone.webhook import Handshake

_SOCKET = re.compile(rb'<ConversationRelay[^>]* url="([^"]+)"')
_TOKEN = re.compile(rb'<Parameter name="token" value="([^"]*)"')
MANNERS = Manners(
    "en-IN", reported="any", keys=True, speaker_events=True, tokens_played=True,
    ignores_backchannels=True,
)  # fmt: skip
QUIET_S = 0.4  # after the agent's last word, before the caller speaks
LOOK_S = 0.1
ANSWER_MOST_S = 10.0  # after which a caller takes the line for dead
PAUSE_S = 0.5  # between two calls of one caller


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller does in a turn."""

    text: str = ""
    keys: str = ""
    cuts_in_s: float | None = None  # seconds after the agent began; None: lets it finish


def rate_desk(number: int) -> Sequence[Said]:
    """A whole call with the rate desk, whose charge no other call says."""
    charge = 1000 + 10 * (number % 90_000)
    return (
        Said(keys="1"),
        Said(f"{charge + 7} rupees"),
        Said("from 2 pm to 5 pm"),
        Said(f"no, it's {charge} rupees", cuts_in_s=1.0),
        Said("yes"),
    )


@dataclass
class RelayMet:
    """What the callers met."""

    turns_ms: list[float] = field(default_factory=list)  # final words → first words of the answer
    completed: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    lags_ms: list[float] = field(default_factory=list)  # of the callers' own clock


class RelayCaller:
    """One call, from its webhook to its end."""

    def __init__(self, target: Target, number: int, met: RelayMet, agent: str) -> None:
        self._target = target
        self._number = number
        self._met = met
        self._agent = agent
        self._loop = asyncio.get_running_loop()
        self._told_at: float | None = None  # an answer is due since then

    async def call(self, said: Sequence[Said]) -> str:
        """Do all of it; "" when the call came to its end as it should."""
        sid = f"CA{self._number:032x}"
        form = {**FORM, "CallSid": sid}
        path = f"/voice?agent_type={self._agent}"
        answer = await self._ask(webhook(self._target, path, form, f"{sid}-0"))
        line = self._line(answer, sid)
        await line.open()
        try:
            for one in said:
                how = await self._turn(line, one)
                if how:
                    return how
            await self._until(line, lambda: line.is_over)
        finally:
            line.stop()
            await line.wait_closed()
        if not line.session.has_ended:
            return str(line.fault or "did not end")
        told = {
            **form,
            "SessionId": line.session.session_id,
            "SessionStatus": "ended",
            "SessionDuration": "9",
            "HandoffData": line.session.handoff or "",
        }
        last = await self._ask(webhook(self._target, "/relay-ended", told, f"{sid}-end"))
        return "" if b"<Hangup" in last else "went on after its end"

    async def _turn(self, line: RelayLine, said: Said) -> str:
        session = line.session
        if said.cuts_in_s is None:
            heard = await self._until(line, lambda: self._is_quiet(line))
        else:
            least_s = said.cuts_in_s
            heard = await self._until(line, lambda: self._spoke_s(line) >= least_s)
        if not heard:
            return f"no answer to {said.text or said.keys}"
        session.heard.clear()
        line.act(Presses(said.keys) if said.keys else Speaks((said.text,)))
        answered = await self._until(
            line, lambda: not session.is_acting(self._loop.time()) and self._told_at is None
        )
        return "" if answered else "no answer"

    def _is_quiet(self, line: RelayLine) -> bool:
        words = line.session.words
        said = bool(line.session.heard) and words.playing is None and not words.is_speaking
        return said and self._loop.time() - words.quiet_from >= QUIET_S

    def _spoke_s(self, line: RelayLine) -> float:
        words = line.session.words
        return self._loop.time() - words.spoke_from if words.is_speaking else 0.0

    async def _until(self, line: RelayLine, holds: object) -> bool:
        assert callable(holds)
        until = self._loop.time() + ANSWER_MOST_S + 10
        while not holds():
            if line.is_over or self._loop.time() > until:
                return bool(line.is_over and holds())
            await asyncio.sleep(LOOK_S)
        return True

    def _line(self, answer: bytes, sid: str) -> RelayLine:
        found, token = _SOCKET.search(answer), _TOKEN.search(answer)
        if found is None or token is None:
            raise BadAnswer(f"no relay: {answer[-300:].decode(errors='replace')}")
        public = html.unescape(found[1].decode())
        path = public.split("://", 1)[1].partition("/")[2]
        parameters = {"token": html.unescape(token[1].decode())}
        party = Party("AC" + "b" * 32, sid, FORM["From"], FORM["To"], "inbound", parameters)
        signed = {"X-Twilio-Signature": sign(self._target.token, public, {})}
        handshake = Handshake(f"ws://127.0.0.1:{self._target.port}/{path}", signed)
        line = RelayLine(handshake, RelaySession(party, MANNERS))
        line.on_tell, line.on_message = self._tells, self._hears
        return line

    def _tells(self, message: str, at: float) -> None:
        if message.startswith(('{"type": "prompt"', '{"type": "dtmf"')):
            self._told_at = at

    def _hears(self, message: str, at: float) -> None:
        if self._told_at is not None and '"type":"text"' in message:
            self._met.turns_ms.append((at - self._told_at) * 1000)
            self._told_at = None

    async def _ask(self, request: bytes) -> bytes:
        _, connection = await self._loop.create_connection(
            Connection, "127.0.0.1", self._target.port
        )
        try:
            return await connection.ask(request)
        finally:
            connection.close()


class RelayCrowd:
    """Callers who ring again and again."""

    def __init__(self, target: Target, met: RelayMet, agent: str = "logistics") -> None:
        self._target = target
        self._met = met
        self._agent = agent
        self._numbers = count(secrets.randbelow(10**9))
        self._is_open = True
        self.open_calls = 0

    async def talk(self, callers: int, ramp_s: float, seconds: float, most: int = 0) -> None:
        """`callers` ring, spread over `ramp_s`, for `seconds` after the last; each call is heard to
        its end. With `most`, that many calls in all, however long they take."""
        left = most or -1
        looking = asyncio.create_task(self._look())

        async def ring(wait_s: float) -> None:
            nonlocal left
            await asyncio.sleep(wait_s)
            while self._is_open and left:
                left -= 1
                await self._one()
                await asyncio.sleep(PAUSE_S)

        rings = [asyncio.create_task(ring(n * ramp_s / callers)) for n in range(callers)]
        if not most:
            await asyncio.sleep(ramp_s + seconds)
            self._is_open = False
        await asyncio.gather(*rings)
        looking.cancel()

    async def _one(self) -> None:
        number = next(self._numbers)
        self.open_calls += 1
        try:
            how = await RelayCaller(self._target, number, self._met, self._agent).call(
                rate_desk(number)
            )
        except (BadAnswer, SocketFault, OSError, TimeoutError) as error:
            how = f"{type(error).__name__}: {str(error)[:120]}"
        finally:
            self.open_calls -= 1
        if how:
            self._met.failed[how] += 1
        else:
            self._met.completed += 1

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self._met.lags_ms.append((loop.time() - due) * 1000)


def told(met: RelayMet) -> Mapping[str, object]:
    """Counts, for programs."""
    return {"calls": met.completed + met.failed.total(), "failed": dict(met.failed)}
