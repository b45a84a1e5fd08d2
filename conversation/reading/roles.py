"""Which of several dates or times answers a question: the start or the end of what is planned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeVar


class Role(StrEnum):
    """What a date or time is of a plan: "from" is a start, "until" an end."""

    START = "start"
    END = "end"


class Span(Protocol):
    """Something found in an utterance."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


Found = TypeVar("Found", bound=Span)

_START = (
    r"pick(?:ing|ed|s)?[ _-]?(?:it |the car |me )?up|collect(?:ing|ion)?|check(?:ing)?[ _-]?in|"
    r"depart(?:ing|ure|s)?|leav(?:e|es|ing)|outbound|fly(?:ing)?(?: out)?|start(?:ing|s)?|"
    r"begin(?:ning|s)?|arriv(?:e|al|ing)|move[ _-]?in|get(?:ting)? there|reach(?:ing)?|"
    r"(?:go(?:ing)?|head(?:ing)?|travell?ing)(?: out)?(?=\s+on\b|\s*$)|"
    r"out(?=\s+on\b|\s*$)"
)
# Who has arrived and then leaves, ends the stay.
_ARRIVING = re.compile(
    r"\b(?:check(?:ing)?[ _-]?in|arriv(?:e|al|ing)|get(?:ting)? there|reach(?:ing)?)\b",
    re.IGNORECASE,
)
_LEAVING = re.compile(r"leav(?:e|es|ing)|depart(?:ing|ure|s)?", re.IGNORECASE)
_END = (
    r"drop(?:ping|ped|s)?[ _-]?(?:it |the car |me )?off|return(?:ing|ed|s)?|"
    r"check(?:ing)?[ _-]?out|(?:bring|get|give|com|tak)(?:e|ing)?\b[^.,;]{0,20}?\bback|"
    r"back|keep(?:ing)?|end(?:ing|s)?|finish(?:ing)?|last day|inbound|expir(?:e|y|es)|move[ _-]?out"
)
_CUE = re.compile(rf"(?<![a-z])(?:(?P<end>{_END})|(?P<start>{_START}))(?![a-z])", re.IGNORECASE)
# Right before a date or time these say more than any verb.
_ADJACENT_END = re.compile(
    r"\b(?:un)?(?:till?|to|through|thru|upto|up to)\s+(?:about |around |the |next |this )*$",
    re.IGNORECASE,
)
_ADJACENT_START = re.compile(
    r"\b(?:from|since|starting|beginning)\s+(?:about |around |on |the |next |this )*$",
    re.IGNORECASE,
)
# Such a word may be part of what was found: "until the 7th".
_OWN = re.compile(r"(?:until|till?|to|through|by|from)\s+", re.IGNORECASE)
# An open question ("until when?") puts its cue anywhere.
_ASKED_END = re.compile(r"\b(?:until|till|up to which|how long)\b", re.IGNORECASE)
# "I won't be checking in until the 10th" tells a start.
_NOT_UNTIL = re.compile(
    r"(?:\bnot|n't|\bnever)\b[^.;!?]*\b(?:un)?till?\s+(?:the\s+)?$", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.;!?]")
_CLAUSE = re.compile(r"[.,;!?]|\band\b")


@lru_cache(maxsize=256)
def asked_role(name: str, question: str) -> Role | None:
    """The role a field has by its name or label, else by the question that was put."""
    by_name = _only_role(name.replace("_", " "))
    if by_name is not None:
        return by_name
    by_question = _only_role(question)
    if by_question is None and _ASKED_END.search(question):
        return Role.END
    return by_question


def _only_role(words: str) -> Role | None:
    roles = {_cue_role(match) for match in _CUE.finditer(words)}
    return roles.pop() if len(roles) == 1 else None


def _cue_role(match: re.Match[str]) -> Role:
    return Role.END if match["end"] else Role.START


def spoken_role(text: str, found: Span, floor: int, ceiling: int) -> Role | None:
    """The role that the words around `found`, between `floor` and `ceiling`, give it."""
    own, before = text[found.start : found.end], text[floor : found.start]
    opening = _OWN.match(own)
    if opening is not None:
        before += opening.group()
    if _NOT_UNTIL.search(before) or _ADJACENT_START.search(before):
        return Role.START
    if _ADJACENT_END.search(before):
        return Role.END
    cues = list(_CUE.finditer(_SENTENCE.split(before)[-1]))
    if cues:
        leaves = _LEAVING.fullmatch(cues[-1].group())
        return Role.END if leaves and _ARRIVING.search(text, 0, floor) else _cue_role(cues[-1])
    cue = _CUE.search(_CLAUSE.split(text[found.end : ceiling])[0])
    return _cue_role(cue) if cue else None


def answering(role: Role | None, text: str, found: Sequence[Found]) -> Sequence[Found]:
    """Those of `found` that can answer a question of `role`; all of them when nothing tells."""
    if role is None or not found:
        return found
    roles = []
    for index, span in enumerate(found):
        floor = found[index - 1].end if index else 0
        ceiling = found[index + 1].start if index + 1 < len(found) else len(text)
        roles.append(spoken_role(text, span, floor, ceiling))
    fitting = [span for span, heard in zip(found, roles, strict=True) if heard is role]
    if fitting:
        return fitting
    return [span for span, heard in zip(found, roles, strict=True) if heard is None]
