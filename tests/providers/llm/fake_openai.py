"""A server with OpenAI's interface on this machine: its wire format, and how others differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settings import Settings
from tests.providers.fake_vendor import Sent
from tests.providers.llm.fake_model import FakeModel, json_answer, page

USAGE = {"prompt_tokens": 5, "completion_tokens": 10, "total_tokens": 15}
STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529)


def choice(text: object, reason: str | None = "stop", **message: object) -> Sent:
    """An answer with one choice."""
    told = {"role": "assistant", "content": text, "refusal": None, **message}
    return json_answer(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "model-of-a-day",
            "choices": [{"index": 0, "message": told, "finish_reason": reason}],
            "usage": USAGE,
        }
    )


def error(status: int, message: str = "no", code: str | None = None) -> Sent:
    """An error as the service words it."""
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return json_answer({"error": told}, status)


FAULTS: Mapping[str, Sent] = {
    **{f"error {status}": error(status) for status in STATUSES},
    "out of money": error(429, "You exceeded your current quota", "insufficient_quota"),
    "blocked words": error(400, "The response was filtered", "content_filter"),
    "error in a text": json_answer({"error": "model not found, try pulling it first"}, 404),
    "error in a list": json_answer([{"error": {"code": 400}}], 400),
    "error with 200": json_answer({"error": {"message": "overloaded", "code": 503}}),
    "elsewhere": Sent(307, b""),
    "proxy page": page(502),
    "proxy page with 403": page(403),
    "page with 200": page(200),
    "empty body": Sent(200, b""),
    "no JSON": Sent(200, b'{"choices": ['),
    "no text at all": Sent(200, b"\xff\xfe"),
    "a list": json_answer([]),
    "no choices": json_answer({"usage": USAGE}),
    "empty choices": json_answer({"choices": [], "usage": USAGE}),
    "odd choices": json_answer({"choices": {"a": 1}}),
    "odd choice": json_answer({"choices": ["x"]}),
    "odd message": json_answer({"choices": [{"message": "x"}]}),
    "odd text": choice([{"type": "text", "text": "{}"}]),
    "odd usage": json_answer({"choices": [{"message": {"content": "{}"}}], "usage": [1]}),
    "refusal": choice(None, refusal="I cannot help with that."),
    "content_filter": choice("", "content_filter"),
    "length": choice('{"fields": {"cha', "length"),
    "tool_calls": choice(None, "tool_calls"),
    "unknown finish reason": choice("{}", "something_new"),
    "no text": choice(None),
    "empty text": choice(""),
    "text, not JSON": choice("The charge is 600 rupees."),
    "JSON, cut": choice('{"fields": {"charge": '),
    "wrong shape": choice('{"charge": 600}'),
    "JSON list": choice("[1, 2]"),
}


@dataclass
class FakeOpenAI(FakeModel):
    """Speaks as OpenAI does."""

    def settings(self, **changes: Any) -> Settings:
        """Settings that point at this server."""
        address = f"{self.address}/v1"
        return Settings(**{"openai_api_key": "key-2", "openai_base_url": address, **changes})
