"""Reads very many telephone numbers: what `calls.numbers` says of each, at a twelfth of its cost.

The library behind it takes 50 to 70 µs a number, most of it for forms of writing that files of a
million rows do not have. Numbers of digits and plain separators, in fixed and mobile ranges, are
looked up here in the library's own tables by the library's own rules; it is asked for all others,
those that are refused among them. tests/campaigns/test_intake_numbers.py compares the two over
random numbers of every country.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

from calls.numbers import of_other_country, read_number

# As in `calls.numbers`: longer ones are none.
_LENGTH_MOST = 40
_SEPARATORS = str.maketrans("", "", " -.()")
_PLAIN = re.compile(r"\+[1-9][0-9]{6,16}|[0-9]{6,17}")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class _Range:
    """The numbers of one length in one country."""

    ordinary: re.Pattern[str]  # fixed and mobile ones, and no others
    known: re.Pattern[str]  # all that are given out


class _Country:
    """One country's plan, as the library has it."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.region = str(metadata.id)
        self.code = str(metadata.country_code)
        self.metadata = metadata
        self.general = _pattern(metadata.general_desc)
        lengths = metadata.general_desc.possible_length if metadata.general_desc else ()
        local = metadata.general_desc.possible_length_local_only if metadata.general_desc else ()
        self.longest = max((*lengths, *local), default=0)
        self.lengths = frozenset(lengths) - frozenset(local)
        self.leading = re.compile(metadata.leading_digits) if metadata.leading_digits else None
        prefix = metadata.national_prefix_for_parsing
        self.prefix = re.compile(prefix) if prefix else _NEVER
        self.is_transformed = bool(metadata.national_prefix_transform_rule)
        abroad = metadata.international_prefix
        self.abroad = re.compile(abroad) if abroad else _NEVER
        self._ranges: dict[int, _Range] = {}

    def of_length(self, length: int) -> _Range:
        """Its numbers of a length."""
        found = self._ranges.get(length)
        if found is None:
            found = self._ranges[length] = self._range(length)
        return found

    def _range(self, length: int) -> _Range:
        one = self.metadata
        general = _of_length(one.general_desc, length)
        if general is None:
            return _Range(_NEVER, _NEVER)
        # In the library's order (`_number_type_helper`): what an earlier kind has, a later has not.
        earlier = [
            _of_length(kind, length)
            for kind in (
                one.premium_rate, one.toll_free, one.shared_cost, one.voip, one.personal_number,
                one.pager, one.uan, one.voicemail,
            )
        ]  # fmt: skip
        last = [_of_length(one.fixed_line, length)]
        if not one.same_mobile_and_fixed_line_pattern:
            last.append(_of_length(one.mobile, length))
        others = "|".join(f"(?:{kind})" for kind in earlier if kind)
        usual = "|".join(f"(?:{kind})" for kind in last if kind)
        both = "|".join(filter(None, (others, usual)))
        head = rf"(?=(?:{general})\Z)"
        refused = rf"(?!(?:{others})\Z)" if others else ""
        return _Range(
            re.compile(rf"{refused}{head}(?:{usual})\Z") if usual else _NEVER,
            re.compile(rf"{head}(?:{both})\Z") if both else _NEVER,
        )

    def without_prefix(self, digits: str) -> str | None:
        """Digits without what is dialled before them at home; None when the library has to say.

        After its `_maybe_strip_national_prefix_carrier_code`.
        """
        match = self.prefix.match(digits)
        if match is None:
            return digits
        if self.is_transformed:
            return None
        rest = digits[match.end() :]
        is_viable = self.general.fullmatch(rest) is not None
        if self.general.fullmatch(digits) and not is_viable:
            return digits
        # It looks at the length of what is left.
        return rest if is_viable and len(rest) in self.lengths else None


class NumberReader:
    """Reads numbers that may be rung: of these countries, the first of which reads national ones.

    Safe for use from many threads.
    """

    def __init__(self, countries: Sequence[str]) -> None:
        self._countries = tuple(countries)
        self._allowed = frozenset(countries)
        self._home = _country(self._countries[0])

    def read(self, written: str) -> tuple[str, str]:
        """The number as E.164, and its country. NumberRefused, as `read_number`."""
        digits = written.translate(_SEPARATORS)
        found = None
        if len(written) <= _LENGTH_MOST and _PLAIN.fullmatch(digits):
            found = self._abroad(digits[1:]) if digits[0] == "+" else self._at_home(digits)
        if found is not None:
            _, region = found
            if region not in self._allowed:
                raise of_other_country(self._countries)
            return found
        # It refuses with its own words; and what it takes has a country that it knows.
        number = read_number(written, self._countries)
        return number, phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""

    def _abroad(self, digits: str) -> tuple[str, str] | None:
        code = _code_of(digits)
        if not code:
            return None
        countries = _countries_of(code)
        national = countries[0].without_prefix(digits[len(code) :])
        return None if national is None else _found(code, countries, national)

    def _at_home(self, digits: str) -> tuple[str, str] | None:
        """After the library's `_maybe_extract_country_code`."""
        home = self._home
        if home is None or home.abroad.match(digits):
            return None
        code, countries = home.code, _countries_of(home.code)
        if digits.startswith(code):
            rest = home.without_prefix(digits[len(code) :])
            if rest is None:
                return None
            is_local = home.general.fullmatch(digits) is not None
            if len(digits) > home.longest or (not is_local and home.general.fullmatch(rest)):
                again = countries[0].without_prefix(rest)
                return None if again != rest else _found(code, countries, rest)
        national = home.without_prefix(digits)
        return None if national is None else _found(code, countries, national)


def _found(code: str, countries: tuple[_Country, ...], national: str) -> tuple[str, str] | None:
    """Number and country of one in a fixed or mobile range; None when the library has to say."""
    if not national or national[0] == "0":
        return None
    length = len(national)
    only = len(countries) == 1
    for one in countries:
        if one.leading is not None and not only:
            if not one.leading.match(national):
                continue
        elif not only and not one.of_length(length).known.match(national):
            continue
        if one.of_length(length).ordinary.match(national):
            return f"+{code}{national}", one.region
        return None
    return None


_plans: dict[str, tuple[_Country, ...]] = {}
_homes: dict[str, _Country | None] = {}


def _country(region: str) -> _Country | None:
    if region not in _homes:
        metadata = PhoneMetadata.metadata_for_region(region, None)
        _homes[region] = None if metadata is None else _Country(metadata)
    return _homes[region]


def _countries_of(code: str) -> tuple[_Country, ...]:
    """The countries with a code, in the library's order; the first is the main one."""
    found = _plans.get(code)
    if found is None:
        regions = COUNTRY_CODE_TO_REGION_CODE[int(code)]
        made = (PhoneMetadata.metadata_for_region_or_calling_code(int(code), r) for r in regions)
        found = _plans[code] = tuple(_Country(one) for one in made if one is not None)
    return found


def _code_of(digits: str) -> str:
    """The country code with which digits begin; "" when it is none. No code begins another."""
    for length in (1, 2, 3):
        if int(digits[:length]) in COUNTRY_CODE_TO_REGION_CODE:
            return digits[:length]
    return ""


def _pattern(desc: PhoneNumberDesc | None) -> re.Pattern[str]:
    if desc is None or not desc.national_number_pattern:
        return _NEVER
    return re.compile(desc.national_number_pattern)


def _of_length(desc: PhoneNumberDesc | None, length: int) -> str | None:
    """The pattern of a kind of numbers; None when it has none of that length."""
    if desc is None or not desc.national_number_pattern:
        return None
    if desc.possible_length and length not in desc.possible_length:
        return None
    return str(desc.national_number_pattern)
