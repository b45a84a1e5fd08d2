"""An utterance as a string of tags, one letter a piece, on which dates and times are patterns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from conversation.reading.number_steps import roman_key
from conversation.reading.numbers import FoundNumber, pieces
from conversation.reading.temporal_words import (
    FROM_ENDINGS,
    ROMAN,
    STEMS,
    WORDS,
    Meaning,
)
from conversation.reading.tokens import Token

# Beside the tags of `temporal_words`:
#   n number   o rank   c clock "14:30"   i calendar "5/3/2019"   $ currency   _ another word
#   , a pause  . the end of a sentence
_MARKS = {",": ",", ".": ".", ";": ".", "?": ".", "!": ".", "-": "t", "–": "t", "—": "t", "।": "."}
_FIXED = {"clock": "c", "calendar": "i", "oclock": "k"}
# "I may need": no month.
_AFTER_MAY = frozenset("be i we have need take want not".split())

# Words of money, with the ISO 4217 code of the currency that is best known by them.
CURRENCIES = {
    word: code
    for code, words in (
        ("INR", "₹ rs inr rupee rupees rupaye rupay rupaya rupye roopa rubai रुपये रुपए रुपया रुपयों"),
        ("INR", "रूपये ரூபாய் ரூபா ரூபாய்க்கு രൂപ രൂപയ്ക്ക് രൂപയാണ്"),
        ("USD", "$ usd dollar dollars डॉलर டாலர் ഡോളർ"),
        ("", "buck bucks"),  # said of any money
        ("EUR", "€ eur euro euros यूरो யூரோ യൂറോ"),
        ("GBP", "£ gbp pound pounds quid पाउंड பவுண்ட் പൗണ്ട്"),
        ("AED", "aed dirham dirhams दिरहम திர்ஹாம் ദിർഹം"),
        ("JPY", "¥ jpy yen"),
    )
    for word in words.split()
}
SUBUNITS = {
    word: code
    for code, words in (
        ("USD", "cent cents"),
        ("INR", "paise paisa पैसे பைசா പൈസ"),
        ("GBP", "penny pence"),
    )
    for word in words.split()
}


class Piece(NamedTuple):
    """One tagged piece of an utterance."""

    tag: str
    start: int  # character offsets in the utterance
    end: int
    word: str = ""  # folded
    value: int | str = 0  # of a `Meaning`
    number: FoundNumber | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """An utterance in pieces; `tags` holds their tags, one character each."""

    text: str
    pieces: tuple[Piece, ...]
    tags: str

    def number(self, index: int) -> Decimal:
        """The value of the number at `index`."""
        found = self.pieces[index].number
        assert found is not None
        return found.value

    def written(self, index: int) -> str:
        """The figures of the number at `index`; "" when it is in words."""
        found = self.pieces[index].number
        assert found is not None
        return found.written


@lru_cache(maxsize=64)
def tag(text: str, language: str) -> Tagged:
    """`text` tagged; `language` (BCP-47) is that of the call."""
    romanised = ROMAN.get(language.partition("-")[0], {})
    tagged: list[Piece] = []
    parts = pieces(text, language)
    for index, part in enumerate(parts):
        if isinstance(part, FoundNumber):
            letter = "o" if part.is_rank else "n"
            tagged.append(Piece(letter, part.start, part.end, number=part))
            continue
        meaning = _meaning(part, romanised)
        if part.text == "may" and _text(parts, index + 1) in _AFTER_MAY:
            meaning = Meaning("_")
        tagged.append(Piece(meaning.tag, part.start, part.end, part.text, meaning.value))
        if not part.text.isascii() and meaning.tag not in "_t" and part.text.endswith(FROM_ENDINGS):
            tagged.append(Piece("t", part.end, part.end, value="from"))
    return Tagged(text, tuple(tagged), "".join(piece.tag for piece in tagged))


def _text(parts: list[Token | FoundNumber], index: int) -> str:
    part = parts[index] if index < len(parts) else None
    return part.text if isinstance(part, Token) else ""


def _meaning(token: Token, romanised: dict[str, Meaning]) -> Meaning:
    word = token.text
    if token.kind == "word":
        meaning = WORDS.get(word)
        if meaning is not None:
            return meaning
        if word in CURRENCIES:
            return Meaning("$", CURRENCIES[word])
        if not word.isascii():
            return _stem(word)
        return romanised.get(roman_key(word), _OTHER) if romanised else _OTHER
    if token.kind == "mark":
        if word in CURRENCIES:
            return Meaning("$", CURRENCIES[word])
        return Meaning(_MARKS.get(word, "_"))
    if token.kind == "meridiem":
        return Meaning("a", f"{word[0]}m")
    return Meaning(_FIXED.get(token.kind, "_"))  # figures too long for a number are a word


_OTHER = Meaning("_")


def _stem(word: str) -> Meaning:
    """The meaning of the longest known beginning of a Tamil or Malayalam word."""
    for length in range(len(word) - 1, 2, -1):
        meaning = STEMS.get(word[:length])
        if meaning is not None:
            return meaning
    return _OTHER
