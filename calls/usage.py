"""What a turn used, by the names that `prices` puts a price on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agents.schema import Agent
from calls.speech import Spoken
from conversation.actions import Action, Listen, Say
from conversation.extraction import Extraction

Usage = dict[str, object]

# Words in the name of a carrier's voice, and what kind of voice that makes it; the first counts.
_KINDS = {
    "Neural": "neural",
    "Wavenet": "neural",
    "Generative": "generative",
    "Chirp": "generative",
    "Polly.": "standard",
    "Google.": "standard",
}


@dataclass(slots=True)
class Guessing:
    """What reading a turn's unfinished words came to."""

    guesses: int = 0
    hit: bool = False
    saved_ms: float = 0.0  # that the caller did not wait, on a hit
    # What was read and not used, as far as its reading has ended:
    in_vain: list[Extraction] = field(default_factory=list)
    recognition_ms: float | None = None  # from the last unfinished words to the finished ones


def usage_of(
    agent: Agent,
    spoken: Spoken,
    read: Extraction | None,
    guessing: Guessing | None,
    door: str = "gather",
) -> Usage:
    """What an answer and the reading of the utterance before it used.

    In calls over a socket no turn is paid for by itself, nor is the carrier's voice: their minutes
    are.
    """
    usage: Usage = {}
    if door == "gather":
        if any(isinstance(action, Listen) for action in spoken.actions):
            usage["gathers"] = 1
        usage |= _by_carrier(agent, spoken.actions)
    clips = spoken.hits + spoken.made
    if clips and not spoken.by_carrier:
        usage |= {"clips": clips, "clip_hits": spoken.hits, "clips_made": spoken.made}
    if spoken.characters:
        usage |= {
            "tts_provider": spoken.provider,
            "tts_model": spoken.model,
            "tts_characters": spoken.characters,
        }
    # They make it all the same, for the next caller, and want to be paid.
    late = [
        {"provider": one.provider, "model": one.model, "characters": one.characters}
        for one in spoken.others
        if one.characters
    ]
    if late:
        usage["tts_late"] = late
    if read is not None and read.model:
        usage |= {
            "model": read.model,
            "input_tokens": read.input_tokens,
            "output_tokens": read.output_tokens,
        }
    if guessing is not None and guessing.guesses:
        usage |= {
            "speculations": guessing.guesses,
            "speculation": "hit" if guessing.hit else "miss",
            "saved_ms": round(guessing.saved_ms, 3),
        }
        usage |= _in_vain(guessing.in_vain)
    return usage


def together(first: Mapping[str, object], second: Mapping[str, object]) -> Usage:
    """Two usages of one turn as one: numbers add up, of words the later counts."""
    both: Usage = dict(first)
    for name, value in second.items():
        known = both.get(name)
        if isinstance(known, int | float) and isinstance(value, int | float):
            both[name] = known + value
        elif isinstance(known, list) and isinstance(value, list):
            both[name] = [*known, *value]
        else:
            both[name] = value
    return both


def _in_vain(read: Sequence[Extraction]) -> Usage:
    by_models = [one for one in read if one.model]
    if not by_models:
        return {}
    tokens = {
        "model": by_models[-1].model,
        "input": sum(one.input_tokens for one in by_models),
        "output": sum(one.output_tokens for one in by_models),
    }
    return {"speculated_tokens": tokens}


def _by_carrier(agent: Agent, actions: Sequence[Action]) -> Usage:
    characters = spoken = 0
    kind = ""
    for action in actions:
        for part in action.parts if isinstance(action, Say) else ():
            if not part.clip:
                characters += len(part.text)
                spoken += 1
                kind = kind or _kind(agent.say_voices.get(part.language, ""))
    if not characters:
        return {}
    return {"carrier_characters": characters, "carrier_parts": spoken, "carrier_voice": kind}


def _kind(voice: str) -> str:
    return next((kind for word, kind in _KINDS.items() if word in voice), "basic")
