"""A house for calls over a socket: real calls, with ears that a test speaks into."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from agents.schema import Agent
from calls.heard import HearingUse
from calls.hearing import Ears, Heard, Hearing, TellHeard
from calls.live import Live
from calls.live_voice import LiveVoice
from calls.session import Patience
from calls.sounds import Sound, Source
from calls.speech import CarrierVoice, Spoken
from calls.turns import Arrival, Turns
from conversation.actions import Action, Part, Say
from conversation.turn_taking import SpeechStarted, TurnEnded, Words
from phone.media_frames import Frames
from phone.spoken import tones
from phone.tape import Side
from providers.llm.base import Brain
from providers.stt.base import HearingOrder, Recogniser
from services import Services, build_services
from settings import read_settings
from storage.records import CallRecord, TurnRecord
from tests.transports.far_end import FarEnd
from transports.duplex import Desk
from transports.stream import serve
from transports.stream_call import StreamCall

CALL_SID = "CA" + "5" * 32
# Pieces and marks that are sent ahead of a greeting: four seconds of it.
AHEAD = 40
AGENT = """
agent: pieces
name: Pieces
goal: Count pieces.
transport: stream
languages: [en-IN]
timezone: Asia/Kolkata
say:
  welcome: "Hello, this is the automated assistant."
  confirm: "{count} pieces, is that right?"
  thanks: "Thank you. Goodbye."
  goodbye: "Goodbye."
  handover: "I connect you."
  filler: "One moment please."
fields:
  count: {kind: number, whole: true, min: 1, ask: "How many pieces do you want?"}
confirm: all
handover: {to: "+914400000001", when: [asked]}
limits: {turns: 30, seconds: 600, silences: 3, misses: 3}
"""


class TonesVoice(LiveVoice):
    """Speaks at once, with its words in the sound."""

    def __init__(self) -> None:
        self.is_mute = False
        self._texts: dict[str, str] = {}

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
        """See `LiveVoice`."""
        if self.is_mute:
            return Spoken(tuple(actions), by_carrier=True)
        return Spoken(tuple(self._voiced(one) for one in actions), by_carrier=False)

    def sound(self, key: str) -> Sound:
        """See `LiveVoice`."""
        return Sound(Source(tones(self._texts[key], Side.AGENT)))

    def forget(self) -> None:
        """Know nothing any more of what was promised."""
        self._texts.clear()

    def close(self) -> None:
        """Nothing is open."""

    def _voiced(self, action: Action) -> Action:
        if not isinstance(action, Say):
            return action
        return Say(tuple(self._part(part) for part in action.parts), action.interruptible)

    def _part(self, part: Part) -> Part:
        key = hashlib.sha256(part.text.encode()).hexdigest()
        self._texts[key] = part.text
        return replace(part, clip=key)


class ToldEars(Ears):
    """Hear what a test says that they hear."""

    def __init__(self, order: HearingOrder, tell: TellHeard) -> None:
        self.order = order
        self.audio = bytearray()
        self.finalised = 0
        self.forgotten = 0
        self.is_closed = False
        self.loud_at = float("-inf")
        self._tell = tell

    def tell(self, *events: Heard) -> None:
        """Something was understood, or nobody listens any more."""
        for event in events:
            if not self.is_closed:
                self._tell(event)

    def say(self, text: str) -> None:
        """The caller says something and is silent."""
        self.tell(SpeechStarted(), Words(text, is_final=False), Words(text, is_final=True))
        self.tell(TurnEnded())

    def hear(self, audio: bytes) -> None:
        """See `Ears`."""
        self.audio += audio

    def finalise(self) -> None:
        """See `Ears`."""
        self.finalised += 1

    def change(self, order: HearingOrder) -> None:
        """See `Ears`."""
        self.order = order

    def forget(self) -> None:
        """See `Ears`."""
        self.forgotten += 1

    def used(self) -> Sequence[HearingUse]:
        """Two seconds of sound each time."""
        return (HearingUse("ears", "of a test", 2.0),)

    def close(self) -> None:
        """See `Ears`."""
        self.is_closed = True


class ToldHearing(Hearing):
    """One recogniser, which ends turns itself."""

    def __init__(self) -> None:
        self.is_there = True
        self.ears: list[ToldEars] = []

    ends_turns = True

    def for_agent(self, agent: Agent) -> Recogniser | None:
        """See `Hearing`."""
        return cast(Recogniser, self) if self.is_there else None

    def open(self, order: HearingOrder, tell: TellHeard) -> Ears:
        """See `Hearing`."""
        self.ears.append(ToldEars(order, tell))
        return self.ears[-1]

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class House:
    """Where the calls of a test go."""

    services: Services
    desk: Desk
    hearing: ToldHearing
    voice: TonesVoice

    @property
    def ears(self) -> ToldEars:
        """Of the last call."""
        return self.hearing.ears[-1]

    @property
    def call(self) -> CallRecord:
        """As it is kept."""
        call = self.services.storage.find_call(CALL_SID)
        assert call is not None
        return call

    @property
    def turns(self) -> Sequence[TurnRecord]:
        """Those that are kept."""
        return self.services.storage.turns(self.call.call_id)

    @property
    def moved(self) -> list[str]:
        """Why the call goes on in turns; empty while it does not."""
        events = self.services.storage.events(self.call.call_id)
        return [one.data["reason"] for one in events if one.kind == "moved"]

    def left(self) -> Sequence[Action]:
        """What there is to do in the call as it is kept."""
        return self.desk.turns.current(CALL_SID).actions

    def said_last(self) -> list[str]:
        """The parts of the last answer as it is kept."""
        says = [one for one in self.left() if isinstance(one, Say)]
        return [part.text for one in says for part in one.parts]

    def close(self) -> None:
        """Let go of everything."""
        self.desk.pool.shutdown()
        self.services.close()

    async def until_asked(self, far: FarEnd, question: str) -> None:
        """Wait until the question was put, and it is known here that it was heard."""
        await far.until_heard(question)
        await far.until(lambda: not self.open_call.playout.is_going)

    @property
    def open_call(self) -> StreamCall:
        """The one that is led here."""
        (call,) = self.desk.calls
        assert isinstance(call, StreamCall)
        return call

    def rings(self) -> None:
        """The carrier asks for a document, and the call is greeted."""
        numbers = ("+919876543210", "+914400000000")
        self.desk.turns.start(Arrival("pieces", CALL_SID, *numbers, "inbound", transport="stream"))

    @asynccontextmanager
    async def line(self, plays: bool = True) -> AsyncIterator[FarEnd]:
        """A socket, served until the far end is gone."""
        far = FarEnd(Frames("AC" + "7" * 32, CALL_SID), plays)
        serving = asyncio.create_task(serve(far, self.desk))
        try:
            yield far
        finally:
            far.drops()
            await serving

    @asynccontextmanager
    async def call_on_line(self, plays: bool = True) -> AsyncIterator[FarEnd]:
        """A call that was greeted and whose question was put."""
        self.rings()
        async with self.line(plays) as far:
            far.starts()
            if plays:
                await self.until_asked(far, "do you want?")
            else:
                await far.until(lambda: len(far.waiting) >= AHEAD)
            yield far


def open_house(
    folder: Path,
    patience: Patience | None = None,
    agent: str = AGENT,
    brain: Brain | None = None,
) -> House:
    """A house whose files are in `folder`."""
    agents = folder / "agents"
    agents.mkdir()
    (agents / "pieces.yaml").write_text(agent, "utf-8")
    settings = read_settings({"DATA_DIR": str(folder), "AGENTS_DIR": str(agents)})
    services = build_services(settings)
    hearing, voice = ToldHearing(), TonesVoice()
    turns = services.turns.for_door(voice, patience or Patience())
    if brain is not None:
        turns = Turns(replace(turns._parts, brain=brain), services.agents)
    live = Live(
        hearing=hearing,
        voice=voice,
        stream_turns=turns,
        relay_turns=services.turns.for_door(CarrierVoice(), Patience()),
    )
    services = replace(services, live=live)
    return House(services, Desk(services, turns, ThreadPoolExecutor(4)), hearing, voice)
