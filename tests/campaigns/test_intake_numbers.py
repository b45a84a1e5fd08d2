"""Numbers read fast are those that are read with the library, all over the world."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

from calls.numbers import NumberRefused, read_number
from campaigns.intake_numbers import NumberReader

REGIONS = sorted(SUPPORTED_REGIONS)
KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip",
    "pager", "uan", "voicemail",
)  # fmt: skip
EACH = 8


def metadata_of(region: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region(region, None)
    assert found is not None
    return found


def examples(metadata: PhoneMetadata) -> list[str]:
    kinds = (getattr(metadata, kind) for kind in KINDS)
    return [kind.example_number for kind in kinds if kind is not None and kind.example_number]


def written(dice: random.Random, region: str) -> str:
    """A number of a country, or nearly, in one of the ways in which people write them."""
    metadata = metadata_of(region)
    base = dice.choice(examples(metadata))
    kept = dice.randrange(len(base) + 1)
    national = base[:kept] + "".join(dice.choices("0123456789", k=len(base) - kept))
    if dice.random() < 0.15:
        national = national[:-1] if dice.random() < 0.5 else national + dice.choice("0123456789")
    code, trunk = str(metadata.country_code), metadata.national_prefix or "0"
    number = dice.choice(
        (
            f"+{code}{national}", national, f"{code}{national}", f"0{national}",
            f"00{code}{national}", f"{trunk}{national}", f"+{code}{trunk}{national}",
            "".join(dice.choices("0123456789", k=dice.randrange(5, 18))),
        )
    )  # fmt: skip
    if dice.random() < 0.3:
        place = dice.randrange(1, len(number))
        gap = dice.choice((" ", "-", ".", "(", ")", ") ", "--", "  "))
        number = number[:place] + gap + number[place:]
    return number


def by_library(number: str, countries: tuple[str, ...]) -> tuple[str, str] | str:
    try:
        read = read_number(number, countries)
    except NumberRefused as refused:
        return str(refused)
    return read, phonenumbers.region_code_for_number(phonenumbers.parse(read)) or ""


def by_us(number: str, reader: NumberReader) -> tuple[str, str] | str:
    try:
        return reader.read(number)
    except NumberRefused as refused:
        return str(refused)


@pytest.mark.parametrize("first", range(0, len(REGIONS), 62))
def test_a_number_of_any_country_is_read_as_the_library_reads_it(first: int) -> None:
    dice = random.Random(first)
    real = 0
    for region in REGIONS[first : first + 62]:
        everywhere = (region, *(other for other in REGIONS if other != region))
        for countries in (everywhere, (region,)):
            reader = NumberReader(countries)
            for _ in range(EACH // 2):
                number = written(dice, region)
                expected = by_library(number, countries)
                assert by_us(number, reader) == expected, (region, number)
                real += isinstance(expected, tuple)
    assert real > EACH * 62 / 5


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("9876543210", ("+919876543210", "IN")),
        ("919876543210", ("+919876543210", "IN")),
        ("9198765432", ("+919198765432", "IN")),  # the code of the country begins a mobile number
        ("09876543210", ("+919876543210", "IN")),
        ("(98765) 432-10", ("+919876543210", "IN")),
        ("+1 202-456-1414", ("+12024561414", "US")),
        ("+44 7400 123456", ("+447400123456", "GB")),
        ("+447781123456", "Numbers outside IN, US, GB are not rung from here."),  # Guernsey
        ("+9198", "There is no such telephone number."),
        ("+9118601234567", "Numbers that charge extra are not rung from here."),
        ("Asha", "This is not a telephone number."),
        ("+91 98765 43210 x 12", "There is no such telephone number."),
        ("", "This is not a telephone number."),
        ("+" * 50, "This is not a telephone number."),
        ("9" * 50, "This is not a telephone number."),
    ],
)
def test_a_number_is_read_by_the_first_country(number: str, read: tuple[str, str] | str) -> None:
    assert by_us(number, NumberReader(("IN", "US", "GB"))) == read


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("+52 1 55 1234 5678", ("+525512345678", "MX")),
        ("521 55 1234 5678", ("+525512345678", "MX")),
        ("+55 11 8765-4321", ("+5511987654321", "BR")),
        ("+54 9 11 4321-1234", ("+5491143211234", "AR")),
    ],
)
def test_a_number_of_before_is_read_as_that_of_today(number: str, read: tuple[str, str]) -> None:
    assert by_us(number, NumberReader(("MX", "BR", "AR"))) == read
