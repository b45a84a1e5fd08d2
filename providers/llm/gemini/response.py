"""Takes the text out of Gemini's answer, or says why there is none.

Source: https://ai.google.dev/api/generate-content#generatecontentresponse
"""

from __future__ import annotations

from typing import Any

import orjson

from providers.errors import ContentRefused, ProviderError, ProviderUnavailable
from providers.llm.answer import Written, count

_ROLE, _NAME = "llm", "gemini"

# Reasons of a candidate that are about what was said; a prompt has no others.
_BLOCKED = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"}
)


def read_response(body: str) -> Written:
    """What the first candidate wrote. ContentRefused, ProviderUnavailable when there is nothing."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _broken("the answer is not JSON", "BODY") from error
    try:
        return Written(_text(data), *_tokens(data))
    except (AttributeError, LookupError, TypeError) as error:
        raise _broken("the answer has another form than documented", "BODY") from error


def _text(data: Any) -> str:
    blocked = (data.get("promptFeedback") or {}).get("blockReason")
    if blocked:
        raise _refused(blocked)
    candidates = data.get("candidates")
    if not candidates:
        raise _broken("the answer has no candidates", "EMPTY")
    reason = candidates[0].get("finishReason", "STOP")
    if reason in _BLOCKED:
        raise _refused(reason)
    if reason != "STOP":
        raise _broken("the answer is not finished", str(reason))
    parts = (candidates[0].get("content") or {}).get("parts") or []
    text = "".join(part.get("text", "") for part in parts if not part.get("thought"))
    if not text:
        raise _broken("the answer has no text", "EMPTY")
    return text


def _tokens(data: Any) -> tuple[int, int]:
    """What was read and what was written, thoughts included: both are paid for."""
    usage = data.get("usageMetadata") or {}
    written = (usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount"))
    return count(usage.get("promptTokenCount")), sum(map(count, written))


def _refused(reason: object) -> ProviderError:
    return ContentRefused(_ROLE, _NAME, "the content was blocked", str(reason))


def _broken(message: str, code: str) -> ProviderError:
    return ProviderUnavailable(_ROLE, _NAME, message, code)
