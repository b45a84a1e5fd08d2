"""The people of the demo campaign: what each does when rung, what must come of it, and their file.

Nobody here is real: no number of them is dialled by anybody but the phone of this machine.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from phone.caller import Caller, PickUp, Presses, Speaks, StaysSilent
from phone.crowd import Neighbour, Resident
from phone.detection import Greeting
from phone.machines import AnsweringMachine, Fax

INDIA, NEW_YORK = "Asia/Kolkata", "America/New_York"
# Who says more than hello is taken for a machine by whoever listens for the length of it.
LONG_HELLO = Greeting("Good morning, this is the Rao residence, Kumar speaking, who is calling?")

# Of somebody who is on the do-not-call list when the file is read.
NO_LEAD = "no lead"
Day = Callable[[], Caller]


def _does(*moves: Presses | Speaks | StaysSilent, greeting: Greeting | None = None) -> Day:
    return lambda: Neighbour(moves, greeting=greeting) if greeting else Neighbour(moves)


def _is(picks_up: PickUp) -> Day:
    return lambda: Neighbour(picks_up=picks_up)


def _says(words: str, after_s: float | None = None) -> Speaks:
    return Speaks((words,), after_s=after_s)


class Barred(StrEnum):
    """When somebody is put on the do-not-call list by hand."""

    NEVER = "never"
    BEFORE = "before"  # the file is read
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Kind:
    """People who are alike, and what their lead must come to."""

    about: str
    share: int  # of a hundred
    days: Sequence[Day]
    status: str
    result: str  # of the last attempt; "" for those who are never rung
    rings: int
    language: str = "en"
    zone: str = INDIA
    barred: Barred = Barred.NEVER


_COMES = _does(Presses("1"))
_BUSY, _OUT, _GONE = _is(PickUp.BUSY), _is(PickUp.NO_ANSWER), _is(PickUp.FAILED)
_SILENT = _does(*[StaysSilent()] * 9)
KINDS: Sequence[Kind] = (
    Kind("comes: presses 1", 24, [_COMES], "done", "completed", 1),
    Kind("comes, says so in Hindi", 6, [_does(_says("हाँ"))], "done", "completed", 1, "hi"),
    Kind("comes, says so in Tamil", 6, [_does(_says("வருவேன்"))], "done", "completed", 1, "ta"),
    Kind("comes, says so in Malayalam", 4, [_does(_says("വരും"))], "done", "completed", 1, "ml"),
    Kind("another day: presses 2", 6, [_does(Presses("2"))], "done", "completed", 1),
    Kind("in New York, comes", 5, [_COMES], "done", "completed", 1, zone=NEW_YORK),
    Kind("busy, then comes", 6, [_BUSY, _COMES], "done", "completed", 2),
    Kind("out, then comes", 6, [_OUT, _COMES], "done", "completed", 2),
    Kind(
        "says so much that it sounds like a machine, comes", 2,
        [_does(_says("who is this", 0.3), Presses("1"), greeting=LONG_HELLO)],
        "done", "completed", 1,
    ),
    Kind("wants the front desk: presses 0", 2, [_does(Presses("0"))], "done", "handed_over", 1),
    Kind("hangs up", 7, [_does()], "done", "talked", 1),
    Kind("says nothing", 3, [_SILENT], "done", "talked", 1),
    Kind("a machine: a message is left", 7, [AnsweringMachine], "done", "machine", 1),
    Kind("a fax", 1, [Fax], "done", "machine", 1),
    Kind("always busy", 2, [_BUSY], "given_up", "busy", 3),
    Kind("never there", 4, [_OUT], "given_up", "no_answer", 3),
    Kind("a number out of service", 1, [_GONE], "given_up", "failed", 3),
    Kind(
        "never wants to be called again, says so in Tamil", 3,
        [_does(_says("என்னை இனி அழைக்க வேண்டாம்"))], "refused", "opted_out", 1, "ta",
    ),
    Kind("the same by a key: presses 9", 2, [_does(Presses("9"))], "refused", "opted_out", 1),
    Kind("on the do-not-call list", 2, [_COMES], NO_LEAD, "", 0, barred=Barred.BEFORE),
    Kind("put on it after the upload", 1, [_COMES], "refused", "", 0, barred=Barred.AFTER),
)  # fmt: skip

# Rows that are no leads: as they stand in the file, and why.
BAD_ROWS = (
    ("Typing Error", "98400", "too short"),
    ("No Number", "", "no number"),
    ("Some Words", "call me maybe", "no number"),
    ("Premium Line", "+1 900 555 0123", "costs the caller"),
)
# Rows that stand in the file twice.
DOUBLES = 3

DAY, TIME = "Friday", "11 o'clock"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the file."""

    name: str
    number: str  # E.164
    kind: Kind

    @property
    def resident(self) -> Resident:
        """The same, as the phone knows them."""
        return Resident(self.number, self.kind.days)

    def written(self, line: int) -> str:
        """Their number as people write it, each in another way."""
        if self.kind.zone == NEW_YORK:
            return f"+1 {self.number[2:5]}-{self.number[5:8]}-{self.number[8:]}"
        national = self.number[3:]
        ways = (self.number, f"0{national}", f"{national[:5]} {national[5:]}", f"91-{national}")
        return ways[line % 3] if line % 7 else f"+{ways[3]}"


def people(count: int) -> Sequence[Person]:
    """So many people: of every kind at least one, in no order, and the same each time."""
    kinds = [kind for kind in KINDS for _ in range(max(1, round(kind.share * count / 100)))]
    while len(kinds) > count:
        kinds.remove(max(KINDS, key=kinds.count))
    kinds += [KINDS[0]] * (count - len(kinds))
    random.Random(count).shuffle(kinds)
    return [_person(index, kind) for index, kind in enumerate(kinds)]


def _person(index: int, kind: Kind) -> Person:
    first = _NAMES[index % len(_NAMES)]
    last = _FAMILIES[index // len(_NAMES) % len(_FAMILIES)]
    # Fictitious numbers of the North American plan end in 0100 to 0199.
    american = f"+1{_AREAS[index // 100 % len(_AREAS)]}55501{index % 100:02}"
    number = american if kind.zone == NEW_YORK else f"+9198400{10000 + index * 7}"
    return Person(f"{first} {last}", number, kind)


def table(everybody: Sequence[Person]) -> str:
    """Their file, with rows that are no good and some that stand in it twice."""
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["name", "phone", "language", "day", "time", "note"])
    for line, one in enumerate([*everybody, *everybody[:DOUBLES]]):
        rows.writerow([one.name, one.written(line), one.kind.language, DAY, TIME, ""])
        if line < len(BAD_ROWS):
            name, number, _ = BAD_ROWS[line]
            rows.writerow([name, number, "en", DAY, TIME, '=HYPERLINK("x")'])
    return written.getvalue()


ROWS_MORE = DOUBLES + len(BAD_ROWS)  # than people
_AREAS = ("212", "646", "917")
_NAMES = (
    "Asha", "Ravi", "Meena", "Kumar", "Lakshmi", "Arjun", "Divya", "Suresh", "Anjali", "Vijay",
    "Priya", "Manoj", "Kavya", "Rahul", "Sneha", "Ganesh", "Nisha", "Hari", "Deepa", "Karthik",
)  # fmt: skip
_FAMILIES = (
    "Rao", "Nair", "Iyer", "Menon", "Sharma", "Pillai", "Reddy", "Varma", "Das", "Joshi", "Bose",
)  # fmt: skip
