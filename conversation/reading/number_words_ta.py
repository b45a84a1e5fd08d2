"""Tamil number words, written and spoken, in Tamil script and romanised, as steps."""

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
        (
            "ஒன்று ஒண்ணு ஒன்னு",
            "இரண்டு ரெண்டு ரண்டு",
            "மூன்று மூணு மூனு",
            "நான்கு நாலு",
            "ஐந்து அஞ்சு",
            "ஆறு",
            "ஏழு",
            "எட்டு",
            "ஒன்பது ஒம்பது",
        ),
        start=1,
    )
    for word in words.split()
}
_STEMS = {
    stem: value
    for value, stems in (
        (20, "இருபத்த"),
        (30, "முப்பத்த"),
        (40, "நாற்பத்த நாப்பத்த"),
        (50, "ஐம்பத்த அம்பத்த"),
        (60, "அறுபத்த"),
        (70, "எழுபத்த"),
        (80, "எண்பத்த எம்பத்த"),
        (90, "தொண்ணூற்ற தொண்ணூத்த"),
    )
    for stem in stems.split()
}
_SIGNS = {
    "அ": "",
    "ஆ": "ா",
    "இ": "ி",
    "ஏ": "ே",
    "எ": "ெ",
    "ஐ": "ை",
    "ஒ": "ொ",
    "i": "ி",
    "u": "ு",
}
_BELOW_100: Words = {
    **small((value, word) for word, value in _UNITS.items()),
    **small(
        (
            (0, "பூஜ்ஜியம் பூஜ்யம் சுழியம்"),
            (1, "ஒரு"),
            (10, "பத்து"),
            (11, "பதினொன்று பதினொண்ணு பதினொன்னு"),
            (12, "பன்னிரண்டு பன்னெண்டு பன்னிரெண்டு பன்னண்டு"),
            (13, "பதின்மூன்று பதிமூன்று பதிமூணு"),
            (14, "பதினான்கு பதினாலு"),
            (15, "பதினைந்து பதினஞ்சு"),
            (16, "பதினாறு"),
            (17, "பதினேழு"),
            (18, "பதினெட்டு"),
            (19, "பத்தொன்பது பத்தொம்பது"),
            (20, "இருபது"),
            (30, "முப்பது"),
            (40, "நாற்பது நாப்பது"),
            (50, "ஐம்பது அம்பது"),
            (60, "அறுபது"),
            (70, "எழுபது"),
            (80, "எண்பது எம்பது"),
            (90, "தொண்ணூறு"),
        )
    ),
    **joined(_STEMS, _UNITS, _SIGNS, "ய"),
}
_HUNDREDS = (
    (1, "நூ"),
    (2, "இருநூ எரநூ இருனூ"),
    (3, "முந்நூ முன்னூ"),
    (4, "நானூ நாநூ"),
    (5, "ஐநூ ஐந்நூ ஐந்தூ அஞ்நூ அஞ்ஞூ அஞ்சுநூ"),
    (6, "அறுநூ ஆறுநூ"),
    (7, "எழுநூ ஏழுநூ"),
    (8, "எண்ணூ எட்டுநூ"),
)
_THOUSANDS = ((2, "ஈராயிர"), (3, "மூவாயிர"), (5, "ஐயாயிர"))


def _vowel_endings() -> Words:
    """What a final "u" turns into: thousands, halves and quarters (மூணு: மூணாயிரம், மூணரை)."""
    words: Words = {}
    for word, steps in _BELOW_100.items():
        if not word.endswith("ு"):
            continue
        root, value = word[:-1], steps[0][1]
        for ending in ("ாயிரம்", "ாயிரத்து", "ாயிரத்தி"):
            words[root + ending] = (*steps, (MULTIPLIER, 1_000))
        words[root + "ாம்"] = words[root + "ாவது"] = ((ORDINAL, value),)
        words[root + "ரை"] = ((SMALL, value + HALF),)
        words[root + "ே"] = steps
        words[root + "ேகால்"] = ((SMALL, value + QUARTER),)
        words[root + "ேமுக்கால்"] = ((SMALL, value + THREE_QUARTERS),)
    return words


def _with_case(words: Words) -> Words:
    """`words` with their endings: "at three", "from three" (மூணுக்கு, மூணரைக்கு, மூணுல)."""
    return words | {
        word + ending: steps
        for word, steps in words.items()
        if word.endswith(("ு", "ை"))
        for ending in ("க்கு", "ல", "லிருந்து", "லேருந்து")
    }


WORDS: Words = _with_case(
    {
        **_BELOW_100,
        **_vowel_endings(),
        **{
            stem + ending: ((SMALL, value), (HUNDRED, 100)) if value > 1 else ((HUNDRED, 100),)
            for value, stems in _HUNDREDS
            for stem in stems.split()
            for ending in ("று", "ற்று", "ற்றி", "த்தி", "த்து")
        },
        **{
            stem + ending: ((SMALL, value), (MULTIPLIER, 1_000))
            for value, stem in _THOUSANDS
            for ending in ("ம்", "த்து", "த்தி")
        },
        **{"தொள்ளாயிர" + ending: ((SMALL, 9), (HUNDRED, 100)) for ending in ("ம்", "த்து", "த்தி")},
        **dict.fromkeys(("ஆயிரம்", "ஆயிரத்து", "ஆயிரத்தி"), ((MULTIPLIER, 1000),)),
        **dict.fromkeys(("லட்சம்", "இலட்சம்", "லட்சத்து", "லட்சத்தி", "லட்ச"), ((MULTIPLIER, 100000),)),
        **dict.fromkeys(("கோடி", "கோடியே"), ((MULTIPLIER, 10000000),)),
        "அரை": ((SMALL, HALF),),
        "கால்": ((ADD, QUARTER),),
        "முக்கால்": ((ADD, THREE_QUARTERS),),
    }
)

_ROMAN_UNITS = (
    "onnu ondru onru|rendu irandu|moonu moonru moondru|naalu naangu|anju ainthu aindhu|aaru|"
    "ezhu elu|ettu|onbathu ombathu onpathu"
).split("|")
_ROMAN_TENS = (
    (20, "irubath irupath"),
    (30, "muppath"),
    (40, "naapath narpath naarpath"),
    (50, "aimbath ambath aimpath"),
    (60, "arubath arupath"),
    (70, "ezhubath elubath ezhupath"),
    (80, "enbath embath enpath"),
)
_ROMAN_BELOW_100 = {
    **small(enumerate(_ROMAN_UNITS, start=1)),
    **small(
        (
            (1, "oru"),
            (10, "pathu"),
            (11, "pathinonnu pathinondru"),
            (12, "pannendu pannirendu pannirandu"),
            (13, "pathimoonu pathinmoonru"),
            (14, "pathinaalu pathinaangu"),
            (15, "pathinanju pathinainthu"),
            (16, "pathinaaru"),
            (17, "pathinezhu pathinelu"),
            (18, "pathinettu"),
            (19, "pathonbathu pathombathu"),
            (90, "thonnooru thonnoothi thonnootru"),
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
        for glide in ("", "i", "u", "iy")
    },
}
ROMAN: Words = roman(
    {
        **_ROMAN_BELOW_100,
        **{
            word[:-1] + "aayiram": (*steps, (MULTIPLIER, 1_000))
            for word, steps in _ROMAN_BELOW_100.items()
        },
        **{
            word[:-1] + "arai": ((SMALL, steps[0][1] + HALF),)
            for word, steps in _ROMAN_BELOW_100.items()
        },
        **{
            stem + ending: ((SMALL, value), (HUNDRED, 100)) if value > 1 else ((HUNDRED, 100),)
            for value, stem in enumerate("n irun munn naan ain arun ezhun enn".split(), start=1)
            for ending in ("ooru", "oothi", "ootru", "ootri")
        },
        "anjooru": ((SMALL, 5), (HUNDRED, 100)),
        "thollaayiram": ((SMALL, 9), (HUNDRED, 100)),
        "moovaayiram": ((SMALL, 3), (MULTIPLIER, 1_000)),
        "aiyaayiram": ((SMALL, 5), (MULTIPLIER, 1_000)),
        **dict.fromkeys(("aayiram", "aayirathu", "aayirathi"), ((MULTIPLIER, 1000),)),
        **dict.fromkeys(("latcham", "latchathu", "laksham"), ((MULTIPLIER, 100000),)),
        "kodi": ((MULTIPLIER, 10_000_000),),
        "arai": ((SMALL, HALF),),
        "kaal": ((ADD, QUARTER),),
        "mukkaal": ((ADD, THREE_QUARTERS),),
    }
)
