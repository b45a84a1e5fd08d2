"""What vendors of voices have in common: they hand out clips, at the pace of a plan, or wrong."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import orjson

from phone.spoken import tones, voice
from phone.tape import Side
from phone.vendors.plan import SLOW_S, VOICE, Fault, Plan
from phone.vendors.refusals import Refusals
from phone.vendors.wire import Asked

PIECES = 8  # that a clip comes in when it takes time

# Text and language to raw μ-law with the words in it.
Talk = Callable[[str, str], bytes]


def hummed(text: str, language: str) -> bytes:
    """A tone a word: the same everywhere, and next to nothing to make."""
    return tones(text, Side.AGENT)


def spoken(text: str, language: str) -> bytes:
    """Speech, where espeak-ng is installed and knows the language; a tone a word elsewhere."""
    return voice(text, language, Side.AGENT)


@dataclass(frozen=True, slots=True)
class Clip:
    """What a request is answered with."""

    sound: bytes
    kind: str
    headers: Mapping[str, str]

    async def send(self, asked: Asked, plan: Plan) -> None:
        """All of it, as fast as the plan says."""
        pieces = self._pieces(1 if plan.last_byte_ms == 0 else PIECES)
        await sleep(plan.first_byte_ms)
        asked.begin(self.kind, self.headers)
        gap_ms = max(plan.last_byte_ms - plan.first_byte_ms, 0) / max(len(pieces) - 1, 1)
        for number, piece in enumerate(pieces):
            await sleep(gap_ms if number else 0)
            asked.piece(piece)
        asked.end()

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        """The head, some of it or none, and then nothing that is any use."""
        match fault:
            case Fault.EMPTY:
                asked.begin(self.kind, self.headers)
                asked.end()
            case Fault.HTML:
                asked.send(200, b"<html><h1>Welcome</h1></html>", "text/html")
            case _:
                await self._half(asked, fault, plan)

    async def _half(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        """The first half, or of HEADERS none; then the connection breaks or nothing comes."""
        pieces = self._pieces(PIECES)
        await sleep(plan.first_byte_ms)
        asked.begin(self.kind, self.headers)
        for piece in pieces[: 0 if fault is Fault.HEADERS else PIECES // 2]:
            asked.piece(piece)
        # What was written must be on its way before the end is.
        await asyncio.sleep(0.02 if fault is Fault.CUT else SLOW_S)
        asked.cut()

    def _pieces(self, number: int) -> Sequence[bytes]:
        size = -(-len(self.sound) // number)
        return [self.sound[start : start + size] for start in range(0, len(self.sound), size)]


class Voice(ABC):
    """What is the same on every wire of theirs. See `vendor.Trade`."""

    faults = VOICE
    refusals: ClassVar[Refusals]

    def __init__(self, talk: Talk = hummed) -> None:
        self._talk = talk

    def text(self, asked: Asked) -> str:
        text = orjson.loads(asked.body)["text"]
        if not isinstance(text, str) or not text.strip():
            raise ValueError("there is nothing to say")
        return text

    async def answer(self, asked: Asked, plan: Plan) -> None:
        await (await self._clip(asked)).send(asked, plan)

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        if fault in self.refusals.words:
            self.refusals.fail(asked, fault)
        else:
            await (await self._clip(asked)).fail(asked, fault, plan)

    @abstractmethod
    async def _clip(self, asked: Asked) -> Clip:
        """What was asked for."""

    async def _talked(self, text: str, language: str) -> bytes:
        """The sound of a text. Speech takes a process of its own; it is waited for in a thread."""
        if self._talk is hummed:
            return hummed(text, language)
        return await asyncio.to_thread(self._talk, text, language)


async def sleep(ms: float) -> None:
    """Wait, when there is anything to wait for."""
    if ms > 0:
        await asyncio.sleep(ms / 1000)
