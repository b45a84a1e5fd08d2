"""The email field: an address as it is dictated, as a lower-case string."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from email_validator import EmailNotValidError, validate_email

from agents.schema import FieldSpec
from conversation.fields.base import Context, Problem, Reading, Value
from conversation.fields.email_words import SIGN_BOOK, SIGNS, SPOKEN_SIGNS, STOPS
from conversation.reading.spelling import digits_at, letters_at
from conversation.reading.words import Word, base_language, fold

_LONGEST = 254  # characters, RFC 5321
_MOST_PIECES = 40  # words of a dictated address; more is a story
_LONGEST_LABEL = 4  # words of one part of a domain: "my little company dot com"
_WRITTEN = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)
# Words, numbers and the signs between them; a full stop before a space ends a sentence.
_PIECE = re.compile(r"\d+|[^\W\d_][^\s\d@._+-]*|[@_+]|[.-](?=\S)")
_FEW_WORDS = 2  # a name of somebody, and no sentence
# Ends of domains that nothing follows, as .co is followed by .in.
_LAST = frozenset("com in org net edu gov io info biz ai app dev uk us de me".split())
_VOWELS = frozenset("aeiouy")


class Email:
    """An e-mail address; canonically lower case. No mail server is asked."""

    name: ClassVar[str] = "email"
    takes: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """Nothing can be wrong: there are no options."""
        return ()

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """Every whole address, written or dictated; an incomplete one is none."""
        found = []
        for written in _WRITTEN.finditer(text):
            address = _valid(written.group())
            if address is not None:
                found.append(Reading(address, written.start(), written.end(), strong=True))
        return found or _dictated(_items(text))

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """Keys make no address."""
        return None

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """An address that the standards allow."""
        address = _valid(value.strip()) if isinstance(value, str) else None
        return Problem("not_valid") if address is None else address

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """With words for its signs; digits and what cannot be pronounced one by one."""
        signs = SPOKEN_SIGNS.get(base_language(language), SPOKEN_SIGNS["en"])
        pieces = re.findall(r"[^\W\d_]+|\d|[^\w\s]|_", str(value))
        return " ".join(signs.get(piece) or _pronounced(piece) for piece in pieces)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A string."""
        return {
            "type": "string",
            "maxLength": _LONGEST,
            "description": "e-mail address put together from what the caller dictates, for "
            "example john.smith@gmail.com; null while it is incomplete",
        }

    def keypad(self, spec: FieldSpec) -> None:
        """Only spoken."""
        return

    def end_silence_s(self, spec: FieldSpec) -> int:
        """People pause between its parts."""
        return 3

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """With a domain that nothing follows; a piece of an address waits for the rest."""
        found = self.read(spec, text, Context(language, date.min))
        if not found:
            return False if _is_piece(text) else None
        ended = found[-1].end >= len(text.rstrip(" .,!"))
        last = str(found[-1].value).rpartition(".")[2]
        return True if ended and last in _LAST else None

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Signs and the commonest providers."""
        return (
            *("at", "dot", "underscore", "dash", "dot com", "at the rate"),
            *("gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com"),
        )


def _is_piece(text: str) -> bool:
    """Whether it can only be part of an address: a sign or a letter in it, or a word or two."""
    items = _items(text)
    spelt = any(item.text in SIGNS or len(item.text) == 1 for item in items)
    return spelt or 0 < len(items) <= _FEW_WORDS


def _valid(address: str) -> str | None:
    if len(address) > _LONGEST:
        return None
    try:
        checked = validate_email(address.lower(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return checked.normalized


def _pronounced(piece: str) -> str:
    """A word as it is; letters one by one when there are few or no vowel is among them."""
    if len(piece) > 2 and _VOWELS & set(piece):
        return piece
    return " ".join(piece)


def _items(text: str) -> list[Word]:
    """The words and signs of `text`; a sign has itself as its text, however it was said."""
    pieces = []
    for match in _PIECE.finditer(text):
        word = fold(match.group())
        if word:
            pieces.append(Word(word, match.start(), match.end(), 0, False))
    items = []
    for found in SIGN_BOOK.scan(pieces):
        start, end = pieces[found.first].start, pieces[found.after - 1].end
        if found.tag is None:
            items.append(pieces[found.first])
        elif found.tag:
            items.append(Word(found.tag, start, end, 0, False))
    return items


def _dictated(items: Sequence[Word]) -> list[Reading]:
    found: list[Reading] = []
    floor = 0
    for at, item in enumerate(items):
        if item.text != "@" or at < floor:
            continue
        domain, after = _domain(items, at + 1)
        first = _local_start(items, floor, at)
        address = _valid(f"{_assembled(items[first:at])}@{domain}") if first < at else None
        if address is not None:
            found.append(Reading(address, items[first].start, items[after - 1].end, strong=True))
            floor = after
    return found


def _local_start(items: Sequence[Word], floor: int, at: int) -> int:
    """The first word of the part before "@": back to a word that cannot belong to it."""
    earliest = max(floor, at - _MOST_PIECES)
    examples = _examples(items[earliest:at], earliest)
    first = at
    while first > earliest:
        if items[first - 1].text in STOPS and first - 1 not in examples:
            break
        first -= 1
    while first < at and items[first].text in SIGNS:
        first += 1
    return first


def _examples(items: Sequence[Word], offset: int) -> set[int]:
    """The places of words that only tell which letter is meant: "as in boy", "for dog"."""
    found: set[int] = set()
    for at in range(len(items)):
        spelt = letters_at(items, at)
        if spelt is not None:
            found.update(range(offset + at + 1, offset + at + spelt.words))
    return found


def _domain(items: Sequence[Word], first: int) -> tuple[str, int]:
    """The part behind "@" and the place after it; "" when no "dot" with a name follows."""
    dot = first
    while dot < len(items) and dot - first <= _LONGEST_LABEL and items[dot].text not in ("@", "."):
        dot += 1
    domain = _assembled(items[first:dot])
    while dot + 1 < len(items) and items[dot].text == ".":
        after = dot + 2
        if len(items[dot + 1].text) == 1:  # "dot c o m"
            while (
                after < len(items) and len(items[after].text) == 1 and items[after].text.isalpha()
            ):
                after += 1
        domain += "." + _assembled(items[dot + 1 : after])
        dot = after
    return domain, dot


def _assembled(items: Sequence[Word]) -> str:
    """Words, spelt letters, digits and signs as one string."""
    built, at = "", 0
    while at < len(items):
        word = items[at].text
        spelt = None
        if word not in SIGNS:
            spelt = letters_at(items, at) or digits_at(items, at, running=at > 0)
        built += word if spelt is None else spelt.text
        at += 1 if spelt is None else spelt.words
    return built
