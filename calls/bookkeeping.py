"""Keeps the books of turns: puts a price on each, and counts it with all others."""

from __future__ import annotations

from dataclasses import dataclass, field

from calls.metrics import Metrics
from calls.moves import Why
from calls.prices import Prices, load_prices
from calls.usage import Usage
from storage.records import TurnRecord


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """Prices and metrics of a process."""

    prices: Prices = field(default_factory=load_prices)
    metrics: Metrics = field(default_factory=Metrics)

    def priced(self, usage: Usage) -> Usage:
        """A usage with its cost, in place of an older one."""
        used = {name: value for name, value in usage.items() if name != "cost"}
        return {**used, "cost": self.prices.cost(used)}

    def turn(self, agent: str, record: TurnRecord, save_ms: float) -> None:
        """A turn was answered and saved, which took `save_ms`; fillers are no answers."""
        self.metrics.turn(agent, record, save_ms)

    def filler(self) -> None:
        """A filler is played in a turn whose answer is not there yet."""
        self.metrics.filler()

    def call_moved(self, transport: str, why: Why) -> None:
        """A call that was to be live, by `transport`, is led by webhook."""
        self.metrics.call_moved(transport, str(why))

    def call_ended(self, agent: str, outcome: str) -> None:
        """A call is over."""
        self.metrics.call_ended(agent, outcome)
