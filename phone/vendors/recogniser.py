"""A vendor that listens over sockets: lets in, goes wrong as planned, keeps what it heard."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson

from phone.vendors.hears import Ear
from phone.vendors.plan import EAR, SLOW_S, Fault, Plan
from phone.vendors.refusals import Refusals
from phone.vendors.websocket import NORMAL, Socket, opened
from phone.vendors.wire import Asked

Query = Mapping[str, list[str]]

_GARBAGE = b'{"type":"Results","channel":{"alter'
# Without sound for as long it closes, as Deepgram does (NET-0001).
IDLE_S = 10.0


class Talk(Protocol):
    """What one vendor says in one session."""

    def begin(self) -> None:
        """It listens."""

    def hear(self, has_words: bool) -> None:
        """The session's ear has heard more."""

    def read(self, message: Mapping[str, Any]) -> None:
        """What is said to it. May raise on nonsense."""

    def refuse_to_go_on(self) -> None:
        """Say that the account is empty."""

    def idle(self) -> None:
        """Close, because nothing comes."""


class Trade(Protocol):
    """What one vendor does in its own way."""

    refusals: Refusals

    def refuses(self, asked: Asked) -> bool:
        """Whether the request was answered with an error: it is not right."""

    def talk(self, path: str, query: Query, session: Session) -> Talk:
        """What is said in a session."""


class Recogniser:
    """One vendor. Counts as `Vendor` does: a request is a socket, a text is an utterance."""

    faults = EAR

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self._sessions: set[Session] = set()
        self.reset()

    def reset(self) -> None:
        """As at the start. Sessions go on."""
        self.plan = Plan()
        self.requests = 0
        self.failed = 0
        self.most_at_once = 0
        self.seconds = 0.0
        self.kept_alive = 0
        self.texts: Counter[str] = Counter()
        self.queries: Counter[str] = Counter()

    @property
    def at_once(self) -> int:
        """Sessions that are open."""
        return len(self._sessions)

    def told(self) -> dict[str, object]:
        """What it was asked so far, for the control address."""
        return {
            "plan": asdict(self.plan),
            "requests": self.requests,
            "failed": self.failed,
            "at_once": self.at_once,
            "most_at_once": self.most_at_once,
            "seconds": round(self.seconds, 3),
            "kept_alive": self.kept_alive,
            "texts": self.texts,
            "queries": self.queries,
        }

    async def __call__(self, asked: Asked) -> None:
        """Answer a request."""
        if self.trade.refuses(asked):
            return
        self.requests += 1
        plan, number = self.plan, self.requests
        fault = plan.fault if plan.meets_fault(number) else None
        match fault:
            case Fault.DOWN:
                self.failed += 1
                asked.reset()
                return
            case Fault.SLOW:
                self.failed += 1
                await asyncio.sleep(SLOW_S)
            case Fault.KEY | Fault.BUSY | Fault.BROKEN:
                self.failed += 1
                self.trade.refusals.fail(asked, fault)
                return
        self.queries[asked.query] += 1
        session = Session(self, asked, number)
        self._sessions.add(session)
        self.most_at_once = max(self.most_at_once, self.at_once)
        session.begin()

    def break_off(self) -> None:
        """Have every connection break now."""
        for session in tuple(self._sessions):
            session.break_off()

    def left(self, session: Session) -> None:
        """A session is over."""
        self._sessions.discard(session)


class Session:
    """One socket on which one caller is listened to."""

    def __init__(self, vendor: Recogniser, asked: Asked, number: int) -> None:
        self.ear = Ear()
        self._vendor = vendor
        self._number = number
        query: dict[str, list[str]] = {}
        for name, value in parse_qsl(asked.query):
            query.setdefault(name, []).append(value)
        self._loop = asyncio.get_running_loop()
        self._socket: Socket = opened(asked)
        self._socket.on_bytes = self.hear
        self._socket.on_text = self._read
        self._socket.on_lost = self._lost
        self._plan: Plan | None = None
        self._fault: Fault | None = None
        self._is_noted = False  # that it went wrong
        self._is_begun = False
        self._has_told = False  # words, in a session that is to break
        self._is_fed = True
        self._idle = self._loop.call_later(IDLE_S, self._look)
        self._talk = vendor.trade.talk(asked.path, query, self)

    def begin(self) -> None:
        """Listen."""
        if self._failing() is Fault.DEAF:
            self._note()
            self._socket.stop_reading()
        self._talk.begin()
        self._is_begun = True

    def say(self, message: Mapping[str, object]) -> None:
        """A message, as late as planned; none of one who is mute, but that it listens."""
        if self._is_begun and self._failing() in (Fault.MUTE, Fault.DEAF):
            self._note()
            return
        self._later(orjson.dumps(message))

    def heard(self, text: str) -> None:
        """An utterance was understood."""
        if text:
            self._vendor.texts[text] += 1

    def keep_alive(self) -> None:
        """The caller's side says that there is more to come."""
        self._is_fed = True
        self._vendor.kept_alive += 1

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """End it, after what was said."""
        delay_s = self._vendor.plan.delay_ms / 1000
        if delay_s:
            self._loop.call_later(delay_s, self._socket.close, code, reason)
        else:
            self._socket.close(code, reason)

    def break_off(self) -> None:
        """Have the connection break."""
        self._socket.reset()

    def _later(self, data: bytes) -> None:
        delay_s = self._vendor.plan.delay_ms / 1000
        if delay_s:
            self._loop.call_later(delay_s, self._socket.send, data)
        else:
            self._socket.send(data)

    def _failing(self) -> Fault | None:
        """The fault of this session: one of the plan it began with, or of a later one."""
        plan = self._vendor.plan
        if plan is not self._plan:
            self._plan = plan
            self._fault = plan.fault if plan.meets_fault(self._number) else None
        return self._fault

    def _note(self) -> None:
        if not self._is_noted:
            self._is_noted = True
            self._vendor.failed += 1

    def _read(self, message: bytes) -> None:
        try:
            self._talk.read(orjson.loads(message))
        except (ValueError, TypeError, LookupError, AttributeError):
            self.close(1008, "DATA-0000")

    def hear(self, sound: bytes) -> None:
        """Sound came."""
        self._is_fed = True
        self._vendor.seconds += len(sound) / 8000
        has_words = self.ear.hear(sound)
        fault = self._failing()
        match fault:
            case Fault.MUTE | Fault.DEAF:
                self._note()
            case Fault.GARBAGE:
                self._note()
                if self.ear.is_loud:
                    self._later(_GARBAGE)
            case Fault.QUOTA if has_words:
                self._note()
                self._talk.refuse_to_go_on()
            case Fault.DIES if self._has_told and self.ear.is_loud:
                self._note()
                self._socket.reset()
            case _:
                self._has_told = self._has_told or has_words
                self._talk.hear(has_words)

    def _look(self) -> None:
        """Whether anything came within the time that a vendor waits for it."""
        if self._is_fed:
            self._is_fed = False
            self._idle = self._loop.call_later(IDLE_S, self._look)
        else:
            self._talk.idle()

    def _lost(self) -> None:
        self._idle.cancel()
        self._vendor.left(self)
