"""Finds the numbers of an utterance, in figures and in words. Units and meaning are not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from conversation.reading import (
    number_words_en,
    number_words_hi,
    number_words_ml,
    number_words_ta,
)
from conversation.reading.number_steps import (
    ADD,
    BEFORE,
    COUNT,
    HALF,
    HUNDRED,
    MULTIPLIER,
    ORDINAL,
    QUARTER,
    SMALL,
    Step,
    Words,
    roman_key,
)
from conversation.reading.tokens import Token, tokenise

_NO_LIMIT = 10**15  # nobody says more on the phone, and floats still hold it exactly
_FRACTIONS = {"half": HALF, "quarter": QUARTER}
_ARTICLES = frozenset(("a", "an"))
_MINUS = frozenset(("minus", "negative", "माइनस", "மைனஸ்", "മൈനസ്"))
# Scripts and English serve every call; romanised words only one in their language.
_WORDS: Words = {
    **number_words_en.WORDS,
    **number_words_hi.WORDS,
    **number_words_ta.WORDS,
    **number_words_ml.WORDS,
}
_ROMAN: Mapping[str, Words] = {
    "hi": number_words_hi.ROMAN,
    "ta": number_words_ta.ROMAN,
    "ml": number_words_ml.ROMAN,
}


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number in an utterance."""

    value: Decimal
    start: int  # character offsets in the utterance
    end: int
    is_rank: bool = False  # "third", "14th"
    written: str = ""  # ASCII figures as they stood, without commas; "" when in words


class _Sum:
    """A number while it is being heard: finished multiples, and the group that is open."""

    __slots__ = ("group", "heard", "is_rank", "last", "limit", "total", "waiting")

    def __init__(self) -> None:
        self.total: int | Decimal = 0
        self.group: int | Decimal | None = None
        self.limit = _NO_LIMIT  # the next multiplier has to be smaller
        self.waiting: Decimal | None = None  # साढ़े: a half that waits for its number
        self.is_rank = False
        self.last = ""  # role of the last step
        self.heard = 0  # pieces

    @property
    def value(self) -> Decimal:
        return Decimal(self.total + (self.group or 0))

    def take(self, steps: Sequence[Step]) -> bool:
        """Add all steps of a word; nothing is changed when they do not fit."""
        before = (self.total, self.group, self.limit, self.waiting, self.is_rank, self.last)
        for role, value in steps:
            if self.is_rank or not self._step(role, value):
                self.total, self.group, self.limit, self.waiting, self.is_rank, self.last = before
                return False
            self.last = role
        self.heard += 1
        return True

    def figures(self, value: int | Decimal) -> bool:
        """Open a group with a number in figures."""
        # "3 thousand 5" is two numbers: the one would be written 3005.
        least = 10 if self.total else 0
        if self.group is not None or not least <= value < self.limit or self.is_rank:
            return False
        self.group = value + (self.waiting or 0)
        self.waiting = None
        self.last = SMALL
        self.heard += 1
        return True

    def _step(self, role: str, value: int | Decimal) -> bool:
        if role in (SMALL, ORDINAL):
            self.is_rank = role == ORDINAL
            return self._small(value)
        if role == BEFORE:
            if self.waiting is not None or self.group is not None:
                return False
            self.waiting = Decimal(value)
            return True
        if role == ADD:
            if self.group is None or self.last != SMALL:
                return False
            self.group += value
            return True
        return self._multiply(role, int(value))

    def _small(self, value: int | Decimal) -> bool:
        is_whole = value == int(value)
        if self.group is None:
            if self.total and not is_whole:
                return False
            self.group = value + (self.waiting or 0)
            self.waiting = None
            return True
        rest = self.group % 100
        is_next = (self.last == HUNDRED and is_whole) or (
            1 <= value < 10 and rest >= 20 and rest % 10 == 0 and self.last == SMALL
        )
        if not is_next:
            return False
        self.group += value
        return True

    def _multiply(self, role: str, factor: int) -> bool:
        if self.group is None:
            if self.total:
                return False
            # सवा सौ: a quarter more than one hundred.
            self.group = 1 + (self.waiting or 0)
            self.waiting = None
        if role == MULTIPLIER:
            if factor >= self.limit:
                return False
            self.total += self.group * factor
            self.group, self.limit = None, factor
            return True
        if not 0 < self.group < 100 or self.last in (HUNDRED, COUNT):
            return False
        self.group *= factor
        return True


class _Reader:
    """Walks over the tokens of one utterance."""

    def __init__(self, tokens: Sequence[Token], language: str) -> None:
        self.tokens = tokens
        self.romanised = _ROMAN.get(language, {})

    def steps(self, index: int) -> tuple[Step, ...] | None:
        """The steps of the word at `index`; None when it is no number word."""
        if index >= len(self.tokens):
            return None
        token = self.tokens[index]
        if token.kind != "word":
            return None
        steps = _WORDS.get(token.text)
        if steps is None and self.romanised and token.text.isascii():
            steps = self.romanised.get(roman_key(token.text))
        if steps and index and steps[0][1] == 2 and self._is_giving(index):
            return None
        return steps

    def may_begin(self, token: Token) -> bool:
        """Whether a number may begin with the word `token`: a quick no for nearly all."""
        text = token.text
        return text in _WORDS or text in _ARTICLES or bool(self.romanised)

    def read(self, start: int) -> tuple[FoundNumber | None, int]:
        """The number that begins at token `start`, and the token after it."""
        total, index = _Sum(), start
        first = self.tokens[start]
        if first.text in _ARTICLES:
            following = self.steps(start + 1)
            if not following or following[0][0] not in (HUNDRED, MULTIPLIER, COUNT):
                return None, start + 1
            index += 1
        if self.tokens[index].text in number_words_en.NEVER_FIRST:
            return None, start + 1
        while index < len(self.tokens):
            after = self._next(total, index)
            if after == index:
                break
            index = after
        if not total.heard:
            return None, start + 1
        written = first.text.replace(",", "") if index == start + 1 else ""
        return FoundNumber(
            value=total.value,
            start=first.start,
            end=self.tokens[index - 1].end,
            is_rank=total.is_rank,
            written=_ascii(written) if first.kind == "figures" else "",
        ), index

    def _next(self, total: _Sum, index: int) -> int:
        """The token after what was added to `total` at `index`; `index` itself when nothing was."""
        token = self.tokens[index]
        if token.kind == "figures":
            if self._opens_another(total, index + 1):
                return index
            value = Decimal(token.text.replace(",", ""))
            return index + total.figures(value)
        steps = self.steps(index)
        if steps is not None:
            if steps[0][0] == BEFORE and not self._is_number(index + 1):
                return index
            if steps[0][0] == SMALL and self._opens_another(total, index):
                return index
            return index + total.take(steps)
        if total.heard and not total.is_rank and index + 1 < len(self.tokens):
            return self._join(total, index)
        return index

    def _opens_another(self, total: _Sum, index: int) -> bool:
        """Whether a number as great begins at `index`: "five hundred, six hundred"."""
        if total.last not in (HUNDRED, MULTIPLIER):
            return False
        while (steps := self.steps(index)) and steps[0][0] == SMALL and len(steps) == 1:
            index += 1
        if not steps:
            return False
        role, value = steps[0]
        return (role == HUNDRED and total.last == HUNDRED) or (
            role == MULTIPLIER and value >= total.limit
        )

    def _join(self, total: _Sum, index: int) -> int:
        """What follows a hyphen, "and", "a" or "point" inside a number."""
        token, following = self.tokens[index], self.tokens[index + 1]
        steps = self.steps(index + 1)
        role = steps[0][0] if steps else ""
        if token.text == "-":
            glued = self.tokens[index - 1].end == token.start and token.end == following.start
            joins = glued and role in (SMALL, ORDINAL) and self.tokens[index - 1].kind == "word"
        elif token.text == "and":
            fraction_at = index + 1 + (following.text in _ARTICLES)
            if fraction_at < len(self.tokens) and total.last == SMALL:
                fraction = _FRACTIONS.get(self.tokens[fraction_at].text)
                if fraction is not None and total.take(((ADD, fraction),)):
                    return fraction_at + 1
            joins = total.last in (HUNDRED, MULTIPLIER) and role in (SMALL, ORDINAL)
        elif token.text in _ARTICLES:
            joins = total.value == HALF and role in (HUNDRED, MULTIPLIER, COUNT)
        elif token.text == "point":
            return self._decimals(total, index)
        else:
            joins = False
        return index + 2 if joins and steps and total.take(steps) else index

    def _decimals(self, total: _Sum, index: int) -> int:
        """The single digits behind "point"."""
        digits, after = "", index + 1
        while (steps := self.steps(after)) and steps[0][0] == SMALL and steps[0][1] in range(10):
            digits += str(steps[0][1])
            after += 1
        if not digits or not total.take(((ADD, Decimal(f"0.{digits}")),)):
            return index
        return after

    def _is_number(self, index: int) -> bool:
        steps = self.steps(index)
        if steps is None:
            return index < len(self.tokens) and self.tokens[index].kind == "figures"
        return steps[0][0] in (SMALL, HUNDRED, MULTIPLIER)

    def _is_giving(self, index: int) -> bool:
        """Whether the word at `index` is the "do" of "de do", give."""
        return (
            self.tokens[index].text in ("दो", "do")
            and self.tokens[index - 1].text in number_words_hi.GIVING
        )


def pieces(text: str, language: str) -> list[Token | FoundNumber]:
    """`text` cut into tokens, with every number in one piece; `language` is BCP-47."""
    tokens = tokenise(text)
    reader = _Reader(tokens, language.partition("-")[0])
    found: list[Token | FoundNumber] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "nth":
            rank = int(token.text[:-2])
            found.append(FoundNumber(Decimal(rank), token.start, token.end, is_rank=True))
            index += 1
        elif token.kind == "figures" or (token.kind == "word" and reader.may_begin(token)):
            number, index = reader.read(index)
            before = found[-1] if found else None
            if number and isinstance(before, Token) and before.text in _MINUS:
                number = replace(number, value=-number.value, start=before.start, written="")
                found.pop()
            found.append(number or token)
        else:
            found.append(token)
            index += 1
    return found


def find_numbers(text: str, language: str) -> tuple[FoundNumber, ...]:
    """Every number in `text`, in order; `language` is BCP-47."""
    return tuple(piece for piece in pieces(text, language) if isinstance(piece, FoundNumber))


def _ascii(figures: str) -> str:
    return "".join(str(int(char)) if char.isdigit() else char for char in figures)
