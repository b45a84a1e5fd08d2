"""Brains: who reads what a caller said into fields. Which there are, and the opening of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from providers.llm.base import Model, OpenBrain
from providers.llm.checked import CheckedBrain
from providers.llm.lane import Limits
from providers.llm.rules import RulesBrain
from settings import Settings


def _gemini(settings: Settings) -> Model:
    # Its library takes half a second to import: only who has a key pays for it.
    from providers.llm.gemini import Gemini

    return Gemini(settings)


# The models by name, in the order in which they are asked. The key of one is NAME_api_key.
REGISTRY: Mapping[str, Callable[[Settings], Model]] = {
    "gemini": _gemini,
}


def open_brain(settings: Settings) -> OpenBrain:
    """The models whose keys are set, checked by the rules; the rules alone when none is."""
    models = [
        opened(settings)
        for name, opened in REGISTRY.items()
        if getattr(settings, f"{name}_api_key")
    ]
    if not models:
        return RulesBrain()
    limits = Limits(
        deadline_s=settings.turn_deadline_ms / 1000,
        hard_limit_s=max(settings.turn_hard_limit_ms, settings.turn_deadline_ms) / 1000,
        # Twice the callers: a thread outlives its turn when an answer is late.
        threads=settings.web_threads * 2,
    )
    return CheckedBrain(models, RulesBrain(), limits)
