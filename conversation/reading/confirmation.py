"""Yes or no to something that was said, in four languages. No values are read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conversation.reading.assent_words import (
    HONORIFIC,
    NOT_IN,
    PHRASES,
    STRESSING,
    WHOLE,
    Sense,
)
from conversation.reading.words import Found, Phrasebook, Word, base_language, plain, split

# A denial reaches this many phrases on: "not at all the right one".
_REACH = 4

# "is that right", "what time was it": the clause asks, whatever agreeing word it holds.
_ASKING_WORDS = frozenset(
    "what when where who why how which whats whens wheres whos क्या कब कहां क्यों कौन kya kab kyun "
    "என்ன எப்போ ஏன் யார் enna eppo yaar എന്ത് എന്താ എപ്പോൾ ആര് entha enthu".split()
)
_AUXILIARIES = frozenset("is was are were does did do am has have will".split())
_SUBJECTS = frozenset("that it this you we they i he she there the".split())
_DETERMINING = frozenset(
    "is has have had with are of theres got and or a the for wants want need".split()
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a caller answered to "is that right?"."""

    yes: bool | None  # None: neither, or not clear
    bare: bool  # nothing but the yes or no and politeness: there is no value to look for


@dataclass(slots=True)
class _Mark:
    """A phrase with its sense, which denials around it may change."""

    sense: Sense | None
    clause: int
    first: int  # index of its first word
    fixed: bool = False  # an agreeing word that stands as one, even after a "no"


def _book(language: str) -> Phrasebook[Sense]:
    """The phrases of all languages; what is said in two means what it means in this one."""
    senses: dict[str, Sense] = {}
    for code in (language, *PHRASES):
        for sense, phrases in PHRASES[code].items():
            for phrase in phrases:
                senses.setdefault(plain(phrase), sense)
    foreign = {plain(phrase) for phrase in NOT_IN.get(language, ())}
    return Phrasebook(
        {
            sense: [
                phrase for phrase, of in senses.items() if of is sense and phrase not in foreign
            ]
            for sense in Sense
        }
    )


_BOOKS: Mapping[str, Phrasebook[Sense]] = {code: _book(code) for code in PHRASES}


def read_confirmation(text: str, language: str) -> Verdict:
    """What `text` answers to a read-back. A yes with a correction counts as a no."""
    words = split(text)
    if _is_whole_answer(words):
        return Verdict(True, True)
    found = _find(words, language)
    found = _after_waiting(found)
    if not found or any(one.tag is Sense.UNSURE for one in found):
        return Verdict(None, False)
    yes = _lean(words, found)
    if _takes_back(words, found):
        return Verdict(False if yes is not None or _asks_change(found) else None, False)
    bare = yes is not None and all(one.tag is not None for one in found)
    return Verdict(yes, bare)


def only_asks_change(text: str, language: str) -> bool:
    """Whether `text`, a correction without its new value, asks for a change and tells nothing."""
    found = _find(split(text), language)
    asks = any(one.tag is Sense.CHANGE for one in found)
    return asks and all(one.tag is not None for one in found)


def leaning(words: Sequence[Word], language: str) -> bool | None:
    """Whether the words agree or refuse, apart from anything they add; None when neither."""
    if _is_whole_answer(words):
        return True
    found = _after_waiting(_find(words, language))
    if any(one.tag is Sense.UNSURE for one in found):
        return None
    return _lean(words, found)


def _is_whole_answer(words: Sequence[Word]) -> bool:
    return " ".join(word.text for word in words) in WHOLE


def _find(words: Sequence[Word], language: str) -> list[Found[Sense]]:
    book = _BOOKS.get(base_language(language), _BOOKS["en"])
    return list(book.scan(words))


def _after_waiting(found: list[Found[Sense]]) -> list[Found[Sense]]:
    """What follows the last "hold on": what was said before it no longer counts."""
    for index in range(len(found) - 1, -1, -1):
        if found[index].tag is Sense.WAIT:
            return found[index + 1 :]
    return found


def _takes_back(words: Sequence[Word], found: Sequence[Found[Sense]]) -> bool:
    """Whether there is a "but" or a wish for another value."""
    last = found[-1]
    stresses = last.tag is Sense.BUT and words[last.first].text in STRESSING
    but = any(one.tag is Sense.BUT for one in (found[:-1] if stresses else found))
    return but or _asks_change(found)


def _asks_change(found: Sequence[Found[Sense]]) -> bool:
    # "Should be 600" asks for a change, "should be fine" does not.
    for index, one in enumerate(found):
        if one.tag is not Sense.CHANGE:
            continue
        after = [other.tag for other in found[index + 1 :]]
        if one.after - one.first == 1 or any(tag is None for tag in after):
            return True
    return False


def _lean(words: Sequence[Word], found: Sequence[Found[Sense]]) -> bool | None:
    marks = [_Mark(one.tag, words[one.first].clause, one.first) for one in found]
    _drop_questions(words, marks)
    _drop_determiners(words, marks)
    _link(marks)
    _deny(words, marks)
    weak = _weak_leaning(marks)
    firm: bool | None = None
    for mark in marks:
        match mark.sense:
            case Sense.YES:
                firm = True
            case Sense.GOOD if mark.fixed:
                firm = True
            case Sense.NO:
                firm = False
            case _:
                pass
    return weak if firm is None else firm


def _drop_questions(words: Sequence[Word], marks: list[_Mark]) -> None:
    """Take the meaning from clauses that ask; an outright yes or no before a question stays."""
    for index, mark in enumerate(marks):
        begins = index == 0 or marks[index - 1].clause != mark.clause
        if not begins or not _is_question(words, mark.first):
            continue
        for other in marks[index:]:
            if other.clause != mark.clause:
                break
            other.sense = None


def _is_question(words: Sequence[Word], first: int) -> bool:
    word = words[first].text
    following = words[first + 1].text if first + 1 < len(words) else ""
    if word in _ASKING_WORDS:
        return following not in ("i", "a", "not")  # "what I want", "why not"
    if word in _AUXILIARIES:
        return following in _SUBJECTS and (word != "do" or following in ("you", "we", "i"))
    return words[first].asked and word in ("right", "correct", "okay", "ok", "sorry", "sure")


def _drop_determiners(words: Sequence[Word], marks: list[_Mark]) -> None:
    """A "no" that counts things refuses nothing: "with no subtitles", "house no 5"."""
    for mark, following in pairwise(marks):
        if words[mark.first].text not in ("no", "नो") or mark.first == 0:
            continue
        before = words[mark.first - 1]
        counts = before.clause == mark.clause == following.clause and following.sense is None
        if counts and (before.text in _DETERMINING or not _is_small(marks, mark.first - 1)):
            mark.sense = None


def _is_small(marks: Sequence[_Mark], first: int) -> bool:
    return any(mark.sense is not None for mark in marks if mark.first == first)


def _link(marks: list[_Mark]) -> None:
    """An agreeing word after "that is" or "sounds" stands by itself."""
    linked = False
    clause = -1
    for mark in marks:
        if mark.clause != clause:
            clause, linked = mark.clause, False
        if mark.sense is Sense.GOOD:
            mark.fixed = linked
        elif mark.sense is Sense.LINK:
            linked = True
        elif mark.sense is not Sense.SOFT:
            linked = False


def _deny(words: Sequence[Word], marks: list[_Mark]) -> None:
    """Apply every denial to the agreeing word it belongs to."""
    for index, mark in enumerate(marks):
        if mark.sense is Sense.NOT:
            for other in marks[index + 1 : index + 1 + _REACH]:
                if other.clause == mark.clause and other.sense in (Sense.YES, Sense.GOOD):
                    other.sense, mark.sense = Sense.SOFT, Sense.NO
                    break
        elif mark.sense is Sense.NOT_AFTER:
            mark.sense = Sense.NO
            before = marks[index - 1] if index else mark
            if before.clause == mark.clause and before.sense in (Sense.YES, Sense.GOOD):
                before.sense = Sense.SOFT
    for mark, following in pairwise(marks):
        if mark.sense is Sense.NO and words[following.first].text in HONORIFIC:
            following.sense = Sense.SOFT


def _weak_leaning(marks: Sequence[_Mark]) -> bool | None:
    """What bare denials and lone agreeing words say when nothing firmer was said."""
    weak: bool | None = None
    for mark in marks:
        if mark.sense is Sense.NOT:
            weak = False
        elif mark.sense is Sense.GOOD:
            alone = all(other.sense for other in marks if other.clause == mark.clause)
            weak = True if alone else weak
    return weak
