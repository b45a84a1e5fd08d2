"""Recognisers: who turns a live caller's sound into words. Which there are, and their opening."""

from __future__ import annotations

from collections.abc import Sequence

from providers.stt.base import Recogniser
from settings import Settings


def open_recognisers(settings: Settings) -> Sequence[Recogniser]:
    """Those whose keys are set, in the order in which they are asked."""
    return ()
