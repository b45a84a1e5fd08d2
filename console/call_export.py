"""The list of calls as a table to take home.

Calls are read a page at a time, so that neither a file nor its reader holds up the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agents.schema import Agent
from calls.redaction import Sight, redacted_collected, shown_number
from calls.sheets import Cell, moment_cell, value_cell
from calls.values import shown_value
from console.call_story import label_of
from storage.base import Storage
from storage.records import CollectedRecord
from storage.search import CallBrief, CallSearch

# Calls that are read together: 0.5 MB of what they collected, in some ten milliseconds.
PAGE_CALLS = 500

_HEADINGS = (
    "Call", "Carrier's id", "Agent", "Agent's version", "Direction", "Caller", "Our number",
    "Began (UTC)", "Ended (UTC)", "Seconds", "Outcome", "Stage", "Status", "Language", "Transport",
    "Turns", "Complete",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallTable:
    """Rows of calls, with a column for every field that their agents collect."""

    storage: Storage
    search: CallSearch
    agents: Mapping[str, Agent]
    sight: Sight
    name: str = "Calls"

    def headings(self) -> list[str]:
        """The first row."""
        fields = [
            label_of(agent, name) if self.search.agent else f"{agent.agent}: {name}"
            for agent, name in self._fields()
        ]
        return [*_HEADINGS, *fields, "Other values"]

    def rows(self) -> Iterator[list[Cell]]:
        """A row for every call, in the order of the list."""
        for call, collected in self._calls():
            yield self._row(call, collected)

    def _calls(self) -> Iterator[tuple[CallBrief, CollectedRecord | None]]:
        query = replace(
            self.search, limit=PAGE_CALLS, after_place=None, before_place=None, offset=0
        )
        while page := self.storage.search(query):
            collected = self.storage.collected_by([call.call_id for call in page])
            yield from ((call, collected.get(call.call_id)) for call in page)
            if len(page) < PAGE_CALLS:
                return
            query = replace(query, after_place=page[-1].place(query.sort))

    def _fields(self) -> list[tuple[Agent, str]]:
        """The fields that have a column of their own."""
        name = self.search.agent
        return [
            (agent, spec.name)
            for agent in self.agents.values()
            if name in (None, agent.agent)
            for spec in agent.fields
        ]

    def _row(self, call: CallBrief, collected: CollectedRecord | None) -> list[Cell]:
        agent = self.agents.get(call.agent)
        values: dict[str, object] = {}
        if collected is not None:
            values = dict(redacted_collected(collected, agent, self.sight).data)
        fields: list[Cell] = [
            value_cell(values.pop(name, None)) if owner.agent == call.agent else None
            for owner, name in self._fields()
        ]
        other = "; ".join(f"{name}: {shown_value(value)}" for name, value in values.items())
        return [
            call.call_id,
            call.carrier_id,
            call.agent,
            call.agent_version,
            call.direction,
            shown_number(call.caller_number, self.sight),
            call.line_number,
            moment_cell(call.created_at),
            moment_cell(call.ended_at),
            None if call.duration_ms is None else round(call.duration_ms / 1000, 3),
            call.outcome,
            call.stage,
            call.status,
            call.language,
            call.transport,
            call.turns,
            None if collected is None else shown_value(collected.complete),
            *fields,
            other or None,
        ]
