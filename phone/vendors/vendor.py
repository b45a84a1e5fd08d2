"""What all vendors have in common: a plan, and a record of what they were asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict
from typing import Protocol

from phone.vendors.plan import SLOW_S, Fault, Plan
from phone.vendors.wire import Asked

# In place of an utterance: a call is to be summed up. Nobody waits for it, so it counts apart.
SUMMARY = "(summary)"


class Trade(Protocol):
    """What one vendor does in its own way."""

    faults: frozenset[Fault]

    def refuses(self, asked: Asked) -> bool:
        """Whether the request is answered, with an error, without any work: it is not right."""

    def text(self, asked: Asked) -> str:
        """The caller's words to read, or the words to speak. ValueError when there are none."""

    async def answer(self, asked: Asked, plan: Plan) -> None:
        """Do what was asked for, as fast as the plan says."""

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        """Go wrong in that way."""


class Vendor:
    """One vendor: counts, goes wrong as planned, and otherwise leaves it to its trade."""

    def __init__(self, trade: Trade) -> None:
        self._trade = trade
        self.reset()

    @property
    def faults(self) -> frozenset[Fault]:
        """Those it can have."""
        return self._trade.faults

    def reset(self) -> None:
        """As at the start: fast, without fault, asked for nothing yet."""
        self.plan = Plan()
        self.requests = 0
        self.summaries = 0
        self.failed = 0
        self.at_once = 0
        self.most_at_once = 0
        self.texts: Counter[str] = Counter()

    def told(self) -> dict[str, object]:
        """What it was asked so far, for the control address."""
        return {
            "plan": asdict(self.plan),
            "requests": self.requests,
            "summaries": self.summaries,
            "failed": self.failed,
            "most_at_once": self.most_at_once,
            "texts": self.texts,
        }

    async def __call__(self, asked: Asked) -> None:
        """Answer a request."""
        if self._trade.refuses(asked):
            return
        try:
            text = self._trade.text(asked)
        except (ValueError, LookupError, TypeError):
            asked.send(400, b'{"error": {"code": 400, "message": "this is no request"}}')
            return
        if text == SUMMARY:
            self.summaries += 1
            await self._answer(asked, self.plan, self.summaries)
            return
        self.requests += 1
        self.texts[text] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self._answer(asked, self.plan, self.requests)
        finally:
            self.at_once -= 1

    async def _answer(self, asked: Asked, plan: Plan, number: int) -> None:
        if plan.fault is None or not plan.meets_fault(number):
            await self._trade.answer(asked, plan)
            return
        self.failed += 1
        match plan.fault:
            case Fault.DOWN:  # for a share of the requests only: the port itself is open
                asked.reset()
            case Fault.SLOW:
                await asyncio.sleep(SLOW_S)
                await self._trade.answer(asked, plan)
            case _:
                await self._trade.fail(asked, plan.fault, plan)
