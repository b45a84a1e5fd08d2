"""The name field: a person's name, said, announced or spelt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from agents.schema import FieldSpec
from conversation.fields.base import Context, Problem, Reading, Value
from conversation.fields.name_words import (
    ENDING,
    FIRST_NAMES,
    LEADING,
    LONE_NAMES,
    NEVER,
    PARTICLES,
    TITLES,
    TRAILING,
)
from conversation.reading.asking import asks_something
from conversation.reading.lead_ins import Around, name_lead_ins
from conversation.reading.spelling import letters_at
from conversation.reading.words import Word, split

_LONGEST = 100  # characters
_MOST_WORDS = 5
_FEWEST_LETTERS = 3  # spelt, for a name
_BEHIND = re.compile(r"speaking|here|calling|बोल|bol|हूं|hoon|hun$|பேச|pesa|pesu|സംസാരി|samsari")
# "Main" is "I" in Hindi only when a verb follows the name: "main Rahul bol raha hoon".
_ENGLISH_TOO = frozenset(("main", "mai", "nan"))


class _Span(NamedTuple):
    first: int
    after: int
    strong: bool


class Name:
    """A person's name; canonically a string with capitals."""

    name: ClassVar[str] = "name"
    takes: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """Nothing can be wrong: there are no options."""
        return ()

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """At most one name; strong only when announced ("my name is")."""
        words = split(text)
        span = _announced(words)
        if span is None and not asks_something(text, context.language):
            span = _bare(words)
        if span is None:
            return ()
        value = _spelt_or_said(text, words, span)
        if value is None:
            return ()
        return (
            Reading(value, words[span.first].start, words[span.after - 1].end, strong=span.strong),
        )

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """Keys make no name."""
        return None

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A string of one to five words without digits."""
        if not isinstance(value, str):
            return Problem("not_valid")
        trimmed = " ".join(value.split())
        if len(trimmed) > _LONGEST or len(trimmed.split()) > _MOST_WORDS + 2:
            return Problem("too_long")
        letters = sum(char.isalpha() for char in trimmed)
        if not letters or any(char.isdecimal() or char in "@<>{}" for char in trimmed):
            return Problem("not_valid")
        return trimmed

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """As it is."""
        return str(value)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string."""
        return {
            "type": "string",
            "maxLength": _LONGEST,
            "description": "name of the person as the caller gives it, without a title's meaning",
        }

    def keypad(self, spec: FieldSpec) -> None:
        """Only spoken."""
        return

    def end_silence_s(self, spec: FieldSpec) -> int:
        """People pause between first and last name."""
        return 2

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> None:
        """A family name may follow a first one."""
        return

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """None: names are too many."""
        return ()


def _announced(words: Sequence[Word]) -> _Span | None:
    """The name behind "my name is", or before "speaking"."""
    for found in name_lead_ins(words):
        first = found.after
        while first < len(words) and words[first].text in _SPELLED:
            first += 1
        after = _name_end(words, first)
        if after == first:
            continue
        if found.tag is Around.NAME:
            return _Span(first, after, strong=True)
        # "This is John" announces a name, "this is about the price" does not.
        said = after < len(words) and _BEHIND.match(words[after].text) is not None
        if words[found.first].text in _ENGLISH_TOO and not said:
            continue
        if after == len(words) or _is_end(words, after):
            return _Span(first, after, strong=said)
    after = _name_end(words, 0)
    if after and after < len(words) and words[after].text in ("speaking", "here"):
        return _Span(0, after, strong=words[after].text == "speaking")
    return None


def _is_end(words: Sequence[Word], index: int) -> bool:
    changes = words[index].clause != words[index - 1].clause
    return changes or words[index].text in ENDING or _BEHIND.match(words[index].text) is not None


def _bare(words: Sequence[Word]) -> _Span | None:
    """An utterance that is a name and hardly more: "John Smith", "um, John"."""
    first = 0
    while first < len(words) and words[first].text in LEADING:
        first += 1
    after = _name_end(words, first)
    if after == first:
        return None
    rest = words[after:]
    alone = all(word.text in TRAILING for word in rest)
    if alone or rest[0].text == "from" or _only_letters(words, after):
        return _Span(first, after, strong=False)
    return None


def _name_end(words: Sequence[Word], first: int) -> int:
    """Where the name that begins at `first` ends; `first` when none begins there."""
    at = first
    letters = _letters_end(words, at)
    if letters > at:
        return letters
    clause = words[at].clause if at < len(words) else 0
    while at < len(words) and at - first < _MOST_WORDS:
        if words[at].clause != clause and not _takes_dot(words[at - 1].text):
            break
        if not _may_be_name(words, at, first) or (at > first and _letters_end(words, at) > at):
            break
        clause = words[at].clause
        at += 1
    while at > first and (words[at - 1].text in PARTICLES or words[at - 1].text in TITLES):
        at -= 1
    return at


def _takes_dot(word: str) -> bool:
    """A dot behind it ends no clause: "Dr. Rao", "S. Kumar"."""
    return word in TITLES or len(word) == 1


def _may_be_name(words: Sequence[Word], at: int, first: int) -> bool:
    word = words[at].text
    if word in TITLES or (at > first and word in PARTICLES):
        return True
    if word in LONE_NAMES and len(words) == 1:
        return True
    if word in FIRST_NAMES and at == first and at + 1 < len(words):
        return _may_be_name(words, at + 1, first)
    if word[0].isdigit() or word in NEVER or word in ENDING:
        return False
    return _BEHIND.match(word) is None


def _letters_end(words: Sequence[Word], first: int) -> int:
    """Where letters spelt from `first` on end; `first` when they are too few for a name."""
    at, count = first, 0
    while at < len(words):
        spelt = letters_at(words, at)
        if spelt is None:
            break
        count += len(spelt.text)
        at += spelt.words
    return at if count >= _FEWEST_LETTERS else first


def _only_letters(words: Sequence[Word], first: int) -> bool:
    """Whether the rest spells the name: "that's S M I T H", "spelled S M I T H"."""
    at = first
    while at < len(words) and words[at].text in _SPELLING:
        at += 1
    return at < len(words) and _letters_end(words, at) == len(words)


_SPELLED = frozenset("spelled spelt".split())
_SPELLING = frozenset("thats that is it its spelled spelt spelling i spell and with".split())


def _spelt_or_said(text: str, words: Sequence[Word], span: _Span) -> str | None:
    spelt = _spelt(words, span.first)
    if spelt is not None:
        return spelt
    said = " ".join(
        text[word.start : word.end] + _dot(text, word) for word in words[span.first : span.after]
    )
    first = span.after
    while first < len(words) and words[first].text in _SPELLING:
        first += 1
    correction = _spelt(words, first)
    if correction is not None:
        # Spelt after it was said: the spelling wins over what the recogniser made of it.
        given = said.split()
        initials = [word[:1].casefold() for word in given]
        if correction[:1].casefold() in initials:
            last = len(given) - 1 - initials[::-1].index(correction[:1].casefold())
            given[last] = correction
            said = " ".join(given)
        else:
            said = correction
    return _with_capitals(said) if sum(char.isalpha() for char in said) > 1 else None


def _dot(text: str, word: Word) -> str:
    """The dot of an initial or title stays: "S. Kumar", "Dr. Rao"."""
    return "." if _takes_dot(word.text) and text[word.end : word.end + 1] == "." else ""


def _spelt(words: Sequence[Word], first: int) -> str | None:
    after = _letters_end(words, first)
    letters, at = "", first
    while at < after:
        spelt = letters_at(words, at)
        assert spelt is not None
        letters += spelt.text
        at += spelt.words
    return letters.capitalize() if letters else None


def _with_capitals(name: str) -> str:
    """A name that came without capitals, or in nothing but capitals, with the usual ones."""
    if not name.isascii() or (name != name.lower() and name != name.upper()):
        return name
    return " ".join(
        word.lower() if word.lower() in PARTICLES and place else _capital(word)
        for place, word in enumerate(name.split())
    )


def _capital(word: str) -> str:
    # "o'brien" has two capitals.
    return "'".join(piece[:1].upper() + piece[1:].lower() for piece in word.split("'"))
