"""What reading a file works with: rows, what is wrong with them, how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

# Of what stands in a cell, in a list of problems.
VALUE_MOST = 80

# A line of the file (of a sheet, its row) and what stands in it.
Cells = tuple[int, list[str]]


class Fault(StrEnum):
    """Why a row is not taken."""

    NO_NUMBER = "no_number"  # the cell is empty
    NOT_A_NUMBER = "not_a_number"
    NO_SUCH_NUMBER = "no_such_number"  # no country gives out such numbers
    SHORTENED = "shortened_by_spreadsheet"  # 9.19877E+11: its digits are lost
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    COSTLY = "costly"  # premium rates and the like
    DUPLICATE_IN_FILE = "duplicate_in_file"
    DUPLICATE_IN_CAMPAIGN = "duplicate_in_campaign"
    ASKED_AGAIN = "asked_again"  # in the campaign, with what it lacked until now: due again
    ON_THE_LIST = "do_not_call"  # on the list of all campaigns, or of this one
    BAD_ZONE = "bad_timezone"
    BAD_STATE = "bad_state"
    BAD_DATE = "bad_date"
    BAD_COUNTRY = "bad_country"
    TOO_LONG = "too_long"
    QUOTES = "quote_never_closed"
    TOO_MANY_CELLS = "too_many_cells"


class FileRefused(Exception):
    """Nothing of this file can be read; the message says why and what to do."""


class RowRefused(ValueError):
    """A row is not taken; `column` is empty when it is about all of it."""

    def __init__(self, fault: Fault, message: str, column: str = "", value: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.column = column
        self.value = value


@dataclass(frozen=True, slots=True)
class Person:
    """What a row says of one person."""

    number: str  # E.164
    country: str  # ISO 3166; "" when the number is of none
    variables: Mapping[str, str]
    zones: tuple[str, ...]
    subdivision: str = ""
    consent_basis: str = ""
    consent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be taken."""

    line: int  # of the file, from 1; of a sheet, its row
    person: Person


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot."""

    line: int
    column: str  # as the file calls it; "" for the whole row
    fault: Fault
    message: str
    value: str  # what stands there; personal

    @property
    def shown_value(self) -> str:
        """The value, shortened."""
        value = self.value.strip()
        return value if len(value) <= VALUE_MOST else f"{value[:VALUE_MOST]}…"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be read."""

    countries: Sequence[str]  # that may be rung (ISO 3166); the first reads national numbers
    only_numbers: bool = False  # do-not-call lists: nothing but the number is looked at


@dataclass
class Reading:
    """A file that is being read: what is known of it, and how far it is."""

    size_bytes: int
    read_bytes: int = 0
    columns: Sequence[str] = ()
    notes: list[str] = field(default_factory=list)
