"""What is spoken and heard with: ElevenLabs' voices and Deepgram's recogniser, resold by Twilio.

Written as attributes of `<ConversationRelay>` and `<Language>`. Sources: twilio.com/docs/voice/
conversationrelay/voice-configuration; that a voice is written `id-model-speed_stability_similarity`
was seen in published documents.
"""

from __future__ import annotations

from agents.schema import Agent, Voice
from providers.telephony.twilio.document import xml_attribute
from settings import Settings

# Languages that Deepgram is sure to recognise at the carrier (its nova models); Google, which has
# every language the house speaks, does the others. Malayalam and Tamil are among those.
_DEEPGRAM = frozenset(
    "bg ca cs da de el en es et fi fr hi hu id it ja ko lt lv ms nl no pl pt ro ru sk sv th tr uk "
    "vi zh".split()
)
# Its model that hears by itself when somebody has finished, and sends what it heard so far
# meanwhile: seen to work with American English, which is all it is asked for.
_FLUX = ' transcriptionProvider="Deepgram" speechModel="flux"'
_FLUX_LANGUAGES = frozenset({"en-US"})
# Models of ElevenLabs at the carrier; others (eleven_v3) are its own interface's only.
_ELEVENLABS_MODELS = frozenset({"flash_v2", "flash_v2_5", "turbo_v2", "turbo_v2_5"})


class ElevenLabsDeepgram:
    """Both, with the voices of one account."""

    def __init__(self, settings: Settings) -> None:
        self._has_voice = bool(settings.elevenlabs_api_key)
        self._voice = settings.elevenlabs_voice_id
        self._model = settings.elevenlabs_model

    def speaks(self, agent: Agent, language: str) -> str:
        """The same voice as clips have; "" where the carrier has not got it."""
        own, usual = agent.voices.get(language, Voice()), agent.voices.get("default", Voice())
        voice = own.voice or usual.voice or self._voice
        model = (own.model or usual.model or self._model).removeprefix("eleven_")
        wanted = self._has_voice or bool(own.voice or usual.voice)
        if not wanted or model not in _ELEVENLABS_MODELS:
            return ""
        name = f"{voice}-{model}{_options(own, usual)}"
        return f' ttsProvider="ElevenLabs" voice="{xml_attribute(name)}"'

    def tells_partials(self, agent: Agent) -> bool:
        """What was heard so far is told, in every language of the agent."""
        return all(one in _FLUX_LANGUAGES for one in agent.languages)

    def hears(self, agent: Agent, language: str) -> str:
        """Who recognises the language."""
        if self.tells_partials(agent):
            return _FLUX
        has_it = language.partition("-")[0] in _DEEPGRAM
        return f' transcriptionProvider="{"Deepgram" if has_it else "Google"}"'


def _options(own: Voice, usual: Voice) -> str:
    """`-speed_stability_similarity`, when the agent asks for any; each has to be there then."""
    speed = own.speed if own.speed is not None else usual.speed
    stability = own.stability if own.stability is not None else usual.stability
    similarity = (
        own.similarity_boost if own.similarity_boost is not None else usual.similarity_boost
    )
    if speed is None and stability is None and similarity is None:
        return ""
    # The vendor takes a pace from 0.7 to 1.2 (elevenlabs.io/docs, voice settings); the others are
    # its usual ones.
    pace = min(max(1.0 if speed is None else speed, 0.7), 1.2)
    steady = 0.5 if stability is None else stability
    close = 0.75 if similarity is None else similarity
    return f"-{pace:g}_{steady:g}_{close:g}"
