"""Which language a caller chooses, asks for or speaks. What is said in it is not here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from conversation.language_names import HEARD, NO_SIGN_OF_SCRIPT, SCRIPTS, SPOKEN
from conversation.reading.positions import position
from conversation.reading.words import Word, base_language, fold, split

# Names of languages in English, by language subtag.
LANGUAGE_NAMES: Mapping[str, str] = {subtag: names["en"] for subtag, names in SPOKEN.items()}

_SUBTAGS: Mapping[str, str] = {
    fold(name): subtag for subtag, names in HEARD.items() for name in names.split()
}
_NO_SIGN = frozenset(map(fold, NO_SIGN_OF_SCRIPT.split()))


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))


_DENYING = _folded("not no dont cant cannot without except isnt never nor neither nahi नहीं मत")
_DENYING_AFTER = _folded(
    "नहीं मत nahi nahin mat வேண்டாம் வேணாம் இல்ல இல்லை தெரியாது தெரியல vendam venam illa illai "
    "theriyathu theriyala വേണ്ട അല്ല ഇല്ല അറിയില്ല venda alla ariyilla"
)
# Words between a denial and the language: "I don't really speak any English".
_BETWEEN = _folded("speak know understand want in the any really much well very good at talk use")
_REACH = 4

# A name before one of these is no language: "Tamil Nadu", "English teacher".
_NOT_A_LANGUAGE = _folded(
    "nadu teacher class classes movie film song music food restaurant school medium exam people "
    "man woman friend wife husband channel newspaper subtitles subtitle book paper cuisine "
    "நாடு நாட்டு നാട് नाडु breakfast muffin literature tuition tutor test course"
)
# Said around the name of a language when the language is all that is meant.
_AROUND = _folded(
    "in to into please speak talk continue switch change use prefer want like need would can could "
    "we you i id ill us let lets the a language me with my it is its be do go have for only this "
    "ok okay yes no not and but so um uh hello hi hey sorry now then just thanks thank will shall "
    "better if possible may from on instead conversation call version choose select option give "
    "keep going ahead press say dont speaking talking know understand about how sir "
    "madam maam good "
    "much well very any that rather really am im more comfortable english's "
    "में मे बोलो बोलिए बात करो कीजिए करें करना चाहिए चाहता चाहती हूं हूँ मुझे भाषा प्लीज "
    "कृपया ही जी हां नहीं क्या आप "
    "सकते हैं है mein me bolo boliye baat karo kijiye karna chahiye mujhe bhasha ji haan nahi kya "
    "aap sakte hain hai main chahta hoon "
    "பேசுங்க பேசுங்கள் பேசலாமா பேசலாம் பேசு பேச முடியுமா வேணும் வேண்டும் வேண்டாம் ல இல் மொழி ப்ளீஸ் "
    "தயவுசெய்து நான் எனக்கு தான் சரி ஆமா இல்ல இல்லை தெரியும் தெரியாது மட்டும் "
    "pesunga pesungal pesalama pesalam pesu pesa mudiyuma venum vendum vendam mozhi enakku naan "
    "than thaan sari illa la le "
    "സംസാരിക്കൂ സംസാരിക്കാമോ സംസാരിക്കുമോ സംസാരിക്കാം സംസാരിക്കണം പറയൂ പറയാമോ മതി വേണം വേണ്ട ഭാഷ പ്ലീസ് "
    "ദയവായി എനിക്ക് ഞാൻ അറിയാം അറിയില്ല തന്നെ അതെ ശരി അല്ല samsarikku samsarikkamo samsarikkam "
    "samsarikkumo samsarikkanam parayu parayamo mathi venam venda bhasha enikku njan "
    "ariyam ariyilla"
)
_ASKING = re.compile(
    r"(?:^ |(?:can|could|will|would|may|shall|please|lets|kindly|and|but|to|prefer|us|so|rather) "
    r"(?:(?:we|you|i|please|like|to|prefer|it|just) )*)"
    r"(?:speak|talk|continue|switch|change|explain|go on|say (?:it|that)|repeat(?: (?:it|that))?|"
    r"speaking|talking|do this|have this)"
    r"(?: (?:with me|to me|it|that|over|language|the language|this|call|the call|please))*"
    r" (?:in|to|into|in to)? ?$"
)


class _Mention(NamedTuple):
    subtag: str
    at: int  # place of the word
    denied: bool


def pick_language(text: str, offered: Sequence[str]) -> str | None:
    """The tag of `offered` that the caller chooses at the menu; None when none is clear."""
    words = split(text)
    mentions = [one for one in _mentions(words) if not _is_no_language(words, one.at)]
    wanted = {mention.subtag for mention in mentions if not mention.denied}
    if mentions:
        return _the_one(words, mentions, wanted, offered)
    place = position(words, len(offered))
    if place is None:
        place = _bare_number(words, len(offered))
    if place is not None:
        return offered[place]
    spoken = _script_language(text, words, offered)
    return None if spoken is None else _offered_tag(spoken, offered, None)


def asks_for_language(text: str, offered: Sequence[str], current: str) -> str | None:
    """The tag of `offered` that the caller wants to go on in; `current` when that is the one.

    Only a clear request counts; a language that is merely mentioned gives None.
    """
    words = split(text)
    mentions = [one for one in _mentions(words) if not _is_no_language(words, one.at)]
    wanted = {mention.subtag for mention in mentions if not mention.denied}
    named = {mention.at for mention in mentions}
    whole = all(word.text in _AROUND for i, word in enumerate(words) if i not in named)
    if not whole or len(wanted) > 1:
        wanted = {one.subtag for one in mentions if not one.denied and _is_asked_for(words, one)}
    if len(wanted) == 1:
        return _offered_tag(wanted.pop(), offered, current)
    if wanted or not mentions or not whole:
        return None
    # "Not English": of two languages, the other one.
    refused = {mention.subtag for mention in mentions}
    rest = [tag for tag in offered if base_language(tag) not in refused]
    return rest[0] if len(rest) == 1 and base_language(current) in refused else None


def names_other_language(text: str, offered: Sequence[str]) -> str | None:
    """The subtag of a language that is clearly asked for and not among `offered`."""
    known = [*offered, *(tag for tag in SPOKEN if _offered_tag(tag, offered, None) is None)]
    asked = asks_for_language(text, known, "")
    return asked if asked is not None and asked not in offered else None


def language_name(tag: str, in_language: str) -> str:
    """How the language `tag` is called in `in_language`; the tag itself when it has no name."""
    names = SPOKEN.get(base_language(tag))
    if names is None:
        return tag
    return names.get(base_language(in_language), names["en"])


def _mentions(words: Sequence[Word]) -> list[_Mention]:
    found = []
    for index, word in enumerate(words):
        subtag = _SUBTAGS.get(word.text)
        if subtag is not None:
            found.append(_Mention(subtag, index, _is_denied(words, index)))
    return found


def _is_denied(words: Sequence[Word], index: int) -> bool:
    clause = words[index].clause
    following = words[index + 1] if index + 1 < len(words) else None
    if following and following.text in _DENYING_AFTER and following.clause == clause:
        return True
    for at in range(index - 1, max(-1, index - 1 - _REACH), -1):
        before = words[at]
        if before.text in _DENYING:
            # "No English" refuses it; "no, English" and "Tamil, no English" ask for it.
            corrects = before.text == "no" and at > 0 and words[at - 1].text in _SUBTAGS
            return before.clause == clause and not corrects
        if before.text not in _BETWEEN:
            return False
    return False


def _the_one(
    words: Sequence[Word], mentions: Sequence[_Mention], wanted: set[str], offered: Sequence[str]
) -> str | None:
    if len(wanted) == 1:
        return _offered_tag(wanted.pop(), offered, None)
    if wanted:
        return _corrected(words, mentions, offered)
    refused = {mention.subtag for mention in mentions}
    rest = [tag for tag in offered if base_language(tag) not in refused]
    return rest[0] if len(rest) == 1 and len(offered) > 1 else None


def _corrected(
    words: Sequence[Word], mentions: Sequence[_Mention], offered: Sequence[str]
) -> str | None:
    """ "English, no, Tamil": the last one, when a "no" or "sorry" stands before it."""
    last = mentions[-1]
    between = words[mentions[-2].at + 1 : last.at]
    if any(word.text in ("no", "sorry", "actually", "wait", "rather", "mean") for word in between):
        return _offered_tag(last.subtag, offered, None)
    return None


def _offered_tag(subtag: str, offered: Sequence[str], current: str | None) -> str | None:
    """The offered tag of a language; `current` before its sisters (en-IN, en-US)."""
    tags = [tag for tag in offered if base_language(tag) == subtag]
    if current in tags:
        return current
    return tags[0] if tags else None


def _is_no_language(words: Sequence[Word], index: int) -> bool:
    following = words[index + 1] if index + 1 < len(words) else None
    return following is not None and following.text in _NOT_A_LANGUAGE


def _is_asked_for(words: Sequence[Word], mention: _Mention) -> bool:
    """Whether a request leads up to the mention: "can we speak in Tamil"."""
    clause = words[mention.at].clause
    before = [word.text for word in words[: mention.at] if word.clause == clause]
    return _ASKING.search(f" {' '.join(before)} " if before else " ") is not None and bool(before)


def _bare_number(words: Sequence[Word], count: int) -> int | None:
    """The place said as a number alone: "two"."""
    numbers = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    if len(words) != 1:
        return None
    word = words[0].text
    place = numbers.index(word) + 1 if word in numbers else 0
    if word.isdecimal() and len(word) == 1:
        place = int(word)
    return place - 1 if 0 < place <= count else None


def _script_language(text: str, words: Sequence[Word], offered: Sequence[str]) -> str | None:
    """The language whose script most of the utterance is in; None for Latin and for "hello"."""
    telling = [word for word in words if word.text not in _NO_SIGN]
    letters = "".join(text[word.start : word.end] for word in telling)
    for first, last, subtags in SCRIPTS:
        inside = sum(first <= char <= last for char in letters)
        if not inside or 2 * inside <= len(letters):
            continue
        among = [one for one in subtags if _offered_tag(one, offered, None) is not None]
        return among[0] if len(among) == 1 else None
    return None
