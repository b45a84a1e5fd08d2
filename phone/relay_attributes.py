"""What the carrier refuses of <ConversationRelay>: 64101, and the session never begins.

Sources: twilio.com/docs/voice/twiml/connect/conversationrelay; that a wrong provider, voice or
value drops the session, and the bounds of speechTimeout, are from published code. General
knowledge: which languages each recogniser has, and how voices are named.
"""

from __future__ import annotations

import re

from phone.twiml import Node

_TTS = frozenset({"google", "amazon", "elevenlabs"})
_STT = frozenset({"google", "deepgram"})
# Indian languages that the second recogniser has not got at the carrier.
_NOT_DEEPGRAM = frozenset({"ta", "ml", "te", "kn", "bn", "mr", "gu", "pa"})
_FLUX_LANGUAGES = frozenset({"en"})
_VOICES = {
    "google": re.compile(r"[a-z]{2,3}-[A-Z]{2}-[\w-]+"),
    "amazon": re.compile(r"[A-Z][a-z]+(-(Neural|Generative))?"),
    # id-model-speed_stability_similarity
    "elevenlabs": re.compile(
        r"[A-Za-z0-9]{8,40}(-(flash|turbo)_v2(_5)?(-\d(\.\d+)?(_[01](\.\d+)?){2})?)?"
    ),
}
_TIMEOUT = re.compile(r"auto|\d{3,4}")
_EVENTS = frozenset({"speaker-events", "tokens-played"})


def refusal(noun: Node) -> str:
    """What is wrong with a noun or the languages in it; "" when nothing is."""
    flux = noun.get("speechModel").startswith("flux")
    timeout = noun.get("speechTimeout", "auto")
    if not _TIMEOUT.fullmatch(timeout) or (timeout != "auto" and not 600 <= int(timeout) <= 5000):
        return f"speechTimeout {timeout}"
    if noun.says("partialPrompts", default=False) and not flux:
        return "partialPrompts without a speechModel that has them"
    unknown = set(noun.get("events").split()) - _EVENTS
    if unknown:
        return f"events {' '.join(sorted(unknown))}"
    language = noun.get("language", "en-US")
    wrong = _with(
        noun, noun.get("transcriptionLanguage", language), noun.get("ttsLanguage", language)
    )
    for child in noun.children:
        if child.name == "Language":
            wrong = wrong or _with(child, child.get("code"), child.get("code"))
            if not child.get("code"):
                wrong = wrong or "a Language without code"
    return wrong


def _with(node: Node, hears: str, speaks: str) -> str:
    stt, tts = node.get("transcriptionProvider").lower(), node.get("ttsProvider").lower()
    if stt and stt not in _STT:
        return f"transcriptionProvider {stt}"
    if tts and tts not in _TTS:
        return f"ttsProvider {tts}"
    tongue = hears.partition("-")[0]
    if stt == "deepgram" and tongue in _NOT_DEEPGRAM:
        return f"{stt} does not recognise {hears}"
    if node.get("speechModel").startswith("flux") and tongue not in _FLUX_LANGUAGES:
        return f"{node.get('speechModel')} does not recognise {hears}"
    voice = node.get("voice")
    if voice and tts and not _VOICES[tts].fullmatch(voice):
        return f"{tts} has no voice {voice}"
    if voice and tts == "google" and not voice.startswith(speaks):
        return f"{voice} does not speak {speaks}"
    return ""
