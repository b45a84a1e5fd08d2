"""How the companies of the street refuse over HTTP, each in a form and with words of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from phone.vendors.plan import Fault
from phone.vendors.wire import Asked


@dataclass(frozen=True, slots=True)
class Refusals:
    """Those of one company."""

    form: Callable[[int, str], object]  # of a status and a word
    words: Mapping[Fault, str]  # for the faults that are a status

    def send(self, asked: Asked, status: int, word: str) -> None:
        """Refuse a request."""
        asked.send(status, orjson.dumps(self.form(status, word)))

    def fail(self, asked: Asked, fault: Fault) -> None:
        """Refuse it as planned."""
        self.send(asked, int(fault), self.words[fault])


def _gemini(status: int, word: str) -> object:
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
    told = {"code": status, "message": f"no: {word}", "status": word, "details": [retry]}
    return {"error": told}


GEMINI = Refusals(_gemini, {Fault.BUSY: "RESOURCE_EXHAUSTED", Fault.BROKEN: "INTERNAL"})
OPENAI = Refusals(
    lambda _, word: {
        "error": {"message": f"no: {word}", "type": word, "param": None, "code": word}
    },
    {Fault.BUSY: "rate_limit_exceeded", Fault.BROKEN: "server_error"},
)
ELEVENLABS = Refusals(
    lambda _, word: {"detail": {"status": word, "message": f"no: {word}"}},
    {
        Fault.KEY: "invalid_api_key",
        Fault.BUSY: "too_many_concurrent_requests",
        Fault.BROKEN: "internal_server_error",
    },
)
DEEPGRAM = Refusals(
    lambda _, word: {"err_code": word, "err_msg": f"no: {word}", "request_id": "r1"},
    {
        Fault.KEY: "INVALID_AUTH",
        Fault.BUSY: "TOO_MANY_REQUESTS",
        Fault.BROKEN: "INTERNAL_SERVER_ERROR",
    },
)
