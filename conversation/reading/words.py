"""An utterance as folded words with offsets, and phrases found among them. No meaning here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Generic, NamedTuple, TypeVar

# `\w` leaves out the vowel signs and viramas of Indic scripts, so words would fall apart at them.
_MARKS = "".join(
    char
    for char in map(chr, [*range(0x300, 0x370), *range(0x64B, 0x660), *range(0x900, 0xE00)])
    if unicodedata.category(char) in ("Mn", "Mc")
)
_JOINERS = "\u200c\u200d"
_LETTER = rf"(?:[^\W\d_]|[{_MARKS}{_JOINERS}])"
_TOKEN = re.compile(rf"\d+(?:[.,:]\d+)*|{_LETTER}+(?:['’ʼ]{_LETTER}+)*")
_BREAK = re.compile(r"[.,;:!?।॥…؟،\n–—]|\s-\s|\?")
_QUESTION = re.compile(r"[?؟]")

# Malayalam chillus are written as one letter or as consonant + virama + ZWJ; both are in use.
_CHILLUS = {
    "ണ്\u200d": "ൺ",
    "ന്\u200d": "ൻ",
    "ര്\u200d": "ർ",
    "ല്\u200d": "ൽ",
    "ള്\u200d": "ൾ",
}
_DROPPED = dict.fromkeys(map(ord, "'’ʼ\u200c\u200d\u093c"))  # the last is the Devanagari nukta
_CHANDRABINDU = {0x901: 0x902}  # हाँ and हां are one word to recognisers

_PLURALS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"))


class Word(NamedTuple):
    """One word of an utterance. `text` is folded; the offsets are of the utterance itself."""

    text: str
    start: int
    end: int
    clause: int  # counts up at punctuation
    asked: bool  # its clause ends with a question mark


def fold(word: str) -> str:
    """`word` as it is compared: lower case, no apostrophes, one spelling of equal Indic letters."""
    if word.isascii():
        return word.lower().replace("'", "")
    word = unicodedata.normalize("NFC", word.lower())
    for spelled, letter in _CHILLUS.items():
        word = word.replace(spelled, letter)
    folded = unicodedata.normalize("NFD", word).translate(_DROPPED).translate(_CHANDRABINDU)
    return unicodedata.normalize("NFC", folded)


@lru_cache(maxsize=64)
def split(text: str) -> tuple[Word, ...]:
    """The words of `text` in order; numbers in digits count as words ("1,500", "2:30")."""
    found: list[tuple[str, int, int, int]] = []
    asked: set[int] = set()
    clause, last = 0, 0
    for match in _TOKEN.finditer(text):
        gap = text[last : match.start()]
        if found and _BREAK.search(gap):
            if _QUESTION.search(gap):
                asked.add(clause)
            clause += 1
        last = match.end()
        found.append((fold(match.group()), match.start(), last, clause))
    if _QUESTION.search(text[last:]):
        asked.add(clause)
    return tuple(Word(word, start, end, of, of in asked) for word, start, end, of in found if word)


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """The folded words of `text`, one space between and around: what patterns are matched on."""
    return " " + " ".join(word.text for word in split(text)) + " "


def clauses(text: str) -> Iterator[str]:
    """The same of each clause."""
    for _, words in groupby(split(text), key=lambda word: word.clause):
        yield " " + " ".join(word.text for word in words) + " "


def singular(word: str) -> str:
    """An English plural without its ending; other words as they are."""
    if not word.isascii() or len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
        return word
    for plural, ending in _PLURALS:
        if word.endswith(plural):
            return word[: -len(plural)] + ending
    return word[:-1]


def stem(word: str) -> str:
    """What the forms of an English word share: "shared", "sharing" and "share" give "shar"."""
    word = singular(word)
    if not word.isascii():
        return word
    for ending in ("ing", "ed", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def base_language(tag: str) -> str:
    """The language of a BCP-47 tag: "ta" of "ta-IN"."""
    return tag.partition("-")[0].lower()


Tag = TypeVar("Tag")


class Found(NamedTuple, Generic[Tag]):
    """A phrase among words: `words[first:after]`. `tag` is None for a word of no phrase."""

    tag: Tag | None
    first: int
    after: int


class Phrasebook(Generic[Tag]):
    """Phrases with a tag each. Of two that begin at one word, the longer is found."""

    def __init__(self, phrases: Mapping[Tag, Iterable[str]]) -> None:
        """`phrases` are written as people write them; they are folded here."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], Tag]]] = {}
        for tag, lines in phrases.items():
            for line in lines:
                folded = tuple(word.text for word in split(line))
                self._by_first.setdefault(folded[0], []).append((folded, tag))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def scan(self, words: Sequence[Word]) -> Iterator[Found[Tag]]:
        """Every word once, in order, as part of the longest phrase that begins there."""
        texts = tuple(word.text for word in words)
        at = 0
        while at < len(texts):
            found: Found[Tag] = Found(None, at, at + 1)
            for phrase, tag in self._by_first.get(texts[at], ()):
                if texts[at : at + len(phrase)] == phrase:
                    found = Found(tag, at, at + len(phrase))
                    break
            yield found
            at = found.after
