"""Words for digits, for repeated digits and for letters, in four languages. Data only."""

from __future__ import annotations

from conversation.reading.words import fold


def _table(*lines: str) -> dict[str, str]:
    """Digit words, line by line from 0."""
    return {fold(word): str(digit) for digit, line in enumerate(lines) for word in line.split()}


DIGITS: dict[str, str] = {
    **_table(
        "zero nought naught nil ज़ीरो जीरो शून्य shunya zeero ஜீரோ பூஜ்யம் பூஜ்ஜியம் சுழியம் சைபர் "
        "poojyam saibar പൂജ്യം സീറോ poojyam",
        "one एक ek वन ஒன்று ஒண்ணு ஒன்னு ondru onnu ஒன் ഒന്ന് ഒന്നു വൺ",
        "two दो டூ இரண்டு ரெண்டு irandu rendu രണ്ട് രണ്ടു randu ടു टू",
        "three तीन थ्री மூன்று மூணு moondru moonu த்ரீ മൂന്ന് മൂന്നു moonnu ത്രീ",
        "four चार char chaar फोर நான்கு நாலு naangu naalu ஃபோர் നാല് നാലു ഫോർ",
        "five पांच पाँच paanch panch फाइव ஐந்து அஞ்சு ainthu aindhu anju ஃபைவ் അഞ്ച് അഞ്ചു anchu ഫൈവ്",
        "six छह छः छे chhah chhe सिक्स ஆறு aaru சிக்ஸ் ആറ് ആറു സിക്സ്",
        "seven सात saat सेवन ஏழு ezhu yelu செவன் ഏഴ് ഏഴു സെവൻ",
        "eight आठ aath एट எட்டு ettu எயிட் എട്ട് എട്ടു എയ്റ്റ്",
        "nine नौ nau नाइन ஒன்பது ஒம்பது onbathu onbadhu ombothu நைன் ഒൻപത് ഒമ്പത് onpathu ombathu നൈൻ",
    ),
}

# Digits only after another digit: alone they are other words.
DIGITS_IN_RUNS: dict[str, str] = {"o": "0", "oh": "0", "ओ": "0", "ஓ": "0", "ഓ": "0"}
# Hindi digits that are English words too: digits only after a romanised Hindi digit.
HINDI_IN_RUNS: dict[str, str] = {"do": "2", "teen": "3", "che": "6"}
HINDI = frozenset("shunya ek do teen char chaar paanch panch che chhah chhe saat aath nau".split())

TEENS: dict[str, str] = {
    word: str(number)
    for number, word in enumerate(
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
        start=10,
    )
}
TENS: dict[str, str] = {
    word: str(number)
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
MULTIPLES: dict[str, str] = {"hundred": "00", "thousand": "000"}
REPEATS: dict[str, int] = {
    fold(word): times
    for times, words in (
        (2, "double डबल dabal டபுள் டபிள் ഡബിൾ"),
        (3, "triple treble ट्रिपल டிரிபிள் ട്രിപ്പിൾ"),
        (4, "quadruple"),
    )
    for word in words.split()
}
PLUS = frozenset(map(fold, "plus प्लस பிளஸ் പ്ലസ്".split()))
FILLING = frozenset("and then um uh er okay dash hyphen space और then அப்புறம் പിന്നെ".split())

NATO: dict[str, str] = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima "
        "mike november oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray "
        "yankee zulu"
    ).split()
}
