"""One call of a browser phone: a phone's line in a thread, over HTTP to this very server."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from calls.outages import Outage, Part
from console.phone_caller import BrowserCaller, Inbox, Tell
from console.phone_headset import BrowserHeadset
from console.phone_messages import Ring
from console.phone_record import told_of, words_of
from phone.clock import LiveClock
from phone.exchange import Exchange, Habits
from phone.execution import End
from phone.handset import Handset, ServerAway
from phone.line import Line
from phone.live_habits import Live
from phone.transcript import Entry, Transcript, Who
from phone.webhook import Delivery, Mishap, Way
from services import Services
from storage.base import StorageError

FREE_WAIT_S = 2.0  # for the port at which calls are ordered
RING_WAIT_S = 15.0  # until the server that took an order has the carrier ring
_DOCUMENTS = ("text/xml", "application/xml", "text/html")


@dataclass(frozen=True, slots=True)
class Where:
    """How this server is reached: where it listens, and under which name it is known."""

    listens: str  # http://127.0.0.1:8000
    public: str  # "": nobody signs, so no name is needed


class Unreachable(Exception):
    """The call cannot be made; says why, to the person at the page."""


class BrowserCall:
    """`run` once, in a thread of its own; the rest from any other."""

    def __init__(
        self, services: Services, where: Where, ring: Ring, inbox: Inbox, headset: BrowserHeadset
    ) -> None:
        self._services = services
        self._where = where
        self._ring = ring
        self.inbox = inbox
        self.headset = headset
        self._tell: Tell = _nobody
        self._line: Line | None = None
        self._broken: set[Part] = set()

    def run(self, tell: Tell) -> None:
        """Ring, talk, and tell the page of everything; returns when the call is over."""
        self._tell = tell
        problem = "The call broke; what happened is in the server's log."
        try:
            self._talk()
            problem = ""
        except (Unreachable, ServerAway) as error:
            problem = str(error)
        finally:
            self._mend()
            self._tell_record()
            status = self._line.call.leg.status if self._line else ""
            tell({"type": "ended", "status": status, "problem": problem})

    def hang_up(self) -> None:
        """The person is gone. May be called again."""
        self.inbox.close()
        line = self._line
        if line is not None:
            line.call.interrupt(End())

    def order(self, mishap: Mishap) -> None:
        """Something is to go wrong with the next document."""
        line = self._line
        if line is not None:
            line.call.courier.mishap = mishap

    def breaks(self, part: Part, outage: Outage | None) -> None:
        """Have a vendor fail until this call ends, or be well again. Takes a look at the store."""
        outages = self._services.outages
        problem = why_not_broken(self._services, part)
        try:
            if outages is not None and not problem:
                if outage is None:
                    outages.end(part)
                    self._broken.discard(part)
                else:
                    self._broken.add(part)
                    outages.order(part, outage)
        except StorageError:
            problem = "The storage cannot be reached or written now."
        self._tell({"type": "broken", "part": part, "outage": outage, "problem": problem})

    def _mend(self) -> None:
        """What this call broke is whole again after it."""
        for part in tuple(self._broken):
            self.breaks(part, None)

    def _talk(self) -> None:
        settings = self._services.settings
        words = partial(words_of, self._services)
        caller = BrowserCaller(self.inbox, self._tell, words, self._tell_record)
        habits = Habits(
            token=settings.webhook_token,
            way=Way(self._where.public, self._where.listens) if self._where.public else Way(),
            clock=lambda: LiveClock(caller.hears_out),
            watch=self._delivered,
            live=Live(headset=self.headset),
        )
        handset = Handset(self._where.listens, habits, settings.api_token)
        try:
            if self._ring.outgoing:
                self._be_rung(handset, habits, caller)
            else:
                self._call_in(handset, caller)
        finally:
            handset.close()

    def _call_in(self, handset: Handset, caller: BrowserCaller) -> None:
        transcript = Transcript(watch=self._noted)
        line = handset.prepare(self._ring.agent, caller, transcript, self._ring.number)
        self._line = line
        self._tell({"type": "dialled", "sid": line.call.leg.sid})
        line.run_inbound()

    def _be_rung(self, handset: Handset, habits: Habits, caller: BrowserCaller) -> None:
        """Have the server order the call; it does so at the port after its own."""
        exchange = self._opened(Exchange(habits))
        try:
            sid = handset.order(self._ring.agent, self._ring.number, self._ring.variables)
            self._tell({"type": "dialled", "sid": sid})
            ring = exchange.next_ring(RING_WAIT_S)
            if ring is None or ring.leg.sid != sid:
                raise Unreachable("The server took the order and rings somewhere else.")
            ring.transcript.watch = self._noted
            ring.answer(caller, self._began)
        finally:
            exchange.close()

    def _opened(self, exchange: Exchange) -> Exchange:
        """Listen for the order; whoever has just hung up needs a moment to let go of the port."""
        until = time.monotonic() + FREE_WAIT_S
        while True:
            try:
                exchange.open(self._services.settings.port + 1)
            except OSError as error:
                if time.monotonic() < until:
                    time.sleep(0.1)
                    continue
                raise Unreachable(
                    "Another phone is waiting for this server's calls (another page, or `flask "
                    "phone`). Only one can be rung at a time."
                ) from error
            return exchange

    def _began(self, line: Line) -> None:
        self._line = line

    def _delivered(self, delivery: Delivery) -> None:
        """Show a webhook with its answer."""
        answer = delivery.answer
        document = ""
        if answer and answer.content_type.partition(";")[0] in _DOCUMENTS:
            document = answer.body.decode("utf-8", "replace")
        self._tell(
            {
                "type": "webhook",
                "method": delivery.method,
                "url": delivery.url,
                "form": delivery.form,
                "status": answer.status if answer else None,
                "document": document,
                "attempts": delivery.attempts,
                "mishap": delivery.mishap,
                "fault": str(delivery.fault) if delivery.fault else "",
                "elapsed_ms": round(delivery.elapsed_ms, 1),
            }
        )

    def _noted(self, entry: Entry) -> None:
        """Show what the line itself did; what was said the page knows."""
        if entry.who in (Who.EVENT, Who.FAULT):
            self._tell({"type": "noted", "who": entry.who, "text": entry.text})

    def _tell_record(self) -> None:
        line = self._line
        record = told_of(self._services, line.call.leg.sid) if line else None
        if record is not None:
            self._tell(record)


def why_not_broken(services: Services, part: Part) -> str:
    """Why a vendor cannot be made to fail here; "" when it can."""
    if services.outages is None:
        return "Not on a server that a real carrier calls: its callers would be hit, too."
    if part is Part.VOICE and services.speech.files is None:
        return "No voice has a key here: the browser speaks for the carrier, and needs none."
    return ""


def _nobody(event: Mapping[str, object]) -> None:
    """Nobody listens yet."""
