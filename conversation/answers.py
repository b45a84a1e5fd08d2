"""Finds the agent's own answer to a question a caller asks aside. Wording is not here."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from agents.schema import Agent, Answer
from conversation.common_questions import EMPTY, QUESTION_WORDS, SAME_QUESTION, TOPICS
from conversation.reading.asking import asks_something as asks_something
from conversation.reading.words import Phrasebook, plain, split, stem

_NEAR = 90  # rapidfuzz ratio (0..100) from which two wordings are one question
_NEARER = 94  # the same without the shape of a question
_LONGEST = 30  # words; a longer turn tells a story
_COVERED = 2  # content words of an answer's heading that have to be there

_COMMON: Phrasebook[int] = Phrasebook(dict(enumerate(SAME_QUESTION)))


def find_answer(agent: Agent, text: str, language: str) -> Answer | None:
    """The answer to what the caller asks; None when it is no question or fits none or several."""
    if not agent.answers or len(split(text)) > _LONGEST:
        return None
    asks = asks_something(text, language)
    if not asks and not _is_near(agent, text):
        return None
    best: tuple[float, int] | None = None
    tied = False
    for index, answer in enumerate(agent.answers):
        score = max(_likeness(text, way, asks) for way in (answer.about, *answer.also))
        if score and best is not None and score == best[0]:
            tied = True
        elif score and (best is None or score > best[0]):
            best, tied = (score, index), False
    return None if best is None or tied else agent.answers[best[1]]


def _is_near(agent: Agent, text: str) -> bool:
    """Whether `text` is nearly any of the wordings: one look at all, for what is no question."""
    ways = [plain(way).strip() for one in agent.answers for way in (one.about, *one.also)]
    heard = plain(text).strip()
    return process.extractOne(heard, ways, scorer=fuzz.ratio, score_cutoff=_NEARER) is not None


def _likeness(text: str, way: str, asks: bool) -> float:
    """How surely `text` asks what `way` asks: 0 (not), else up to 3."""
    heard, written = plain(text).strip(), plain(way).strip()
    if not heard or not written:
        return 0
    if heard == written:
        return 3
    near = fuzz.ratio(heard, written) >= (_NEAR if asks else _NEARER)
    if near and _question_words(text) == _question_words(way):
        return 2.5
    if not asks:
        return 0
    if _kinds(text) & _kinds(way):
        return 2
    return _overlap(text, way)


def _overlap(text: str, way: str) -> float:
    """1 to 2 when every content word of `way` is in `text` and nothing speaks against it."""
    wanted, heard = _content(way), _content(text)
    if not wanted or not wanted <= heard:
        return 0
    ours, theirs = _question_words(way), _question_words(text)
    if ours and theirs and not ours & theirs:
        return 0
    if len(wanted) < _COVERED and heard != wanted and not (ours and len(heard) <= _COVERED):
        return 0
    return 1 + len(wanted) / len(heard)


@lru_cache(maxsize=256)
def _content(text: str) -> frozenset[str]:
    return frozenset(
        TOPICS.get(stem(word.text), stem(word.text))
        for word in split(text)
        if word.text not in EMPTY and word.text not in QUESTION_WORDS
    )


@lru_cache(maxsize=256)
def _question_words(text: str) -> frozenset[str]:
    words = [word.text for word in split(text)]
    found = {QUESTION_WORDS[word] for word in words if word in QUESTION_WORDS}
    for first, second in pairwise(words):
        if first == "how" and second in ("much", "many", "long", "far", "often", "soon"):
            found = found - {"how"} | {f"how {second}"}
    return frozenset(found)


@lru_cache(maxsize=256)
def _kinds(text: str) -> frozenset[int]:
    """Which of the questions every caller asks this one is."""
    return frozenset(found.tag for found in _COMMON.scan(split(text)) if found.tag is not None)
