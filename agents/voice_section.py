"""The `voices:` section of an agent's file: voices of a speech company and of the carrier."""

from __future__ import annotations

from agents.problems import KeyPath
from agents.schema import Voice
from agents.texts import Texts
from agents.validation import not_a, validated
from agents.voices import DEFAULT_SAY_VOICES, check_model, check_say_voice


def read_voices(raw: object, texts: Texts) -> tuple[dict[str, Voice], dict[str, str]]:
    """The voices by "default" or language, and the carrier's voice of every language."""
    data: dict[str, object] = dict(raw) if isinstance(raw, dict) else {}
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", ("voices",), texts.findings)
    say_voices = _say_voices(data.pop("say", {}), texts)
    voices: dict[str, Voice] = {}
    for key, options in data.items():
        path: KeyPath = ("voices", key)
        if key != "default" and key not in texts.languages:
            texts.findings.unknown(path, {"default", "say", *texts.languages}, "voice or language")
            continue
        voice = validated(Voice, options, path, texts.findings)
        if voice is not None:
            voices[key] = voice
    for language in texts.languages:
        own = voices.get(language, Voice())
        place: KeyPath = ("voices", language if own.model else "default", "model")
        check_model(voice_for(voices, language), language, place, texts.findings)
    return voices, say_voices


def voice_for(voices: dict[str, Voice], language: str) -> Voice:
    """The default voice with what differs in the language."""
    default = voices.get("default", Voice())
    own = voices.get(language, Voice())
    return default.model_copy(update=own.model_dump(exclude_none=True))


def provider_for(voices: dict[str, Voice], language: str) -> str | None:
    """The company alone; asked for with every answer, so nothing is put together."""
    own, default = voices.get(language), voices.get("default")
    named = own.provider if own is not None else None
    return named or (default.provider if default is not None else None)


def _say_voices(raw: object, texts: Texts) -> dict[str, str]:
    path: KeyPath = ("voices", "say")
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", path, texts.findings)
        return {}
    given: dict[str, str] = {}
    for language, voice in raw.items():
        place = (*path, language)
        if language not in texts.languages:
            texts.unknown_language(language, place)
        elif not isinstance(voice, str):
            not_a(voice, "text", place, texts.findings)
        else:
            check_say_voice(voice, language, place, texts.findings)
            given[language] = voice
    for language in texts.languages:
        if language not in raw and language not in DEFAULT_SAY_VOICES:
            texts.findings.add(
                (*path, language),
                "is missing",
                f"name the carrier's voice that speaks {language}, such as "
                f"Google.{language}-Standard-A",
            )
    return {
        one: DEFAULT_SAY_VOICES[one] for one in texts.languages if one in DEFAULT_SAY_VOICES
    } | given
