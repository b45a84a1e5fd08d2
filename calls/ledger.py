"""Keeps count of turns: what each cost, and how long its parts took."""

from __future__ import annotations

from dataclasses import dataclass

from calls.metrics import Metrics
from calls.prices import Prices
from calls.usage import Usage
from storage.records import TurnRecord


@dataclass(frozen=True, slots=True)
class Ledger:
    """Prices and metrics of a process; without either it keeps count of nothing."""

    prices: Prices | None = None
    metrics: Metrics | None = None

    def priced(self, usage: Usage) -> Usage:
        """A usage with its cost, in place of an older one."""
        if self.prices is None:
            return usage
        used = {name: value for name, value in usage.items() if name != "cost"}
        return {**used, "cost": self.prices.cost(used)}

    def turn(self, agent: str, record: TurnRecord, save_ms: float) -> None:
        """A turn was answered and saved."""
        if self.metrics is not None:
            self.metrics.turn(agent, record, save_ms)

    def call_ended(self, agent: str, outcome: str) -> None:
        """A call is over."""
        if self.metrics is not None:
            self.metrics.call_ended(agent, outcome)
