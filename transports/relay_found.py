"""A call as it is found when a socket of it opens, maybe once more after one was lost."""

from __future__ import annotations

from dataclasses import dataclass

from calls.states import state_of
from calls.turns import Reply
from providers.telephony.base import RelayPrompt
from transports.live_answer import Answer, answer_of


@dataclass(frozen=True, slots=True)
class Found:
    """The last answer of a call, and what it was an answer to."""

    answer: Answer
    said: str  # by the caller in the last turn; "" in a call that has just begun


def found(reply: Reply) -> Found:
    """The same, of the last answer. In a thread."""
    history = state_of(reply.agent, reply.call).history if reply.turn > 1 else ()
    said = next((line.text for line in reversed(history) if line.role == "caller"), "")
    return Found(answer_of(reply), said)


class SaidBefore:
    """Knows words that were answered before the socket was lost, when they are told once more.

    The carrier keeps what it could not tell while there was no socket; whether the last words
    before had arrived, it cannot know.
    """

    def __init__(self, said: str) -> None:
        self._said = said

    def has(self, told: RelayPrompt) -> bool:
        """These words were answered already. Only the first of a socket can have been."""
        if not self._said or not self._said.startswith(told.text):
            self._said = ""
            return False
        if told.is_last:
            self._said = self._said[len(told.text) :].strip()
        return True

    def forget(self) -> None:
        """What is said from now on is new."""
        self._said = ""
