"""A model on this machine, behind any vendor's interface: its faults, and what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

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


@dataclass(frozen=True, slots=True)
class Sent:
    """An HTTP answer."""

    status: int
    body: bytes
    kind: str = "application/json; charset=UTF-8"


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


# Faults that are a matter of time: how they go is up to the handler.
SLOW = "slow"
DRIPPING_BODY = "dripping body"
DRIPPING_HEAD = "dripping head"
CUT = "cut"
TIMED = (SLOW, DRIPPING_BODY, DRIPPING_HEAD, CUT)


@dataclass
class FakeModel:
    """Serves `answer` for every request until it is told otherwise. Use with `with`."""

    answer: Sent | str | Callable[[Asked], Sent]  # a text: one of TIMED
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._released = Event()

    def __enter__(self) -> Self:
        fake: FakeModel = self

        class Handler(_Handler):
            owner = fake

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def release(self) -> None:
        """End what is slow."""
        self._released.set()

    def wait(self, seconds: float) -> bool:
        """Whether slow answers were told to end, after at most that long."""
        return self._released.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # callers who connect at once


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written one by one
    owner: FakeModel

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        """The only thing a model is asked."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.path, headers, json.loads(raw))
        self.owner.asked.append(asked)
        answer = self.owner.answer
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, Sent):
            self._send(answer)
            return
        self.close_connection = True
        try:
            self._send_badly(answer)
        except OSError:
            return  # the other side has had enough

    def _send(self, answer: Sent) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _send_badly(self, how: str) -> None:
        if how == SLOW:
            self.owner.wait(30)
            return
        if how == DRIPPING_HEAD:
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 3000)
            return
        self.send_response(200)
        self.send_header("Content-Length", "3000")
        self.end_headers()
        if how == DRIPPING_BODY:
            self._drip(b" " * 3000)

    def _drip(self, data: bytes) -> None:
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.owner.wait(0.02):
                return
