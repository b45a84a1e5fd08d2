"""A telephone number that a caller gives in two utterances. Whole numbers are the field kind's."""

from __future__ import annotations

from agents.schema import FieldSpec
from conversation.extraction import ExtractionRequest
from conversation.fields import kind_of
from conversation.fields.base import Context, Value
from conversation.reading.spelling import digit_runs
from conversation.reading.words import split

_FEWEST = 2  # digits of a piece
_MOST_OTHER_WORDS = 4  # "my number is", "and then"
_MOST_TURNS = 2  # a number comes in at most three pieces


def joined_number(spec: FieldSpec, request: ExtractionRequest, context: Context) -> Value | None:
    """The number that the utterance completes; None when it repeats a piece or leaves it open."""
    said = [line.text for line in request.history if line.role == "caller"]
    if said and said[-1] == request.utterance:
        said.pop()
    digits = _piece(request.utterance)
    for earlier in reversed(said[-_MOST_TURNS:]):
        before = _piece(earlier)
        # A piece that begins again is no continuation.
        if not digits or not before or digits[:_FEWEST] == before[:_FEWEST]:
            return None
        digits = before + digits
        readings = kind_of(spec).read(spec, digits, context)
        if readings:
            return readings[0].value
    return None


def is_piece(text: str) -> bool:
    """Whether the utterance is a run of digits and hardly more."""
    return bool(_piece(text))


def _piece(text: str) -> str:
    """The digits of an utterance that is hardly more than digits; "" for another."""
    runs = digit_runs(text)
    if len(runs) != 1 or len(runs[0].digits) < _FEWEST:
        return ""
    outside = text[: runs[0].start] + " " + text[runs[0].end :]
    return runs[0].digits if len(split(outside)) <= _MOST_OTHER_WORDS else ""
