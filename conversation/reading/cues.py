"""What a caller may want at any moment of a call, told by rule in four languages. No fields.

Precision over recall: a missed cue costs one more turn, a false one ends or passes on the call.
"""

from __future__ import annotations

import re

from conversation.reading.confirmation import read_confirmation
from conversation.reading.cue_words import (
    BACKCHANNELS,
    DECLINING,
    DECLINING_WHOLE,
    FAREWELLS,
    FAREWELLS_AROUND,
    NOT_KNOWING,
    NOT_KNOWING_AROUND,
    PERSON_EXCLUDED,
    PERSON_WANTED,
    PERSON_WHOLE,
    POLITE,
    REPEAT_ALONE,
    REPEAT_WANTED,
    REPEAT_WHOLE,
    WAIT_AROUND,
    WAITING,
)
from conversation.reading.words import Phrasebook, fold, plain, split

# "Okay, bye" only takes leave.
_OUTRIGHT = frozenset(
    map(
        fold,
        "yes yeah yep yup sure correct हाँ हां जी haan ji ஆமா ஆமாம் aama aamaam അതെ athe".split(),
    )
)
_LONGEST_UTTERANCE = 40  # words; who says more tells something, and no cue stands for all of it

_ALONE = frozenset(plain(phrase).strip() for phrase in REPEAT_ALONE)
_FAREWELL_BOOK = Phrasebook({True: FAREWELLS, False: (*FAREWELLS_AROUND, *POLITE)})
_WAIT_BOOK = Phrasebook({True: WAITING, False: (*WAIT_AROUND, *POLITE)})
_NOT_KNOWING_BOOK = Phrasebook({True: NOT_KNOWING, False: (*NOT_KNOWING_AROUND, *POLITE)})
_BACKCHANNEL_BOOK = Phrasebook({True: BACKCHANNELS})
_REPEAT_BOOK = Phrasebook({True: REPEAT_WHOLE, False: POLITE})
_PERSON_BOOK = Phrasebook({True: PERSON_WHOLE, False: POLITE})
_DECLINE_BOOK = Phrasebook({True: DECLINING_WHOLE, False: POLITE})


def wants_person(text: str, language: str) -> bool:
    """The caller asks to speak to a human being."""
    line = plain(text)
    if _is_nothing_but(_PERSON_BOOK, text):
        return True
    return not _too_long(text) and _matches(PERSON_WANTED, PERSON_EXCLUDED.sub(" _ ", line))


def wants_repeat(text: str, language: str) -> bool:
    """The caller did not hear or understand and wants it said again."""
    if _is_nothing_but(_REPEAT_BOOK, text) or plain(text).strip() in _ALONE:
        return True
    return not _too_long(text) and _matches(REPEAT_WANTED, plain(text))


def wants_to_wait(text: str, language: str) -> bool:
    """The caller needs a moment and says nothing else."""
    return _is_nothing_but(_WAIT_BOOK, text)


def declines(text: str, language: str) -> bool:
    """The caller does not want this call: not interested, wrong number, do not call again."""
    if _is_nothing_but(_DECLINE_BOOK, text):
        return True
    return not _too_long(text) and _matches(DECLINING, plain(text))


def says_goodbye(text: str, language: str) -> bool:
    """The whole utterance takes leave, and agrees to nothing: "yes, thanks, bye" answers."""
    return _is_nothing_but(_FAREWELL_BOOK, text) and not _agrees(text, language)


def does_not_know(text: str, language: str) -> bool:
    """The caller has no answer and gives none."""
    return _is_nothing_but(_NOT_KNOWING_BOOK, text)


def is_backchannel(text: str, language: str) -> bool:
    """The caller only shows that they listen: "mhm", "okay"."""
    return _is_nothing_but(_BACKCHANNEL_BOOK, text)


def _agrees(text: str, language: str) -> bool:
    verdict = read_confirmation(text, language)
    return verdict.yes is True and any(word.text in _OUTRIGHT for word in split(text))


def _matches(pattern: re.Pattern[str], line: str) -> bool:
    return pattern.search(line) is not None


def _too_long(text: str) -> bool:
    return len(split(text)) > _LONGEST_UTTERANCE


def _is_nothing_but(book: Phrasebook[bool], text: str) -> bool:
    """Whether phrases of the book make up all of `text`, at least one of them a telling one."""
    told = False
    for found in book.scan(split(text)):
        if found.tag is None:
            return False
        told = told or found.tag
    return told
