"""An answer given by its place in a list: "the second one", "option 3", "the last"."""

from __future__ import annotations

from collections.abc import Sequence

from conversation.reading.words import Word, fold

_ORDINALS = tuple(
    frozenset(map(fold, forms.split()))
    for forms in (
        "first 1st पहला पहली पहले pehla pehli pahla முதல் முதலாவது மொதல் muthal mudhal "
        "muthalavathu ആദ്യത്തെ ആദ്യം ഒന്നാമത്തെ aadyathe adyathe onnamathe",
        "second 2nd दूसरा दूसरी दूसरे doosra dusra doosri dusri இரண்டாவது ரெண்டாவது irandavathu "
        "rendavathu rendaavathu രണ്ടാമത്തെ randamathe randaamathe",
        "third 3rd तीसरा तीसरी तीसरे teesra tisra teesri மூன்றாவது மூணாவது moondravathu "
        "moonavathu മൂന്നാമത്തെ moonnamathe",
        "fourth 4th चौथा चौथी चौथे chautha chauthi நான்காவது நாலாவது naangavathu naalavathu "
        "നാലാമത്തെ naalamathe",
        "fifth 5th पांचवां पाँचवाँ पांचवी paanchva ஐந்தாவது அஞ்சாவது ainthavathu anjavathu "
        "അഞ്ചാമത്തെ anchamathe",
        "sixth 6th छठा छठी chhatha ஆறாவது aaravathu ആറാമത്തെ aaramathe",
        "seventh 7th सातवां सातवीं saatva ஏழாவது ezhavathu ഏഴാമത്തെ ezhamathe",
        "eighth 8th आठवां आठवीं aathva எட்டாவது ettavathu എട്ടാമത്തെ ettamathe",
        "ninth 9th नौवां नौवीं nauva ஒன்பதாவது onbathavathu ഒമ്പതാമത്തെ ombathamathe",
    )
)
_LAST = frozenset(
    map(
        fold,
        "last final आखिरी आख़िरी अंतिम aakhri akhri aakhiri கடைசி கடைசியா kadaisi അവസാനത്തെ "
        "അവസാനം avasanathe".split(),
    )
)
_OF_TWO = {"former": 0, "latter": 1}
_CARDINALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_NUMBERED = frozenset("option number choice नंबर विकल्प ஆப்ஷன் நம்பர் ഓപ്ഷൻ നമ്പർ".split())
# What may stand around a place; anything else means that the ordinal counts something else.
_AROUND = frozenset(
    map(
        fold,
        "the a one ones option number choice language i id would want take like prefer choose go "
        "with for ill will have please thanks thank you yes ok okay um uh just give me lets it "
        "its is is that this st nd rd th वाला वाली वाले ही चाहिए जी हां विकल्प नंबर wala wali wale "
        "chahiye ji haan தான் வேணும் வேண்டும் ஒன்னு ஒன்று ஆப்ஷன் than thaan venum onnu option "
        "மதி മതി വേണം തന്നെ ഒന്ന് mathi venam thanne onnu".split(),
    )
)


def position(words: Sequence[Word], count: int) -> int | None:
    """The place that the whole utterance names, from 0; None when there is none below `count`."""
    places: set[int] = set()
    for index, word in enumerate(words):
        following = words[index + 1].text if index + 1 < len(words) else ""
        before = words[index - 1].text if index else ""
        place = _place(word.text, following, before, count)
        if place is not None:
            places.add(place)
        elif word.text not in _AROUND:
            return None
    if len(places) != 1:
        return None
    place = places.pop()
    return place if place < count else None


def _place(word: str, following: str, before: str, count: int) -> int | None:
    for place, forms in enumerate(_ORDINALS):
        if word in forms or word + following in forms:  # "1st" is two words to the splitter
            return place
    if word in _LAST:
        return count - 1
    if count == len(_OF_TWO) and word in _OF_TWO:
        return _OF_TWO[word]
    if before in _NUMBERED:
        if word in _CARDINALS:
            return _CARDINALS.index(word)
        if word.isdecimal() and 0 < int(word) < 100:
            return int(word) - 1
    return None
