"""Recognisers in memory, which do as they are told, for tests of a call's hearing."""

from __future__ import annotations

import asyncio

from calls.heard import Away, Back, Gone, Heard
from calls.hearing import Hearing
from providers.errors import ProviderError, ProviderRefused, ProviderUnavailable
from providers.stt.base import Broken, HearingOrder, Reached, Tell, Words

ORDER = HearingOrder("en-IN", ("en-IN",))
AWAY = ProviderUnavailable("stt", "ear", "away", "503")
REFUSED = ProviderRefused("stt", "ear", "no key", "401")
LOUD, QUIET = b"\x10", b"\xff"
PIECE = 640


def loud(seconds: float) -> bytes:
    return LOUD * int(seconds * 8000)


def quiet(seconds: float) -> bytes:
    return QUIET * int(seconds * 8000)


class Listens:
    """A recognition: notes what it is sent, and tells what it is told to."""

    def __init__(self, order: HearingOrder, tell: Tell, changes: bool, keeps: bool) -> None:
        self.order = order
        self.tell = tell
        self.changes = changes
        self.keeps = keeps
        self.pieces: list[bytes] = []
        self.notes: list[str] = []
        self.is_closed = False

    @property
    def sound(self) -> bytes:
        return b"".join(self.pieces)

    def send(self, audio: bytes) -> None:
        self.pieces.append(audio)

    def finalise(self) -> None:
        self.notes.append("finalise")

    def keep_alive(self) -> bool:
        self.notes.append("keep alive")
        return self.keeps

    def change(self, order: HearingOrder) -> bool:
        self.notes.append("change")
        return self.changes

    def close(self) -> None:
        self.is_closed = True

    def understands_until(self, seconds: float, text: str, is_final: bool) -> None:
        self.tell(Reached(seconds))
        self.tell(Words(text, is_final))


class Ear:
    """A recogniser. What stands in `errors` befalls those who open it, one after the other."""

    ends_turns = False

    def __init__(self, name: str = "ear", languages: str = "en ta") -> None:
        self.name = self.vendor = name
        self.languages = set(languages.split())
        self.errors: list[ProviderError] = []
        self.opened: list[Listens] = []
        self.opened_at: list[float] = []
        self.takes_s = 0.0
        self.changes = False
        self.keeps = True

    @property
    def last(self) -> Listens:
        return self.opened[-1]

    def understands(self, language: str) -> bool:
        return language.partition("-")[0] in self.languages

    def serves(self, order: HearingOrder) -> bool:
        return self.understands(order.language)

    def model(self, order: HearingOrder) -> str:
        return f"model-{order.language}"

    async def open(self, order: HearingOrder, tell: Tell) -> Listens:
        self.opened_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.takes_s)
        if self.errors:
            raise self.errors.pop(0)
        self.opened.append(Listens(order, tell, self.changes, self.keeps))
        return self.last

    def breaks(self, broken: Broken | None = None) -> None:
        self.last.tell(broken or Broken("1006"))


class Listened:
    """A call whose hearing is tested."""

    def __init__(self, *ears: Ear, order: HearingOrder = ORDER) -> None:
        self.told: list[Heard] = []
        self.failures: list[str] = []
        loop = asyncio.get_running_loop()
        self.hearing = Hearing(ears, lambda name, _: self.failures.append(name), loop.time)
        self.ears = self.hearing.open(order, self.told.append)

    @property
    def news(self) -> list[Heard]:
        """Of who listens, without the words."""
        return [one for one in self.told if isinstance(one, Away | Back | Gone)]

    def hears(self, sound: bytes) -> None:
        """In frames of 20 ms, without the time that they take."""
        for start in range(0, len(sound), 160):
            self.ears.hear(sound[start : start + 160])


async def passes(seconds: float = 0.0) -> None:
    """Time goes by, in no time."""
    await asyncio.sleep(seconds)
    for _ in range(5):
        await asyncio.sleep(0)
