"""Outages by order: the model or the voice fails for a while, to see a call survive it.

In local mode only, where nobody but this machine calls. What is ordered is kept in the register, so
that it holds for every process, and ends by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.errors import ProviderUnavailable
from providers.llm.base import Inquiry, OpenBrain
from providers.llm.checked import CheckedBrain
from providers.llm.lane import Limits
from providers.llm.rules import RulesBrain
from providers.tts.base import SpeechOrder, Synthesiser
from settings import Settings
from storage.base import StorageError
from storage.register import Entry, Register, StaleEntry

KIND = "outage"
MOST_S = 120.0  # after which all is well again, whatever became of who ordered it
# Longer than a caller waits without a filler, shorter than until the rules answer instead.
SLOW_S = 4.0
SEEN_S = 0.2  # within which every process has seen what was ordered
TRIES_MOST = 5


class Part(StrEnum):
    """What can fail."""

    MODEL = "model"
    VOICE = "voice"


class Outage(StrEnum):
    """How it fails."""

    SLOW = "slow"  # it answers after SLOW_S
    DOWN = "down"  # it refuses


class Outages:
    """Which are on. Safe for use from many threads; several processes may share a register."""

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._clock = clock
        self._seen: Mapping[Part, Outage] = {}
        self._looked_at = -SEEN_S

    def order(self, part: Part, outage: Outage) -> None:
        """Have the part fail from now on, for MOST_S at most. StorageError when it is not kept."""
        until = self._clock() + timedelta(seconds=MOST_S)
        self._keep(part, {"outage": str(outage), "until": until.isoformat()})

    def end(self, part: Part) -> None:
        """All is well with it. StorageError."""
        self._register.delete(KIND, str(part))
        self._looked_at = -SEEN_S

    def of(self, part: Part) -> Outage | None:
        """How the part fails now; None when it does not, or when nobody can say."""
        if time.monotonic() - self._looked_at >= SEEN_S:
            self._looked_at = time.monotonic()
            self._seen = {one: found for one in Part if (found := self._kept(one)) is not None}
        return self._seen.get(part)

    def _kept(self, part: Part) -> Outage | None:
        try:
            entry = self._register.get(KIND, str(part))
        except StorageError:
            return None
        if entry is None or datetime.fromisoformat(str(entry.body["until"])) <= self._clock():
            return None
        return Outage(str(entry.body["outage"]))

    def _keep(self, part: Part, body: Mapping[str, object]) -> None:
        for _ in range(TRIES_MOST):
            now = self._clock()
            kept = self._register.get(KIND, str(part))
            entry = replace(kept, body=body, updated_at=now) if kept else None
            try:
                self._register.put(entry or Entry(KIND, str(part), body, now, now))
            except StaleEntry:
                continue
            self._looked_at = -SEEN_S
            return
        raise StorageError("an outage is being ordered by too many at once")


class BreakableBrain:
    """A brain in whose place one that fails is asked while an outage of the model is on.

    The one that fails is a model like any other to whoever asks it: with deadlines, fillers, the
    rules in its place. It costs nothing, and there is one even where no model has a key.
    """

    def __init__(self, brain: OpenBrain, outages: Outages, settings: Settings) -> None:
        self.name = brain.name
        self._brain = brain
        self._outages = outages
        limits = Limits(
            deadline_s=settings.turn_deadline_ms / 1000,
            hard_limit_s=max(settings.turn_hard_limit_ms, settings.turn_deadline_ms) / 1000,
            threads=settings.web_threads,
        )
        self._failing = CheckedBrain([_FailingModel(outages)], RulesBrain(), limits)

    def begin(self, agent: Agent, request: ExtractionRequest) -> Inquiry:
        """Have the utterance read; returns at once."""
        if self._outages.of(Part.MODEL) is None:
            return self._brain.begin(agent, request)
        return self._failing.begin(_read_by_anybody(agent), request)

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance, after the deadline of a turn at the latest."""
        if self._outages.of(Part.MODEL) is None:
            return self._brain.extract(agent, request)
        return self._failing.extract(_read_by_anybody(agent), request)

    def close(self) -> None:
        """Let go of both."""
        self._failing.close()
        self._brain.close()


def breakable(brain: OpenBrain, outages: Outages | None, settings: Settings) -> OpenBrain:
    """The brain, which may fail by order where there are outages."""
    return brain if outages is None else BreakableBrain(brain, outages, settings)


class BreakableVoice:
    """A voice that makes nothing while an outage of it is on."""

    def __init__(self, voice: Synthesiser, outages: Outages) -> None:
        self.name, self.model, self.is_usual = voice.name, voice.model, voice.is_usual
        self._voice = voice
        self._outages = outages

    def speaks(self, language: str) -> bool:
        """See `Synthesiser`."""
        return self._voice.speaks(language)

    def voice_for(self, language: str) -> str:
        """See `Synthesiser`."""
        return self._voice.voice_for(language)

    def stream(self, order: SpeechOrder) -> Iterator[bytes]:
        """See `Synthesiser`."""
        if self._outages.of(Part.VOICE) is not None:
            raise ProviderUnavailable("tts", self.name, "an outage was ordered", "ordered")
        yield from self._voice.stream(order)

    def close(self) -> None:
        """Close the connections."""
        self._voice.close()


class _FailingModel:
    """Reads by the rules, late; or not at all."""

    name = "practice"

    def __init__(self, outages: Outages) -> None:
        self._outages = outages
        self._closed = threading.Event()
        self._rules = RulesBrain()

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """See `Model`."""
        if self._outages.of(Part.MODEL) is Outage.SLOW:
            self._closed.wait(SLOW_S)
            return replace(self._rules.extract(agent, request), brain=self.name)
        raise ProviderUnavailable("llm", self.name, "an outage was ordered", "ordered")

    def close(self) -> None:
        self._closed.set()


def _read_by_anybody(agent: Agent) -> Agent:
    """The agent without the models its file names, of which the one that fails is none."""
    return agent.model_copy(update={"models": ()}) if agent.models else agent
