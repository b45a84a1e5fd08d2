"""What callers say around an answer: "it is …", "my address is …", "… please". Four languages."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from conversation.reading.words import Found, Phrasebook, Word


class Around(Enum):
    """Where a phrase may stand around an answer, and of which kind of answer."""

    ANY = auto()  # before any answer
    ADDRESS = auto()  # before an address, and only there
    NAME = auto()  # before a name, and only there
    MAYBE_NAME = auto()  # before a name, among other things
    AFTER = auto()


_ANY = (
    "um|uh|uhm|umm|er|erm|hm|hmm|mm|mmm|mhm|mm hmm|uh huh|aha|i see|got it|well|so|ok|okay|oh|ah|"
    "all right|alright|yes|yeah|yep|sure|please|actually|basically|like|"
    "its|it is|it was|that is|thats|this is|that would be|it would be|it will be|its just|i think|"
    "i think its|i guess|i guess its|id say|i would say|id like to say|ill say|i will say|say|"
    "i mean|let me see|let me think|you can say|you can put|just put|put|just say|because|"
    "its because|because of|the reason is|my reason is|the answer is|my answer is|id like|"
    "i would like|जी|हाँ|वो|यह|मतलब|मुझे लगता है|क्योंकि|kyunki|matlab|woh|yeh|mujhe lagta hai|"
    "வந்து|அது|அதுவந்து|எனக்கு|ஏன்னா|vandhu|athu|adhu|enakku|അത്|എനിക്ക്|കാരണം|athu|enikku"
)
_ADDRESS = (
    "my address is|the address is|address is|my full address is|our address is|the address|"
    "my address|i live at|i live in|i live on|we live at|we live in|im at|i am at|deliver to|"
    "deliver it to|send it to|ship it to|bring it to|come to|pick me up at|pick me up from|"
    "im staying at|i stay at|i am staying at|the location is|my location is|its at|it is at|"
    "मेरा पता है|मेरा पता|पता है|पता|mera pata hai|mera pata|mera address hai|mera address|"
    "मेरा एड्रेस है|मेरा एड्रेस|என் முகவரி|என்னோட முகவரி|எனது முகவரி|முகவரி|என் அட்ரஸ்|"
    "என்னோட அட்ரஸ்|en mugavari|en address|ennoda address|എന്റെ വിലാസം|വിലാസം|എന്റെ അഡ്രസ്|"
    "എന്റെ അഡ്രസ്സ്|ente vilasam|ente address"
)
# "We live in …" and "it is at …" also tell other things; these do not.
_TELLING = frozenset(
    "my the our address deliver ship bring पता मेरा mera எங்க என் என்னோட എന്റെ ente".split()
)
_NAME = (
    "my name is|my names|my full name is|my first name is|the name is|the names|name is|"
    "my good name is|my name|you can call me|just call me|call me|please call me|put it under|"
    "under the name of|under the name|under|in the name of|they call me|people call me|"
    "patient name is|patients name is|the patient is|patient is|his name is|her name is|"
    "मेरा नाम|मेरा नाम है|नाम है|मेरा शुभ नाम|mera naam|mera naam hai|naam hai|mera nam|"
    "என் பெயர்|என் பேர்|என் பேரு|என்னோட பெயர்|என்னோட பேர்|என்னோட பேரு|எனது பெயர்|பெயர்|பேரு|"
    "en peyar|en per|en peru|ennoda peyar|ennoda per|ennoda peru|enoda peyar|enoda peru|"
    "എന്റെ പേര്|എന്റെ പേര്|പേര്|എന്റെ നാമം|ente peru|ente per|ente peyar"
)
_RELATIVES = (
    "son daughter wife husband mother father mom dad brother sister baby child friend boss "
    "grandmother grandfather mother-in-law father-in-law"
).split()
_MAYBE_NAME = (
    "|".join(f"my {one}" for one in _RELATIVES)
    + "|its for|it is for|i said|this is|im|i am|its|it is|thats|that is|its just|myself|"
    "speaking is|"
    "मैं|main|mai|நான்|naan|nan|ഞാൻ|njan|njaan"
)
_AFTER = (
    "please|thanks|thank you|thank you very much|thanks a lot|sir|madam|maam|i think|i guess|"
    "thats it|thats all|you know|okay|ok|right|है|hai|जी|ji|प्लीज|धन्यवाद|ஆம்|தான்|நன்றி|"
    "ப்ளீஸ்|ஆணு|than|thaan|nandri|ആണ്|aanu|anu|നന്ദി|പ്ലീസ്|nanni"
)

_BEFORE_BOOK = Phrasebook(
    {
        Around.ANY: _ANY.split("|"),
        Around.ADDRESS: _ADDRESS.split("|"),
    }
)
NAME_BOOK = Phrasebook({Around.NAME: _NAME.split("|"), Around.MAYBE_NAME: _MAYBE_NAME.split("|")})
_AFTER_BOOK = Phrasebook({Around.AFTER: _AFTER.split("|")})


def announced_address(words: Sequence[Word]) -> int | None:
    """Where an address begins that is announced within a longer utterance; None when none is."""
    for found in _BEFORE_BOOK.scan(words):
        if found.tag is Around.ADDRESS and found.first and words[found.first].text in _TELLING:
            return found.after
    return None


def answer_span(words: Sequence[Word]) -> tuple[int, int, bool]:
    """The words `first` to `after` that are the answer; whether an address was announced."""
    first, is_address = 0, False
    for found in _BEFORE_BOOK.scan(words):
        if found.tag is None:
            break
        first = found.after
        is_address = is_address or found.tag is Around.ADDRESS
    after = len(words)
    trailing = list(_AFTER_BOOK.scan(words[first:]))
    while trailing and trailing[-1].tag is Around.AFTER:
        after = first + trailing.pop().first
    return first, after, is_address


def name_lead_ins(words: Sequence[Word]) -> list[Found[Around]]:
    """Every phrase that may announce a name."""
    return [found for found in NAME_BOOK.scan(words) if found.tag is not None]
