"""A town at the other end: people by number, rung many at once, each doing what they are like.

Whoever orders the calls knows nothing of it; what happened here is the account of the others.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from phone.caller import Caller, Dialling, HangsUp, Heard, Listening, Move, PickUp
from phone.detection import HELLO, Greeting
from phone.exchange import Exchange, Ring

# Calls that people of a town may have at the same time.
AT_ONCE = 64
LOOK_S = 0.2


class Neighbour:
    """Answers, does some things in order when it is their turn, and then hangs up."""

    def __init__(
        self,
        moves: Iterable[Move] = (),
        picks_up: PickUp = PickUp.ANSWERED,
        greeting: Greeting = HELLO,
    ) -> None:
        self.greeting = greeting
        self.heard: list[str] = []
        self._moves = list(moves)
        self._picks_up = picks_up

    def recording_begins(self) -> None:
        """It does not: this is a person."""

    def picks_up(self, number: str) -> PickUp:
        """As this one does today."""
        return self._picks_up

    def hears(self, heard: Heard) -> None:
        """Remembers it."""
        self.heard.append(" ".join(heard.text.split()))

    def moves(self, listening: Listening) -> Move:
        """The next thing to do."""
        return self._moves.pop(0) if self._moves else HangsUp()

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """Somebody takes the call."""
        return PickUp.ANSWERED


@dataclass(frozen=True, slots=True)
class Resident:
    """Whoever has a number: what they are like the first time they are rung, the second, …"""

    number: str  # E.164
    days: Sequence[Callable[[], Caller]]  # the last holds for every time after it

    def caller(self, time: int) -> Caller:
        """Who answers the ring of that number, from 1."""
        return self.days[min(time, len(self.days)) - 1]()


@dataclass(frozen=True, slots=True)
class Rung:
    """One ring, from the town's side."""

    number: str
    time: int  # from 1: how often this number was rung by then
    at: datetime
    status: str  # the carrier's last word
    caller: Caller
    answered_by: str  # the carrier's word on it; "" when nobody listened
    is_beside: bool  # this number was being rung already


@dataclass
class Crowd:
    """The people of one exchange. `open` before the first ring, `close` after the last."""

    exchange: Exchange
    residents: Sequence[Resident]
    clock: Callable[[], datetime]
    # What those are like who are no residents; None: their numbers are out of service.
    strangers: Callable[[str], Resident] | None = None
    tell: Callable[[Rung], None] | None = None  # is told of each ring that is over
    # Those that are over, with all that was heard; as many as it holds (`maxlen`).
    rung: deque[Rung] = field(default_factory=deque)
    faults: list[str] = field(default_factory=list)  # what no carrier would do
    most_live: int = 0
    _live: Counter[str] = field(default_factory=Counter)  # by number
    _times: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _taker: threading.Thread | None = None

    @property
    def live(self) -> int:
        """Phones that ring, or are talked on, now."""
        with self._lock:
            return self._live.total()

    def open(self) -> None:
        """Begin to answer."""
        self._taker = threading.Thread(target=self._take, name="crowd", daemon=True)
        self._taker.start()

    def close(self) -> None:
        """Answer nobody any more, and let those who talk finish."""
        self._closing.set()
        if self._taker is not None:
            self._taker.join()

    def _take(self) -> None:
        people = {one.number: one for one in self.residents}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="neighbour") as pool:
            while not self._closing.is_set():
                ring = self.exchange.next_ring(LOOK_S)
                if ring is not None:
                    self._begin(ring, people, pool)

    def _begin(self, ring: Ring, people: dict[str, Resident], pool: ThreadPoolExecutor) -> None:
        number = ring.leg.to_number
        resident = people.get(number)
        if resident is None and self.strangers is not None:
            resident = self.strangers(number)
        with self._lock:
            is_beside = self._live[number] > 0
            self._live[number] += 1
            self._times[number] += 1
            time = self._times[number]
            self.most_live = max(self.most_live, self._live.total())
        nobody = Neighbour(picks_up=PickUp.FAILED)
        caller = nobody if resident is None else resident.caller(time)
        done = pool.submit(self._answer, ring, caller, time, is_beside)
        done.add_done_callback(lambda future: self._over(number, future.exception()))

    def _answer(self, ring: Ring, caller: Caller, time: int, is_beside: bool) -> None:
        at = self.clock()
        ring.answer(caller)
        word = ring.detection.answered_by if ring.detection else ""
        rung = Rung(ring.leg.to_number, time, at, ring.status, caller, word, is_beside)
        with self._lock:
            self.rung.append(rung)
        if self.tell is not None:
            self.tell(rung)

    def _over(self, number: str, error: BaseException | None) -> None:
        with self._lock:
            self._live[number] -= 1
            if not self._live[number]:
                del self._live[number]
            if error is not None:
                self.faults.append(f"{number}: {error!r}")
