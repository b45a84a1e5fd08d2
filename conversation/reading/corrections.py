"""Takes out of an utterance what its speaker took back: "500, no sorry, 600". Reads no values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conversation.reading.correction_words import (
    ASSESSING,
    CONNECTING,
    CUES,
    FUNCTION,
    JOINING,
    LEADING_NO,
    NEGATING,
    VALUE_TAGS,
    Cue,
)
from conversation.reading.tagging import Piece, tag
from conversation.reading.words import Found, Phrasebook, Word, split

_BOOK: Phrasebook[Cue] = Phrasebook(CUES)
_LONGEST_WORDS = 4  # words of a name or choice that can be taken back


@dataclass(slots=True)
class _Line:
    """The words of an utterance and which of them are taken out."""

    words: tuple[Word, ...]
    pieces: Sequence[Piece]  # of amounts, times and days
    values: frozenset[int]  # words that are part of one
    out: set[int] = field(default_factory=set)

    def is_value(self, index: int) -> bool:
        """Whether there is such a word at `index`."""
        return index in self.values

    def joins(self, index: int) -> bool:
        """Whether the word joins two values into a range, and is not inside a number."""
        return self.words[index].text in JOINING and index not in self.values

    def drop(self, first: int, after: int) -> None:
        """Take words out."""
        self.out.update(range(first, after))


def retract(text: str, language: str) -> str:
    """`text` with the words its speaker took back as spaces; offsets stay. Unsure: unchanged."""
    words = split(text)
    cues = [cue for cue in _BOOK.scan(words) if cue.tag is not None]
    if not cues:
        return text
    pieces = [piece for piece in tag(text, language).pieces if piece.tag in VALUE_TAGS]
    line = _Line(words, pieces, _values(words, pieces))
    for cue in cues:
        match cue.tag:
            case Cue.FIRM:
                _replace(line, cue, firm=True)
            case Cue.LOOSE:
                _replace(line, cue, firm=False)
            case Cue.NOT:
                _negate(line, cue)
            case Cue.NOT_AFTER:
                _negate_before(line, cue)
            case _:  # Cue.INSTEAD_OF
                _drop_following(line, cue)
    _drop_leading_no(line)
    return _blank(text, line) if line.out else text


def _values(words: tuple[Word, ...], pieces: Sequence[Piece]) -> frozenset[int]:
    found = {
        index
        for index, word in enumerate(words)
        for piece in pieces
        if piece.start < word.end and word.start < piece.end
    }
    # "The large one" counts nothing.
    pronouns = {
        index
        for index in found
        if words[index].text == "one"
        and index - 1 not in found
        and index
        and words[index - 1].clause == words[index].clause
        and words[index - 1].text not in FUNCTION
    }
    return frozenset(found - pronouns)


def _blank(text: str, line: _Line) -> str:
    chars = list(text)
    for index in sorted(line.out):
        word = line.words[index]
        last = index + 1 < len(line.words) and index + 1 in line.out
        end = line.words[index + 1].start if last else word.end
        chars[word.start : end] = " " * (end - word.start)
    return "".join(chars)


def _replace(line: _Line, cue: Found[Cue], *, firm: bool) -> None:
    """ "X, no sorry, Y": X goes, if Y is there to stand for it and is of its shape."""
    start = _skip(line, cue.after)
    if start >= len(line.words) or cue.first == 0:
        return
    if line.is_value(start):
        _replace_value(line, cue, start)
        return
    fenced = _is_fenced(line, cue)
    if firm or fenced:
        _replace_words(line, cue, start)


def _skip(line: _Line, index: int) -> int:
    """Past the small words before the new value: "it is", "at", "for"."""
    while index < len(line.words) and line.words[index].text in CONNECTING:
        index += 1
    return index


def _is_fenced(line: _Line, cue: Found[Cue]) -> bool:
    """Whether punctuation stands on both sides of the cue, and words follow it."""
    before, first = line.words[cue.first - 1], line.words[cue.first]
    last, after = line.words[cue.after - 1], line.words[min(cue.after, len(line.words) - 1)]
    return before.clause != first.clause and last.clause != after.clause


def _replace_value(line: _Line, cue: Found[Cue], start: int) -> None:
    end = start
    while end < len(line.words) and line.is_value(end):
        end += 1
    after = cue.first
    first = _value_before(line, after, whole=_units(line, start, end) > 1)
    if first is not None:
        line.drop(first, cue.after)


def _value_before(line: _Line, after: int, *, whole: bool) -> int | None:
    """Where the value that ends at `after` begins; of a range only its end unless `whole`."""
    first = after
    while first > 0 and _belongs(line, first - 1, first == after):
        if not whole and line.joins(first - 1) and first != after:
            break
        first -= 1
    return first if first < after else None


def _belongs(line: _Line, index: int, is_last: bool) -> bool:
    if line.is_value(index):
        return True
    # "2 pm to 5 pm" is one value, "two to Chennai" is not.
    return not is_last and line.joins(index) and (index > 0 and line.is_value(index - 1))


def _units(line: _Line, start: int, end: int) -> int:
    """How many values are joined from `start` on: "3 to 6 pm" has two."""
    count = 1
    while end < len(line.words) - 1 and line.joins(end):
        if not line.is_value(end + 1):
            break
        count += 1
        end += 1
        while end < len(line.words) and line.is_value(end):
            end += 1
    return count


def _replace_words(line: _Line, cue: Found[Cue], start: int) -> None:
    """Take back the name or choice before the cue, as far as a small word or punctuation."""
    if line.words[start].text in ASSESSING:
        return
    first = cue.first
    clause = line.words[first - 1].clause
    while (
        first > 0
        and cue.first - first < _LONGEST_WORDS
        and line.words[first - 1].clause == clause
        and line.words[first - 1].text not in FUNCTION
    ):
        first -= 1
    if first < cue.first and not any(map(line.is_value, range(first, cue.first))):
        line.drop(first, cue.after)


def _negate(line: _Line, cue: Found[Cue]) -> None:
    """ "not X, Y", "not X but Y", "Y, not X": X goes."""
    start = cue.after
    if start < len(line.words) and line.words[start].text in ("on", "at", "in", "for", "the", "a"):
        start += 1
    if start >= len(line.words) or line.words[start].text in ASSESSING:
        return
    if cue.first and line.words[cue.first - 1].text in NEGATING:
        return
    clause = line.words[cue.first].clause
    end = start
    if line.is_value(start):
        while end < len(line.words) and line.words[end].clause == clause and line.is_value(end):
            end += 1
        end = _end_of_first(line, start, end)
        if end < len(line.words) and line.words[end].text == "but":
            end += 1
    else:
        end = _name_end(line, cue, start)
    if end > start:
        line.drop(cue.first, end)


def _end_of_first(line: _Line, start: int, end: int) -> int:
    """ "Not three four", "not Monday Tuesday": where the second value begins; else `end`."""
    first, last = line.words[start].start, line.words[end - 1].end
    inside = [piece for piece in line.pieces if first <= piece.start and piece.end <= last]
    half = len(inside) // 2
    tags = [piece.tag for piece in inside]
    if not half or tags[:half] != tags[half:] or _may_be_one(inside):
        return end
    begins = inside[half].start  # in the middle of a word when both are in one: "1:1"
    return next((at for at in range(start, end) if line.words[at].start >= begins), end)


def _may_be_one(pieces: Sequence[Piece]) -> bool:
    """Whether two numbers may be one value: seven thirty, one fifty."""
    numbers = [piece.number.value for piece in pieces if piece.number is not None]
    if len(numbers) != 2:
        return False
    first, second = numbers
    return (first <= 24 and second % 5 == 0 and 10 <= second < 60) or (first < 10 <= second < 100)


def _name_end(line: _Line, cue: Found[Cue], start: int) -> int:
    """Where the words denied by "not" end; `start` when they may be no name at all."""
    clause = line.words[cue.first].clause
    end = start
    while end < len(line.words) and line.words[end].clause == clause:
        if line.words[end].text == "but":
            return end + 1 if end - start <= _LONGEST_WORDS else start
        if line.words[end].text in FUNCTION or line.words[end].text in ASSESSING:
            return start
        end += 1
    if end - start > _LONGEST_WORDS:
        return start
    contrasted = cue.first > 0 and line.words[cue.first - 1].clause != clause
    begins = cue.first == 0 and end < len(line.words)
    # "Medium, not large" goes back on it; "alcohol isn't important" tells something.
    is_not = line.words[cue.first].text == "not"
    postponed = is_not and cue.first > 0 and end == len(line.words) and end - start == 1
    return end if contrasted or begins or postponed else start


def _negate_before(line: _Line, cue: Found[Cue]) -> None:
    """ "500 नहीं 600", "500 illa 600": the value before the denial goes when one follows."""
    start = _skip(line, cue.after)
    if cue.first and start < len(line.words) and line.is_value(start):
        _replace_value(line, cue, start)
        return
    if cue.first == 0 or start >= len(line.words) or start != cue.after:
        return
    # "checking नहीं, savings": a word of its own on either side, and a pause after the denial.
    paused = line.words[start].clause != line.words[cue.after - 1].clause
    before = line.words[cue.first - 1]
    alone = before.text not in ASSESSING and before.text not in FUNCTION
    if paused and alone and before.clause == line.words[cue.first].clause:
        line.drop(cue.first - 1, cue.after)


def _drop_following(line: _Line, cue: Found[Cue]) -> None:
    """ "600 instead of 500": what follows goes, with the cue."""
    end = cue.after
    while end < len(line.words) and line.is_value(end):
        end += 1
    if end > cue.after and cue.first > 0:
        line.drop(cue.first, end)


def _drop_leading_no(line: _Line) -> None:
    """The "no" that opens a correction is no part of it."""
    opening = 0
    while opening < len(line.words) - 1 and line.words[opening].text in LEADING_NO:
        opening += 1
    if not opening:
        return
    pause = line.words[opening].clause != line.words[opening - 1].clause
    if pause or line.is_value(_skip(line, opening)):
        line.drop(0, opening)
