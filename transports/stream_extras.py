"""What a stream has besides words: the sound while it waits, its level, what of it was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from agents.schema import Agent, Background
from audio_cache.mulaw import LEAST_DB, level_db
from calls.background import background
from calls.heard import HearingUse
from calls.hearing import billed
from calls.playback import Playback
from calls.session import Measures
from transports.playout import Piece, Still

# Longer than anybody is kept waiting: the background is sent as it is played, and stopped.
HUM_MOST_BYTES = 60 * 8000


def hum(agent: Agent) -> Piece | None:
    """What is heard while an answer is awaited and nothing is said; None: silence."""
    if agent.live.background is Background.NONE:
        return None
    return Piece("", Still(_hum()), interruptible=True)


@cache
def _hum() -> bytes:
    """Made once: it is the same in all calls, and half a megabyte."""
    piece = background()
    return piece * (HUM_MOST_BYTES // len(piece) + 1)


def level_of(audio: bytes) -> float:
    """How loud it is, 0 to 1, as meters show it."""
    return round(1 - level_db(audio) / LEAST_DB, 3)


def measured(
    timings_ms: Mapping[str, float], ledger: Playback, uses: Sequence[HearingUse]
) -> Measures:
    """What of the last answer was sent and heard, and what hearing the caller took."""
    played = ledger.played
    sound = {
        "audio_planned": played.planned_ms,
        "audio_sent": played.sent_ms,
        "audio_heard": played.heard_ms,
    }
    return Measures({**timings_ms, **(sound if ledger.texts else {})}, billed(uses))
