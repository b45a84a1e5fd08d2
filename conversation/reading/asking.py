"""Whether an utterance asks something, told by its shape in four languages."""

from __future__ import annotations

import re

from conversation.reading.words import fold, plain, split

_WH = (
    "what|whats|who|whos|whose|why|how|hows|where|wheres|when|whens|which|"
    "(?:at|on|in|for|to|from|by) (?:what|which|whom|when)"
)
_AUX = (
    "is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|might|has|have|had|"
    "isnt|arent|dont|doesnt|didnt|cant|wont"
)
_SUBJECT = "i|you|we|they|he|she|it|this|that|there|the|these|those|your|my|someone|anyone"
# What may stand before the question in its clause.
_OPENING = (
    "(?:(?:sorry|excuse me|wait|ok|okay|so|and|but|well|um|uh|hello|hi|hey|please|yes|no|first|"
    "also|just|actually|one question|quick question) )*"
)
_ASKED_TO_KNOW = (
    "(?:(?:can|could|may|might) (?:i|you) (?:please )?(?:ask|know|tell me|explain)|tell me|"
    "id like to know|i want to know|i would like to know|i need to know|i wonder|explain|"
    "do you know|let me know) (?:about )?"
)
# "What I want is a large one" and "which is fine" are answers; "can you make it 600" is a wish.
_NOT_ASKING = (
    r"^ (?:what i |what we |which is |how about |what about \d|when i |when we |where i |"
    r"(?:can|could|will|would) (?:you|we|i) (?!tell|say|explain|know|repeat|ask|speak|hear|help)|"
    r"(?:do|does|did) (?:it|that|this) (?:please )?$|is (?:fine|ok|okay|good) |may (?:the )?\w+ $|"
    r"may (?:the )?\d)"
)
_ENGLISH = re.compile(
    rf"^ {_OPENING}(?:{_ASKED_TO_KNOW})?(?:(?:{_WH}) |(?:{_AUX}) (?:{_SUBJECT}) )"
)
_ONLY_TO_KNOW = re.compile(rf"^ {_OPENING}{_ASKED_TO_KNOW}(?:if|whether|more|about|the) ")
_ANSWERING = re.compile(_NOT_ASKING)

_INDIC = frozenset(
    map(
        fold,
        # Hindi
        "क्या कौन क्यों कब कहाँ कहां कितना कितने कितनी कैसे कैसा किसलिए किस किसका कौनसा kya kaun kyun "
        "kyon kyu kab kahan kaha kitna kitne kitni kaise kisliye kaunsa "
        # Tamil
        "யார் யாரு என்ன ஏன் எதுக்கு எதற்கு எப்போ எப்போது எப்ப எங்கே எங்க எங்கிருந்து எவ்வளவு எவ்ளோ எத்தனை "
        "எப்படி எந்த yaar yaaru enna yen ethukku edhuku eppo eppa enga engirundhu evlo evvalavu "
        "ethanai eppadi entha endha "
        # Malayalam
        "ആര് ആരാ ആരാണ് എന്ത് എന്താ എന്താണ് എന്തിന് എന്തിനാ എന്തിനാണ് എന്തുകൊണ്ട് എപ്പോൾ എപ്പോ എപ്പോഴാ എവിടെ "
        "എവിടെയാ എവിടുന്നാ എത്ര എത്രയാ എങ്ങനെ ഏത് aaraa aaranu enthu entha enthanu enthina enthinu "
        "enthinanu eppol eppozha evide evideya evidunna ethra ethraya engane ethu".split(),
    )
)
_INDIC_NOT_IN_ENGLISH = frozenset(("yen", "kaha", "entha", "enga"))
_HANGING = re.compile(r"^ (?:why|who|what|how|when|where|pardon|whos this|क्यों|kyun|ஏன்|എന്തിന്) $")


def asks_something(text: str, language: str) -> bool:
    """Whether the caller asks a question rather than gives an answer."""
    words = split(text)
    if not words:
        return False
    if _HANGING.match(plain(text)):
        return True
    indic = _INDIC if not language.startswith("en") else _INDIC - _INDIC_NOT_IN_ENGLISH
    if any(word.text in indic for word in words):
        return True
    if any(word.asked for word in words) and _asks_in_english(plain(text), loosely=True):
        return True
    return any(_asks_in_english(clause, loosely=False) for clause in _clauses(text))


def _clauses(text: str) -> list[str]:
    clauses: dict[int, list[str]] = {}
    for word in split(text):
        clauses.setdefault(word.clause, []).append(word.text)
    return [f" {' '.join(words)} " for words in clauses.values()]


def _asks_in_english(line: str, *, loosely: bool) -> bool:
    if _ONLY_TO_KNOW.search(line):
        return True
    if _ANSWERING.search(line) and not loosely:
        return False
    return _ENGLISH.search(line) is not None
