"""What answers a telephone when nobody does: a machine that records, a fax."""

from __future__ import annotations

from phone.caller import Dialling, HangsUp, Heard, Listening, Move, PickUp, Speaks, StaysSilent
from phone.detection import Greeting, Kind

GREETING = (
    "Hi, you have reached my voicemail. I cannot come to the phone right now. "
    "Please leave a message after the beep."
)
# A machine that hears nothing any more ends the call after so many pauses of the other side.
PAUSES_MOST = 3


class AnsweringMachine:
    """Says its greeting, beeps, records what is said to it."""

    def __init__(self, text: str = GREETING, beeps: bool = True) -> None:
        self.greeting = Greeting(text, Kind.MACHINE, beeps)
        self.recorded: list[str] = []  # what was said after the greeting
        self.records = False  # its greeting is over
        self._has_greeted = False
        self._pauses = 0

    def recording_begins(self) -> None:
        """What is heard from now on is kept."""
        self.records = True

    def picks_up(self, number: str) -> PickUp:
        """At once."""
        return PickUp.ANSWERED

    def hears(self, heard: Heard) -> None:
        """Records it, or talks over it."""
        if self.records:
            self.recorded.append(" ".join(heard.text.split()))

    def moves(self, listening: Listening) -> Move:
        """Its greeting, which a recogniser takes for speech; then nothing, and the end."""
        if not self._has_greeted and not self.records:
            self._has_greeted = True
            return Speaks((self.greeting.text,), after_s=0.2)
        self._pauses += 1
        return HangsUp() if self._pauses > PAUSES_MOST else StaysSilent()

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """Somebody else is rung for it, who hears a recorder."""
        return PickUp.NO_ANSWER


class Fax:
    """Whistles until the other side is gone."""

    def __init__(self) -> None:
        self.greeting = Greeting("", Kind.FAX)

    def recording_begins(self) -> None:
        """Nothing is recorded."""

    def picks_up(self, number: str) -> PickUp:
        """At once."""
        return PickUp.ANSWERED

    def hears(self, heard: Heard) -> None:
        """It does not."""

    def moves(self, listening: Listening) -> Move:
        """Nothing that anybody understands."""
        return StaysSilent()

    def is_put_through(self, dialling: Dialling) -> PickUp:
        """As above."""
        return PickUp.NO_ANSWER
