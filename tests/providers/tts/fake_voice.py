"""A voice company on this machine: its streaming interface, its faults, and what it was asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from settings import Settings
from tests.providers.fake_vendor import FakeVendor, Sent, Wire

PIECE = 2048


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: Mapping[str, Any]

    @property
    def text(self) -> str:
        """What is to be spoken."""
        return str(self.body["text"])


@dataclass(frozen=True, slots=True)
class Spoken:
    """A good answer, or one that goes wrong in time."""

    first_s: float = 0.0  # before the head
    between_s: float = 0.0  # between two pieces
    cut_after: int | None = None  # pieces, then the connection breaks
    stall_after: int | None = None  # pieces, then nothing more comes
    share: float = 1.0  # how much of the sound is sent, as if it were all


PAGE = Sent(502, b"<html>Bad Gateway</html>", "text/html")
PAGE_NOT_TEXT = Sent(500, b"<\xfa\x80> oops", "text/html")
JSON_WITH_200 = Sent(200, b'{"detail": "soon"}')
TEXT_AS_SOUND = Sent(200, b"this is no sound, whatever the head says", "audio/mpeg")
EMPTY = Sent(200, b"", "audio/mpeg")

Answer = Spoken | Sent


@dataclass
class FakeVoice(FakeVendor):
    """Serves `answer` for every request until it is told otherwise."""

    answer: Answer | Callable[[Asked], Answer] = field(default_factory=Spoken)
    asked: list[Asked] = field(default_factory=list)
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._at_once = 0

    @abstractmethod
    def settings(self, **changes: Any) -> Settings:
        """Settings that point at this server."""

    @abstractmethod
    def sound(self, asked: Asked) -> bytes:
        """What is answered when all goes well."""

    @property
    def texts(self) -> list[str]:
        """Everything that was to be spoken, in order."""
        return [asked.text for asked in self.asked]

    def respond(self, wire: Wire, headers: Mapping[str, str], body: Any) -> None:
        """Whatever is asked is to be spoken."""
        parts = urlsplit(wire.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        asked = Asked(parts.path, query, headers, body)
        with self._lock:
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self.answer(asked) if callable(self.answer) else self.answer
            if isinstance(answer, Sent):
                wire.send(answer)
            else:
                self._speak(wire, answer, asked)
        finally:
            with self._lock:
                self._at_once -= 1

    def _speak(self, wire: Wire, answer: Spoken, asked: Asked) -> None:
        if answer.first_s:
            self.wait(answer.first_s)
        wire.send_response(200)
        wire.send_header("Content-Type", "audio/mpeg")
        wire.send_header("Transfer-Encoding", "chunked")
        wire.send_header("request-id", "r1")
        wire.end_headers()
        sound = self.sound(asked)
        sound = sound[: int(len(sound) * answer.share)]
        pieces = [sound[at : at + PIECE] for at in range(0, len(sound), PIECE)]
        for number, piece in enumerate(pieces):
            if number == answer.cut_after:
                wire.close_connection = True
                return
            if number == answer.stall_after:
                self.wait(30)
                wire.close_connection = True
                return
            if number and answer.between_s:
                self.wait(answer.between_s)
            wire.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        wire.wfile.write(b"0\r\n\r\n")
