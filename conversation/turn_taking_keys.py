"""The keys a caller presses, gathered until they are an answer."""

from __future__ import annotations

PAUSE_S = 4.0  # after a key, until the keys are whole without #
OVERTYPED_S = 1.0  # keys so soon after the last one that was needed answer nothing that follows
MOST = 32
_KEYS = frozenset("0123456789*#")


class Keys:
    """The keys of one turn; then of the next one."""

    __slots__ = ("_ended_at", "_pressed_at", "digits")

    def __init__(self) -> None:
        self.digits = ""
        self._pressed_at = 0.0
        self._ended_at = float("-inf")

    @property
    def due_at(self) -> float:
        """When they are whole because no other followed."""
        return self._pressed_at + PAUSE_S

    def press(self, digit: str, at: float) -> bool:
        """Take a key; False when it is none, ends nothing, or comes after the last one needed."""
        if len(digit) != 1 or digit not in _KEYS:
            return False
        if not self.digits and (digit == "#" or at - self._ended_at < OVERTYPED_S):
            return False
        self.digits = (self.digits + digit)[:MOST]
        self._pressed_at = at
        return True

    def are_whole(self, most: int | None) -> bool:
        """Whether no other is awaited; `most` None: # ends them."""
        return self.digits.endswith("#") or len(self.digits) >= (most or MOST)

    def answer_heard(self) -> None:
        """The answer to the last keys was heard: what is pressed now answers that."""
        self._ended_at = float("-inf")

    def take(self, at: float) -> str:
        """The keys as a turn; the next one begins."""
        digits, self.digits = self.digits, ""
        self._ended_at = at
        return digits
