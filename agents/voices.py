"""Which voice speaks which language: the carrier's own voices, and speech models. Data, no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.problems import Findings, KeyPath, meant
from agents.schema import Voice

# The carrier's voice when an agent's file names none. The carrier must be told a voice for every
# Indian language: its basic voices are silent in them. Names from the carrier's table of voices
# (its docs, /docs/voice/twiml/say/text-speech, "available voices and languages"). Amazon has no
# voice for Tamil, Malayalam, Telugu, Kannada, Bengali, Marathi, Gujarati or Punjabi; Google has.
# Of Google's Indian voices the -C ones stand in every edition of that table, the -A ones do not.
DEFAULT_SAY_VOICES: Mapping[str, str] = {
    "en-IN": "Polly.Kajal-Neural",
    "hi-IN": "Polly.Kajal-Neural",
    "ta-IN": "Google.ta-IN-Wavenet-C",
    "ml-IN": "Google.ml-IN-Wavenet-C",
    "te-IN": "Google.te-IN-Standard-A",  # Telugu has no Wavenet voice
    "kn-IN": "Google.kn-IN-Wavenet-C",
    "bn-IN": "Google.bn-IN-Wavenet-C",
    "mr-IN": "Google.mr-IN-Wavenet-C",
    "gu-IN": "Google.gu-IN-Wavenet-C",
    "pa-IN": "Google.pa-IN-Wavenet-C",
    "en-US": "Polly.Joanna-Neural",
    "en-GB": "Polly.Amy-Neural",
    "en-AU": "Polly.Olivia-Neural",
}

# Amazon's voices by language, as in the carrier's table; two speak two languages.
_AMAZON: Mapping[str, str] = {
    "en-IN": "Aditi Kajal Raveena",
    "hi-IN": "Aditi Kajal",
    "en-US": "Danielle Gregory Ivy Joanna Joey Justin Kendra Kevin Kimberly Matthew Ruth Salli "
    "Stephen",
    "en-GB": "Amy Arthur Brian Emma",
    "en-AU": "Nicole Olivia Russell",
    "en-IE": "Niamh",
    "en-NZ": "Aria",
    "en-ZA": "Ayanda",
    "ar-AE": "Hala Zayd",
    "ca-ES": "Arlet",
    "da-DK": "Mads Naja Sofie",
    "de-AT": "Hannah",
    "de-DE": "Daniel Hans Marlene Vicki",
    "es-ES": "Conchita Enrique Lucia Sergio",
    "es-MX": "Andres Mia",
    "es-US": "Lupe Miguel Pedro Penelope",
    "fi-FI": "Suvi",
    "fr-BE": "Isabelle",
    "fr-CA": "Chantal Gabrielle Liam",
    "fr-FR": "Celine Lea Mathieu Remi",
    "is-IS": "Dora Karl",
    "it-IT": "Adriano Bianca Carla Giorgio",
    "ja-JP": "Kazuha Mizuki Takumi Tomoko",
    "ko-KR": "Seoyeon",
    "nb-NO": "Ida Liv",
    "nl-BE": "Lisa",
    "nl-NL": "Laura Lotte Ruben",
    "pl-PL": "Ewa Jacek Jan Maja Ola",
    "pt-BR": "Camila Ricardo Thiago Vitoria",
    "pt-PT": "Cristiano Ines",
    "ro-RO": "Carmen",
    "ru-RU": "Maxim Tatyana",
    "sv-SE": "Astrid Elin",
    "tr-TR": "Filiz",
}
_AMAZON_NAME = re.compile(r"Polly\.([A-Z][a-z]+)(-Neural|-Generative)?")
_GOOGLE_NAME = re.compile(
    r"Google\.([a-z]{2,3}-[A-Z]{2})-((Standard|Wavenet|Neural2)-[A-Z]|Chirp3-HD-[A-Z][a-z]+)"
)
# Google has only Standard voices for these languages.
_STANDARD_ONLY = frozenset({"te-IN"})

_EUROPE_AND_ASIA = frozenset(
    "ar bg cs da de el en es fi fil fr hi hr id it ja ko ms nl pl pt ro ru sk sv ta tr uk "
    "zh".split()
)
# Speech model → the languages it speaks, for the models known to leave some out. A model that is
# not here is not checked. From the vendor's model overview (docs/overview/models).
MODEL_LANGUAGES: Mapping[str, frozenset[str]] = {
    "eleven_flash_v2": frozenset({"en"}),
    "eleven_turbo_v2": frozenset({"en"}),
    "eleven_multilingual_v2": _EUROPE_AND_ASIA,
    "eleven_flash_v2_5": _EUROPE_AND_ASIA | {"hu", "no", "nb", "vi"},
    "eleven_turbo_v2_5": _EUROPE_AND_ASIA | {"hu", "no", "nb", "vi"},
}
WIDEST_MODEL = "eleven_v3"  # over seventy languages, all Indian ones above among them; slower


def check_say_voice(voice: str, language: str, path: KeyPath, findings: Findings) -> None:
    """Note a carrier voice that does not exist or does not speak the language."""
    instead = _instead(language)
    google = _GOOGLE_NAME.fullmatch(voice)
    if google is not None:
        if google[1] != language:
            findings.add(path, f"{voice} speaks {google[1]}, not {language}", instead)
        elif language in _STANDARD_ONLY and "Wavenet" in voice:
            findings.add(path, f"{voice} does not exist", instead)
        return
    amazon = _AMAZON_NAME.fullmatch(voice)
    if amazon is None:
        findings.add(
            path,
            f"{voice} is no voice of the carrier",
            instead or "write a name such as Polly.Kajal-Neural or Google.ta-IN-Wavenet-C",
        )
        return
    speaks = [spoken for spoken, names in _AMAZON.items() if amazon[1] in names.split()]
    if not speaks:
        every = {name for names in _AMAZON.values() for name in names.split()}
        findings.add(path, f"there is no voice {voice}", meant(amazon[1], every))
    elif language not in speaks:
        findings.add(path, f"{voice} speaks {' and '.join(speaks)}, not {language}", instead)


def check_model(voice: Voice, language: str, path: KeyPath, findings: Findings) -> None:
    """Note a speech model that cannot speak the language."""
    spoken = MODEL_LANGUAGES.get(voice.model or "")
    if spoken is not None and language.partition("-")[0] not in spoken:
        findings.add(
            path,
            f"the model {voice.model} does not speak {language}",
            f"add {language}: {{model: {WIDEST_MODEL}}} under voices",
        )


def _instead(language: str) -> str:
    usual = DEFAULT_SAY_VOICES.get(language)
    return f"write {usual}" if usual else ""
