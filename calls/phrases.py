"""What callers talk of, in their own words: the phrases of a call. Pure.

Whatever could name or reach somebody is left out: utterances that answer a question for a personal
field, values of fields in whatever they are told, figures, and addresses of mail.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.schema import Agent
from calls.redaction import WITHHELD, Sight, redacted_turns
from calls.stop_words import STOP_WORDS
from storage.records import JsonObject, TurnRecord

PHRASES_A_CALL = 8
WORDS_MOST = 3  # in a phrase
STEM_LEAST = 3  # letters of a value that is known again with an ending
LETTERS_LEAST = 3  # in a word that stands alone; scripts without vowels as letters need less
_LENGTH_MOST = 40  # of a word; a longer one is noise

_MAIL = re.compile(
    r"\S+@\S+|(?:\w+\s+(?:dot|dash|hyphen|underscore)\s+)*\w+\s+at\s+(?:the\s+rate\s+)?\w+\s+dot\s+\w+",
    re.IGNORECASE,
)
# Whoever says who they are unasked.
_NAMED = re.compile(
    r"\b(?:name(?:'s|\s+is)|this\s+is|i\s+am|i'm|call\s+me|speaking\s+to)\s+\w+(?:\s+\w+)?",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[^\w\s'’\u200c\u200d]+")  # a phrase does not go over a comma


def phrases_of(
    turns: Sequence[TurnRecord], values: JsonObject, agent: Agent | None
) -> tuple[str, ...]:
    """The phrases that the caller used most, then the longest, then the first; in small letters.

    `values` is what was collected, by field. An agent whose file is gone has no phrases: nobody
    can tell any more what in its calls is personal.
    """
    private = words_of(_texts([*(turn.accepted for turn in turns), values]))
    counted: Counter[str] = Counter()
    for turn in redacted_turns(turns, agent, Sight.MASKED):
        if turn.caller_by == "speech":
            counted.update(_phrases(turn.caller, private))
    ranked = sorted(counted, key=lambda phrase: (-counted[phrase], -phrase.count(" ")))
    return tuple(ranked[:PHRASES_A_CALL])


def without_private(
    texts: Iterable[str], turns: Sequence[TurnRecord], values: JsonObject
) -> tuple[str, ...]:
    """The texts that a model gave, in small letters, without those that hold a value or figure."""
    private = words_of(_texts([*(turn.accepted for turn in turns), values]))
    cleaned = (" ".join(_words(text)) for text in texts)
    kept = (
        text
        for text in cleaned
        if text and len(text) <= 60 and not any(_is_private(w, private) for w in text.split())
    )
    return tuple(dict.fromkeys(kept))[:PHRASES_A_CALL]


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """All words in some texts, in small letters."""
    return frozenset(word for text in texts for word in _words(text))


def _phrases(said: str, private: frozenset[str]) -> Iterator[str]:
    """Runs of words that say something; of a longer run its pieces."""
    text = _NAMED.sub(" , ", _MAIL.sub(" , ", said.replace(WITHHELD, " , ")))
    for piece in _BREAKS.split(text):
        run: list[str] = []
        for word in [*_words(piece), ""]:
            if word and word not in STOP_WORDS and not _is_private(word, private):
                run.append(word)
                continue
            yield from _of_run(run)
            run = []


def _of_run(run: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(run), WORDS_MOST):
        piece = run[start : start + WORDS_MOST]
        if len(piece) > 1 or len(piece[0]) >= LETTERS_LEAST:
            yield " ".join(piece)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    words = (word.strip("'_") for word in _BREAKS.sub(" ", plain).split())
    return [word for word in words if word and len(word) <= _LENGTH_MOST]


def _is_private(word: str, private: frozenset[str]) -> bool:
    """A figure, or a word of a value, which may have grown an ending: asha's, ஆஷாவின்."""
    if any(letter.isdigit() for letter in word):
        return True
    return any(word == one or (len(one) >= STEM_LEAST and word.startswith(one)) for one in private)


def _texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, to any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
