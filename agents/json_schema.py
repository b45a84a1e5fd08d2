"""The JSON Schema of agent files, for editors; `python -m agents.json_schema` writes it anew.

Draft 7, the one that YAML editors know. It says what can be said without knowing the file's
languages, fields and variables; the loader checks the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from agents.agent_file import RULES
from agents.closing_section import OUTCOMES
from agents.field_section import COMMON, OPTIONS
from agents.schema import (
    LANGUAGE_PATTERN,
    NAME_PATTERN,
    Agent,
    Alert,
    AlertKey,
    Answer,
    FieldSpec,
    Handover,
    Limits,
    LiveRecogniser,
    LiveSpeech,
    Record,
    Voice,
)
from agents.texts import MAX_TEXT_LENGTH
from agents.wording_section import ALWAYS_GIVEN
from conversation.fields import KINDS
from conversation.state import Outcome
from conversation.wording import SENTENCES
from settings import MODEL_NAMES, RECOGNISER_NAMES

SCHEMA_FILE = Path(__file__).with_name("agent.schema.json")

Schema = dict[str, object]

_SENTENCE: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT_LENGTH}
_WORDS: Schema = {"type": "array", "items": _SENTENCE}
_NAMES: Schema = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}


def agent_json_schema() -> Schema:
    """The schema of one agent's file."""
    special: Mapping[str, Schema] = {
        "voices": _voices(),
        "say": _say(),
        "variables": _by_name({"type": "string", "minLength": 1}),
        "fields": _by_name({"$ref": "#/definitions/field"}) | {"minProperties": 1},
        "confirm": {"anyOf": [{"enum": ["all", "none"]}, _NAMES]},
        "models": _models(),
        "handover": _of_model(Handover),
        "answers": {"type": "array", "items": _answer()},
        "limits": _of_model(Limits),
        "live": _live(),
        "record": _record(),
        "alert": _alert(),
        "voicemail": {"$ref": "#/definitions/text"},
        "messages": _messages(),
    }
    plain = _properties(Agent)
    properties = {
        key: special.get(key, plain[key]) | _described(Agent, key)
        for key in plain
        if key not in ("version", "say_voices")
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Agent of Callwright",
        **_closed(properties, ["agent", "name", "goal", "languages", "say"]),
        "if": {"required": ["alert"]},
        "then": {"properties": {"fields": False}},
        "else": {
            "required": ["fields"],
            "properties": {"say": {"required": list(ALWAYS_GIVEN)}},
        },
        "definitions": {"text": _text(), "synonyms": _by_language(_WORDS), "field": _field()},
    }


def schema_text() -> str:
    """The schema as it is kept in the file."""
    return json.dumps(agent_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _field() -> Schema:
    texts = ("ask", "ask_again", "label", "unit")
    special: dict[str, Schema] = {key: {"$ref": "#/definitions/text"} for key in texts}
    special["choices"] = _choices()
    special["kind"] = {"enum": sorted(KINDS)}
    plain = _properties(FieldSpec)
    properties = {
        key: special.get(key, plain[key]) | _described(FieldSpec, key)
        for key in plain
        if key in OPTIONS
    }
    return _closed(properties, ["kind", "ask"]) | {
        "allOf": [_of_kind(kind) for kind in sorted(KINDS)]
    }


def _of_kind(name: str) -> Schema:
    """What one kind needs, and which of the options it does not take."""
    kind = KINDS[name]
    refused = sorted(OPTIONS - COMMON - kind.takes)
    then: Schema = {"properties": dict.fromkeys(refused, False)}
    if kind.needs:
        then["required"] = sorted(kind.needs)
    return {
        "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
        "then": then,
    }


def _choices() -> Schema:
    one = {
        "value": {"type": "string", "minLength": 1, "maxLength": 80},
        "say": {"$ref": "#/definitions/text", "description": "How it is read back."},
        "synonyms": {
            "anyOf": [_WORDS, {"$ref": "#/definitions/synonyms"}],
            "description": "Words that mean it, by language.",
        },
    }
    spelled_out = {"anyOf": [{"type": "string", "minLength": 1}, _closed(one, ["value"])]}
    by_value = {"anyOf": [{"type": "null"}, _WORDS, {"$ref": "#/definitions/synonyms"}]}
    return {
        "anyOf": [
            {"type": "array", "minItems": 2, "items": spelled_out},
            {"type": "object", "minProperties": 2, "additionalProperties": by_value},
        ]
    }


def _say() -> Schema:
    properties: dict[str, Schema] = {}
    for key, placeholders in SENTENCES.items():
        properties[key] = {"$ref": "#/definitions/text"}
        if placeholders:
            names = ", ".join(f"{{{name}}}" for name in sorted(placeholders))
            properties[key]["description"] = f"May hold {names}."
    return _closed(properties, ["goodbye"])


def _voices() -> Schema:
    voice = _of_model(Voice)
    default = voice | {"description": "The voice in every language that has none of its own."}
    say = _by_language({"type": "string"}) | _described(Agent, "say_voices")
    return {
        "type": "object",
        "properties": {"default": default, "say": say},
        "patternProperties": {LANGUAGE_PATTERN: voice},
        "additionalProperties": False,
    }


def _models() -> Schema:
    names: Schema = {"enum": [*MODEL_NAMES, RULES]}
    return {"type": "array", "items": names, "minItems": 1, "uniqueItems": True}


def _answer() -> Schema:
    schema = _of_model(Answer)
    properties = dict(_properties(Answer))
    properties["say"] = {"$ref": "#/definitions/text"} | _described(Answer, "say")
    return schema | {"properties": properties}


def _live() -> Schema:
    schema = _of_model(LiveSpeech)
    name: Schema = {"enum": list(RECOGNISER_NAMES)}
    whole = _of_model(LiveRecogniser)
    whole["properties"] = _properties(LiveRecogniser) | {
        "name": name | _described(LiveRecogniser, "name")
    }
    special: dict[str, Schema] = {
        "hold": {"$ref": "#/definitions/text"},
        "recogniser": {"anyOf": [name, whole]},
    }
    plain = _properties(LiveSpeech)
    schema["properties"] = {
        key: special.get(key, plain[key]) | _described(LiveSpeech, key) for key in plain
    }
    return schema


def _alert() -> Schema:
    schema = _of_model(Alert)
    plain, one = _properties(Alert), _properties(AlertKey)
    text: Schema = {"$ref": "#/definitions/text"}
    key = {name: one[name] | _described(AlertKey, name) for name in one if name != "key"}
    key |= {"say": text | _described(AlertKey, "say")}
    key |= {"words": {"anyOf": [_WORDS, {"$ref": "#/definitions/synonyms"}]}}
    keys: Schema = {
        "type": "object",
        "patternProperties": {r"^[0-9*]$": _closed(key, [])},
        "additionalProperties": False,
    }
    special = {"say": text, "ask": text, "keys": keys}
    schema["properties"] = {
        name: special.get(name, plain[name]) | _described(Alert, name) for name in plain
    }
    return schema


def _messages() -> Schema:
    outcomes = [outcome for outcome in OUTCOMES if outcome != Outcome.OPTED_OUT]
    return _closed({outcome: {"$ref": "#/definitions/text"} for outcome in outcomes}, [])


def _record() -> Schema:
    schema = _of_model(Record)
    announce = {"$ref": "#/definitions/text"} | _described(Record, "announce")
    return schema | {"properties": {"announce": announce}}


def _text() -> Schema:
    """One sentence, or one in every language."""
    return {"anyOf": [_SENTENCE, _by_language(_SENTENCE) | {"minProperties": 1}]}


def _by_language(value: Schema) -> Schema:
    return {
        "type": "object",
        "patternProperties": {LANGUAGE_PATTERN: value},
        "additionalProperties": False,
    }


def _by_name(value: Schema) -> Schema:
    return {
        "type": "object",
        "patternProperties": {NAME_PATTERN: value},
        "additionalProperties": False,
    }


def _closed(properties: Mapping[str, object], required: list[str]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _described(model: type[BaseModel], key: str) -> Schema:
    return {"description": model.model_fields[key].description}


def _of_model(model: type[BaseModel]) -> Schema:
    """The schema of a model whose form in the file is its own."""
    required = [key for key, field in model.model_fields.items() if field.is_required()]
    return _closed(_properties(model), required)


def _properties(model: type[BaseModel]) -> dict[str, Schema]:
    """The properties of a model, references to its enums spelled out."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    return {key: _plain(value, definitions) for key, value in schema["properties"].items()}


def _plain(value: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """A property without titles, references and the null that stands for an absent key."""
    kept = {key: one for key, one in value.items() if key != "title"}
    reference = kept.pop("$ref", None)
    if isinstance(reference, str):
        kept = _plain(definitions[reference.rpartition("/")[2]], definitions) | kept
    options = kept.get("anyOf")
    if isinstance(options, list):
        present = [_plain(one, definitions) for one in options if one != {"type": "null"}]
        numbers = [one for one in present if one.get("type") == "number"]
        # A decimal may come as text for a model; in a file it is a number.
        only = numbers or present
        del kept["anyOf"]
        kept |= only[0] if len(only) == 1 else {"anyOf": only}
        if kept.get("default", "") is None:
            del kept["default"]
    items = kept.get("items")
    if isinstance(items, dict):
        kept["items"] = _plain(items, definitions)
    return kept


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
