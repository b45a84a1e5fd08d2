"""How a vendor is to behave: how fast, and with which fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong with a vendor. Who has which: `MODEL`, `VOICE`, `EAR`."""

    DOWN = "down"  # connections are refused
    SLOW = "slow"  # nothing comes for SLOW_S
    BUSY = "429"
    BROKEN = "500"
    GARBAGE = "garbage"  # 200, and no JSON
    SHAPE = "shape"  # JSON of another form than was asked for
    BLOCKED = "blocked"  # the content was refused
    CUT = "cut"  # the connection ends in the middle of a clip
    EMPTY = "empty"  # 200 without a body
    HTML = "html"  # 200 with a page of some proxy
    STALL = "stall"  # half of a clip, and nothing more for SLOW_S
    HEADERS = "headers"  # 200, and then nothing for SLOW_S
    KEY = "401"
    QUOTA = "quota"  # it listens, and then says that the account is empty
    MUTE = "mute"  # it listens and says nothing
    DEAF = "deaf"  # it accepts, and takes nothing of what it is sent
    DIES = "dies"  # the connection breaks in the middle of a word


MODEL = frozenset(
    {
        Fault.DOWN,
        Fault.SLOW,
        Fault.BUSY,
        Fault.BROKEN,
        Fault.GARBAGE,
        Fault.SHAPE,
        Fault.BLOCKED,
    }
)
VOICE = frozenset(
    {
        Fault.DOWN,
        Fault.SLOW,
        Fault.BUSY,
        Fault.BROKEN,
        Fault.CUT,
        Fault.EMPTY,
        Fault.HTML,
        Fault.STALL,
        Fault.HEADERS,
    }
)
# Of those who listen. A garbled answer is one that is no JSON.
EAR = frozenset(
    {
        Fault.DOWN,
        Fault.SLOW,
        Fault.KEY,
        Fault.BUSY,
        Fault.BROKEN,
        Fault.QUOTA,
        Fault.MUTE,
        Fault.DEAF,
        Fault.GARBAGE,
        Fault.DIES,
    }
)
SLOW_S = 30.0


class WrongPlan(ValueError):
    """A plan that no vendor can follow; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The behaviour of one vendor. Times count from the end of the request."""

    delay_ms: float = 0  # until a model answers; of what a recogniser says, after the sound
    first_byte_ms: float = 0  # of a clip
    last_byte_ms: float = 0  # of a clip; never before the first
    fault: Fault | None = None
    share: float = 1.0  # of the requests that meet the fault, 0 to 1

    def meets_fault(self, number: int) -> bool:
        """Whether the request with this number, from 1, is one that goes wrong."""
        if self.fault is None:
            return False
        return int(number * self.share) > int((number - 1) * self.share)


def read_plan(written: object, possible: frozenset[Fault]) -> Plan:
    """The plan that a JSON object writes down. WrongPlan when it is none."""
    if not isinstance(written, Mapping):
        raise WrongPlan("a plan is an object")
    names = {one.name for one in fields(Plan)}
    unknown = sorted(str(name) for name in written.keys() - names)
    if unknown:
        raise WrongPlan(f"a plan has no {', '.join(unknown)}; it has {', '.join(sorted(names))}")
    numbers: dict[str, float] = {}
    for name in names - {"fault"}:
        value = written.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise WrongPlan(f"{name} is a number, 0 or more")
        numbers[name] = value
    fault = written.get("fault")
    if fault is not None and fault not in possible:
        raise WrongPlan(f"fault is one of {', '.join(sorted(possible))}")
    return Plan(fault=None if fault is None else Fault(str(fault)), **numbers)
