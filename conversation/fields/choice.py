"""The choice field: one of a few named answers, said by name, synonym, kind or position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agents.schema import ChoiceSpec, FieldSpec
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.fields.choice_names import (
    EVERYDAY,
    SMALL,
    Names,
    begins_at,
    folded,
    is_joined,
    names_of,
    phrases_of,
)
from conversation.fields.related_words import related
from conversation.reading.corrections import retract
from conversation.reading.positions import position
from conversation.reading.words import Word, base_language, fold, singular, split

_NEGATING = frozenset(
    "not no nothing non except without dont isnt cant cannot hate nor neither never "
    "bought sold own बिना सिवाय bina".split()
)
# Between two names the second stands for the first: "medium, no, large". What is "not" goes.
_CORRECTING = frozenset("no sorry actually wait rather oops नहीं nahi இல்ல illa അല്ല alla".split())
_PASSING_OVER = {
    *(("anything", "but"), ("everything", "but"), ("more", "than"), ("rather", "than")),
    *(("better", "than"), ("instead", "of"), ("other", "than")),
}
_LINKING = frozenset("or and nor या और அல்லது അല്ലെങ്കിൽ".split())
_NEGATING_AFTER = frozenset(
    "नहीं मत nahi nahin mat வேண்டாம் வேணாம் இல்ல இல்லை அல்ல vendam venam illa illai "
    "വേണ്ട അല്ല ഇല്ല venda alla".split()
)
_BEFORE = 3  # words before a name in which it is negated: "not the large"
# "Checking my savings": a name in -ing that goes on like this is a verb there.
_OBJECTS = frozenset(
    "my our your his her their the this that on for if whether a an in into".split()
)
_MISHEARD_LENGTH = 5  # letters a name needs before a near match counts
_LONG = 8  # letters from which a word may be two letters off, and begin otherwise
_OR = {"en": "or", "hi": "या", "ta": "அல்லது", "ml": "അല്ലെങ്കിൽ"}


class _Hit(NamedTuple):
    choice: int  # its place
    first: int
    after: int
    sure: bool  # named in full


class Choice:
    """One of the declared answers; canonically its `value`."""

    name: ClassVar[str] = "choice"
    takes: ClassVar[frozenset[str]] = frozenset({"choices"})
    needs: ClassVar[frozenset[str]] = frozenset({"choices"})

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """At least two choices, and no word that means two of them."""
        problems = []
        if len(spec.choices) < 2:
            problems.append("choices needs at least two entries")
        owners: dict[str, str] = {}
        for choice in spec.choices:
            for phrase in {fold(phrase) for phrase in phrases_of(choice)}:
                other = owners.setdefault(phrase, choice.value)
                if other != choice.value:
                    problems.append(f'"{phrase}" means both "{other}" and "{choice.value}"')
        values = [choice.value for choice in spec.choices]
        problems += [f'"{one}" is listed twice' for one in {*values} if values.count(one) > 1]
        return problems

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """The choices that are meant; none when two are named and neither is taken back."""
        words = split(retract(text, context.language))
        if not words:
            return ()
        names = names_of(spec.choices)
        is_named = False
        for hits in (
            _named(names, words, whole=True),
            _named(names, words, whole=False),
            _derived(names, words),
            _misheard(names, words),
            _related(spec.choices, words),
        ):
            found = list(hits)
            meant = _meant(found, words)
            if meant:
                return _readings(spec.choices, meant, words)
            is_named = is_named or bool(found)
        if is_named:
            return ()
        place = position(words, len(spec.choices))
        if place is None:
            return ()
        value = spec.choices[place].value
        return (Reading(value, words[0].start, words[-1].end, strong=False),)

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """The choice at that place, counted from 1."""
        if not digits.isdecimal() or not 1 <= int(digits) <= len(spec.choices):
            return None
        return spec.choices[int(digits) - 1].value

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A value or synonym, in any case of letters."""
        if isinstance(value, str):
            wanted = folded(value)
            for choice in spec.choices:
                if any(folded(phrase) == wanted for phrase in phrases_of(choice)):
                    return choice.value
        spoken = [_spoken(choice, context.language) for choice in spec.choices]
        word = _OR.get(base_language(context.language), _OR["en"])
        listed = f"{', '.join(spoken[:-1])} {word} {spoken[-1]}"
        return Problem("not_a_choice", {"choices": listed})

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """The choice's own words for itself."""
        for choice in spec.choices:
            if choice.value == value:
                return _spoken(choice, language)
        return str(value)

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """One of the values."""
        return {
            "type": "string",
            "enum": [choice.value for choice in spec.choices],
            "description": "the choice the caller means",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """As many keys as the last place has digits."""
        return Keypad(len(str(len(spec.choices))), "keypad_choice")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """As soon as speech pauses."""
        return None

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """One choice, when what was said is not the beginning of another's longer name."""
        meant = {str(one.value) for one in self.read(spec, text, Context(language, date.min))}
        if len(meant) != 1:
            return None
        return None if _begins_another(spec.choices, meant.pop(), split(text)) else True

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """How the choices are called in the language."""
        words: dict[str, None] = {}
        for choice in spec.choices:
            words[_spoken(choice, language)] = None
            words[choice.value] = None
            for tag, synonyms in choice.synonyms.items():
                if base_language(tag) == base_language(language):
                    words.update(dict.fromkeys(synonyms))
        return tuple(word[:100] for word in words)[:100]


def _begins_another(choices: Sequence[ChoiceSpec], value: str, words: Sequence[Word]) -> bool:
    """Whether the last words are the first of a longer name of another choice."""
    texts = [word.text for word in words]
    for choice in choices:
        if choice.value == value:
            continue
        for phrase in phrases_of(choice):
            name = [word.text for word in split(phrase)]
            if any(texts[-length:] == name[:length] for length in range(1, len(name))):
                return True
    return False


def _spoken(choice: ChoiceSpec, language: str) -> str:
    if isinstance(choice.say, dict):
        return choice.say.get(language, choice.value)
    return choice.say or choice.value


def _named(names: Names, words: Sequence[Word], *, whole: bool) -> Iterator[_Hit]:
    texts = [singular(word.text) for word in words]
    at = 0
    while at < len(texts):
        # Every form of a name begins with its letter.
        wanted = names.by_letter.get((whole, texts[at][0]), ())
        hit = next(
            (
                _Hit(name.choice, at, at + len(name.words), sure=whole)
                for name in wanted
                if begins_at(at, texts, name.words)
            ),
            None,
        ) or next(
            (
                _Hit(name.choice, at, at + 1, sure=whole)
                for name in wanted
                if is_joined(texts[at], name.words)
            ),
            None,
        )
        if hit:
            yield hit
        at = hit.after if hit else at + 1


def _derived(names: Names, words: Sequence[Word]) -> Iterator[_Hit]:
    """Words made from a name: "renting" for "rent", "musical" for "music"."""
    for at, word in enumerate(words):
        owners = names.derived.get(word.text, ())
        if len(owners) == 1:
            yield _Hit(next(iter(owners)), at, at + 1, sure=False)


def _misheard(names: Names, words: Sequence[Word]) -> Iterator[_Hit]:
    """Words one or two letters off a name, and nearer to one choice than to any other."""
    single = [
        name for name in names.all if name.is_single and len(name.words[0]) >= _MISHEARD_LENGTH
    ]
    known = [name.words[0] for name in single]
    for at, word in enumerate(words):
        if len(word.text) < _MISHEARD_LENGTH - 1 or not word.text.isalpha():
            continue
        heard = singular(word.text)
        most = 1 if len(heard) < _LONG else 2
        near = [
            (distance, single[place].choice)
            for name, distance, place in process.extract(
                heard, known, scorer=OSA.distance, score_cutoff=most, limit=None
            )
            if (len(heard) >= _LONG or name[0] == heard[0])
            and not heard.endswith(name)  # "inexpensive" is no slip of "expensive"
        ]
        if len({index for _, index in near}) == 1:
            yield _Hit(near[0][1], at, at + 1, sure=False)


def _related(choices: Sequence[ChoiceSpec], words: Sequence[Word]) -> Iterator[_Hit]:
    """Words that belong to one of the choices as a kind: a concert is music."""
    kinds = [related(tuple(map(folded, phrases_of(choice)))) for choice in choices]
    for at, word in enumerate(words):
        owners = [index for index, kind in enumerate(kinds) if singular(word.text) in kind]
        if len(owners) == 1:
            yield _Hit(owners[0], at, at + 1, sure=False)


def _meant(hits: Sequence[_Hit], words: Sequence[Word]) -> list[_Hit]:
    """The hits that are not negated; verbs that look like names only when nothing else is left."""
    kept = [
        hit
        for before, hit, after in zip([None, *hits], hits, [*hits[1:], None], strict=False)
        if not _is_negated(before, hit, words) and not _is_replaced(hit, after, words)
    ]
    nouns = [hit for hit in kept if not _is_verb(hit, words)]
    return nouns or kept


def _is_replaced(hit: _Hit, by: _Hit | None, words: Sequence[Word]) -> bool:
    """Whether another choice stands for this one: "medium, no, large"."""
    if by is None:
        return False
    between = [word.text for word in words[hit.after : by.first]]
    return bool(between) and all(word in _CORRECTING for word in between)


def _is_negated(earlier: _Hit | None, hit: _Hit, words: Sequence[Word]) -> bool:
    clause = words[hit.first].clause
    start = max(0, hit.first - _BEFORE)
    if earlier is not None:
        if _is_replaced(earlier, hit, words):
            return False
        # "Not large, medium" denies one, "not small or medium" both.
        if not any(word.text in _LINKING for word in words[earlier.after : hit.first]):
            start = max(start, earlier.after)
    before = words[start : hit.first]
    after = words[hit.after : hit.after + 1]
    texts = [word.text for word in before]
    phrase = texts[:-1] if texts[-1:] and texts[-1] in SMALL else texts
    if tuple(phrase[-2:]) in _PASSING_OVER:
        return True
    if "mind" in texts:  # "I don't mind" takes it
        return False
    return any(word.text in _NEGATING and word.clause == clause for word in before) or any(
        word.text in _NEGATING_AFTER and word.clause == clause for word in after
    )


def _is_verb(hit: _Hit, words: Sequence[Word]) -> bool:
    following = words[hit.after] if hit.after < len(words) else None
    return (
        words[hit.after - 1].text.endswith("ing")
        and following is not None
        and following.text in _OBJECTS
    )


def _is_everyday(hit: _Hit, words: Sequence[Word]) -> bool:
    return all(word.text in EVERYDAY for word in words[hit.first : hit.after])


def _readings(
    choices: Sequence[ChoiceSpec], hits: Sequence[_Hit], words: Sequence[Word]
) -> tuple[Reading, ...]:
    if len({hit.choice for hit in hits}) != 1:
        return ()
    return tuple(
        Reading(
            choices[hit.choice].value,
            words[hit.first].start,
            words[hit.after - 1].end,
            strong=hit.sure and not _is_verb(hit, words) and not _is_everyday(hit, words),
        )
        for hit in hits
    )
