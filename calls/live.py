"""What live calls share within one process: who hears and speaks, who answers, how busy it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.schema import Transport
from calls.hearing import Hearing
from calls.live_voice import LiveVoice
from calls.load import Load
from calls.session import Patience
from calls.speech import CarrierVoice
from calls.turns import Turns
from settings import Settings

# For how long an agent's calls go in turns after the carrier did not take its relay.
RELAY_PAUSE_S = 300.0
# A model that stays away is excused no more often than this.
FILLER_EVERY_S = 4.0


@dataclass(frozen=True, slots=True)
class Live:
    """Made once a process; `services.live`. Safe for use from many threads."""

    hearing: Hearing
    voice: LiveVoice
    stream_turns: Turns  # the calls by clips in μ-law, which our socket plays
    relay_turns: Turns  # the calls by words, which the carrier speaks
    load: Load = field(default_factory=Load)
    _refused: dict[str, float] = field(default_factory=dict)  # agents, and until when
    _doors: list[Callable[[str], None]] = field(default_factory=list)  # told of who returns

    def turns(self, transport: Transport) -> Turns:
        """Who answers calls whose socket that is. KeyError for one without a socket."""
        return {Transport.STREAM: self.stream_turns, Transport.RELAY: self.relay_turns}[transport]

    def refuses_relay(self, agent: str) -> None:
        """The carrier does not take the relay of that agent as it is."""
        self._refused[agent] = time.monotonic() + RELAY_PAUSE_S

    def takes_relay(self, agent: str) -> bool:
        """Whether the carrier may be asked for a relay of that agent."""
        return self._refused.get(agent, 0.0) <= time.monotonic()

    def on_return(self, tell: Callable[[str], None]) -> None:
        """Have `tell` called, in any thread, with the carrier's id of each call that returns."""
        self._doors.append(tell)

    def returns(self, carrier_id: str) -> None:
        """The carrier asks how a call goes on that had a socket: it has left that one.

        Waits a moment for what is still to be kept of it.
        """
        for tell in self._doors:
            tell(carrier_id)
        self.load.returns(carrier_id)

    def close(self) -> None:
        """Let go of the voice's connections; those of ears end with their calls."""
        self.voice.close()


def open_live(settings: Settings, turns: Turns, hearing: Hearing, voice: LiveVoice) -> Live:
    """Live calls of the calls that `turns` answers by webhook."""
    # The carrier's recogniser and network take their time over a webhook; here a caller knows
    # within a second that nobody answers.
    filler_s, hard_limit_s = settings.live_filler_ms / 1000, settings.turn_hard_limit_ms / 1000
    patience = Patience(filler_s, hard_limit_s, FILLER_EVERY_S)
    return Live(
        hearing=hearing,
        voice=voice,
        stream_turns=turns.for_door(voice, patience),
        relay_turns=turns.for_door(CarrierVoice(), patience, door="relay"),
    )
