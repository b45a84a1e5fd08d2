"""Takes the text out of an answer of OpenAI's interface, or says why there is none.

Source: https://platform.openai.com/docs/api-reference/chat/object
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from providers.errors import ContentRefused, ProviderError, ProviderUnavailable
from providers.llm.answer import Written, count

_ROLE, _NAME = "llm", "openai"

# Models that are only told to write JSON like to mark it as such.
_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


def read_response(body: bytes) -> Written:
    """What the first choice wrote. ContentRefused, ProviderUnavailable when there is nothing."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _broken("the answer is not JSON", "BODY") from error
    try:
        text = _text(data)
        usage = data.get("usage") or {}
        tokens = (count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")))
    except (AttributeError, LookupError, TypeError) as error:
        raise _broken("the answer has another form than documented", "BODY") from error
    return Written(text, *tokens)


def _text(data: Any) -> str:
    choices = data.get("choices")
    if not choices:
        raise _broken("the answer has no choices", "EMPTY")
    message = choices[0].get("message") or {}
    if message.get("refusal"):
        raise _refused("refusal")
    reason = choices[0].get("finish_reason") or "stop"
    if reason == "content_filter":
        raise _refused(reason)
    if reason != "stop":
        raise _broken("the answer is not finished", str(reason))
    text = message.get("content")
    if not text:
        raise _broken("the answer has no text", "EMPTY")
    fenced = _FENCED.fullmatch(text)
    return str(fenced[1] if fenced else text)


def _refused(reason: str) -> ProviderError:
    return ContentRefused(_ROLE, _NAME, "the content was blocked", reason)


def _broken(message: str, code: str) -> ProviderError:
    return ProviderUnavailable(_ROLE, _NAME, message, code)
