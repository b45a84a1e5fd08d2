"""What a model has to answer: its JSON Schema per agent, and the reading of it. No vendor here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from agents.schema import Agent
from conversation.extraction import Decision, Extraction
from conversation.fields import kind_of

Schema = dict[str, object]

# What model vendors understand of JSON Schema. Other keywords (pattern, maxLength) are left out:
# some vendors refuse a schema for them, and the field kind checks every value anyway.
_KEYWORDS = frozenset(
    {"type", "format", "description", "enum", "minimum", "maximum", "properties", "required"}
)
# Keys of the answer beside the fields, in a namespace of their own: a field may be called "reply".
VALUES, REPLY, LANGUAGE, DECISION = "fields", "reply", "language", "decision"


# Characters; the thousand tokens that vendors may write have fewer. Reading a value of a megabyte
# would keep a caller waiting for seconds.
ANSWER_MOST = 20_000
# Tokens of one answer: what says more is broken, and no store keeps numbers of any size.
TOKENS_MOST = 1_000_000_000


class WrongAnswer(ValueError):
    """The text is not what the schema asks for."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote down, and the tokens it read and wrote for it."""

    text: str
    input_tokens: int
    output_tokens: int

    def counted(self, extraction: Extraction, model: str) -> Extraction:
        """The extraction with what it took."""
        return replace(
            extraction,
            model=model,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )


def count(raw: object) -> int:
    """A number of tokens as a vendor tells it; 0 when it is none."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        return 0
    return raw if 0 < raw <= TOKENS_MOST else 0


def answer_schema(agent: Agent) -> Schema:
    """The JSON Schema of an answer: every field of the agent, each of them nullable."""
    values = {spec.name: _nullable(_plain(kind_of(spec).schema(spec))) for spec in agent.fields}
    reply: Schema = {"type": "string", "description": "short answer to what the caller asked aside"}
    language: Schema = {
        "type": "string",
        "enum": list(agent.languages),
        "description": "the language the caller asked to go on in",
    }
    decision: Schema = {"type": "string", "enum": [str(one) for one in Decision]}
    return _object(
        {
            VALUES: _object(values),
            REPLY: _nullable(reply),
            LANGUAGE: _nullable(language),
            DECISION: decision,
        }
    )


def read_answer(agent: Agent, text: str | bytes, brain: str) -> Extraction:
    """The extraction that a model wrote down as JSON. WrongAnswer when it broke the schema.

    Field values are taken as they are: whoever uses them has their kinds check them.
    """
    if len(text) > ANSWER_MOST:
        raise WrongAnswer("the answer is longer than any")
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise WrongAnswer("the answer is not JSON") from error
    if not isinstance(data, dict) or data.keys() != {VALUES, REPLY, LANGUAGE, DECISION}:
        raise WrongAnswer("the answer has other keys than the schema")
    values, reply, language = data[VALUES], data[REPLY], data[LANGUAGE]
    if not isinstance(values, dict) or values.keys() != {spec.name for spec in agent.fields}:
        raise WrongAnswer("the answer has other fields than the agent")
    if not isinstance(reply, str | None):
        raise WrongAnswer("the reply is no text")
    if language is not None and language not in agent.languages:
        raise WrongAnswer("the language is none of the agent's")
    if data[DECISION] not in list(Decision):
        raise WrongAnswer("the decision is none of those there are")
    return Extraction(
        decision=Decision(data[DECISION]),
        values={name: value for name, value in values.items() if value is not None},
        reply=reply or None,
        language=language,
        brain=brain,
    )


def _plain(schema: Mapping[str, object]) -> Schema:
    """The schema without the keywords that not every vendor takes."""
    kept: Schema = {key: value for key, value in schema.items() if key in _KEYWORDS}
    properties = kept.get("properties")
    if isinstance(properties, Mapping):
        kept["properties"] = {name: _plain(one) for name, one in properties.items()}
    return kept


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(properties)}
