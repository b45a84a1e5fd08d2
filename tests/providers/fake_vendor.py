"""What every vendor on this machine has in common: an HTTP server, and answers that can wait."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Sent:
    """An HTTP answer."""

    status: int
    body: bytes
    kind: str = "application/json"


class FakeVendor(ABC):
    """Listens on loopback. Use with `with`."""

    @abstractmethod
    def respond(self, wire: Wire, headers: Mapping[str, str], body: Any) -> None:
        """Answer a request: its headers, named in lower case, and its JSON."""

    def __enter__(self) -> Self:
        self._released = Event()
        self._server = _Server(("127.0.0.1", 0), partial(Wire, self))
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


class Wire(BaseHTTPRequestHandler):
    """One connection to a vendor."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written one by one

    def __init__(self, vendor: FakeVendor, *connection: Any) -> None:
        self._vendor = vendor
        super().__init__(*connection)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""

    def do_POST(self) -> None:
        """The only thing a vendor is asked."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self._vendor.respond(self, headers, json.loads(raw))
        except OSError:
            self.close_connection = True  # the other side has had enough

    def send(self, answer: Sent) -> None:
        """The whole answer."""
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
