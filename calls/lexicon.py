"""How pleased a caller sounds, by the words alone: VADER, which is for English.

Source: Hutto and Gilbert, VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
Media Text (ICWSM 2014). Other languages are not scored: no value is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import fmean

from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]
    SentimentIntensityAnalyzer,
)

from storage.records import TurnRecord

NAME = "lexicon"
# To an agent these are answers, not moods; the lexicon takes "no" for displeased.
_ANSWERS = ("yes", "yeah", "yep", "no", "nope", "ok", "okay", "sure", "please", "right", "fine")
# Of an utterance that is read: its time grows with the length.
_LENGTH_MOST = 1000


def sentiment_of(turns: Sequence[TurnRecord]) -> float | None:
    """From -1, displeased, to 1, pleased; None when the caller said nothing in English.

    The mean of the utterances that sound either way: most of a call is numbers and names.
    """
    said = [
        turn.caller[:_LENGTH_MOST]
        for before, turn in pairwise(turns)
        # A turn has the language after it; the utterance was in that before it.
        if turn.caller_by == "speech" and before.language.startswith("en")
    ]
    if not said:
        return None
    scores = [float(_analyzer().polarity_scores(text)["compound"]) for text in said]
    moved = [score for score in scores if score]
    return round(fmean(moved), 3) if moved else 0.0


@lru_cache(maxsize=1)
def _analyzer() -> SentimentIntensityAnalyzer:
    """Reads 400 kB of words: only who needs it pays for it."""
    analyzer = SentimentIntensityAnalyzer()
    for word in _ANSWERS:
        analyzer.lexicon.pop(word, None)
    return analyzer
