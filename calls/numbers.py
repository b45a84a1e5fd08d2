"""Which telephone numbers may be rung: real ones, of allowed countries, at ordinary rates."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
)

from storage.spellings import one_spelling

# Numbers that cost the caller extra, and so pay whoever makes us ring them.
_COSTLY = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)
_LENGTH_MOST = 40  # with every separator anybody writes


class NumberFault(StrEnum):
    """Why a number is not rung."""

    NONE = "none"  # it is not a telephone number
    NOT_GIVEN_OUT = "not_given_out"  # nobody can have it
    COUNTRY = "country"  # it is of a country that is not rung
    COSTLY = "costly"  # it charges extra


class NumberRefused(Exception):
    """This number is not rung. `allowed` is False when it is a number, but not one for us."""

    def __init__(self, message: str, fault: NumberFault) -> None:
        super().__init__(message)
        self.fault = fault
        self.allowed = fault in (NumberFault.NONE, NumberFault.NOT_GIVEN_OUT)


def read_number(written: str, countries: Sequence[str]) -> str:
    """The number as E.164. One without a country code is read as of the first country.

    NumberRefused when it is none, or is of a country or kind that may not be rung.
    """
    number = parsed_number(written[:_LENGTH_MOST], countries)
    if len(written) > _LENGTH_MOST or number.extension or not phonenumbers.is_valid_number(number):
        raise NumberRefused("There is no such telephone number.", NumberFault.NOT_GIVEN_OUT)
    region = phonenumbers.region_code_for_number(number)
    if region not in countries:
        raise of_other_country(countries)
    if phonenumbers.number_type(number) in _COSTLY:
        message = "Numbers that charge extra are not rung from here."
        raise NumberRefused(message, NumberFault.COSTLY)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def parsed_number(written: str, countries: Sequence[str]) -> PhoneNumber:
    """What a text says of a number, in the spelling of today; a national one is of the first
    country. NumberRefused when it says none; not every one that is read is a number of anybody."""
    try:
        number = phonenumbers.parse(written, countries[0])
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        today = one_spelling(e164)
        if today != e164:
            extension, number = number.extension, phonenumbers.parse(today)
            number.extension = extension
        return number
    except NumberParseException:
        raise NumberRefused("This is not a telephone number.", NumberFault.NONE) from None


def of_other_country(countries: Sequence[str]) -> NumberRefused:
    """What is said of a number that is not of these countries."""
    message = f"Numbers outside {', '.join(countries)} are not rung from here."
    return NumberRefused(message, NumberFault.COUNTRY)
