"""A model on this machine, behind any vendor's interface: its faults, and what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.providers.fake_vendor import FakeVendor, Sent, Wire

Turn = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    body: Mapping[str, Any]

    @property
    def turn(self) -> Turn:
        """The turn that the model was told, which is all it was told but for the instruction."""
        if "contents" in self.body:
            [content] = self.body["contents"]
            [part] = content["parts"]
            data = json.loads(part["text"])
        else:
            _, message = self.body["messages"]
            data = json.loads(message["content"])
        assert isinstance(data, dict)
        return data

    @property
    def instruction(self) -> str:
        """What stands for every turn."""
        if "systemInstruction" in self.body:
            [part] = self.body["systemInstruction"]["parts"]
            return str(part["text"])
        return str(self.body["messages"][0]["content"])


def written(
    values: Mapping[str, object],
    decision: str = "NEED_MORE_INFO",
    reply: str | None = None,
    language: str | None = None,
) -> str:
    """What a model writes down that found `values`, which names every field of its agent."""
    return json.dumps(
        {"fields": values, "reply": reply, "language": language, "decision": decision}
    )


def page(status: int) -> Sent:
    """What a proxy between us says."""
    return Sent(status, b"<html><h1>Bad Gateway</h1></html>", "text/html")


def json_answer(data: object, status: int = 200) -> Sent:
    """A JSON body."""
    return Sent(status, json.dumps(data).encode())


# Faults that are a matter of time: the connection is good for nothing afterwards.
SLOW = "slow"
DRIPPING_BODY = "dripping body"
DRIPPING_HEAD = "dripping head"
CUT = "cut"
TIMED = (SLOW, DRIPPING_BODY, DRIPPING_HEAD, CUT)


@dataclass
class FakeModel(FakeVendor):
    """Serves `answer` for every request until it is told otherwise."""

    answer: Sent | str | Callable[[Asked], Sent]  # a text: one of TIMED
    asked: list[Asked] = field(default_factory=list)

    def respond(self, wire: Wire, headers: Mapping[str, str], body: Any) -> None:
        """As it is told to."""
        asked = Asked(wire.path, headers, body)
        self.asked.append(asked)
        answer = self.answer(asked) if callable(self.answer) else self.answer
        if isinstance(answer, Sent):
            wire.send(answer)
            return
        wire.close_connection = True
        self._send_badly(wire, answer)

    def _send_badly(self, wire: Wire, how: str) -> None:
        if how == SLOW:
            self.wait(30)
            return
        if how == DRIPPING_HEAD:
            self._drip(wire, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 3000)
            return
        wire.send_response(200)
        wire.send_header("Content-Length", "3000")
        wire.end_headers()
        if how == DRIPPING_BODY:
            self._drip(wire, b" " * 3000)

    def _drip(self, wire: Wire, data: bytes) -> None:
        for byte in data:
            wire.wfile.write(bytes([byte]))
            if self.wait(0.02):
                return
