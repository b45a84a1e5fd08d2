"""The money kind: an amount in the field's currency."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields import spoken
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.fields.figures import decimal_of, plain
from conversation.fields.number import (
    PHONE_DIGITS,
    agreed,
    dictated_number,
    limits_in_order,
    temporal_spans,
    typed_number,
)
from conversation.reading.amounts import FoundAmount, find_amounts
from conversation.reading.spelling import DigitRun
from conversation.reading.tagging import Tagged, tag
from conversation.reading.time_ranges import find_ranges
from conversation.reading.times import is_count

_HINTS = {
    "en": "rupees dollars hundred thousand lakh crore fifty",
    "hi": "रुपये सौ हज़ार लाख करोड़ पचास",
    "ta": "ரூபாய் நூறு ஆயிரம் லட்சம் கோடி ஐம்பது",
    "ml": "രൂപ നൂറ് ആയിരം ലക്ഷം കോടി അമ്പത്",
}
# What several countries call their money: a caller means the one the field is in.
_SAME_NAME = {
    "USD": frozenset(("USD", "CAD", "AUD", "SGD", "NZD", "HKD")),
    "INR": frozenset(("INR", "LKR", "NPR", "PKR", "MUR")),
    "GBP": frozenset(("GBP", "EGP")),
}
# Where "one fifty" may be 1.50; elsewhere it is 150.
_WITH_SMALL_UNITS = frozenset(("USD", "EUR", "GBP", "CAD", "AUD", "SGD", "NZD"))
_LAKHS = re.compile(
    r"la(?:kh|c)s?$|\d\s?cr$|crores?$|(?:लाख|करोड़|करोड|லட்சம்|கோடி|ലക്ഷം|കോടി)$", re.IGNORECASE
)
_OTHER_UNITS = frozenset("dwmuhDMka")


class Money:
    """An amount. Options: currency, min, max."""

    name: ClassVar[str] = "money"
    takes: ClassVar[frozenset[str]] = frozenset(("currency", "min", "max"))
    needs: ClassVar[frozenset[str]] = frozenset(("currency",))

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """The limits must leave something to answer."""
        wrong = limits_in_order(spec)
        if spec.max is not None and spec.max < 0:
            wrong.append(f"max ({spec.max}) is negative; amounts start at 0.")
        return wrong

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The amount, if there is one; a currency makes it strong and puts other numbers aside."""
        small = spec.currency in _WITH_SMALL_UNITS
        found = find_amounts(text, context.language, small)
        named = [one for one in found if one.currency is not None]
        if named:
            return agreed([_reading(spec, one, text) for one in named])
        tagged = tag(text, context.language)
        taken = temporal_spans(text, context)
        free = [
            one
            for one in found
            if tagged.tags[one.after : one.after + 1] not in _OTHER_UNITS
            and len(tagged.written(one.after - 1)) < PHONE_DIGITS
            and not any(start < one.end and one.start < end for start, end in taken)
        ]
        free = _outside(free, text, context) or free
        plain_ones = [one for one in free if not _is_count(tagged, one)]
        counts = [replace(_reading(spec, one, text), strong=False) for one in free]
        readings = agreed([_reading(spec, one, text) for one in plain_ones] or counts)
        dictated = () if readings else dictated_number(text)
        return readings or [_dictated(spec, run) for run in dictated]

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """Digits; * is the decimal point."""
        number = typed_number(digits)
        return None if number is None else _money(Decimal(str(number)), spec.currency or "")

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """An object with amount and currency, an amount alone, or text that says one."""
        currency = spec.currency or ""
        amount: object = value
        if isinstance(value, Mapping):
            amount = value.get("amount")
            named = value.get("currency")
            if named is not None and str(named).strip().upper() not in ("", currency):
                return self._other_currency(spec, context)
        elif isinstance(value, str):
            readings = self.read(spec, value, context) if len(value) <= 200 else ()
            if len(readings) == 1 and readings[0].strong:
                return self.accept(spec, readings[0].value, context)
        number = decimal_of(amount, context.language)
        if number is None or number < 0:
            return Problem("not_valid")
        number = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
        for limit, code, is_broken in (
            (spec.min, "too_small", spec.min is not None and number < spec.min),
            (spec.max, "too_large", spec.max is not None and number > spec.max),
        ):
            if limit is not None and is_broken:
                said = spoken.money(plain(limit), currency, context.language)
                return Problem(code, {"limit": said})
        return _money(number, currency)

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """The amount and the name of the currency."""
        assert isinstance(value, Mapping)
        return spoken.money(Decimal(str(value["amount"])), str(value["currency"]), language)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """An object with amount and currency."""
        return {
            "type": "object",
            "properties": {
                "amount": {"type": "number", "minimum": 0},
                "currency": {"type": "string", "description": "ISO 4217 code"},
            },
            "required": ["amount", "currency"],
            "description": f"the amount of money the caller named; {spec.currency} unless the "
            "caller named another currency",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """Any number of digits."""
        return Keypad(None, "keypad_money")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """As soon as speech pauses."""
        return None

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> None:
        """More may follow: five hundred, five hundred and fifty."""
        return

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Number words and the currency."""
        words = dict.fromkeys(_HINTS[spoken.base(language)].split())
        return (*words, spoken.currency(spec.currency or "", language))

    def _other_currency(self, spec: FieldSpec, context: Context) -> Problem:
        name = spoken.currency(spec.currency or "", context.language)
        return Problem("wrong_currency", {"currency": name})


def _outside(found: Sequence[FoundAmount], text: str, context: Context) -> list[FoundAmount]:
    """The amounts that are no end of a span of time: "1200, and 9 to 12"."""
    spans = find_ranges(text, context.language) if len(found) > 1 else ()
    return [
        one
        for one in found
        if not any(span.start < one.end and one.start < span.end for span in spans)
    ]


def _is_count(tagged: Tagged, found: FoundAmount) -> bool:
    """Whether it counts what follows: "3 boxes", "one trip"."""
    behind = tagged.pieces[found.after] if found.after < len(tagged.pieces) else None
    is_one = found.value == 1 and behind is not None and behind.tag == "_"
    return is_one or is_count(tagged, found.first, found.after)


def _dictated(spec: FieldSpec, run: DigitRun) -> Reading:
    return Reading(_money(Decimal(run.digits), spec.currency or ""), run.start, run.end, False)


def _money(amount: Decimal, currency: str) -> dict[str, str | int | float]:
    return {"amount": plain(amount), "currency": currency}


def _reading(spec: FieldSpec, found: FoundAmount, text: str) -> Reading:
    own = spec.currency or ""
    named = found.currency
    is_own = not named or own in _SAME_NAME.get(named, ())
    value = _money(found.value, own if is_own or not named else named)
    # Who says lakhs and names no thing speaks of money.
    is_large = own in _SAME_NAME["INR"] and _LAKHS.search(text, found.start, found.end)
    strong = named is not None or bool(is_large)
    return Reading(value, found.start, found.end, strong=strong)
