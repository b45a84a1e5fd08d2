"""Malayalam number words, in Malayalam script and romanised, as steps that `numbers` combines."""

from __future__ import annotations

from conversation.reading.number_steps import (
    ADD,
    HALF,
    HUNDRED,
    MULTIPLIER,
    ORDINAL,
    QUARTER,
    SMALL,
    THREE_QUARTERS,
    Words,
    joined,
    roman,
    small,
)

_UNITS = {
    word: value
    for value, words in enumerate(
        ("ഒന്ന്", "രണ്ട്", "മൂന്ന്", "നാല് നാൽ", "അഞ്ച്", "ആറ്", "ഏഴ്", "എട്ട്", "ഒമ്പത് ഒൻപത്"),
        start=1,
    )
    for word in words.split()
}
_STEMS = {
    stem: value
    for value, stems in (
        (20, "ഇരുപത്ത"),
        (30, "മുപ്പത്ത"),
        (40, "നാൽപത്ത നാൽപ്പത്ത നാല്പത്ത"),
        (50, "അമ്പത്ത അൻപത്ത"),
        (60, "അറുപത്ത"),
        (70, "എഴുപത്ത"),
        (80, "എൺപത്ത എമ്പത്ത"),
        (90, "തൊണ്ണൂറ്റ"),
    )
    for stem in stems.split()
}
_SIGNS = {
    "അ": "",
    "ആ": "ാ",
    "ഏ": "േ",
    "എ": "െ",
    "ഒ": "ൊ",
    "i": "ി",
    "u": "ു",
}
_BELOW_100: Words = {
    **small((value, word) for word, value in _UNITS.items()),
    **small(
        (
            (0, "പൂജ്യം"),
            (1, "ഒരു"),
            (10, "പത്ത്"),
            (11, "പതിനൊന്ന്"),
            (12, "പന്ത്രണ്ട്"),
            (13, "പതിമൂന്ന്"),
            (14, "പതിനാല്"),
            (15, "പതിനഞ്ച്"),
            (16, "പതിനാറ്"),
            (17, "പതിനേഴ്"),
            (18, "പതിനെട്ട്"),
            (19, "പത്തൊമ്പത് പത്തൊൻപത്"),
            (20, "ഇരുപത്"),
            (30, "മുപ്പത്"),
            (40, "നാൽപത് നാൽപ്പത് നാല്പത്"),
            (50, "അമ്പത് അൻപത്"),
            (60, "അറുപത്"),
            (70, "എഴുപത്"),
            (80, "എൺപത് എമ്പത്"),
            (90, "തൊണ്ണൂറ്"),
        )
    ),
    **joined(_STEMS, _UNITS, _SIGNS, "യ"),
}
_HUNDREDS = (
    (1, "നൂ"),
    (2, "ഇരുനൂ ഇരുന്നൂ"),
    (3, "മുന്നൂ മുന്നൂ"),
    (4, "നാനൂ നാന്നൂ"),
    (5, "അഞ്ഞൂ അഞ്ചുനൂ"),
    (6, "അറുനൂ അറുന്നൂ"),
    (7, "എഴുനൂ എഴുന്നൂ"),
    (8, "എണ്ണൂ എണ്ണു"),
)
_THOUSANDS = ((3, "മൂവായിര"), (5, "അയ്യായിര"), (10, "പതിനായിര"), (13, "പതിമൂവായിര"), (15, "പതിനയ്യായിര"))


def _vowel_endings() -> Words:
    """What a final virama turns into: thousands, halves, quarters (മൂന്ന്: മൂന്നായിരം, മൂന്നര)."""
    words: Words = {}
    for word, steps in _BELOW_100.items():
        if not word.endswith("്"):
            continue
        root, value = word[:-1], steps[0][1]
        for ending in ("ായിരം", "ായിരത്തി", "ിനായിരം", "ിനായിരത്തി"):
            words[root + ending] = (*steps, (MULTIPLIER, 1_000))
        words[root + "ാം"] = words[root + "ാമത്തെ"] = ((ORDINAL, value),)
        words[root + "ര"] = ((SMALL, value + HALF),)
        words[root + "േ"] = steps
        words[root + "േകാൽ"] = words[root + "േകാല്"] = ((SMALL, value + QUARTER),)
        words[root + "േമുക്കാൽ"] = words[root + "േമുക്കാല്"] = ((SMALL, value + THREE_QUARTERS),)
    return words


def _with_case(words: Words) -> Words:
    """`words` with the endings they take before other words and as "at three" (മൂന്നിന്)."""
    cased = dict(words)
    for word, steps in words.items():
        if word.endswith("്"):
            for ending in ("ു", "ിന്", "ിനു", "ും"):
                cased[word[:-1] + ending] = steps
        elif word.endswith("ര"):
            cased[word + "യ്ക്ക്"] = cased[word + "ക്ക്"] = steps
    return cased


WORDS: Words = _with_case(
    {
        **_BELOW_100,
        **_vowel_endings(),
        **{
            stem + ending: ((SMALL, value), (HUNDRED, 100)) if value > 1 else ((HUNDRED, 100),)
            for value, stems in _HUNDREDS
            for stem in stems.split()
            for ending in ("റ്", "റ്റി", "റ്റ")
        },
        **{
            stem + ending: ((SMALL, value), (MULTIPLIER, 1_000))
            for value, stem in _THOUSANDS
            for ending in ("ം", "ത്തി")
        },
        **{"തൊള്ളായിര" + ending: ((SMALL, 9), (HUNDRED, 100)) for ending in ("ം", "ത്തി")},
        **dict.fromkeys(("ആയിരം", "ആയിരത്തി"), ((MULTIPLIER, 1000),)),
        **dict.fromkeys(("ലക്ഷം", "ലക്ഷത്തി"), ((MULTIPLIER, 100000),)),
        **dict.fromkeys(("കോടി", "കോടിയും"), ((MULTIPLIER, 10000000),)),
        "അര": ((SMALL, HALF),),
        "കാൽ": ((ADD, QUARTER),),
        "മുക്കാൽ": ((ADD, THREE_QUARTERS),),
    }
)

_ROMAN_UNITS = (
    "onnu|randu|moonnu|naalu|anchu anju|aaru|ezhu|ettu|ompathu onpathu ombathu onbathu"
).split("|")
_ROMAN_TENS = (
    (20, "irupath irubath"),
    (30, "muppath"),
    (40, "naalpath"),
    (50, "ampath anpath ambath"),
    (60, "arupath arubath"),
    (70, "ezhupath ezhubath"),
    (80, "enpath empath enbath"),
)
_ROMAN_BELOW_100 = {
    **small(enumerate(_ROMAN_UNITS, start=1)),
    **small(
        (
            (1, "oru"),
            (10, "pathu"),
            (11, "pathinonnu"),
            (12, "panthrandu"),
            (13, "pathimoonnu"),
            (14, "pathinaalu"),
            (15, "pathinanchu pathinanju"),
            (16, "pathinaaru"),
            (17, "pathinezhu"),
            (18, "pathinettu"),
            (19, "pathompathu pathonpathu"),
            (90, "thonnooru thonnootti"),
        )
    ),
    **{
        stem + ending: ((SMALL, value),)
        for value, stems in _ROMAN_TENS
        for stem in stems.split()
        for ending in ("u", "i", "hi")
    },
    **{
        stem + glide + unit: ((SMALL, tens + value),)
        for tens, stems in _ROMAN_TENS
        for stem in stems.split()
        for value, units in enumerate(_ROMAN_UNITS, start=1)
        for unit in units.split()
        for glide in ("", "i", "iy")
    },
}
ROMAN: Words = roman(
    {
        **_ROMAN_BELOW_100,
        **{
            word[:-1] + ending: (*steps, (MULTIPLIER, 1_000))
            for word, steps in _ROMAN_BELOW_100.items()
            for ending in ("aayiram", "inaayiram")
        },
        **{
            word[:-1] + "ara": ((SMALL, steps[0][1] + HALF),)
            for word, steps in _ROMAN_BELOW_100.items()
        },
        **{
            stem + ending: ((SMALL, value), (HUNDRED, 100)) if value > 1 else ((HUNDRED, 100),)
            for value, stem in enumerate("n irun munn naan anj arun ezhun enn".split(), start=1)
            for ending in ("ooru", "ootti", "oottu")
        },
        "thollaayiram": ((SMALL, 9), (HUNDRED, 100)),
        "moovaayiram": ((SMALL, 3), (MULTIPLIER, 1_000)),
        "ayyaayiram": ((SMALL, 5), (MULTIPLIER, 1_000)),
        "pathinaayiram": ((SMALL, 10), (MULTIPLIER, 1_000)),
        **dict.fromkeys(("aayiram", "aayirathi"), ((MULTIPLIER, 1000),)),
        **dict.fromkeys(("laksham", "lakshathi"), ((MULTIPLIER, 100000),)),
        "kodi": ((MULTIPLIER, 10_000_000),),
        "ara": ((SMALL, HALF),),
    }
)
