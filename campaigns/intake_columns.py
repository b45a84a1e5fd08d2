"""What the columns of a file are: which has the number, how the others are called in sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.intake_rows import FileRefused, Wanted

COLUMNS_MOST = 100
NAME_MOST = 40
# Names of the column with the number, the likeliest first. As `variable_name` writes them.
NUMBER_NAMES = (
    "phone", "phone_number", "number", "mobile", "mobile_number", "contact_number", "telephone",
    "telephone_number", "phone_no", "mobile_no", "contact_no", "tel", "cell", "cell_phone",
    "cellphone", "msisdn", "whatsapp", "whatsapp_number", "phone1", "phone_1", "primary_phone",
    "contact", "e164", "to", "फ़ोन", "फोन", "फोन_नंबर", "मोबाइल", "मोबाइल_नंबर", "தொலைபேசி",
    "தொலைபேசி_எண்", "கைபேசி", "மொபைல்", "ഫോൺ", "ഫോൺ_നമ്പർ", "മൊബൈൽ",
)  # fmt: skip
ZONE_NAMES = ("timezone", "time_zone", "tz", "zone")
STATE_NAMES = ("state", "subdivision", "province", "state_code")
COUNTRY_NAMES = ("country_code", "country")
BASIS_NAMES = ("consent_basis", "consent", "opt_in", "optin", "consent_source")
CONSENT_AT_NAMES = ("consent_at", "consent_date", "consented_at", "opt_in_date", "opt_in_at")

# What a sentence can name: see `agents/texts.py`.
_SAYABLE = re.compile(r"[a-z][a-z0-9_]*")
_UNSAYABLE_SHOWN = 10
_GAPS = re.compile(r"[\s\-./:;,()\[\]{}#&'\"?!*+=|\\]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of columns in a row, from 0; None for those that the file has not."""

    names: Sequence[str]  # as the file calls them
    variables: Sequence[tuple[int, str]]  # place and name of those that sentences may say
    number: int
    zone: int | None = None
    state: int | None = None
    country: int | None = None
    basis: int | None = None
    consent_at: int | None = None
    notes: Sequence[str] = field(default=())
    choices: int = 1  # columns that may have the number

    @property
    def shown(self) -> Sequence[str]:
        """Variables and the number, as they are called here."""
        return [name for _, name in self.variables]

    @property
    def unsayable(self) -> str:
        """A note about columns that no sentence can name; "" when there are none."""
        found = [self.names[at] for at, name in self.variables if not _SAYABLE.fullmatch(name)]
        if not found:
            return ""
        more = len(found) - _UNSAYABLE_SHOWN
        shown = [name[:NAME_MOST] for name in found[:_UNSAYABLE_SHOWN]]
        shown += [f"{more} more"] if more > 0 else []
        return (
            f"No agent's sentence can say {', '.join(shown)}: begin names of columns with a letter "
            "a-z, and write the rest with a-z, 0-9 and _."
        )


def variable_name(written: str) -> str:
    """How sentences name a column: "Property Type" is {property_type}."""
    plain = unicodedata.normalize("NFKC", written)
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cf", "Cc"))
    name = _GAPS.sub("_", plain.strip().lower()).strip("_")[:NAME_MOST].rstrip("_")
    return f"_{name}"[:NAME_MOST] if name[:1].isdigit() else name


def header_of(cells: Sequence[str], below: Sequence[Sequence[str]] = ()) -> Columns:
    """What a row of names says. FileRefused when there is no number among them.

    `below` are the first rows after it: of columns that may have the number, the likeliest by name
    is taken unless another has more than twice as many numbers there.
    """
    last = max((place for place, cell in enumerate(cells) if cell.strip()), default=-1)
    if last >= COLUMNS_MOST:
        raise FileRefused(
            f"The file has {last + 1:,} columns; at most {COLUMNS_MOST} are read. Keep those that "
            "the agent's sentences need."
        )
    written = [cell.strip() for cell in cells[: last + 1]]
    notes: list[str] = []
    plain = _told_apart(written, notes)
    found = [plain.index(name) for name in NUMBER_NAMES if name in plain]
    if not found:
        there = ", ".join(name[:NAME_MOST] for name in written[:20] if name)
        raise FileRefused(f"No column has the number: call it phone. There are: {there or 'none'}.")
    if len(found) > 1:
        found = _fullest_first(found, below)
        others = ", ".join(written[place] for place in sorted(found[1:]))
        notes.append(f"The number is read from {written[found[0]]}, not from {others}.")
    return Columns(
        names=written,
        variables=[(at, name) for at, name in enumerate(plain) if name and at != found[0]],
        number=found[0],
        zone=_place(plain, ZONE_NAMES),
        state=_place(plain, STATE_NAMES),
        country=_place(plain, COUNTRY_NAMES),
        basis=_place(plain, BASIS_NAMES),
        consent_at=_place(plain, CONSENT_AT_NAMES),
        notes=notes,
        choices=len(found),
    )


def is_person(cells: Sequence[str], wanted: Wanted) -> bool:
    """Whether a row has a telephone number, so that it can be no row of names."""
    return any(_is_number(cell) for cell in cells[:COLUMNS_MOST])


def _is_number(cell: str) -> bool:
    digits = sum(letter.isdecimal() for letter in cell)
    return 7 <= digits <= 15 and len(cell.strip()) <= 25 and not any(map(str.isalpha, cell))


def _fullest_first(places: Sequence[int], below: Sequence[Sequence[str]]) -> list[int]:
    numbers = {
        place: sum(place < len(cells) and _is_number(cells[place]) for cells in below)
        for place in places
    }
    fullest = max(places, key=lambda place: numbers[place])  # the first of several
    if numbers[fullest] <= 2 * numbers[places[0]]:
        return list(places)
    return [fullest, *(place for place in places if place != fullest)]


def _told_apart(written: Sequence[str], notes: list[str]) -> list[str]:
    """A name for each column, no two alike; "" for those without one."""
    plain: list[str] = []
    for place, name in enumerate(written):
        one = variable_name(name)
        if not one:
            notes.append(f"Column {place + 1} has no name: what stands there is not kept.")
        elif one in plain:
            number = 2
            while f"{one}_{number}" in plain:
                number += 1
            notes.append(f"Two columns are called {name}: the second is {one}_{number}.")
            one = f"{one}_{number}"
        plain.append(one)
    return plain


def _place(plain: Sequence[str], names: Sequence[str]) -> int | None:
    return next((plain.index(name) for name in names if name in plain), None)
