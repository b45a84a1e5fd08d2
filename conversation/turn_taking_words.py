"""What small words tell of a turn: listening on, hesitating, stopping, not having finished.

Their lists stand in `turn_taking_lists`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

from rapidfuzz import fuzz

from conversation.reading.cue_words import BACKCHANNELS
from conversation.reading.words import Phrasebook, base_language, split
from conversation.turn_taking_lists import (
    GREETING,
    HESITATIONS,
    JOINING,
    LEADING,
    STOPPING,
    WHOLE,
)

_OPEN_MARKS = re.compile(
    r"(?:,|-|–|—|…|\.\.\.|:)\s*$"
)  # a recogniser writes them for a voice held up
_ASKED = re.compile(r"[?؟]\s*$")
PUT_FROM = 0.6  # share of a question from which people know it
_ECHO_WORDS = 4  # fewer a caller may well repeat: the name of a choice, an hour
_ECHO_CHARACTERS = 200  # how far back a telephone hears the agent
_ECHO_LIKE = 90.0  # rapidfuzz score (0..100) from which words are those of the agent, misheard
_LONGEST_ENDING = 4  # words of the longest phrase above


class Open(Enum):
    """How what was said is left open."""

    JOINED = auto()  # after a word that joins more to it
    LED_UP = auto()  # before the answer itself


_LISTENING = Phrasebook({True: (*BACKCHANNELS, *GREETING)})
_HESITATING = Phrasebook({True: HESITATIONS})
_STOPS = Phrasebook({True: STOPPING})


def _folded(phrases: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(word.text for word in split(phrase)) for phrase in phrases)


_JOINERS = {language: _folded(phrases) for language, phrases in JOINING.items()}
_LEADERS = {language: _folded(phrases) for language, phrases in LEADING.items()}
_CLOSED = _folded(WHOLE)


def telling_words(text: str) -> int:
    """How many words of `text` do more than show that somebody listens."""
    return sum(
        found.after - found.first for found in _LISTENING.scan(split(text)) if found.tag is None
    )


def only_listens(text: str) -> bool:
    """Whether it is nothing but "mhm", "okay", "hello": over another's speech it is no turn."""
    return bool(split(text)) and telling_words(text) == 0


def only_hesitates(text: str) -> bool:
    """Whether it is nothing but the sounds of somebody who thinks."""
    words = split(text)
    return bool(words) and all(found.tag for found in _HESITATING.scan(words))


def tells_nothing(text: str) -> bool:
    """Whether it is said while listening or thinking, and nobody has to answer it."""
    return only_listens(text) or only_hesitates(text) or not text


def stops(text: str) -> bool:
    """Whether it begins with a word that wants the other to stop, or with a refusal."""
    return next((bool(found.tag) for found in _STOPS.scan(split(text))), False)


def left_open(text: str, language: str) -> Open | None:
    """How an utterance is left open; None when it may be over. English is mixed into any other."""
    words = split(text)
    if not words or _ASKED.search(text):
        return None
    last = tuple(word.text for word in words[-_LONGEST_ENDING:])
    endings = [last[-length:] for length in range(len(last), 0, -1)]
    if any(ending in _CLOSED for ending in endings):
        return None
    codes = {base_language(language), "en"}
    if _ends_in(endings, _JOINERS, codes):
        return Open.JOINED
    if _ends_in(endings, _LEADERS, codes) or _OPEN_MARKS.search(text):
        return Open.LED_UP
    return Open.LED_UP if any(_is_hesitation(ending) for ending in endings) else None


def _ends_in(
    endings: list[tuple[str, ...]],
    books: Mapping[str, frozenset[tuple[str, ...]]],
    codes: set[str],
) -> bool:
    return any(ending in books.get(code, ()) for code in codes for ending in endings)


_HESITATION_ENDINGS = _folded(HESITATIONS)


def _is_hesitation(ending: tuple[str, ...]) -> bool:
    return ending in _HESITATION_ENDINGS


def echoes(text: str, heard: str) -> bool:
    """Whether a telephone that is held away has only heard the agent: its own last words."""
    words = [word.text for word in split(text)]
    said = [word.text for word in split(heard[-_ECHO_CHARACTERS:])]
    return len(words) >= _ECHO_WORDS and f" {' '.join(words)} " in f" {' '.join(said)} "


def repeats(text: str, said: str) -> bool:
    """The same of all that the agent says, where words that are misheard matter too ("press 9")."""
    words = [word.text for word in split(text)]
    all_said = [word.text for word in split(said)]
    if not _ECHO_WORDS <= len(words) <= len(all_said):  # who gives the goodbye back says more
        return False
    return fuzz.partial_ratio(" ".join(words), " ".join(all_said)) >= _ECHO_LIKE


def share_put(question: str, heard: str) -> float:
    """How much of `question` had been said when the caller had heard `heard`, 0 to 1.

    The question stands at the end of what is said, so its beginning is looked for at the end.
    """
    asked = [word.text for word in split(question)]
    said = [word.text for word in split(heard)]
    if not asked:
        return 1.0 if said else 0.0
    whole = f" {' '.join(asked)} "
    if whole in f" {' '.join(said)} ":
        return 1.0
    for length in range(min(len(asked), len(said)), 0, -1):
        if said[-length:] == asked[:length]:
            return length / len(asked)
    return 0.0
