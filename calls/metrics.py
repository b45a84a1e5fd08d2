"""Placeholder for the merge."""

from storage.records import TurnRecord


class Metrics:
    def turn(self, agent: str, record: TurnRecord, save_ms: float) -> None: ...

    def call_ended(self, agent: str, outcome: str) -> None: ...
