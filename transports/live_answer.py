"""An answer as a live call speaks it: what is said, what follows, what is awaited then."""

from __future__ import annotations

from dataclasses import dataclass

from calls.states import state_of
from calls.turns import Reply, Turns
from conversation.actions import (
    HandOver,
    HangUp,
    KeepWaiting,
    Listen,
    Part,
    Say,
    StartRecording,
)
from conversation.turn_taking import Expected, expected
from providers.stt.base import HearingOrder

# What an answer ends with. None: nothing follows, and the next turn is one of silence.
Then = Listen | KeepWaiting | HangUp | HandOver | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Made in the thread that took the turn, so that the loop has nothing left to look up."""

    reply: Reply
    parts: tuple[tuple[Part, bool], ...]  # with whether it may be interrupted
    then: Then
    expected: Expected | None  # None: nothing is listened for
    order: HearingOrder  # what is listened for, in words of a recogniser
    records_from: int | None  # recording begins when this part does
    is_voiced: bool  # every part has its clip; False: nobody could make them in time

    @property
    def goes_on(self) -> bool:
        """The caller is listened to after it, or when the answer is ready."""
        return self.expected is not None or isinstance(self.then, KeepWaiting)

    @property
    def text(self) -> str:
        """The words of it."""
        return " ".join(part.text for part, _ in self.parts)

    @property
    def question(self) -> tuple[tuple[Part, bool], ...]:
        """What is said last: that is what is asked."""
        return self.parts[-1:]


def answer_of(reply: Reply) -> Answer:
    """The same, of what a turn was answered with."""
    agent, call = reply.agent, reply.call
    parts: list[tuple[Part, bool]] = []
    then: Then = None
    records_from: int | None = None
    for action in reply.actions:
        match action:
            case Say():
                parts += [(part, action.interruptible) for part in action.parts]
            case StartRecording():
                records_from = len(parts)
            case Listen() | KeepWaiting() | HangUp() | HandOver():
                then = action
            case _:
                pass  # not for this wire
    listen = then if isinstance(then, Listen) else None
    recogniser = agent.live.recogniser
    return Answer(
        reply=reply,
        parts=tuple(parts),
        then=then,
        expected=expected(agent, state_of(agent, call), listen) if listen else None,
        order=HearingOrder(
            language=listen.language if listen else call.language,
            languages=tuple(agent.languages),
            hints=listen.hints if listen else (),
            model=(recogniser.model or "") if recogniser else "",
            vendor=recogniser.name if recogniser else "",
        ),
        records_from=records_from,
        is_voiced=all(part.clip for part, _ in parts),
    )


def settled(answer: Answer, turns: Turns, delivery: str) -> Answer:
    """The answer that a filler stands in for: waited for as callers wait. In a thread.

    `delivery`: what each waiting is numbered after. UnknownCall when the call is not kept.
    """
    carrier_id, waits = answer.reply.call.carrier_id or "", 0
    while isinstance(answer.then, KeepWaiting):
        waits += 1
        answer = answer_of(turns.keep_waiting(carrier_id, f"{delivery}:{waits}"))
    return answer
