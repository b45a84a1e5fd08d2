"""The number kind: how many, how much, without a currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields import spoken
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.fields.figures import decimal_of, plain
from conversation.reading.amounts import one_fifty
from conversation.reading.dates import find_dates
from conversation.reading.party import OPEN, count_people
from conversation.reading.spelling import DigitRun, digit_runs
from conversation.reading.tagging import Piece, Tagged, tag
from conversation.reading.times import find_times
from conversation.reading.words import fold

_HINTS = {
    "en": "one two three four five six seven eight nine ten hundred thousand lakh",
    "hi": "एक दो तीन चार पाँच छह सात आठ नौ दस सौ हज़ार लाख",
    "ta": "ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து நூறு ஆயிரம் லட்சம்",
    "ml": "ഒന്ന് രണ്ട് മൂന്ന് നാല് അഞ്ച് ആറ് ഏഴ് എട്ട് ഒമ്പത് പത്ത് നൂറ് ആയിരം ലക്ഷം",
}
# Whoever is counted may be called any of these.
_HEADS = frozenset(
    "person people passenger traveler traveller rider guest adult seat ticket us member party "
    "group diner visitor attendee".split()
)
_HOW_MANY = re.compile(r"\b(?:how\s+many|number\s+of|many)\s+(\w+)(?:\s+(\w+))?", re.IGNORECASE)
# Counted apart, they are not all the people: "how many adults".
_SOME_PEOPLE = frozenset("adult kid child infant senior".split())
# Units of time of known length in days; a day and a night are counted alike.
_DAYS = {"day": 1, "night": 1, "week": 7}
_STAYING = frozenset("stay duration length".split())
_UNIT_TAGS = "dwmuhP"
# "one" in this company is a pronoun: that one, the cheaper one.
_POINTING = frozenset(
    "the that this which any another each every no other last better cheaper".split()
)
_TOTALS = frozenset("total altogether all".split())
_NAME_WORDS = frozenset("number of the count how many no num quantity total".split())
_OTHER_UNITS = "dwmuh$DMk"
# What the number of a house stands before.
_PLACES = frozenset(
    map(
        fold,
        "road street rd st avenue ave lane cross main nagar colony layout block sector floor "
        "boulevard drive रोड गली मार्ग नगर सड़क தெரு ரோடு சாலை நகர் தெருவில் റോഡ് തെരുവ് നഗർ ലെയ്ൻ".split(),
    )
)
_DICTATED = re.compile(r"\b(?:zero|oh|double|triple)\b", re.IGNORECASE)
_UNITS = frozenset("day night week month hour minute".split())
PHONE_DIGITS = 10  # so many figures in a row are somebody's number, not a count


class Number:
    """A count or a measure. Options: min, max, whole, unit."""

    name: ClassVar[str] = "number"
    takes: ClassVar[frozenset[str]] = frozenset(("min", "max", "whole", "unit"))
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """The limits must leave something to answer."""
        return limits_in_order(spec)

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The number that answers; none when nothing tells which of several does.

        Strong: the unit, or what the field is called, stands behind it: "3 bedrooms".
        """
        tagged = tag(text, context.language)
        own, asked = _nouns(spec, context)
        nouns = own | asked
        lengths = _lengths(tagged, _length_units(own, context))
        if lengths:
            return agreed(lengths)
        tiers = _tiers(tagged, own, asked, _taken(text, tagged, context))
        if nouns & _HEADS and not tiers[0]:
            people = None if (own | _asked(context)) & _SOME_PEOPLE else count_people(tagged)
            if people is not None:
                whole = Reading(people, 0, len(text), strong=False)
                return () if people == OPEN else (whole,)
        best = next((tier for tier in tiers if tier), None) or _singles(tagged, nouns)
        readings = agreed(best)
        dictated = () if readings or not best else dictated_number(text)
        return readings or [
            Reading(int(run.digits), run.start, run.end, strong=False) for run in dictated
        ]

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """Digits; * is the decimal point."""
        return typed_number(digits)

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A number, or text that says one."""
        number = decimal_of(value, context.language)
        if number is None:
            return Problem("not_valid")
        if spec.whole and number != int(number):
            return Problem("not_whole")
        unit = spec.unit.get(context.language, "")
        for limit, code, is_broken in (
            (spec.min, "too_small", spec.min is not None and number < spec.min),
            (spec.max, "too_large", spec.max is not None and number > spec.max),
        ):
            if limit is not None and is_broken:
                said = spoken.counted(plain(limit), unit, context.language)
                return Problem(code, {"limit": said})
        return plain(number)

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """The number and its unit."""
        assert isinstance(value, int | float)
        return spoken.counted(value, spec.unit.get(language, ""), language)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A JSON number within the limits."""
        schema: dict[str, object] = {
            "type": "integer" if spec.whole else "number",
            "description": "the number the caller gave, as a number",
        }
        if spec.min is not None:
            schema["minimum"] = plain(spec.min)
        if spec.max is not None:
            schema["maximum"] = plain(spec.max)
        return schema

    def keypad(self, spec: FieldSpec) -> Keypad:
        """Any number of digits."""
        return Keypad(None, "keypad_number")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """As soon as speech pauses."""
        return None

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> None:
        """More may follow: twenty, twenty five."""
        return

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Number words, and the unit."""
        unit = spec.unit.get(language)
        return (*_HINTS[spoken.base(language)].split(), *([unit[:100]] if unit else ()))


def limits_in_order(spec: FieldSpec) -> list[str]:
    """What is wrong with the numeric limits of `spec`."""
    if spec.min is not None and spec.max is not None and spec.min > spec.max:
        return [f"min ({spec.min}) is larger than max ({spec.max})."]
    return []


def typed_number(digits: str) -> int | float | None:
    """The number typed as `digits`; * is the decimal point."""
    if not re.fullmatch(r"\d{1,15}(?:\*\d{1,6})?", digits, re.ASCII):
        return None
    return plain(Decimal(digits.replace("*", ".")))


def agreed(readings: Sequence[Reading]) -> Sequence[Reading]:
    """The first of `readings` when all have one value; none when nothing tells which is meant."""
    if any(reading.value != readings[0].value for reading in readings):
        return ()
    return readings[:1]


def dictated_number(text: str) -> Sequence[DigitRun]:
    """The number given digit by digit, "one five zero zero", when it is all the digits there are.

    Without a zero or a repeated digit they may be several numbers: "two three four".
    """
    runs = digit_runs(text)
    if len(runs) != 1 or not _DICTATED.search(text):
        return ()
    return [run for run in runs if 3 <= len(run.digits) < PHONE_DIGITS and run.digits.isdecimal()]


def temporal_spans(text: str, context: Context) -> list[tuple[int, int]]:
    """The offsets of dates and times: their numbers count nothing."""
    dates = find_dates(text, context.language, context.today, False)
    times = find_times(text, context.language)
    return [(found.start, found.end) for found in dates if found.strong] + [
        (found.start, found.end) for found in times if found.by_itself
    ]


def _stem(word: str) -> str:
    word = word.lower()
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _nouns(spec: FieldSpec, context: Context) -> tuple[set[str], set[str]]:
    """What the field counts, by its own words and by the question; as stems."""
    names = [spec.name.replace("_", " "), spec.label.get(context.language, "")]
    names.append(spec.unit.get(context.language, ""))
    own = {_stem(word) for name in names for word in name.split()} - _NAME_WORDS
    asked = _asked(context)
    if own & _HEADS or asked & _HEADS:
        asked |= _HEADS
    return own, asked


def _asked(context: Context) -> set[str]:
    asked = set()
    for first, second in _HOW_MANY.findall(context.agent_said):
        asked |= {_stem(first), _stem(first + second)}
    return asked


def _taken(text: str, tagged: Tagged, context: Context) -> list[tuple[int, int]]:
    """The offsets of dates and times, "at seven thirty" among them."""
    at_times = [
        (found.start, found.end)
        for found in find_times(text, context.language)
        if found.first and tagged.pieces[found.first - 1].word == "at"
    ]
    return temporal_spans(text, context) + at_times


def _tiers(
    tagged: Tagged, own: set[str], asked: set[str], taken: Sequence[tuple[int, int]]
) -> list[list[Reading]]:
    """The numbers by how well they answer; see `_tier`."""
    tiers: list[list[Reading]] = [[], [], [], []]
    for index, piece in enumerate(tagged.pieces):
        if (
            piece.tag != "n"
            or len(tagged.written(index)) >= PHONE_DIGITS
            or any(a < piece.end and piece.start < b for a, b in taken)
        ):
            continue
        tier = _tier(tagged, index, own, asked)
        if tier is None:
            continue
        start, value = piece.start, tagged.number(index)
        if tier in (1, 2) and tagged.tags[index - 1 : index] == "n":
            # "Two fifty bags" are 250; of "two 50 kilo bags" nothing tells how many.
            pair = one_fifty(tagged, index - 1)
            if pair is None:
                return [[], [], [], []]
            start, value = tagged.pieces[index - 1].start, pair
        tiers[tier].append(Reading(plain(value), start, piece.end, strong=tier == 1))
    return tiers


def _length_units(own: set[str], context: Context) -> frozenset[str]:
    """The units of time the field counts; none when it counts something else."""
    counted = {_stem(first) for first, _ in _HOW_MANY.findall(context.agent_said)}
    if own & (_UNITS | _STAYING):
        counted = (own | counted) & _UNITS
        units = counted or {"day"}
    else:
        units = counted if not own & _HEADS and counted <= _UNITS else set()
    return frozenset(units | {"day", "night"} if units & _DAYS.keys() else units)


def _lengths(tagged: Tagged, units: frozenset[str]) -> list[Reading]:
    """The lengths of time, where that is what is counted: "four nights", "a week" in days."""
    accepted = units | _DAYS.keys() if "day" in units else units
    found = []
    for index, piece in enumerate(tagged.pieces[:-1]):
        behind = tagged.pieces[index + 1]
        if behind.word == "single" and index + 2 < len(tagged.pieces):
            behind = tagged.pieces[index + 2]
        if piece.tag not in "n1" or behind.tag not in _UNIT_TAGS:
            continue
        unit = _stem(behind.word)
        if unit in accepted:
            count = tagged.number(index) if piece.tag == "n" else Decimal(1)
            factor = _DAYS.get(unit, 1) if unit not in units else 1
            found.append(Reading(plain(count * factor), piece.start, behind.end, strong=False))
    return found


def _singles(tagged: Tagged, nouns: set[str]) -> list[Reading]:
    """ "A room will do", "single piece": one of what is counted."""
    return [
        Reading(1, piece.start, piece.end, strong=False)
        for index, piece in enumerate(tagged.pieces)
        if (piece.tag == "1" or piece.word == "single")
        and _is_next(nouns, tagged.pieces[index + 1 : index + 3])
    ]


def _tier(tagged: Tagged, index: int, own: set[str], asked: set[str]) -> int | None:
    """How well a number answers: 0 the total, 1 of the field's noun, 2 of the question's, 3 else.

    None: it counts or means something else.
    """
    behind = tagged.pieces[index + 1 : index + 4]
    words = [piece.word for piece in behind]
    if _TOTALS & set(words[:2]) and words[:1] != ["of"]:
        return 0
    if _is_next(own, behind):
        return 1
    if _is_next(asked, behind):
        return 2
    if behind and (behind[0].tag in _OTHER_UNITS or behind[0].word in ("percent", "%")):
        return None
    before = tagged.pieces[index - 1] if index else None
    if before is not None and (before.tag in "$M" or _is_joined_to_me(tagged, index)):
        return None
    spelled = tagged.text[tagged.pieces[index].start : tagged.pieces[index].end].lower()
    if spelled == "one" and before is not None and before.word in _POINTING:
        return None
    if spelled == "one" and before is not None and before.word in ("want", "wanted") and words:
        return None  # "I want one in town"
    return None if _names_a_place(tagged, behind) else 3


def _is_next(nouns: set[str], behind: Sequence[Piece]) -> bool:
    """Whether one of `nouns` is what the number counts: the next words, "bed rooms" for one."""
    phrase = []
    for piece in behind:
        if piece.tag not in "_F":
            break
        phrase.append(_stem(piece.word))
    if any(stem in nouns for stem in phrase[:2]):
        return True
    joined = ["".join(phrase[:2]), *phrase[:1]]
    return any(one.startswith(noun) for one in joined for noun in nouns if len(noun) > 2 and one)


def _is_joined_to_me(tagged: Tagged, index: int) -> bool:
    """Me and two friends: the number is not all of them."""
    words = [piece.word for piece in tagged.pieces[max(index - 2, 0) : index]]
    return words in (["me", "and"], ["myself", "and"], ["i", "and"])


def _names_a_place(tagged: Tagged, behind: Sequence[Piece]) -> bool:
    """Whether a capital or a word of streets follows: 1671 Willow Pass Road."""
    if any(piece.word in _PLACES for piece in behind[:3]):
        return True
    return bool(behind) and behind[0].tag in "_O" and tagged.text[behind[0].start].isupper()
