"""Hindi number words, in Devanagari and romanised, as steps that `numbers` combines."""

from __future__ import annotations

from decimal import Decimal

from conversation.reading.number_steps import (
    BEFORE,
    HALF,
    HUNDRED,
    MULTIPLIER,
    ORDINAL,
    QUARTER,
    SMALL,
    Words,
    roman,
    small,
)

# Below 100 every number has a word of its own; spellings differ, nasal dots and nukta are folded.
_SMALL = small(
    enumerate(
        (
            "शून्य जीरो|एक|दो|तीन|चार|पांच पाञ्च|छह छः छे छ छै|सात|आठ|नौ|दस|ग्यारह|बारह|तेरह|चौदह|"
            "पंद्रह पन्द्रह|सोलह|सत्रह|अठारह अट्ठारह|उन्नीस|बीस|इक्कीस|बाईस बाइस|तेईस तेइस|चौबीस|पच्चीस|"
            "छब्बीस|सत्ताईस सत्ताइस|अट्ठाईस अठाईस अट्ठाइस|उनतीस उन्तीस|तीस|इकतीस इकत्तीस|बत्तीस|"
            "तैंतीस तेंतीस|चौंतीस|पैंतीस|छत्तीस|सैंतीस|अडतीस|उनतालीस उनचालीस|चालीस|इकतालीस|बयालीस|"
            "तैंतालीस|चौवालीस चवालीस|पैंतालीस|छियालीस|सैंतालीस|अडतालीस|उनचास|पचास|इक्यावन|बावन|"
            "तिरपन तिरेपन|चौवन|पचपन|छप्पन|सत्तावन|अट्ठावन अठावन|उनसठ|साठ|इकसठ|बासठ|तिरसठ तिरेसठ|"
            "चौंसठ|पैंसठ|छियासठ|सडसठ|अडसठ|उनहत्तर|सत्तर|इकहत्तर|बहत्तर|तिहत्तर|चौहत्तर|पचहत्तर|"
            "छिहत्तर|सतहत्तर|अठहत्तर|उन्यासी उनासी|अस्सी|इक्यासी|बयासी|तिरासी|चौरासी|पचासी|छियासी|"
            "सत्तासी सतासी|अट्ठासी अठासी|नवासी|नब्बे|इक्यानवे इक्यानबे|बानवे बानबे|तिरानवे तिरानबे|"
            "चौरानवे चौरानबे|पचानवे पंचानवे पचानबे|छियानवे छियानबे|सत्तानवे सत्तानबे|अट्ठानवे अट्ठानबे|"
            "निन्यानवे निन्यानबे"
        ).split("|")
    )
)

_ORDINALS = {
    **dict.fromkeys(("पहला", "पहली"), ((ORDINAL, 1),)),
    **dict.fromkeys(("दूसरा", "दूसरी"), ((ORDINAL, 2),)),
    **dict.fromkeys(("तीसरा", "तीसरी"), ((ORDINAL, 3),)),
    **dict.fromkeys(("चौथा", "चौथी"), ((ORDINAL, 4),)),
    **{
        word + ending: ((ORDINAL, steps[0][1]),)
        for word, steps in _SMALL.items()
        for ending in ("वां", "वीं", "वी", "वा")
        if steps[0][1] >= 5
    },
}

WORDS: Words = {
    **_SMALL,
    **_ORDINALS,
    "आधा": ((SMALL, HALF),),
    "डेढ": ((SMALL, Decimal("1.5")),),
    "ढाई": ((SMALL, Decimal("2.5")),),
    "साढे": ((BEFORE, HALF),),
    "सवा": ((BEFORE, QUARTER),),
    "पौने": ((BEFORE, -QUARTER),),
    "सौ": ((HUNDRED, 100),),
    "हजार": ((MULTIPLIER, 1_000),),
    "लाख": ((MULTIPLIER, 100_000),),
    "करोड": ((MULTIPLIER, 10_000_000),),
}

ROMAN: Words = roman(
    {
        **small(
            enumerate(
                (
                    "shunya|ek|do|teen|chaar char|paanch|chhe cheh chhah|saat|aath|nau|das dus|"
                    "gyarah gyara|baarah barah bara|terah|chaudah chauda|pandrah pandra|solah|"
                    "satrah satra|athaarah atharah athara|unnees|bees|ikkees|baees bais|teis teyis|"
                    "chaubees|pachees pachchees|chhabbees|sattaees sattais|atthaees athais|untees|"
                    "tees|ikattees iktees|battees|taintees|chauntees|paintees|chhattees|saintees|"
                    "adtees|untalees|chalees chaalees|iktalees|bayalees|taintalees|chauvalees|"
                    "paintalees|chhiyalees|saintalees|adtalees|unchaas|pachaas|ikyavan|baavan|"
                    "tirpan|chauvan|pachpan|chhappan|sattavan|atthavan|unsath|saath|iksath|baasath|"
                    "tirsath|chaunsath|painsath|chhiyasath|sadsath|adsath|unhattar|sattar|ikhattar|"
                    "bahattar|tihattar|chauhattar|pachhattar|chhihattar|satattar|athattar|unyasi|"
                    "assi|ikyasi|bayasi|tirasi|chaurasi|pachasi|chhiyasi|sattasi|atthasi|navasi|"
                    "nabbe|ikyanve|baanve|tiranve|chauranve|pachanve|chhiyanve|sattanve|atthanve|"
                    "ninyanve"
                ).split("|")
            )
        ),
        "saat": ((SMALL, 7),),
        "aadha": ((SMALL, HALF),),
        **dict.fromkeys(("dedh", "ded", "derh"), ((SMALL, Decimal("1.5")),)),
        "dhai": ((SMALL, Decimal("2.5")),),
        "dhaai": ((SMALL, Decimal("2.5")),),
        **dict.fromkeys(("saadhe", "saade", "saarhe"), ((BEFORE, HALF),)),
        "sava": ((BEFORE, QUARTER),),
        "paune": ((BEFORE, -QUARTER),),
        "sau": ((HUNDRED, 100),),
        "hazaar": ((MULTIPLIER, 1_000),),
        "lakh": ((MULTIPLIER, 100_000),),
        "crore": ((MULTIPLIER, 10_000_000),),
        "karod": ((MULTIPLIER, 10_000_000),),
    }
)

# After these "दो" is no number but the rest of "give": दे दो, बता दो.
GIVING = frozenset(
    "दे बता कर बोल लिख रख भेज कह बना डाल लगा de bata kar bol likh rakh bhej bana daal laga".split()
)
