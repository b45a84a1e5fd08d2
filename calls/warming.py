"""Makes the clips of agents by hand, and tells in words what there is to do and what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.schema import Agent
from calls.live_voice import open_live_voice
from calls.prewarm import Price, Report, Voices, make_missing, plan
from calls.speech import open_speech
from providers.tts import REGISTRY
from settings import Settings
from storage import open_storage


class NoVendor(Exception):
    """No speech vendor is set up; the message says what to set."""


class Warming:
    """One run over some agents. NoVendor, StorageError when there cannot be one."""

    def __init__(self, settings: Settings, agents: Sequence[Agent], price: Price) -> None:
        self._price = price
        self._storage = open_storage(settings)
        self._live = open_live_voice(settings, self._storage)
        self._speech = open_speech(settings, self._storage, live=self._live.voices)
        self._voices = Voices(self._speech, self._live)
        if not any(map(self._voices.of, agents)):
            self.close()
            keys = " or ".join(
                key.upper() for key, vendor in REGISTRY.items() if not vendor.is_live_only
            )
            raise NoVendor(f"There is no voice to make clips with: set {keys}.")
        self.planned = plan(self._voices, agents)
        self._last: Report | None = None

    @property
    def has_failed(self) -> bool:
        """Clips are missing after the run."""
        return self._last is None or self._last.failed > 0

    def outlook(self) -> str:
        """What there is to make."""
        planned = self.planned
        return (
            f"{planned.there} clips are there, {len(planned.missing)} are missing: "
            f"{planned.characters} characters, {planned.cost_usd(self._price):.4f} USD."
        )

    def run(self) -> Iterator[int]:
        """Make what is missing; yields how many clips each step dealt with."""
        done = 0
        for last in make_missing(self._voices, self.planned, self._price):
            self._last = last
            yield last.made + last.failed - done
            done = last.made + last.failed

    def result(self) -> str:
        """What was made, and why not all."""
        last = self._last
        assert last is not None
        why = f" The last failure: {self._voices.last_failure}." if last.failed else ""
        return (
            f"{last.made} clips were made, {last.failed} could not be, in {last.seconds:.1f} s: "
            f"{last.characters} characters, {last.cost_usd:.4f} USD.{why}"
        )

    def close(self) -> None:
        """Let go of files and connections."""
        self._speech.close()
        self._live.close()
        self._storage.close()
