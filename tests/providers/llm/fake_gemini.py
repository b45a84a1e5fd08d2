"""A Gemini on this machine: its REST wire format and its faults, beside those of any model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from settings import Settings
from tests.providers.fake_vendor import Sent
from tests.providers.llm.fake_model import FakeModel, json_answer, page

USAGE = {
    "promptTokenCount": 5,
    "candidatesTokenCount": 3,
    "thoughtsTokenCount": 7,
    "totalTokenCount": 15,
}
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def candidate(text: str | None, reason: str = "STOP") -> Sent:
    """An answer with one candidate."""
    content: dict[str, object] = {"role": "model"}
    if text is not None:
        content["parts"] = [{"text": text}]
    return json_answer(
        {
            "candidates": [{"content": content, "finishReason": reason, "index": 0}],
            "usageMetadata": USAGE,
            "modelVersion": "gemini-test",
            "responseId": "r1",
        }
    )


def blocked_prompt() -> Sent:
    """The prompt itself was blocked."""
    rating = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "HIGH"}
    feedback = {"blockReason": "SAFETY", "safetyRatings": [rating]}
    return json_answer({"promptFeedback": feedback, "usageMetadata": USAGE})


def error(status: int) -> Sent:
    """An error as the service words it."""
    retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}
    word = STATUS[status]
    told = {"code": status, "message": f"no: {word}", "status": word, "details": [retry]}
    return json_answer({"error": told}, status)


FAULTS: Mapping[str, Sent] = {
    **{f"error {status}": error(status) for status in STATUS},
    "proxy page": page(502),
    "page with 200": page(200),
    "empty body": Sent(200, b""),
    "no JSON": Sent(200, b'{"candidates": ['),
    "a list": json_answer([]),
    "no candidates": json_answer({"usageMetadata": USAGE}),
    "blocked prompt": blocked_prompt(),
    "SAFETY": json_answer({"candidates": [{"finishReason": "SAFETY", "index": 0}]}),
    "PROHIBITED_CONTENT": candidate(None, "PROHIBITED_CONTENT"),
    "MAX_TOKENS": candidate(None, "MAX_TOKENS"),
    "MAX_TOKENS in the text": candidate('{"fields": {"cha', "MAX_TOKENS"),
    "unknown finish reason": candidate("{}", "SOMETHING_NEW"),
    "no parts": candidate(None),
    "odd parts": json_answer({"candidates": [{"content": {"parts": ["x"]}}]}),
    "odd text": json_answer({"candidates": [{"content": {"parts": [{"text": 5}]}}]}),
    "text, not JSON": candidate("The charge is 600 rupees."),
    "JSON, cut": candidate('{"fields": {"charge": '),
    "wrong shape": candidate('{"charge": 600}'),
    "JSON list": candidate("[1, 2]"),
}


@dataclass
class FakeGemini(FakeModel):
    """Speaks as Gemini does."""

    def settings(self, **changes: Any) -> Settings:
        """Settings that point at this server."""
        return Settings(**{"gemini_api_key": "key-1", "gemini_base_url": self.address, **changes})
