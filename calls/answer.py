"""The last answer of a call as a JSON object, so that a webhook that comes twice gets it again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.schema import HandoverReason
from conversation.actions import (
    Action,
    HandOver,
    HangUp,
    HangUpReason,
    KeepWaiting,
    Listen,
    Part,
    Say,
    StartRecording,
)

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a turn."""

    actions: tuple[Action, ...]
    delivery: str = ""  # of the webhook that was answered
    said_before: str = ""  # in the same turn, while this answer was not ready
    door: str = "gather"  # whose voice speaks it: gather | relay | stream

    def to_dict(self) -> dict[str, object]:
        """A JSON object from which `from_dict` makes an equal answer."""
        written: dict[str, object] = {"delivery": self.delivery}
        if self.said_before:
            written["said_before"] = self.said_before
        if self.door != "gather":
            written["door"] = self.door
        return {**written, "actions": [_written(one) for one in self.actions]}

    def unsaid(self) -> KeptAnswer:
        """What is left when everything was said."""
        left = tuple(action for action in self.actions if not isinstance(action, Say))
        return replace(self, actions=left)

    def without_clips(self) -> tuple[Action, ...]:
        """The actions as they were before anybody's voice spoke them."""
        return tuple(
            replace(action, parts=tuple(replace(part, clip="") for part in action.parts))
            if isinstance(action, Say)
            else action
            for action in self.actions
        )

    def heard(self, heard: str) -> str | None:
        """What was heard, as the beginning of what was said; None when it was all of it.

        The carrier may write it otherwise than we did: then as many words count as it has.
        """
        said = said_in(self.actions)
        if said.startswith(heard):
            part = heard
        else:
            ends = [word.end() for word in _WORD.finditer(said)]
            words = len(_WORD.findall(heard))
            part = said[: ends[min(words, len(ends)) - 1]] if words and ends else ""
        return None if part.strip() == said.strip() else part.strip()

    @property
    def is_by_carrier(self) -> bool:
        """Something was said in the carrier's own voice."""
        says = (action for action in self.actions if isinstance(action, Say))
        return any(not part.clip for say in says for part in say.parts)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KeptAnswer:
        """The answer that `to_dict` described; an empty object is an empty answer."""
        actions: Sequence[Sequence[Any]] = data.get("actions", ())
        read = tuple(_READERS[kind](*values) for kind, *values in actions)
        said_before, door = data.get("said_before", ""), data.get("door", "gather")
        return cls(read, data.get("delivery", ""), said_before, door)


def said_in(actions: Sequence[Action]) -> str:
    """Everything that is said in an answer, as one line."""
    return " ".join(action.text for action in actions if isinstance(action, Say))


def _written(action: Action) -> list[object]:
    """An action as its kind and its values in order. Brains and tools are never answers."""
    match action:
        case Say(parts, interruptible):
            return ["say", [_part(part) for part in parts], interruptible]
        case Listen():
            return [
                "listen",
                action.language,
                action.hints,
                action.keys_most,
                action.timeout_s,
                action.end_silence_s,
                action.asked,
            ]
        case HandOver(to, reason, timeout_s):
            return ["hand_over", to, str(reason), timeout_s]
        case KeepWaiting():
            return ["keep_waiting"]
        case StartRecording():
            return ["start_recording"]
        case HangUp(reason):
            return ["hang_up", str(reason)]
        case _:
            raise TypeError(f"{type(action).__name__} is no answer to a caller")


def _part(part: Part) -> list[object]:
    written: list[object] = [part.text, part.language, part.fixed]
    return [*written, part.clip] if part.clip else written


def _listen(language: str, hints: Sequence[str], *rest: Any) -> Listen:
    return Listen(language, tuple(hints), *rest)


_READERS: Mapping[str, Callable[..., Action]] = {
    "say": lambda parts, interruptible: Say(tuple(Part(*part) for part in parts), interruptible),
    "listen": _listen,
    "hand_over": lambda to, reason, timeout_s: HandOver(to, HandoverReason(reason), timeout_s),
    "keep_waiting": KeepWaiting,
    "start_recording": StartRecording,
    "hang_up": lambda reason: HangUp(HangUpReason(reason)),
}
