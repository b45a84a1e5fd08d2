"""One whole call in a world that breaks: what its caller met, and what is kept of it afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.ear import Ear, TimedCourier
from benchmarks.fault_world import PUBLIC, TOKEN, Balanced, World
from phone.caller import Dialling, HangsUp, Heard, Listening, Move, PickUp, Speaks
from phone.clock import CallClock, speech_s
from phone.execution import Execution
from phone.handset import CALLER_NUMBER, LINE_NUMBER, LOCAL_ACCOUNT
from phone.leg import Leg
from phone.line import Addresses, Line
from phone.live_call import Ear as LiveEar
from phone.live_habits import Live
from phone.progress import Progress
from phone.transcript import Transcript
from storage.base import StorageError
from storage.mongo import MongoStorage

Deed = Callable[[World], object]

FIRST, CHARGE = 507, 600
WANTED: Mapping[str, object] = {
    "charge": {"amount": CHARGE, "currency": "INR"},
    "window": {"start": "14:00", "end": "17:00"},
}
LINES_MOST = 15  # a caller who has said more has had enough
SILENCE_MOST_S = 4.0
CATCH_UP_MOST_S = 10.0
# How long it is waited for, to tell late from never.
CATCH_UP_PATIENCE_S = 20.0
_LOOK_AGAIN_S = 0.1


@dataclass(frozen=True)
class Plot:
    """What happens when. Turns count from 1, the caller's first words."""

    before: Mapping[int, Deed] = field(default_factory=dict)  # the caller speaks
    during: Mapping[int, Deed] = field(default_factory=dict)  # from the moment the turn is sent
    after: Deed | None = None  # the call is over


@dataclass(frozen=True)
class Verdict:
    """How it went."""

    heard: str
    silence_s: float
    outcome: str
    stored: str
    lost: int
    doubled: int
    caught_up_s: float
    faults: tuple[str, ...] = ()  # what the carrier would have logged

    @property
    def problems(self) -> list[str]:
        """The bounds that were broken."""
        found = []
        if self.silence_s > SILENCE_MOST_S:
            found.append(f"{self.silence_s:.1f} s of silence")
        if self.outcome != "completed":
            found.append(f"the call ended as {self.outcome}")
        if self.lost:
            found.append(f"{self.lost} lost")
        if self.doubled:
            found.append(f"{self.doubled} doubled")
        if self.caught_up_s > CATCH_UP_MOST_S:
            found.append("did not catch up in time")
        return found


class Person:
    """A caller who answers what they are asked, again when they are asked again."""

    def __init__(self, world: World, ear: Ear, plot: Plot) -> None:
        self.lines: list[str] = []
        self.gave_up = False
        self.sid = ""
        self._world = world
        self._ear = ear
        self._plot = plot
        self._known: Mapping[str, Any] = {}

    def picks_up(self, number: str) -> PickUp:
        """Never rung here."""
        return PickUp.ANSWERED

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """Nobody is at the desk."""
        return PickUp.NO_ANSWER

    def hears(self, heard: Heard) -> None:
        """The carrier's own voice; clips are heard as their bytes come."""
        if not heard.played:
            self._ear.said += 1
            self._ear.hears(speech_s(heard.text))

    def moves(self, listening: Listening) -> Move:
        """The answer to the question."""
        self._ear.is_asked(listening.timeout_s)
        return self.answers()

    def answers(self) -> Move:
        """What they say to what they were asked last."""
        if len(self.lines) >= LINES_MOST:
            self.gave_up = True
            return HangsUp()
        self._known = self._world.ask(f"/call-status/{self.sid}") or self._known
        self.lines.append(_line(self._known))
        happens = self._plot.before.get(len(self.lines))
        if happens is not None:
            happens(self._world)
        return Speaks((self.lines[-1],))

    def sends(self) -> None:
        """Their words are on the way."""
        happens = self._plot.during.get(len(self.lines))
        if happens is not None:
            self._world.beside(happens)


class LivePerson(Person):
    """The same on a live line, where sound says when the agent speaks, and when it has finished."""

    _is_under_way = False  # words of theirs

    def overhears(self, words: Sequence[str]) -> None:
        """They listen to the sound of it."""
        self._ear.words += len(words)

    def attends(self, ear: LiveEar, has_finished: bool) -> Move | None:
        """Speak when the agent has finished; meanwhile count how long nothing is heard."""
        if self._is_under_way:  # the line says nothing while they speak: now they have finished
            self._is_under_way = False
            self._ear.waits()
            self.sends()
        if ear.speaks:
            self._ear.hears(0.0)
        if not has_finished:
            return None
        self._ear.is_asked(0.0)
        self._is_under_way = True
        return self.answers()


def call_in(world: World, plot: Plot) -> Verdict:
    """Ring, talk to the end, and look at what is kept once the database has caught up."""
    ear = Ear()
    live = world.setting.live
    person = (Person if live is None else LivePerson)(world, ear, plot)
    leg = Leg(LOCAL_ACCOUNT, CALLER_NUMBER, LINE_NUMBER, "inbound")
    person.sid = leg.sid
    courier = TimedCourier(
        CallClock(), TOKEN, Balanced(PUBLIC, address=world.address), ear=ear, on_turn=person.sends
    )
    progress = Progress(courier, leg, f"{PUBLIC}/call-events/status")
    line = Line(
        Execution(leg, courier, person, progress, Transcript(), live=live or Live()),
        Addresses(f"{PUBLIC}/voice?agent_type=logistics", fallback=f"{PUBLIC}/voice-fallback"),
    )
    line.run_inbound()
    ended_at = time.monotonic()
    world.join()
    if plot.after is not None:
        plot.after(world)
    kept, caught_up_at = _caught_up(world, leg.sid, max(ended_at, world.database_back_at))
    shown = world.ask(f"/call-status/{leg.sid}") or {}
    outcome = "given up by the caller" if person.gave_up else str(shown.get("outcome"))
    return Verdict(
        heard=ear.told(),
        silence_s=ear.longest_s,
        outcome=outcome,
        stored=_stored(kept),
        lost=_lost(kept, shown),
        doubled=_doubled(kept, person.lines),
        caught_up_s=caught_up_at - max(ended_at, world.database_back_at),
        faults=tuple(line.call.transcript.faults),
    )


@dataclass(frozen=True)
class Kept:
    """What the database itself holds of the call, past every layer of ours."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    collected: list[dict[str, Any]] = field(default_factory=list)


def _line(known: Mapping[str, Any]) -> str:
    """What a person says to what was asked last."""
    data = known.get("data") or {}
    if known.get("stage") in (None, "language"):
        return "English"
    if "charge" not in data:
        return f"{FIRST} rupees"
    if "window" not in data:
        return "from 2 pm to 5 pm"
    return "yes" if data["charge"].get("amount") == CHARGE else f"no, it's {CHARGE}"


def _caught_up(world: World, sid: str, since: float) -> tuple[Kept, float]:
    """What is kept, and when all of it was."""
    kept = Kept()
    while time.monotonic() - since < CATCH_UP_PATIENCE_S:
        ready = world.ask("/health/ready") or {}
        kept = _kept(world, sid)
        ended = kept.calls and kept.calls[0].get("outcome") is not None
        if ready.get("database") in ("ok", "no journal") and ended and kept.collected:
            return kept, time.monotonic()
        time.sleep(_LOOK_AGAIN_S)
    return kept, float("inf")


def _kept(world: World, sid: str) -> Kept:
    try:
        with closing(MongoStorage(world.uri)) as storage:
            call = storage.find_call(sid)
            if call is not None:  # whoever reads turns puts the last one in its place first
                storage.turns(call.call_id)
        with MongoClient[dict[str, Any]](world.uri, timeoutMS=2000) as client:
            database = client.get_default_database()
            calls = list(database["calls"].find({"carrier_id": sid}))
            ids = {"call_id": {"$in": [one["_id"] for one in calls]}}
            turns = list(database["turns"].find(ids))
            return Kept(calls, turns, list(database["collected"].find(ids)))
    except (PyMongoError, StorageError):
        return Kept()


def _stored(kept: Kept) -> str:
    fields = len(_data(kept))
    return f"{fields} fields, {len(kept.turns)} turns"


def _data(kept: Kept) -> Mapping[str, object]:
    if not kept.collected:
        return {}
    data = kept.collected[0].get("data")
    return data if isinstance(data, Mapping) else {}


def _lost(kept: Kept, shown: Mapping[str, Any]) -> int:
    """Fields that are not as the caller said them, and turns that the server took and lost."""
    data = _data(kept)
    fields = sum(data.get(name) != value for name, value in WANTED.items())
    there = {one.get("turn") for one in kept.turns}
    return fields + sum(one["turn"] not in there for one in shown.get("turns", ()))


def _doubled(kept: Kept, lines: list[str]) -> int:
    """Calls and results beyond one, turns of one number, and words kept more often than said."""
    numbers = Counter(one.get("turn") for one in kept.turns)
    words = Counter(str(one.get("caller")) for one in kept.turns if one.get("caller"))
    return (
        max(0, len(kept.calls) - 1)
        + max(0, len(kept.collected) - 1)
        + sum(times - 1 for times in numbers.values())
        + (words - Counter(lines)).total()
    )
