"""The names by which the choices of a field go. Which of them a caller means is in `choice`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from agents.schema import ChoiceSpec
from conversation.reading.words import singular, split

_GENERIC = frozenset(
    "account type kind size option plan service room one class appointment visit event call".split()
)
SMALL = frozenset("a an the of for and or to with in on at my".split())
# Said of everything: in the answer to another question they choose nothing.
EVERYDAY = frozenset(
    "later now soon today tomorrow right good fine other any none both all new not time "
    "more".split()
)
_HINDI_GENDER = "ाीे"  # बड़ा, बड़ी, बड़े are one adjective


class Name(NamedTuple):
    """A way to name a choice."""

    words: tuple[str, ...]  # folded, without plural endings
    choice: int  # its place
    whole: bool  # False: a part of a name that only this choice has

    @property
    def is_single(self) -> bool:
        """A single word."""
        return len(self.words) == 1


class Names(NamedTuple):
    """The names of all choices, and where to look one up."""

    all: tuple[Name, ...]  # longest first
    by_letter: Mapping[tuple[bool, str], Sequence[Name]]  # by `whole` and the first letter
    derived: Mapping[str, set[int]]  # "renting" → the choices it is made from


def names_of(choices: Sequence[ChoiceSpec]) -> Names:
    """Every way to name the choices, by values, spoken forms and synonyms."""
    return _collected(tuple(tuple(phrases_of(choice)) for choice in choices))


def phrases_of(choice: ChoiceSpec) -> Iterator[str]:
    """What stands for the choice in the agent's file; its value first."""
    yield choice.value
    if isinstance(choice.say, str):
        yield choice.say
    elif choice.say:
        yield from choice.say.values()
    for synonyms in choice.synonyms.values():
        yield from synonyms


def folded(phrase: str) -> tuple[str, ...]:
    """The words of a phrase as they are compared."""
    return tuple(singular(word.text) for word in split(phrase.replace("_", " ")))


def begins_at(at: int, texts: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the words at `at` are a form of the name."""
    # The first word decides nearly always, and whole utterances are put to every name.
    return _is_form_of(texts[at], name[0]) and (
        len(texts) - at >= len(name)
        and all(map(_is_form_of, texts[at + 1 : at + len(name)], name[1:]))
    )


def is_joined(word: str, name: Sequence[str]) -> bool:
    """Written as one word: "fullsize" for "full size"."""
    return len(name) > 1 and word == "".join(name)


@lru_cache(maxsize=128)
def _collected(phrases: tuple[tuple[str, ...], ...]) -> Names:
    """Every way to name the choices; words that two choices share name none."""
    whole = {
        (words, index)
        for index, lines in enumerate(phrases)
        for line in lines
        if (words := folded(line))
    }
    owners: dict[str, set[int]] = {}
    for words, index in whole:
        for word in words:
            owners.setdefault(word, set()).add(index)
    # Of synonyms, which are sayings ("right away"), no part is a name.
    values = {word for lines in phrases for word in folded(lines[0])}
    parts = {
        ((word,), next(iter(indexes)))
        for word, indexes in owners.items()
        if len(indexes) == 1 and len(word) > 2 and word in values - _GENERIC - SMALL - EVERYDAY
    }
    names = [Name(words, index, whole=True) for words, index in whole]
    names += [Name(words, index, whole=False) for words, index in parts - whole]
    names.sort(key=lambda name: (-len(name.words), name.words, name.choice))
    by_letter: dict[tuple[bool, str], list[Name]] = {}
    derived: dict[str, set[int]] = {}
    for name in names:
        by_letter.setdefault((name.whole, name.words[0][0]), []).append(name)
        for base in {name.words[0], name.words[0].removesuffix("e")} if name.is_single else ():
            for ending in ("ing", "ed", "al"):
                derived.setdefault(base + ending, set()).add(name.choice)
    return Names(tuple(names), by_letter, derived)


def _is_form_of(word: str, name: str) -> bool:
    """The word itself; or with a case ending in scripts that join it on, or of another gender."""
    if word == name:
        return True
    if name[-1] in _HINDI_GENDER and word[-1] in _HINDI_GENDER and word[:-1] == name[:-1]:
        return True
    return (
        not name.isascii()
        and len(name) >= 3
        and 0 < len(word) - len(name) <= 5
        and (word.startswith(name))
    )
