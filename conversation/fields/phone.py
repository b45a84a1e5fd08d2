"""The phone field: a telephone number, spoken, written or typed, as E.164."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from agents.schema import FieldSpec
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.reading.spelling import DigitRun, digit_runs
from conversation.reading.words import base_language

_FEWEST, _MOST = 7, 15  # digits of a number that a person would give; E.164 allows 15
_INTERNATIONAL_KEY = "*"  # keypads have no plus
_PLUS = {"en": "plus", "hi": "प्लस", "ta": "பிளஸ்", "ml": "പ്ലസ്"}


class Phone:
    """A telephone number; canonically an E.164 string."""

    name: ClassVar[str] = "phone"
    takes: ClassVar[frozenset[str]] = frozenset({"region"})
    needs: ClassVar[frozenset[str]] = frozenset({"region"})

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """The region has to be one with telephone numbers."""
        if spec.region in phonenumbers.SUPPORTED_REGIONS:
            return ()
        return (f"region {spec.region} has no telephone numbers; write two letters such as IN",)

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """Every whole number; an incomplete one is none."""
        found = []
        for run in _long_enough(digit_runs(text)):
            number = _parse(run.digits, spec.region)
            if number is not None:
                found.append(Reading(_e164(number), run.start, run.end, strong=True))
        return found

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """The number typed; a star in front stands for the plus."""
        typed = digits.replace(_INTERNATIONAL_KEY, "+", 1) if digits[:1] == "*" else digits
        number = _parse(typed, spec.region)
        return None if number is None else _e164(number)

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A number as people or models write it, of the region or with its country code."""
        if not isinstance(value, str) or len(value) > 40:
            return Problem("not_valid")
        number = _parse(value, spec.region)
        if number is not None:
            return _e164(number)
        few = sum(char.isdigit() for char in value)
        if 0 < few < _FEWEST:
            return Problem("too_short")
        return Problem("too_long" if few > _MOST else "not_valid")

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """Digit by digit, in the groups the country writes; without the region's own code."""
        number = phonenumbers.parse(str(value))
        groups = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
        code, *rest = groups.replace("-", " ").split()
        spoken = [" ".join(char for char in group if char.isdigit()) for group in rest]
        if number.country_code != phonenumbers.country_code_for_region(spec.region or ""):
            plus = _PLUS.get(base_language(language), _PLUS["en"])
            spoken.insert(0, f"{plus} {' '.join(code[1:])}")
        return ", ".join(group for group in spoken if group)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string of digits."""
        return {
            "type": "string",
            "description": "telephone number the caller gives, digits only, with + and country "
            f"code when given, else as dialled in {spec.region}; null while it is incomplete",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """Any number of keys, ended with #."""
        return Keypad(None, "keypad_phone")

    def end_silence_s(self, spec: FieldSpec) -> int:
        """People pause between the groups of a number."""
        return 3

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """When it has as many digits as the numbers of its country can have; fewer are a piece."""
        runs = digit_runs(text)
        if not runs:
            return None
        digits = runs[-1].digits
        number = _parse(digits, spec.region)
        if number is None:
            return False if len(digits.lstrip("+0")) < _most(spec.region or "") else None
        region = phonenumbers.region_code_for_number(number) or ""
        return True if len(str(number.national_number)) >= _most(region) else None

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """What is said in numbers beside digits."""
        return ("double", "triple", "oh", "plus")


@lru_cache(maxsize=64)
def _most(region: str) -> int:
    """Digits of the longest telephone number that people of the region have, without its code."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if plan is None:
        return _MOST
    lengths = [one.possible_length for one in (plan.fixed_line, plan.mobile) if one is not None]
    return max((max(some) for some in lengths if some), default=_MOST)


def _long_enough(runs: Sequence[DigitRun]) -> list[DigitRun]:
    return [run for run in runs if _FEWEST <= len(run.digits.lstrip("+")) <= _MOST + 2]


def _parse(written: str, region: str | None) -> PhoneNumber | None:
    """The number when it fits its country's numbering plan, else None.

    The plan and not the length alone: an Indian mobile number that lacks two digits still has
    a possible length.
    """
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return number


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
