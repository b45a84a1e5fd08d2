"""What is said in a call while it is recorded: who, when, for how long. Not here: its sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from phone.leg import new_sid
from phone.mulaw import RATE_HZ

SPOKEN_S = 0.07  # estimated seconds a character takes to say, as everywhere in this phone


class Side(StrEnum):
    """Whose voice it is."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that was said, played or pressed."""

    side: Side
    at: datetime
    length_s: float
    words: str  # "": a clip, whose words nobody here knows; #12: keys
    language: str = ""
    sound: bytes = b""  # μ-law, when it was really heard


@dataclass(frozen=True, slots=True)
class Report:
    """Where the carrier tells what becomes of a recording."""

    url: str
    events: tuple[str, ...] = ("completed",)
    method: str = "POST"


@dataclass
class Tape:
    """A recording of a call from `began_at` on."""

    began_at: datetime
    report: Report
    sid: str = field(default_factory=lambda: new_sid("RE"))
    ended_at: datetime | None = None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def length_s(self) -> float:
        """Seconds, once it has ended."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else 0.0

    def told(self, url: str, status: str) -> dict[str, str]:
        """What the carrier's callback says of it beside the call (twilio.com/docs/voice/api/
        recording, parameters of the recording status callback)."""
        told = {
            "RecordingSid": self.sid,
            "RecordingUrl": url,
            "RecordingStatus": status,
            "RecordingChannels": "2",
            "RecordingTrack": "both",
            "RecordingSource": "StartCallRecordingTwiML",
        }
        if status == "completed":
            told["RecordingDuration"] = str(round(self.length_s))
        return told


@dataclass
class Tapes:
    """The recordings of one call, and until when the agent's words last."""

    running: list[Tape] = field(default_factory=list)
    _agent_until: datetime | None = None

    def agent_plays(self, at: datetime, seconds: float, words: str, language: str) -> None:
        """The agent says something after what it is saying already. A pause has no words and no
        language."""
        begins = max(at, self._agent_until or at)
        self._agent_until = begins + timedelta(seconds=seconds)
        if seconds and (words or language):
            self._add(Piece(Side.AGENT, begins, seconds, words, language))

    def caller_acts(self, at: datetime, words: str, language: str) -> None:
        """The caller speaks or presses keys; what the agent was saying ends."""
        self._agent_until = None
        for tape in self.running:
            tape.pieces = [one for one in (_cut(piece, at) for piece in tape.pieces) if one]
        self._add(Piece(Side.CALLER, at, 0.3 + len(words) * SPOKEN_S, words, language))

    def keep(self, pieces: Iterable[Piece]) -> None:
        """What was really heard, as far as it was recorded."""
        self._agent_until = None
        for tape in self.running:
            for piece in pieces:
                missed_s = max((tape.began_at - piece.at).total_seconds(), 0.0)
                sound = piece.sound[int(missed_s * RATE_HZ) :]
                if sound:
                    at = piece.at + timedelta(seconds=missed_s)
                    length_s = len(sound) / RATE_HZ
                    tape.pieces.append(replace(piece, at=at, length_s=length_s, sound=sound))

    def _add(self, piece: Piece) -> None:
        for tape in self.running:
            tape.pieces.append(piece)


def _cut(piece: Piece, at: datetime) -> Piece | None:
    """What is left of the agent's words when they are talked over."""
    left_s = (at - piece.at).total_seconds()
    if piece.side is Side.CALLER or left_s >= piece.length_s:
        return piece
    if left_s <= 0:
        return None
    return replace(piece, length_s=left_s)
