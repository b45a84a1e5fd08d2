"""What a model behind OpenAI's interface is sent. Servers differ in what of it they take.

Sources: https://platform.openai.com/docs/api-reference/chat/create and, for what a strict schema
may hold, https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from agents.schema import Agent
from providers.llm.answer import Schema

_OUTPUT_TOKENS_MOST = 1024  # an answer has about a hundred; the longest text field a few hundred
_LIMIT = "max_completion_tokens"  # the only one that OpenAI's newer models take
_OLD_LIMIT = "max_tokens"  # the only one that some other servers know

# Bounds are left out: held to them, a model would have to write another value than it heard.
# Formats are, because the strict mode of some servers knows few.
_KEPT = frozenset({"type", "description", "enum", "anyOf"})

_WITH_SCHEMA = """
Answer with one JSON object that fits this JSON Schema, and with nothing around it:
{schema}
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """The form of a request, as far as a server may not understand it."""

    has_schema: bool = True  # as a rule that the server enforces; otherwise as words
    limit: str = _LIMIT

    def next(self, complaint: str) -> Shape | None:
        """What to try after a complaint about this one; None: there is nothing left."""
        if self.limit == _LIMIT and (_LIMIT in complaint or not self.has_schema):
            return replace(self, limit=_OLD_LIMIT)
        return self.in_words() if self.has_schema else None

    def in_words(self) -> Shape:
        """The same with the schema told to the model."""
        return replace(self, has_schema=False)


class Prepared:
    """What every request of an agent shares, or every request for a summary."""

    def __init__(self, words: str, plain: Schema, agent: Agent | None = None) -> None:
        schema = strict(plain)
        self.agent = agent
        self._told = words
        self._told_schema = self._told + _WITH_SCHEMA.format(schema=orjson.dumps(schema).decode())
        self._format: Schema = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        }

    def body(self, model: str, shape: Shape, text: str) -> bytes:
        """One request. No temperature and the like: some models refuse each of them."""
        told = self._told if shape.has_schema else self._told_schema
        return orjson.dumps(
            {
                "model": model,
                "messages": [
                    {"role": "system", "content": told},
                    {"role": "user", "content": text},
                ],
                "response_format": self._format if shape.has_schema else {"type": "json_object"},
                shape.limit: _OUTPUT_TOKENS_MOST,
            }
        )


def strict(schema: Mapping[str, object]) -> Schema:
    """The schema as strict mode wants it: every object closed, and all it may hold required."""
    kept: Schema = {key: value for key, value in schema.items() if key in _KEPT}
    items = schema.get("items")
    if isinstance(items, Mapping):
        kept["items"] = strict(items)
    options = kept.get("anyOf")
    if isinstance(options, list):
        kept["anyOf"] = [strict(one) for one in options]
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        kept["properties"] = {name: strict(one) for name, one in properties.items()}
        kept["required"] = list(properties)
        kept["additionalProperties"] = False
    return kept
