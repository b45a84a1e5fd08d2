"""What a row says of a person: number, zones, consent, and what sentences say of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

from phonenumbers import SUPPORTED_REGIONS

from calls.numbers import NumberFault, NumberRefused
from campaigns.barring import barred_number
from campaigns.intake_columns import Columns
from campaigns.intake_numbers import NumberReader
from campaigns.intake_rows import Fault, Person, RowRefused, Wanted
from campaigns.whereabouts import read_subdivision, read_zones
from campaigns.zones import subdivisions_of, zones_of, zones_of_country

# Of a value that a sentence may say, and of all of a person.
VALUE_MOST = 2_000
VALUES_MOST = 8_000
# Answers of `zones_of` that are kept for the rows to come.
ZONES_KEPT = 50_000
# Of a number with its +: as many as `campaigns.zones` looks at, besides how long it is.
ZONE_DIGITS = 10

_FAULTS = {
    NumberFault.NONE: Fault.NOT_A_NUMBER,
    NumberFault.NOT_GIVEN_OUT: Fault.NO_SUCH_NUMBER,
    NumberFault.COUNTRY: Fault.COUNTRY_NOT_ALLOWED,
    NumberFault.COSTLY: Fault.COSTLY,
}
_PLAIN = re.compile(r"\+?[0-9 ().-]{6,40}")
_FLOAT = re.compile(r"([0-9]{6,17})\.0+")
_EXPONENT = re.compile(r"([0-9])[.,]?([0-9]*)[eE]\+?([0-9]{1,2})")
_NO = frozenset({"no", "n", "false", "0", "none", "-"})
_NAMED_MONTH = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%B-%Y", "%b %d, %Y", "%B %d, %Y")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")


class PersonReader:
    """Reads the rows of one file."""

    def __init__(self, columns: Columns, wanted: Wanted) -> None:
        self._columns = columns
        self._wanted = wanted
        self._width = len(columns.names)
        self._numbers = NumberReader(wanted.countries)
        self._of_country: dict[str, NumberReader] = {}
        self._zones: dict[tuple[str, int, str, tuple[str, ...], str], tuple[str, ...]] = {}
        self._special = any(
            place is not None
            for place in (
                columns.zone, columns.state, columns.country, columns.basis, columns.consent_at
            )
        )  # fmt: skip

    def read(self, cells: Sequence[str]) -> Person:
        """The person of a row. RowRefused."""
        columns = self._columns
        if len(cells) > self._width:
            self._check_rest(cells)
        try:
            written = cells[columns.number]
        except IndexError:
            written = ""
        if self._wanted.only_numbers:
            return self._barred(written)
        if self._special:
            return self._in_full(cells, written)
        number, country = self._number(written, self._numbers)
        everywhere = zones_of_country(country)
        zones = everywhere if len(everywhere) == 1 else self._zones_of(number, country, (), "")
        return Person(number, country, self._variables(cells), zones)

    def _barred(self, written: str) -> Person:
        """Whoever is not to be rung may have a number that is not rung from here anyway."""
        try:
            number, country = self._number(written, self._numbers)
        except RowRefused as refused:
            try:
                number, country = barred_number(refused.value, self._wanted.countries), ""
            except NumberRefused:
                raise refused from None
        return Person(number, country, {}, ())

    def _in_full(self, cells: Sequence[str], written: str) -> Person:
        columns = self._columns
        number, country = self._number(written, self._reader_of(_cell(cells, columns.country)))
        variables = self._variables(cells)
        zone, state = _cell(cells, columns.zone), _cell(cells, columns.state)
        told: tuple[str, ...] = ()
        if zone:
            try:
                told = read_zones(zone, country)
            except ValueError as error:
                raise self._refused(Fault.BAD_ZONE, str(error), columns.zone, zone) from None
        if state:
            try:
                state = read_subdivision(state, country)
            except ValueError as error:
                raise self._refused(Fault.BAD_STATE, str(error), columns.state, state) from None
        else:
            state = _only(subdivisions_of(number, country))
        basis = _cell(cells, columns.basis)
        consent_at = _cell(cells, columns.consent_at)
        try:
            at = read_date(consent_at) if consent_at else None
        except ValueError as error:
            raise self._refused(
                Fault.BAD_DATE, str(error), columns.consent_at, consent_at
            ) from None
        zones = self._zones_of(number, country, told, state)
        given = "" if basis.lower() in _NO else basis
        return Person(number, country, variables, zones, state, given[:200], at)

    def _number(self, written: str, reader: NumberReader) -> tuple[str, str]:
        if not _PLAIN.fullmatch(written) or written.endswith(".0"):
            written = self._plain_number(written)
        try:
            return reader.read(written)
        except NumberRefused as error:
            fault = _FAULTS[error.fault]
            raise self._refused(fault, str(error), self._columns.number, written) from None

    def _plain_number(self, written: str) -> str:
        """A number without what spreadsheets and keyboards of other scripts make of it."""
        plain = written if written.isascii() else _ascii_digits(written)
        plain = plain.strip().removeprefix('="').removeprefix("'").removesuffix('"').strip()
        if not plain:
            raise self._refused(Fault.NO_NUMBER, "There is no number.", self._columns.number, "")
        if whole := _FLOAT.fullmatch(plain):
            return whole[1]
        if short := _EXPONENT.fullmatch(plain):
            digits, size = short[1] + short[2], int(short[3]) + 1
            if len(digits.rstrip("0")) < 8 or size > 15 or len(digits) > size:
                message = (
                    "The spreadsheet has shortened this number, and its last digits are lost. Give "
                    "the column the format Text and write the numbers again."
                )
                raise self._refused(Fault.SHORTENED, message, self._columns.number, written)
            if len(digits) < size:
                message = (
                    "The spreadsheet has shortened this number; whether its last digits are "
                    "zeros cannot be told. Give the column the format Text."
                )
                raise self._refused(Fault.SHORTENED, message, self._columns.number, written)
            return digits
        return plain

    def _reader_of(self, country: str) -> NumberReader:
        """Of the numbers of a row that names its country by two letters; of the file's, else."""
        code = country.upper()
        if len(code) != 2 or not code.isalpha() or code == self._wanted.countries[0]:
            return self._numbers
        if code not in SUPPORTED_REGIONS:
            message = f"{code} is no country. Write two letters such as IN, or leave it empty."
            raise self._refused(Fault.BAD_COUNTRY, message, self._columns.country, country)
        if code not in self._wanted.countries:
            message = f"Numbers of {code} are not rung from here (START_CALL_COUNTRIES)."
            raise self._refused(Fault.COUNTRY_NOT_ALLOWED, message, self._columns.country, country)
        reader = self._of_country.get(code)
        if reader is None:
            others = [one for one in self._wanted.countries if one != code]
            reader = self._of_country[code] = NumberReader((code, *others))
        return reader

    def _variables(self, cells: Sequence[str]) -> dict[str, str]:
        text = "".join(cells)
        if len(text) <= VALUE_MOST and text.isprintable():  # as nearly all are
            values = [cell.strip() for cell in cells]
            last = len(values)
            return {
                name: values[place]
                for place, name in self._columns.variables
                if place < last and values[place]
            }
        found = {}
        size = 0
        count = len(cells)
        for place, name in self._columns.variables:
            if place >= count:
                break
            value = cells[place].strip()
            if not value:
                continue
            if not value.isprintable():
                value = _printable(value)
            size += len(value)
            if len(value) > VALUE_MOST:
                message = f"This has {len(value):,} characters; at most {VALUE_MOST:,} are kept."
                raise self._refused(Fault.TOO_LONG, message, place, value)
            found[name] = value
        if size > VALUES_MOST:
            message = f"The row has {size:,} characters; at most {VALUES_MOST:,} are kept."
            raise RowRefused(Fault.TOO_LONG, message)
        return found

    def _zones_of(
        self, number: str, country: str, told: tuple[str, ...], state: str
    ) -> tuple[str, ...]:
        key = (number[:ZONE_DIGITS], len(number), country, told, state)
        found = self._zones.get(key)
        if found is None:
            if len(self._zones) >= ZONES_KEPT:
                self._zones.clear()
            found = self._zones[key] = zones_of(number, country, told, state)
        return found

    def _check_rest(self, cells: Sequence[str]) -> None:
        rest = [cell for cell in cells[self._width :] if cell.strip()]
        if rest:
            message = (
                f"The row has {len(cells)} cells, and there are {self._width} names of columns. "
                "Put text that has the separator in it into quotation marks."
            )
            raise RowRefused(Fault.TOO_MANY_CELLS, message, "", rest[0])

    def _refused(self, fault: Fault, message: str, place: int | None, value: str) -> RowRefused:
        name = "" if place is None else self._columns.names[place]
        return RowRefused(fault, message, name, value)


def read_date(written: str) -> datetime:
    """The moment that a column says; a day begins at 00:00 UTC. ValueError says what to write."""
    plain = written if written.isascii() else _ascii_digits(written)
    try:
        return _utc(datetime.fromisoformat(plain))
    except (ValueError, OverflowError):
        pass
    if parts := _DAY_FIRST.fullmatch(plain):
        first, second, year = int(parts[1]), int(parts[2]), int(parts[3])
        # 3/4/2026 is a day in March to some and one in April to others.
        is_day_first = first > 12 or first == second or "." in plain
        if is_day_first or second > 12:
            day, month = (first, second) if is_day_first else (second, first)
            try:
                return datetime(year, month, day, tzinfo=UTC)
            except ValueError:
                raise ValueError("There is no such day: write 2026-11-20.") from None
        raise ValueError("It is not clear which number is the month: write 2026-11-20.")
    for form in _NAMED_MONTH:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError("This is no date: write 2026-11-20.")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _only(states: frozenset[str]) -> str:
    return next(iter(states)) if len(states) == 1 else ""


def _cell(cells: Sequence[str], place: int | None) -> str:
    if place is None or place >= len(cells):
        return ""
    return cells[place].strip()


def _ascii_digits(text: str) -> str:
    """Digits of any script as 0 to 9; spaces as such; nothing that cannot be seen."""
    letters = []
    for letter in text:
        if letter.isdecimal():
            letters.append(str(unicodedata.decimal(letter)))
        elif letter.isspace():
            letters.append(" ")
        elif unicodedata.category(letter) != "Cf":
            letters.append(letter)
    return "".join(letters)


def _printable(text: str) -> str:
    """Without control characters; joiners, which Indian scripts are written with, stay."""
    kept = (
        letter if letter.isprintable() or letter in "\u200c\u200d" else " "
        for letter in text
        if letter not in "\u200b\u2060\ufeff"
    )
    return " ".join("".join(kept).split())
