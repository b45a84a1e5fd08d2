"""A town in which everybody is known by the last digit of their number: `flask phone --town`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from phone.caller import Caller, PickUp, Presses, StaysSilent
from phone.crowd import Neighbour, Resident, Rung
from phone.machines import AnsweringMachine


@dataclass(frozen=True, slots=True)
class Kind:
    """People who are alike."""

    about: str
    days: Sequence[Callable[[], Caller]]  # as `Resident` has them


def _presses(key: str) -> Callable[[], Caller]:
    return lambda: Neighbour([Presses(key)] * 3)


def _is(picks_up: PickUp) -> Callable[[], Caller]:
    return lambda: Neighbour(picks_up=picks_up)


_COMES = _presses("1")
PRESSES = Kind("answers and presses 1", [_COMES])
KINDS: Sequence[Kind] = (  # by the last digit
    PRESSES,
    PRESSES,
    PRESSES,
    PRESSES,
    Kind("answers and presses 2", [_presses("2")]),
    Kind("is busy, and presses 1 the next time", [_is(PickUp.BUSY), _COMES]),
    Kind("is out, and presses 1 the next time", [_is(PickUp.NO_ANSWER), _COMES]),
    Kind("has an answering machine", [AnsweringMachine]),
    Kind("says nothing", [lambda: Neighbour([StaysSilent()] * 9)]),
    Kind("presses 9", [_presses("9")]),
)


def resident(number: str) -> Resident:
    """Who has a number."""
    return Resident(number, _kind(number).days)


def told(rung: Rung) -> str:
    """A ring that is over, in a line."""
    about = _kind(rung.number).about
    heard = f", the carrier heard {rung.answered_by}" if rung.answered_by else ""
    return f"{rung.number}: {rung.status}{heard}  ({about})"


def legend() -> Sequence[str]:
    """What people are like, by the last digit of their numbers."""
    digits: dict[str, list[str]] = {}
    for digit, kind in enumerate(KINDS):
        digits.setdefault(kind.about, []).append(str(digit))
    return [f"  …{' …'.join(found)}  {about}" for about, found in digits.items()]


def _kind(number: str) -> Kind:
    return KINDS[int(number[-1])] if number[-1:].isdecimal() else PRESSES
