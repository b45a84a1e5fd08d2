"""What clips an answer is made of: whose voice, which pieces, and the key of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from agents.schema import Agent, Compose
from agents.voice_section import voice_for
from agents.voices import MODEL_LANGUAGES, WIDEST_MODEL
from audio_cache.keys import clip_key, is_speakable, normal
from conversation.actions import Action, Part, Say
from conversation.repertoire import repertoire, whole_sentences
from providers.tts.base import Synthesiser
from storage.records import ClipRecord

_REMEMBERED = 4096  # texts whose key is known: an agent says the same few hundred all day


@dataclass(frozen=True, slots=True)
class ChosenVoice:
    """Who speaks a language of an agent."""

    voice: str
    model: str
    options: tuple[tuple[str, float], ...]
    whole: bool  # sentences with values are made as a whole


class ClipOrders:
    """Says which clips an answer needs. For any number of threads."""

    def __init__(
        self,
        synthesiser: Synthesiser,
        audio_format: str,
        secret: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self._synthesiser = synthesiser
        self._audio_format = audio_format
        self._secret = secret
        self._clock = clock
        self._voices: dict[tuple[str, str], tuple[Agent, ChosenVoice]] = {}
        self._record = lru_cache(_REMEMBERED)(self._new_record)

    def composed(self, agent: Agent, actions: Sequence[Action]) -> tuple[Action, ...]:
        """The actions with everything said in pieces of which each is a clip; keys not set yet."""
        return tuple(
            Say(self._pieces(agent, action.parts), action.interruptible)
            if isinstance(action, Say)
            else action
            for action in actions
        )

    def record(self, agent: Agent, part: Part) -> ClipRecord:
        """How the clip of a part is made. Its moment is not that of this call."""
        return self._record(self.voice(agent, part.language), part.language, part.text)

    def is_named(self, provider: str | None) -> bool:
        """Whether an agent's file that names that company, or none, means ours."""
        if provider is None:
            return self._synthesiser.is_usual
        return provider == self._synthesiser.name

    def speaks(self, languages: Iterable[str]) -> bool:
        """Whether the vendor can speak all of them."""
        return all(map(self._synthesiser.speaks, languages))

    def is_ours(self, record: ClipRecord) -> bool:
        """Whether we say how such clips are made: this vendor's, in this form."""
        is_form = record.audio_format == self._audio_format
        return is_form and record.provider == self._synthesiser.name

    def repertoire(self, agent: Agent) -> list[ClipRecord]:
        """The clips of everything the agent is known to say, likely ones first."""
        whole = {one for one in agent.languages if self.voice(agent, one).whole}
        known = [part for part in repertoire(agent, whole) if is_speakable(part.text)]
        records = [self.record(agent, part) for part in known]
        return list({record.key: record for record in records}.values())

    def voice(self, agent: Agent, language: str) -> ChosenVoice:
        """The voice of the agent's file, or what it leaves open from the settings."""
        known = self._voices.get((agent.agent, language))
        if known is None or known[0] is not agent:
            known = (agent, self._chosen(agent, language))
            self._voices[agent.agent, language] = known
        return known[1]

    def _pieces(self, agent: Agent, parts: Sequence[Part]) -> tuple[Part, ...]:
        if any(self.voice(agent, language).whole for language in {one.language for one in parts}):
            parts = [
                piece
                for run in _by_language(parts)
                for piece in (
                    whole_sentences(run) if self.voice(agent, run[0].language).whole else run
                )
            ]
        return tuple(part for part in parts if is_speakable(part.text))

    def _chosen(self, agent: Agent, language: str) -> ChosenVoice:
        wanted = voice_for(agent.voices, language)
        is_ours = self.is_named(wanted.provider)
        # Ids of another company's voices and models mean nothing here.
        model = (wanted.model if is_ours else None) or self._synthesiser.model
        spoken = MODEL_LANGUAGES.get(model)
        if spoken is not None and language.partition("-")[0] not in spoken:
            model = WIDEST_MODEL
        options = {
            "stability": wanted.stability,
            "similarity_boost": wanted.similarity_boost,
            "speed": wanted.speed,
        }
        return ChosenVoice(
            voice=(wanted.voice if is_ours else None) or self._synthesiser.voice_for(language),
            model=model,
            options=tuple((name, one) for name, one in options.items() if one is not None),
            whole=wanted.compose is Compose.SENTENCE,
        )

    def _new_record(self, voice: ChosenVoice, language: str, text: str) -> ClipRecord:
        told = normal(text)
        options: Mapping[str, object] = dict(voice.options)
        what = {
            "text": told,
            "language": language,
            "provider": self._synthesiser.name,
            "voice": voice.voice,
            "model": voice.model,
            "options": options,
            "audio_format": self._audio_format,
        }
        return ClipRecord(
            key=clip_key(self._secret, what),
            text=told,
            language=language,
            provider=self._synthesiser.name,
            voice=voice.voice,
            model=voice.model,
            options=options,
            audio_format=self._audio_format,
            created_at=self._clock(),
        )


def _by_language(parts: Sequence[Part]) -> list[list[Part]]:
    runs: list[list[Part]] = []
    for part in parts:
        if runs and runs[-1][0].language == part.language:
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs
