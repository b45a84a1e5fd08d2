"""English number words as steps that `numbers` combines."""

from __future__ import annotations

from conversation.reading.number_steps import (
    COUNT,
    HALF,
    HUNDRED,
    MULTIPLIER,
    ORDINAL,
    SMALL,
    Words,
)

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()

# Understood in every call: callers mix English numbers into all languages.
WORDS: Words = {
    **{word: ((SMALL, value),) for value, word in enumerate(_SMALL)},
    **{word: ((SMALL, 20 + 10 * index),) for index, word in enumerate(_TENS)},
    **{word: ((ORDINAL, value),) for value, word in enumerate(_ORDINALS, start=1)},
    **{word[:-1] + "ieth": ((ORDINAL, 20 + 10 * i),) for i, word in enumerate(_TENS)},
    "fourty": ((SMALL, 40),),
    "ninty": ((SMALL, 90),),
    "half": ((SMALL, HALF),),
    "couple": ((COUNT, 2),),
    "dozen": ((COUNT, 12),),
    "hundred": ((HUNDRED, 100),),
    "thousand": ((MULTIPLIER, 1_000),),
    "k": ((MULTIPLIER, 1_000),),
    "grand": ((MULTIPLIER, 1_000),),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), ((MULTIPLIER, 100000),)),
    **dict.fromkeys(("million", "millions", "mn"), ((MULTIPLIER, 1000000),)),
    **dict.fromkeys(("crore", "crores", "cr"), ((MULTIPLIER, 10000000),)),
    **dict.fromkeys(("billion", "billions", "bn"), ((MULTIPLIER, 1000000000),)),
}

# Vague or something else when no number goes before: "k", "thousands of things".
NEVER_FIRST = frozenset("k grand lakhs lacs cr crores mn millions bn".split())
