"""Numbers that people put on a do-not-call list, or want to take off one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import phonenumbers
from phonenumbers import PhoneNumberFormat

from calls.numbers import NumberFault, NumberRefused, parsed_number
from storage.do_not_call import DoNotCall, DoNotCallLists

WORDS_MOST = 500
_LENGTH_MOST = 40  # with every separator anybody writes
_PLACE = re.compile(r"([0-9]{1,16})~(\+[0-9]{1,15})~([A-Za-z0-9_.-]{0,100})")
PLACE_PATTERN = rf"^{_PLACE.pattern}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Listed(ValueError):
    """A number is on the do-not-call list of all campaigns."""

    def __init__(self, entry: DoNotCall) -> None:
        super().__init__(
            f"This number is on the do-not-call list since {entry.at:%d %B %Y}. Should its person "
            "want to be called again, take it off the list first."
        )
        self.entry = entry


def check_unlisted(lists: DoNotCallLists, number: str) -> None:
    """Nobody is rung who is on the list of all campaigns, whoever asks for it. Listed."""
    entry = lists.of(number, "")
    if entry is not None:
        raise Listed(entry)


def barred_number(written: str, countries: Sequence[str]) -> str:
    """The number as E.164, of whatever country and kind; a national one is of the first country.

    NumberRefused when it is none.
    """
    number = parsed_number(written[:_LENGTH_MOST], countries)
    if len(written) > _LENGTH_MOST or not phonenumbers.is_possible_number(number):
        raise NumberRefused("There is no such telephone number.", NumberFault.NOT_GIVEN_OUT)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def place_of(one: DoNotCall) -> str:
    """Where an entry stands in its list, as a text for an address."""
    return f"{(one.at - _EPOCH) // _MICROSECOND}~{one.number}~{one.campaign_id}"


def read_place(text: str) -> tuple[datetime, str, str]:
    """The place that `place_of` wrote. ValueError when it is none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise ValueError("not a place in a list")
    try:
        return _EPOCH + int(found[1]) * _MICROSECOND, found[2], found[3]
    except OverflowError:
        raise ValueError("not a place in a list") from None
