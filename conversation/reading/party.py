"""How many people an answer names one by one: "me, my wife and two kids". No totals: "3 people"."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from conversation.reading.tagging import Tagged
from conversation.reading.words import singular

OPEN = 0  # people are named, and how many is not certain

_ONESELF = frozenset(("me", "myself", "i"))
_PERSONS = frozenset(
    "wife husband partner spouse fiance fiancee girlfriend boyfriend son daughter mother father "
    "mom mum mommy mummy dad daddy brother sister friend colleague coworker cousin uncle aunt "
    "boss kid child baby toddler infant grandmother grandfather grandma grandpa parent roommate "
    "flatmate neighbour neighbor adult man woman boy girl senior buddy nephew niece".split()
)
_PLURALS = {"children": "child", "men": "man", "women": "woman", "wives": "wife"}
_OWNING = frozenset("my our his her the".split())
_DETERMINING = _OWNING | frozenset("a an best little elder younger old other".split())
_JOINING = frozenset(("plus", "with"))
_DENYING = frozenset("not dont isnt wont cant arent".split())


class _Named(NamedTuple):
    people: int  # OPEN: "friends"
    first: int  # pieces
    after: int
    is_related: bool  # "my friends": the speaker may come on top


def count_people(tagged: Tagged) -> int | None:
    """The people named one by one, OPEN when their number is not certain; None: nobody is named."""
    named: list[_Named] = []
    at = 0
    while at < len(tagged.pieces):
        one = _named(tagged, at)
        if one is not None:
            named.append(one)
        at = one.after if one else at + 1
    if len(named) < 2 or not _are_joined(tagged, named):
        return 1 if _is_alone(tagged) else None
    has_speaker = any(tagged.pieces[one.first].word in _ONESELF for one in named)
    if any(one.people == OPEN or (one.is_related and not has_speaker) for one in named):
        return OPEN
    return sum(one.people for one in named)


def _named(tagged: Tagged, at: int) -> _Named | None:
    """Who is named from the piece `at` on."""
    pieces = tagged.pieces
    if pieces[at].word in _ONESELF:
        return _Named(1, at, at + 1, is_related=False)
    if at and pieces[at].tag == "n" and pieces[at - 1].word == "plus":  # "me plus one"
        return _Named(int(tagged.number(at)), at, at + 1, is_related=False)
    index, count = at, None
    while index < len(pieces) - 1 and (
        pieces[index].tag == "n" or pieces[index].word in _DETERMINING
    ):
        if pieces[index].tag == "n":
            count = int(tagged.number(index))
        index += 1
    word = pieces[index].word
    one = _PLURALS.get(word) or singular(word)
    if one not in _PERSONS:
        return None
    if count is None:
        count = 1 if one == word else OPEN
    return _Named(count, at, index + 1, any(piece.word in _OWNING for piece in pieces[at:index]))


def _are_joined(tagged: Tagged, named: list[_Named]) -> bool:
    """Whether they are one list, with an "and" before the last."""
    gaps = [tagged.pieces[one.after : other.first] for one, other in pairwise(named)]
    return all(
        gap and all(piece.tag in ",&" or piece.word in _JOINING for piece in gap) for gap in gaps
    ) and any(piece.tag == "&" or piece.word in _JOINING for piece in gaps[-1])


def _is_alone(tagged: Tagged) -> bool:
    words = [piece.word for piece in tagged.pieces]
    if _DENYING.intersection(words):
        return False
    pairs = {*pairwise(words)}
    return (
        "alone" in words
        or bool({(before, one) for before in ("just", "only", "by") for one in _ONESELF} & pairs)
        or {("my", "own")} <= pairs
    )
