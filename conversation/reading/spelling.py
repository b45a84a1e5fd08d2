"""Digits and letters as callers spell them: "nine double seven", "J O H N". No validation."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from conversation.reading.spelling_words import (
    DIGITS,
    DIGITS_IN_RUNS,
    FILLING,
    HINDI,
    HINDI_IN_RUNS,
    MULTIPLES,
    NATO,
    PLUS,
    REPEATS,
    TEENS,
    TENS,
)
from conversation.reading.words import Word, split

_CASES = frozenset(("capital", "small", "uppercase", "lowercase"))


class DigitRun(NamedTuple):
    """Digits that a caller gave one after the other."""

    digits: str  # ASCII; "+" in front when it was said or written
    start: int  # character offsets in the utterance
    end: int


class Spelt(NamedTuple):
    """What one or more words spell."""

    text: str
    words: int  # how many words it took


def digit_runs(text: str) -> list[DigitRun]:
    """Every run of digits in `text`, said or written; small words between digits join them."""
    words = split(text)
    runs: list[DigitRun] = []
    at = 0
    while at < len(words):
        spelt = digits_at(words, at, running=False)
        if spelt is None:
            at += 1
            continue
        run, at = _run(text, words, at)
        runs.append(run)
    return runs


def _run(text: str, words: Sequence[Word], first: int) -> tuple[DigitRun, int]:
    digits, at, after = "", first, first
    while at < len(words):
        spelt = digits_at(words, at, running=bool(digits))
        if spelt is not None:
            digits += spelt.text
            at += spelt.words
            after = at
        elif words[at].text in FILLING and _gap_is_small(words, at):
            at += 1
        else:
            break
    start = words[first].start
    begins_at = _plus_before(text, words, first)
    plus = "" if begins_at is None else "+"
    run = DigitRun(plus + digits, start if begins_at is None else begins_at, words[after - 1].end)
    return run, after


def _gap_is_small(words: Sequence[Word], at: int) -> bool:
    """Two small words may stand between digits ("and then"), three may not."""
    return words[at - 1].text not in FILLING or words[at - 2].text not in FILLING


def _plus_before(text: str, words: Sequence[Word], first: int) -> int | None:
    """Where a plus sign, or the word for it, stands before the first digit."""
    if first and words[first - 1].text in PLUS:
        return words[first - 1].start
    before = text[: words[first].start].rstrip()
    return len(before) - 1 if before.endswith(("+", "＋")) else None


def digits_at(words: Sequence[Word], at: int, *, running: bool) -> Spelt | None:
    """The digits that begin with the word at `at`; more words are taken for digits in a run."""
    word = words[at].text
    if word[0].isdigit():
        plain = "".join(char for char in word if char.isdigit())
        return Spelt("".join(str(unicodedata.digit(char)) for char in plain), 1)
    if word in REPEATS:
        if at + 1 == len(words) or words[at + 1].text in REPEATS:
            return None
        following = digits_at(words, at + 1, running=True)
        if following is None or len(following.text) != 1:
            return None
        return Spelt(following.text * REPEATS[word], 1 + following.words)
    if running and word in MULTIPLES:
        return Spelt(MULTIPLES[word], 1)
    if word in TENS:
        unit = DIGITS.get(words[at + 1].text) if at + 1 < len(words) else None
        if unit is not None and unit != "0":
            return Spelt(TENS[word] + unit, 2)
        return Spelt(TENS[word] + "0", 1)
    if word in TEENS:
        return Spelt(TEENS[word], 1)
    digit = DIGITS.get(word)
    if digit is None and running:
        digit = DIGITS_IN_RUNS.get(word)
        if digit is None and words[at - 1].text in HINDI:
            digit = HINDI_IN_RUNS.get(word)
    return None if digit is None else Spelt(digit, 1)


def letters_at(words: Sequence[Word], at: int) -> Spelt | None:
    """The letter that is spelt at `at`: "j", "double l", "J as in Juliet"; None when none is."""
    word = words[at].text
    if word in REPEATS or word in _CASES:
        following = words[at + 1].text if at + 1 < len(words) else ""
        if not _is_letter(following):
            return None
        return Spelt(following * REPEATS.get(word, 1), 2 + _example(words, at + 1))
    if not _is_letter(word):
        return None
    return Spelt(word, 1 + _example(words, at))


def _example(words: Sequence[Word], at: int) -> int:
    """How many words after a letter only say which it is: "as in Juliet", "for dog"."""
    letter = words[at].text
    texts = [word.text for word in words[at + 1 : at + 4]]
    for lead in (("as", "in"), ("like", "in"), ("for",), ("as",), ("like",)):
        if tuple(texts[: len(lead)]) != lead or len(texts) <= len(lead):
            continue
        example = texts[len(lead)]
        if len(example) > 1 and example.startswith(letter):
            return len(lead) + 1
    if texts and NATO.get(texts[0]) == letter:
        return 1
    return 0


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word.isalpha()
