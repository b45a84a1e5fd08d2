"""Brains: who reads what a caller said into fields. Which there are, and the opening of one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from agents.schema import Agent
from providers.llm.base import Model, OpenBrain
from providers.llm.checked import CheckedBrain
from providers.llm.lane import Failed, Limits, ignored
from providers.llm.rules import RulesBrain
from providers.llm.summary import DEADLINE_S, Summariser, SummaryModel
from settings import Settings

log = logging.getLogger(__name__)

# How long after the last moment of its turn an answer is still waited for: the next turn uses it.
LATE_S = 4.0


class VendorModel(Model, SummaryModel, Protocol):
    """What every vendor's model can do: read an utterance, and sum up a call."""


# A model from the settings, and the seconds after which it gives up.
OpenModel = Callable[[Settings, float], VendorModel]


# Their libraries take half a second to import: only who has a key pays for it.
def _gemini() -> OpenModel:
    from providers.llm.gemini import Gemini

    return Gemini


def _openai() -> OpenModel:
    from providers.llm.openai import OpenAI

    return OpenAI


# The models by name, in the order in which they are asked, each as what imports it. The key of one
# is NAME_api_key.
REGISTRY: Mapping[str, Callable[[], OpenModel]] = {
    "gemini": _gemini,
    "openai": _openai,
}


def import_models(settings: Settings) -> None:
    """Import the libraries of the models whose keys are set: before a fork, it is done once."""
    for name, imported in REGISTRY.items():
        if _key(settings, name):
            imported()


def open_brain(
    settings: Settings, agents: Iterable[Agent] = (), failed: Failed = ignored
) -> OpenBrain:
    """The models whose keys are set, checked by the rules; the rules alone when none is.

    Warns of models that the agents name and that have no key. `failed` is told of every model that
    gave no usable answer.
    """
    limits = Limits(
        deadline_s=settings.turn_deadline_ms / 1000,
        hard_limit_s=max(settings.turn_hard_limit_ms, settings.turn_deadline_ms) / 1000,
        # Twice the callers: a thread outlives its turn when an answer is late.
        threads=settings.web_threads * 2,
    )
    keys = {name: _key(settings, name) for name in REGISTRY}
    for name in sorted({name for agent in agents for name in agent.models}):
        if name in keys and not keys[name]:
            log.warning("a model that an agent names has no key", extra={"model": name})
    models = [
        imported()(settings, limits.hard_limit_s + LATE_S)
        for name, imported in REGISTRY.items()
        if keys[name]
    ]
    if not models:
        return RulesBrain()
    return CheckedBrain(models, RulesBrain(), limits, failed=failed)


def open_summariser(settings: Settings, failed: Failed = ignored) -> Summariser | None:
    """The models whose keys are set, to sum up calls; None when there are none or it is not wanted.

    With connections of their own: nobody who is on the line waits behind a summary.
    """
    models = [
        imported()(settings, DEADLINE_S)
        for name, imported in REGISTRY.items()
        if settings.call_summaries and _key(settings, name)
    ]
    return Summariser(models, failed) if models else None


def _key(settings: Settings, name: str) -> str:
    return str(getattr(settings, f"{name}_api_key"))
