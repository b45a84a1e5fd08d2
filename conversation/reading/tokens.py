"""Cuts an utterance into words, figures and marks with their offsets. Knows no meaning."""

from __future__ import annotations

import re
from typing import NamedTuple

from conversation.reading.words import fold

# Letters with their vowel signs: `\w` leaves out the combining marks of the Indic scripts.
_LETTERS = (
    "A-Za-z\u00c0-\u024f\u0900-\u0963\u0971-\u097f\u0b80-\u0be5\u0d00-\u0d65\u0d7a-\u0d7f"
    "\u200c\u200d"
)

_TOKEN = re.compile(
    rf"""
    (?P<clock>\d{{1,2}}:\d{{2}}(?![\d:]))
  | (?P<calendar>(?:\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}(?P<joint>[/.-])\d{{1,2}}(?P=joint)\d{{4}}
      |\d{{1,2}}/\d{{1,2}})(?![\d/]))
  | (?P<nth>\d{{1,3}}(?:st|nd|rd|\s?th)(?![{_LETTERS}]))
  | (?P<figures>(?:\d{{1,3}}(?:,\d{{2,3}})*,\d{{3}}(?!\d)|\d+)(?:\.\d+)?)(?:/-)?
  | (?P<meridiem>[ap]\.?\s?m(?![{_LETTERS}])\.?)
  | (?P<oclock>o['’"”]?\s?clock(?![{_LETTERS}]))
  | (?P<word>[{_LETTERS}]+(?:['’][A-Za-z]+)?)
  | (?P<mark>[^\s\w])
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Token(NamedTuple):
    """A piece of an utterance; `text` is folded for look-up, the offsets are the original's."""

    kind: str  # clock | calendar | nth | figures | meridiem | oclock | word | mark
    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """The pieces of `text` in order; white space is dropped."""
    tokens = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        word = match.group(kind)
        tokens.append(Token(kind, fold(word), match.start(), match.end()))
    return tokens
