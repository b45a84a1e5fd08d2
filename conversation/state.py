"""What is remembered of a call between turns, and its exact form as a JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from agents.schema import Agent, HandoverReason
from conversation.extraction import Line
from conversation.fields.base import Value
from conversation.stages import Stage

__all__ = ["CallState", "Outcome", "Pending", "Slot", "changed", "new_state"]

FORMAT = 1  # of the JSON object; raised when an old one could be misread
HISTORY_LINES = 12  # kept for a model's context; the full transcript is in the turn records
LINE_LENGTH = 500  # characters of a line that are kept in the history


class Outcome(StrEnum):
    """How a call ended."""

    COMPLETED = "completed"  # every required field, confirmed where asked for
    HANDED_OVER = "handed_over"  # an operator took the call
    DECLINED = "declined"  # the caller did not want to go on
    OPTED_OUT = "opted_out"  # asked never to be rung again
    SILENT = "silent"  # nobody answered any more
    STUCK = "stuck"  # a field could not be understood
    LIMIT = "limit"  # too many turns or too long
    ABANDONED = "abandoned"  # the caller hung up
    MACHINE = "machine"  # an answering machine or a fax took the call
    FAILED = "failed"  # never connected, or ended by a fault


@dataclass(frozen=True, slots=True)
class Slot:
    """A field in this call."""

    value: Value | None = None
    confirmed: bool = False
    doubtful: bool = False  # must be read back whatever the agent's file says
    skipped: bool = False  # optional, and the caller has none
    misses: int = 0  # answers in a row that gave no value
    heard: str = ""  # the words or keys the value came from


@dataclass(frozen=True, slots=True)
class Pending:
    """An utterance that a brain is reading."""

    utterance: str
    yes: bool | None = None  # what it says to the confirmation
    excused: bool = False  # it also did something else, so that giving no value is no miss
    answer: int | None = None  # which of the agent's answers it asked for
    before: bool = False  # it answers the question before the last one, which was not heard
    joined: bool = False  # it goes on with what was said before an answer that nobody heard
    unheard: str = ""  # what stood before the question that was not heard, as far as it was lost


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what the caller said to it."""

    asked: str | None  # the field; None: no single one
    question: str
    utterance: str


if TYPE_CHECKING:
    from dataclasses import replace as changed
else:

    def changed(state, **changes):
        """`dataclasses.replace` for states, at a sixth of its cost: a turn makes ten of them."""
        other = object.__new__(CallState)
        other.__dict__.update(state.__dict__)
        other.__dict__.update(changes)
        return other


@dataclass(frozen=True)  # no slots: `changed` copies its __dict__
class CallState:
    """Everything the engine knows of a call."""

    stage: Stage
    language: str
    slots: Mapping[str, Slot]
    started_at: datetime
    asking: str | None = None  # the field that was asked; None: no single field
    turn: int = 0  # turns of the caller that were answered
    silences: int = 0  # in a row
    misses: int = 0  # in a row, where no field was asked
    handovers: int = 0  # times an operator was tried
    handover_reason: HandoverReason | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Line, ...] = ()
    question: str = ""  # the last question as it was put, for a brain
    pending: Pending | None = None
    outcome: Outcome | None = None
    last: Exchange | None = None  # what the last answer was given to; None: to no utterance
    heard: str | None = None  # of the last answer, until the caller cut in; None: all of it
    lead: str = ""  # what that answer says before its question
    opted_out: bool = False  # asked never to be rung again when the call was over already
    is_outbound: bool = False  # we rang them
    leaves_message: bool = False  # on a machine, as soon as the carrier says that one records

    def with_slot(self, name: str, slot: Slot) -> CallState:
        """This state with one slot replaced."""
        return changed(self, slots={**self.slots, name: slot})

    def with_line(self, role: str, text: str) -> CallState:
        """This state with a line added to its bounded history."""
        line = Line(role, text[:LINE_LENGTH])
        return changed(self, history=(*self.history, line)[-HISTORY_LINES:])

    @property
    def values(self) -> dict[str, Value]:
        """What was collected, by field name."""
        return {name: slot.value for name, slot in self.slots.items() if slot.value is not None}

    def to_dict(self) -> dict[str, object]:
        """A JSON object from which `from_dict` makes an equal state."""
        return {
            "format": FORMAT,
            "stage": str(self.stage),
            "language": self.language,
            "slots": {name: _slot_to_dict(slot) for name, slot in self.slots.items()},
            "started_at": self.started_at.isoformat(),
            "asking": self.asking,
            "turn": self.turn,
            "silences": self.silences,
            "misses": self.misses,
            "handovers": self.handovers,
            "handover_reason": self.handover_reason and str(self.handover_reason),
            "variables": dict(self.variables),
            "history": [[line.role, line.text] for line in self.history],
            "question": self.question,
            "pending": self.pending and _pending_to_dict(self.pending),
            "outcome": self.outcome and str(self.outcome),
            **({"opted_out": True} if self.opted_out else {}),
            **({"is_outbound": True} if self.is_outbound else {}),
            **({"leaves_message": True} if self.leaves_message else {}),
            **_live_to_dict(self),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> CallState:
        """The state that `to_dict` described. ValueError when the format is another."""
        if data.get("format") != FORMAT:
            raise ValueError(f"a call state of format {data.get('format')!r}; this is {FORMAT}")
        reason, outcome, pending = data["handover_reason"], data["outcome"], data["pending"]
        return cls(
            stage=Stage(data["stage"]),
            language=data["language"],
            slots={name: Slot(**slot) for name, slot in data["slots"].items()},
            started_at=datetime.fromisoformat(data["started_at"]),
            asking=data["asking"],
            turn=data["turn"],
            silences=data["silences"],
            misses=data["misses"],
            handovers=data["handovers"],
            handover_reason=HandoverReason(reason) if reason else None,
            variables=data["variables"],
            history=tuple(Line(role, text) for role, text in data["history"]),
            question=data["question"],
            pending=Pending(**pending) if pending else None,
            outcome=Outcome(outcome) if outcome else None,
            last=Exchange(*data["last"]) if "last" in data else None,
            heard=data.get("heard"),
            lead=data.get("lead", ""),
            opted_out=data.get("opted_out", False),
            is_outbound=data.get("is_outbound", False),
            leaves_message=data.get("leaves_message", False),
        )


def new_state(
    agent: Agent, started_at: datetime, variables: Mapping[str, str] | None = None
) -> CallState:
    """The state of a call before anything was said.

    Variables that the agent does not declare are kept too; those it declares have their default.
    """
    return CallState(
        stage=Stage.LANGUAGE,
        language=agent.languages[0],
        slots={spec.name: Slot() for spec in agent.fields},
        started_at=started_at,
        variables={**agent.variables, **(variables or {})},
    )


def _slot_to_dict(slot: Slot) -> dict[str, object]:
    """Only what differs from an empty slot: states are written every turn."""
    data: dict[str, object] = {}
    if slot.value is not None:
        data["value"] = slot.value
    if slot.confirmed:
        data["confirmed"] = True
    if slot.doubtful:
        data["doubtful"] = True
    if slot.skipped:
        data["skipped"] = True
    if slot.misses:
        data["misses"] = slot.misses
    if slot.heard:
        data["heard"] = slot.heard
    return data


def _pending_to_dict(pending: Pending) -> dict[str, object]:
    data: dict[str, object] = {
        "utterance": pending.utterance,
        "yes": pending.yes,
        "excused": pending.excused,
        "answer": pending.answer,
    }
    if pending.before:
        data |= {"before": True, "joined": pending.joined, "unheard": pending.unheard}
    return data


def _live_to_dict(state: CallState) -> dict[str, object]:
    """What only matters to callers who cut in, as far as there is any."""
    data: dict[str, object] = {}
    if state.last is not None:
        data["last"] = [state.last.asked, state.last.question, state.last.utterance]
    if state.heard is not None:
        data |= {"heard": state.heard, "lead": state.lead}
    return data
