"""Brains: who reads what a caller said into fields. Which there are, and the opening of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.llm.base import OpenBrain
from providers.llm.checked import CheckedBrain
from providers.llm.rules import RulesBrain
from settings import Settings


def _gemini(settings: Settings) -> OpenBrain:
    # Its library takes half a second to import: only who has a key pays for it.
    from providers.llm.gemini import Gemini

    return Gemini(settings)


# A model by the name of the setting that holds its key. The first that has a key is used.
REGISTRY: Mapping[str, Callable[[Settings], OpenBrain]] = {
    "gemini_api_key": _gemini,
}


def open_brain(settings: Settings) -> OpenBrain:
    """The model whose key is set, checked by the rules; the rules alone when none is."""
    for key, opened in REGISTRY.items():
        if getattr(settings, key):
            # Twice the callers: a thread outlives its turn when an answer is late.
            threads = settings.web_threads * 2
            deadline_s = settings.turn_deadline_ms / 1000
            return CheckedBrain(opened(settings), RulesBrain(), deadline_s, threads)
    return RulesBrain()
