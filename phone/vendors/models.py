"""The wires of two models: Gemini's generateContent and OpenAI's chat completions.

Sources: ai.google.dev/api/generate-content, platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from phone.vendors.plan import MODEL, Fault, Plan
from phone.vendors.reading import Turn, is_summary, written_answer
from phone.vendors.refusals import GEMINI, OPENAI
from phone.vendors.vendor import SUMMARY
from phone.vendors.wire import Asked

_GARBAGE = b'{"candidates": [{"content": '
_SHAPE = {"charge": 600}
_CHARACTERS_A_TOKEN = 4


class Gemini:
    """`POST /v1beta/models/MODEL:generateContent`."""

    faults = MODEL

    def refuses(self, asked: Asked) -> bool:
        if asked.method != "POST" or not asked.path.endswith(":generateContent"):
            GEMINI.send(asked, 404, "NOT_FOUND")
            return True
        if not asked.header("x-goog-api-key"):
            GEMINI.send(asked, 403, "PERMISSION_DENIED")
            return True
        return False

    def text(self, asked: Asked) -> str:
        return _said(_gemini_turn(orjson.loads(asked.body)))

    async def answer(self, asked: Asked, plan: Plan) -> None:
        await _think(plan)
        body = orjson.loads(asked.body)
        config = body.get("generationConfig") or {}
        schema = config.get("responseJsonSchema") or config.get("responseSchema") or {}
        _send_candidate(asked, written_answer(_gemini_turn(body), schema))

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        await _think(plan)
        match fault:
            case Fault.BUSY | Fault.BROKEN:
                GEMINI.fail(asked, fault)
            case Fault.BLOCKED:
                feedback = {"blockReason": "SAFETY", "safetyRatings": []}
                asked.send(200, orjson.dumps({"promptFeedback": feedback}))
            case Fault.SHAPE:
                _send_candidate(asked, _SHAPE)
            case _:
                asked.send(200, _GARBAGE)


class OpenAI:
    """`POST …/chat/completions`."""

    faults = MODEL

    def refuses(self, asked: Asked) -> bool:
        if asked.method != "POST" or not asked.path.endswith("/chat/completions"):
            OPENAI.send(asked, 404, "not_found")
            return True
        if not asked.header("authorization").startswith("Bearer "):
            OPENAI.send(asked, 401, "invalid_api_key")
            return True
        return False

    def text(self, asked: Asked) -> str:
        return _said(_openai_turn(orjson.loads(asked.body)))

    async def answer(self, asked: Asked, plan: Plan) -> None:
        await _think(plan)
        body = orjson.loads(asked.body)
        wanted = (body.get("response_format") or {}).get("json_schema") or {}
        _send_choice(asked, body, written_answer(_openai_turn(body), wanted.get("schema") or {}))

    async def fail(self, asked: Asked, fault: Fault, plan: Plan) -> None:
        await _think(plan)
        match fault:
            case Fault.BUSY | Fault.BROKEN:
                OPENAI.fail(asked, fault)
            case Fault.BLOCKED:
                message = {"role": "assistant", "content": None, "refusal": "I cannot help."}
                choice = {"index": 0, "message": message, "finish_reason": "content_filter"}
                asked.send(200, orjson.dumps({"choices": [choice]}))
            case Fault.SHAPE:
                _send_choice(asked, orjson.loads(asked.body), _SHAPE)
            case _:
                asked.send(200, _GARBAGE)


async def _think(plan: Plan) -> None:
    if plan.delay_ms:
        await asyncio.sleep(plan.delay_ms / 1000)


def _gemini_turn(body: Any) -> Turn:
    return _turn(body["contents"][-1]["parts"][0]["text"])


def _openai_turn(body: Any) -> Turn:
    content = body["messages"][-1]["content"]
    return _turn(content if isinstance(content, str) else content[0]["text"])


def _turn(text: str) -> Turn:
    turn = orjson.loads(text)
    if not isinstance(turn, dict):
        raise TypeError("a turn is an object")
    return turn


def _said(turn: Turn) -> str:
    return SUMMARY if is_summary(turn) else str(turn["caller_said"])


def _send_candidate(asked: Asked, answer: Mapping[str, object]) -> None:
    text = orjson.dumps(answer).decode()
    read, wrote = _tokens(asked, text)
    candidate = {
        "content": {"parts": [{"text": text}], "role": "model"},
        "finishReason": "STOP",
        "index": 0,
    }
    usage = {
        "promptTokenCount": read,
        "candidatesTokenCount": wrote,
        "totalTokenCount": read + wrote,
    }
    told = {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": "gemini-on-this-machine",
        "responseId": "r1",
    }
    asked.send(200, orjson.dumps(told))


def _send_choice(asked: Asked, body: Any, answer: Mapping[str, object]) -> None:
    text = orjson.dumps(answer).decode()
    read, wrote = _tokens(asked, text)
    message = {"role": "assistant", "content": text, "refusal": None}
    told = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": body.get("model", ""),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": wrote,
            "total_tokens": read + wrote,
        },
    }
    asked.send(200, orjson.dumps(told))


def _tokens(asked: Asked, text: str) -> tuple[int, int]:
    return len(asked.body) // _CHARACTERS_A_TOKEN, len(text) // _CHARACTERS_A_TOKEN
