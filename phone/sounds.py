"""<Say>, <Play> and <Pause>: what a caller hears, and how long it takes."""

from __future__ import annotations

from phone.caller import Heard
from phone.execution import Execution
from phone.faults import WebhookFault
from phone.media import fetch_recording
from phone.transcript import Who
from phone.twiml import Node

KEY_TONE_S = 0.5
DEFAULT_LANGUAGE = "en-US"


def sound(call: Execution, node: Node) -> float:
    """Let the caller hear a Say, Play or Pause; the seconds it takes, not yet passed.

    A sound that repeats is told once. A recording that cannot be had is silence and a fault.
    """
    times = max(node.number("loop", 1), 1)
    words, language = "", ""
    match node.name:
        case "Say":
            words, language = node.text, node.get("language", DEFAULT_LANGUAGE)
            seconds = times * call.say(words, language, node.get("voice"))
        case "Play":
            words, language = f"#{node.get('digits')}" if node.get("digits") else "", "clip"
            seconds = times * _play(call, node)
        case _:
            seconds = float(node.number("length", 1))
    call.tapes.agent_plays(call.clock.now(), seconds, words, language)
    return seconds


def is_endless(node: Node) -> bool:
    """The sound goes on until the caller hangs up."""
    return node.name in ("Say", "Play") and node.get("loop") == "0"


def _play(call: Execution, node: Node) -> float:
    if node.get("digits"):
        return KEY_TONE_S * len(node.get("digits"))
    url = call.resolve(node.text)
    call.hear(Heard(url, "", played=True))
    try:
        return fetch_recording(call.courier, url)
    except WebhookFault as fault:
        call.note(Who.FAULT, f"{fault} ({fault.url})")
        return 0.0
