"""The yes_no field: yes, no, and the ways of taking or refusing what was offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import ClassVar

from agents.schema import FieldSpec
from conversation.fields.base import Context, Keypad, Problem, Reading, Value
from conversation.reading.confirmation import leaning
from conversation.reading.words import Word, base_language, plain, split, stem

_YES_KEY, _NO_KEY = "1", "2"

# Words of a label or a field's name that say nothing about what is offered.
_EMPTY = frozenset(
    "is has have had wants want needs need like do does the a an of for to with and or any "
    "confirm required accepted ok okay yes no whether your you serve serves add include includes "
    "allow allows allowed offer offers accept accepts".split()
)
_PREFIXES = ("non", "un", "in")  # "unfurnished", "non smoking": the offered thing refused
_WANTING = re.compile(
    r" (?:want|need|like|love|prefer|take|get|have|looking for|interested in|go for|adjust|"
    r"चाहिए|chahiye|வேணும்|வேண்டும்|venum|vendum|വേണം|venam) "
)
_REFUSING = frozenset(
    "no not dont without isnt wont cant never cannot except hate avoid nor neither skip "
    "नहीं मत बिना nahi nahin mat வேண்டாம் வேணாம் இல்லாம இல்லை இல்ல vendam venam illama illai "
    "വേണ്ട ഇല്ല ഇല്ലാതെ അല്ല venda illathe illa alla".split()
)
_AFTERWARDS = 3  # words behind the offered thing in which Indic languages deny it
_QUESTION = re.compile(
    r"^ (?:what|when|where|who|why|how|which|is|are|does|can|could|will|क्या|kya|என்ன|enna|"
    r"എന്ത്|entha) "
)
# "Do you mind …?" turns yes and no around; "if you don't mind me asking" does not.
_MIND = re.compile(r" (?:do|would|will) you mind (?!(?:me|my|if i|telling|repeating|saying) )")
_NOT_MINDING = re.compile(
    r"^ (?:no|nope|nah|not at all|no not at all|of course not|no i dont|i dont)"
    r"(?: (?:thats|its|fine|ok|okay|thanks|thank|you|at|all|sure|please|problem)){0,6} $"
)
# "I'd like to have it", "it's a must": taken in words that name nothing.
_TAKING = re.compile(
    r" (?:(?:i|we|id|wed|ill|well|would|will|do|definitely) )+"
    r"(?:want|need|like|love|prefer|take|get|have)(?: to (?:have|get|take|add))? "
    r"(?:it|that|this|one|them|some)(?: please| too| as well| sir| madam)* $|"
    r" (?:is|its|thats|be) (?:really |very |absolutely |definitely )?(?:a must|required|needed|"
    r"necessary|essential|important|mandatory)(?: for (?:me|us))? $|"
    r"^ (?:a must|must|required|needed) $"
)
_BARE_YES = re.compile(r"^ (?:yes|yeah|yep|yup|i do|yes i do)(?: please)? $")
_ONLY_ME = re.compile(r"^ (?:no |its |it will be |yes )?(?:just|only) (?:me|myself)(?: please)? $")
_ASKS_ALONE = re.compile(r" (?:alone|by yourself|on your own|just you|only you) ")
_ASKS_OTHERS = re.compile(r" (?:anyone|anybody|someone|somebody|others|with you|joining|company) ")

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")
_SPOKEN = {
    "en": ("yes", "no"),
    "hi": ("हाँ", "नहीं"),
    "ta": ("ஆம்", "இல்லை"),
    "ml": ("അതെ", "അല്ല"),
}


class YesNo:
    """A yes or no; canonically a bool."""

    name: ClassVar[str] = "yes_no"
    takes: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()

    def check(self, spec: FieldSpec) -> Sequence[str]:
        """Nothing can be wrong: there are no options."""
        return ()

    def read(self, spec: FieldSpec, text: str, context: Context) -> Sequence[Reading]:
        """At most one reading; strong only when the offered thing itself is named."""
        words = split(text)
        if not words:
            return ()
        start, end = words[0].start, words[-1].end
        about = _about(spec, context.language)
        named = [clause for clause in _clauses(words) if _mentions(clause, about)]
        if any(_is_opposite(one, about) and _refuses(one) for one in named):
            return ()  # "I don't want an unfurnished one"
        for clause in reversed(named):
            value, firm = _of_clause(clause, about, context.language)
            if value is not None:
                firm = firm or leaning(words, context.language) is value
                return (Reading(value, clause[0].start, clause[-1].end, strong=firm),)
        value = _of_answer(text, words, context)
        return () if value is None else (Reading(value, start, end, strong=False),)

    def read_keys(self, spec: FieldSpec, digits: str, context: Context) -> Value | None:
        """1 is yes, 2 is no."""
        return {_YES_KEY: True, _NO_KEY: False}.get(digits)

    def accept(self, spec: FieldSpec, value: object, context: Context) -> Value | Problem:
        """A bool, or a word a model writes for one."""
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else None
        if word in _TRUE:
            return True
        return False if word in _FALSE else Problem("not_valid")

    def say_back(self, spec: FieldSpec, value: Value, language: str) -> str:
        """Yes or no in the language."""
        yes, no = _SPOKEN.get(base_language(language), _SPOKEN["en"])
        return yes if value is True else no

    def schema(self, spec: FieldSpec) -> dict[str, object]:
        """A boolean."""
        return {
            "type": "boolean",
            "description": "true when the caller agrees to it, false when the caller refuses",
        }

    def keypad(self, spec: FieldSpec) -> Keypad:
        """One key."""
        return Keypad(1, "keypad_yes_no")

    def end_silence_s(self, spec: FieldSpec) -> int | None:
        """As soon as speech pauses."""
        return None

    def is_whole(self, spec: FieldSpec, text: str, language: str) -> bool | None:
        """A yes or a no is all that is asked."""
        return True if self.read(spec, text, Context(language, date.min)) else None

    def hints(self, spec: FieldSpec, language: str) -> Sequence[str]:
        """Yes and no in the language."""
        return _SPOKEN.get(base_language(language), _SPOKEN["en"])


def _about(spec: FieldSpec, language: str) -> list[str]:
    """The stems of what is offered: the label's words, or those of the field's name."""
    label = spec.label.get(language) or spec.name.replace("_", " ")
    return [stem(word.text) for word in split(label) if word.text not in _EMPTY]


def _clauses(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words clause by clause; "and", "so" and "but" begin a clause as punctuation does."""
    part = 0
    parts: list[tuple[int, Word]] = []
    for word in words:
        if word.text in ("and", "so", "but", "because", "और", "लेकिन", "பிறகு", "പിന്നെ"):
            part += 1
        parts.append((word.clause + part, word))
    for _, group in groupby(parts, key=lambda pair: pair[0]):
        yield [word for _, word in group]


def _mentions(clause: Sequence[Word], about: Sequence[str]) -> bool:
    return any(_same(word.text, one) for word in clause for one in about)


def _same(word: str, about: str) -> bool:
    if word.isascii():
        # Compounds: "rideshare" holds "shar" and "rid".
        return stem(word) == about or (len(about) > 3 and len(word) > 7 and about in word)
    return len(about) > 2 and word.startswith(about)  # case endings follow the word


def _is_opposite(clause: Sequence[Word], about: Sequence[str]) -> bool:
    """Whether the offered thing is named by what it is not: "unfurnished", "non smoking"."""
    before = ""
    for word in clause:
        whole = word.text if before == "non" else ""
        rests = [word.text[len(one) :] for one in _PREFIXES if word.text.startswith(one)]
        if any(_same(rest, one) for rest in (whole, *rests) if rest for one in about):
            return True
        before = word.text
    return False


def _refuses(clause: Sequence[Word]) -> bool:
    return any(word.text in _REFUSING and word.text != "no" for word in clause)


def _of_clause(
    clause: Sequence[Word], about: Sequence[str], language: str
) -> tuple[bool | None, bool]:
    """What a clause that names the offered thing says of it, and whether it says so outright."""
    line = " " + " ".join(word.text for word in clause) + " "
    if _is_opposite(clause, about):
        return False, True
    verdict = leaning(clause, language)
    if verdict is not None:
        return verdict, True
    if not _mentions(clause, about[:1]):  # "a ride to town" does not take a shared ride
        return None, False
    if clause[0].asked or _QUESTION.search(line):
        return (True, False) if _WANTING.search(line) and clause[0].asked else (None, False)
    if any(word.text in _REFUSING for word in clause):
        return False, True
    return True, _WANTING.search(line) is not None


def _of_answer(text: str, words: Sequence[Word], context: Context) -> bool | None:
    """What an answer that does not name the offered thing says of it."""
    line, asked = plain(text), plain(context.agent_said)
    if _ONLY_ME.search(line):
        alone, others = _ASKS_ALONE.search(asked), _ASKS_OTHERS.search(asked)
        return None if bool(alone) == bool(others) else alone is not None
    if _MIND.search(asked):
        if _NOT_MINDING.search(line):
            return True
        if _BARE_YES.search(line):
            return None
    verdict = leaning(words, context.language)
    return True if verdict is None and _TAKING.search(line) else verdict
