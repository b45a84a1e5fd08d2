"""A REST interface of the carrier on this machine, for tests: answers as it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from tests.providers.telephony.rest_server import listening


@dataclass
class CarrierRest:
    """What it was asked, and what it answers."""

    port: int = 0
    status: int = 201
    answer: dict[str, object] | None = None  # None: a new call, CA1 and so on
    hold: threading.Event | None = None  # answers only when it is set
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running_carrier(answers: CarrierRest | None = None) -> Iterator[CarrierRest]:
    """A carrier that listens while the context lasts."""
    carrier = answers or CarrierRest()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            carrier.asked.append((self.path, parse_qs(body, keep_blank_values=True)))
            if carrier.hold is not None:
                carrier.hold.wait(10)
            new_call = {"sid": f"CA{len(carrier.asked)}", "status": "queued"}
            answer = new_call if carrier.answer is None else carrier.answer
            raw = json.dumps(answer).encode()
            try:
                self.send_response(carrier.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked has given up

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler, carrier.port) as carrier.port:
        try:
            yield carrier
        finally:
            if carrier.hold is not None:
                carrier.hold.set()


def refusal(code: int, status: int = 400) -> CarrierRest:
    """A carrier that refuses every call with an error code."""
    answer: dict[str, object] = {
        "code": code,
        "message": "no",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return CarrierRest(status=status, answer=answer)
