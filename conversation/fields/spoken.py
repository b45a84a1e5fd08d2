"""Numbers, money, dates and times as an agent speaks them, in English, Hindi, Tamil, Malayalam.

A language that is not here gets the English form.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

_INDIAN = frozenset(("hi", "ta", "ml"))
_LAST_MINUTE = "23:59"  # the open end of "after 3 pm"

# Singular and plural of a currency and of its hundredth part; "" where it is not spoken of.
_CURRENCIES: Mapping[str, Mapping[str, tuple[str, str, str, str]]] = {
    "en": {
        "INR": ("rupee", "rupees", "paisa", "paise"),
        "USD": ("dollar", "dollars", "cent", "cents"),
        "EUR": ("euro", "euros", "cent", "cents"),
        "GBP": ("pound", "pounds", "penny", "pence"),
        "AED": ("dirham", "dirhams", "", ""),
        "JPY": ("yen", "yen", "", ""),
    },
    "hi": {
        "INR": ("रुपया", "रुपये", "पैसा", "पैसे"),
        "USD": ("डॉलर", "डॉलर", "सेंट", "सेंट"),
        "EUR": ("यूरो", "यूरो", "सेंट", "सेंट"),
        "GBP": ("पाउंड", "पाउंड", "पेंस", "पेंस"),
        "AED": ("दिरहम", "दिरहम", "", ""),
    },
    "ta": {
        "INR": ("ரூபாய்", "ரூபாய்", "பைசா", "பைசா"),
        "USD": ("டாலர்", "டாலர்", "சென்ட்", "சென்ட்"),
        "EUR": ("யூரோ", "யூரோ", "சென்ட்", "சென்ட்"),
        "GBP": ("பவுண்ட்", "பவுண்ட்", "பென்ஸ்", "பென்ஸ்"),
        "AED": ("திர்ஹாம்", "திர்ஹாம்", "", ""),
    },
    "ml": {
        "INR": ("രൂപ", "രൂപ", "പൈസ", "പൈസ"),
        "USD": ("ഡോളർ", "ഡോളർ", "സെന്റ്", "സെന്റ്"),
        "EUR": ("യൂറോ", "യൂറോ", "സെന്റ്", "സെന്റ്"),
        "GBP": ("പൗണ്ട്", "പൗണ്ട്", "പെൻസ്", "പെൻസ്"),
        "AED": ("ദിർഹം", "ദിർഹം", "", ""),
    },
}


class _Calendar(NamedTuple):
    weekdays: tuple[str, ...]  # Monday first
    months: tuple[str, ...]
    pattern: str


_CALENDARS = {
    "en": _Calendar(
        tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
        tuple(
            "January February March April May June July August September October November "
            "December".split()
        ),
        "{weekday}, {day} {month}",
    ),
    "hi": _Calendar(
        tuple("सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार".split()),
        tuple("जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर".split()),
        "{weekday}, {day} {month}",
    ),
    "ta": _Calendar(
        tuple(
            "திங்கட்கிழமை செவ்வாய்க்கிழமை புதன்கிழமை வியாழக்கிழமை வெள்ளிக்கிழமை சனிக்கிழமை ஞாயிற்றுக்கிழமை".split()
        ),
        tuple("ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர்".split()),
        "{month} {day}, {weekday}",
    ),
    "ml": _Calendar(
        tuple("തിങ്കളാഴ്ച ചൊവ്വാഴ്ച ബുധനാഴ്ച വ്യാഴാഴ്ച വെള്ളിയാഴ്ച ശനിയാഴ്ച ഞായറാഴ്ച".split()),
        tuple("ജനുവരി ഫെബ്രുവരി മാർച്ച് ഏപ്രിൽ മേയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ് സെപ്റ്റംബർ ഒക്ടോബർ നവംബർ ഡിസംബർ".split()),
        "{month} {day}, {weekday}",
    ),
}

# Morning from 4, afternoon from 12, evening from 16, night from 19 to 4.
_PARTS = {
    "hi": ("सुबह", "दोपहर", "शाम", "रात"),
    "ta": ("காலை", "மதியம்", "மாலை", "இரவு"),
    "ml": ("രാവിലെ", "ഉച്ചയ്ക്ക്", "വൈകുന്നേരം", "രാത്രി"),
}
_HOUR = {"hi": "{part} {hour} बजे", "ta": "{part} {hour} மணி", "ml": "{part} {hour} മണി"}


class _RangePatterns(NamedTuple):
    between: str
    after: str
    before: str
    any_time: str


_RANGES = {
    "en": _RangePatterns("{start} to {end}", "after {start}", "before {end}", "any time"),
    "hi": _RangePatterns("{start} से {end} तक", "{start} के बाद", "{end} से पहले", "किसी भी समय"),
    "ta": _RangePatterns(
        "{start} முதல் {end} வரை", "{start}க்குப் பிறகு", "{end}க்கு முன்", "எந்த நேரமும்"
    ),
    "ml": _RangePatterns("{start} മുതൽ {end} വരെ", "{start}ക്ക് ശേഷം", "{end}ക്ക് മുമ്പ്", "ഏത് സമയവും"),
}


def base(language: str) -> str:
    """The language of the tables here that serves `language` (BCP-47)."""
    primary = language.partition("-")[0]
    return primary if primary in _CALENDARS else "en"


def figures(value: int | float | Decimal, language: str) -> str:
    """A number grouped as the region reads it: 1,20,000 or 120,000."""
    number = Decimal(str(value)).normalize()
    sign, digits = ("-" if number < 0 else ""), f"{abs(number):f}"
    whole, _, fraction = digits.partition(".")
    if language.endswith("-IN") or base(language) in _INDIAN:
        head, tail = whole[:-3], whole[-3:]
        groups = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
        whole = ",".join([*groups, tail])
    else:
        whole = f"{int(whole):,}"
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def currency(code: str, language: str) -> str:
    """The currency as one speaks of it: rupees."""
    names = _CURRENCIES[base(language)].get(code)
    return names[1] if names else code


def money(amount: int | float | Decimal, code: str, language: str) -> str:
    """An amount: 600 rupees, 5 dollars and 50 cents."""
    names = _CURRENCIES[base(language)].get(code)
    whole = int(amount)
    hundredths = round((Decimal(str(amount)) - whole) * 100)
    if names is None or (hundredths and not names[2]):
        return f"{figures(amount, language)} {currency(code, language)}"
    part = f"{hundredths} {names[2] if hundredths == 1 else names[3]}"
    if not whole and hundredths:
        return part
    said = f"{figures(whole, language)} {names[0] if whole == 1 else names[1]}"
    if not hundredths:
        return said
    joint = " and " if base(language) == "en" else " "
    return f"{said}{joint}{part}"


def day(value: date, language: str, with_year: bool = False) -> str:
    """A date: Tuesday, 5 March; with its year only where it is not the coming such day."""
    language = base(language)
    calendar = _CALENDARS[language]
    said = calendar.pattern.format(
        weekday=calendar.weekdays[value.weekday()],
        day=value.day,
        month=calendar.months[value.month - 1],
    )
    return f"{said} {value.year}" if with_year else said


def months(language: str) -> tuple[str, ...]:
    """The names of the months, January first."""
    return _CALENDARS[base(language)].months


def time(value: str, language: str) -> str:
    """A canonical time ("14:30"): 2:30 pm, दोपहर 2:30 बजे."""
    hour, minute = (int(part) for part in value.split(":"))
    clock = f"{hour % 12 or 12}:{minute:02}" if minute else f"{hour % 12 or 12}"
    language = base(language)
    if language == "en":
        if not minute and hour in (0, 12):
            return "12 noon" if hour else "12 midnight"
        return f"{clock} {'am' if hour < 12 else 'pm'}"
    morning, afternoon, evening, night = _PARTS[language]
    part = night
    if 4 <= hour < 19:
        part = morning if hour < 12 else afternoon if hour < 16 else evening
    return _HOUR[language].format(part=part, hour=clock)


def time_range(start: str, end: str, language: str) -> str:
    """A canonical range: 2 pm to 5 pm; after 3 pm when it ends with the day."""
    patterns = _RANGES[base(language)]
    if start == "00:00" and end == _LAST_MINUTE:
        return patterns.any_time
    pattern = patterns.between
    if end == _LAST_MINUTE:
        pattern = patterns.after
    elif start == "00:00":
        pattern = patterns.before
    return pattern.format(start=time(start, language), end=time(end, language))


def counted(value: int | float, unit: str, language: str) -> str:
    """A number and what it counts: 3 bedrooms, 1 bedroom."""
    number = figures(value, language)
    if not unit:
        return number
    if value == 1 and base(language) == "en":
        unit = _singular(unit)
    return f"{number} {unit}"


def _singular(unit: str) -> str:
    if unit == "people":
        return "person"
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    if unit.endswith(("xes", "ches", "shes", "sses")):
        return unit[:-2]
    return unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit
