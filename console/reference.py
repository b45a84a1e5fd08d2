"""The interface's document, arranged for people to read: groups, routes, parameters, shapes."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

JSON = "application/json"
REF = "$ref"
# How deep shapes are shown in shapes; what refers to itself ends there.
DEPTH_MOST = 6
# What stands for the token in what is copied: the shell puts it in.
TOKEN = '"Authorization: Bearer $API_TOKEN"'

TRUTH = ("true", "false")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or a key of a shape with what is below it."""

    name: str
    type: str
    about: str
    is_needed: bool
    choices: tuple[str, ...] = ()
    usual: str = ""  # what counts when it is not sent
    example: str = ""
    place: str = ""  # of a parameter: path | query
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back with a status."""

    status: str
    about: str
    types: tuple[str, ...]  # content types
    codes: tuple[str, ...]  # of errors
    type: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One route."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    proof: str  # open | token
    scope: str  # what the token must allow; "" when any will do
    parameters: tuple[Part, ...]
    body: tuple[Part, ...]
    body_types: tuple[str, ...]
    sample: str  # a body, as JSON text
    answers: tuple[Answer, ...]  # of what went well
    errors: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Group:
    """Routes of one kind."""

    name: str
    about: str
    routes: tuple[Shown, ...]


class Reference:
    """Reads a document. `address` is where the routes are called in samples."""

    def __init__(self, document: Mapping[str, Any], address: str) -> None:
        self._document = document
        self._address = address.rstrip("/")

    def groups(self) -> Sequence[Group]:
        """Everything there is, in the order of the document."""
        routes: dict[str, list[Shown]] = {tag["name"]: [] for tag in self._document["tags"]}
        for path, methods in self._document["paths"].items():
            for method, said in methods.items():
                routes[said["tags"][0]].append(self._route(path, method.upper(), said))
        return [
            Group(tag["name"], tag["description"], tuple(routes[tag["name"]]))
            for tag in self._document["tags"]
        ]

    def _route(self, path: str, method: str, said: Mapping[str, Any]) -> Shown:
        parameters = tuple(self._parameter(one) for one in said.get("parameters", ()))
        content = said.get("requestBody", {}).get("content", {})
        media: Mapping[str, Any] = next(iter(content.values()), {})
        schema: Schema = media.get("schema", {})
        example = media.get("example") or self._example(schema)
        sample = json.dumps(example, indent=2, ensure_ascii=False) if JSON in content else ""
        answers = [self._answer(status, one) for status, one in said["responses"].items()]
        proof = "token" if said["security"] else "open"
        scopes = [scope for one in said["security"] for scope in one.get("token", ())]
        return Shown(
            name=said["operationId"],
            method=method,
            path=path,
            summary=said["summary"],
            about=said.get("description", ""),
            proof=proof,
            scope=", ".join(scopes),
            parameters=parameters,
            body=tuple(self._parts(schema)),
            body_types=tuple(content),
            sample=sample,
            answers=tuple(one for one in answers if not one.codes),
            errors=tuple(one for one in answers if one.codes),
            curl=self._curl(path, method, proof, parameters, sample),
        )

    def _parameter(self, one: Mapping[str, Any]) -> Part:
        schema = self._followed(one["schema"])
        usual = schema.get("default")
        return Part(
            name=one["name"],
            type=self._type(schema),
            about=one.get("description", ""),
            is_needed=bool(one.get("required")),
            choices=_choices(schema),
            usual="" if usual is None else json.dumps(usual, ensure_ascii=False).strip('"'),
            example=str((schema.get("examples") or [""])[0]),
            place=one["in"],
        )

    def _answer(self, status: str, one: Mapping[str, Any]) -> Answer:
        content = one.get("content", {})
        schema = content.get(JSON, {}).get("schema", {})
        return Answer(
            status=status,
            about=one["description"],
            types=tuple(content),
            codes=tuple(_codes(schema)),
            type=self._type(schema) if schema else "",
            parts=tuple(self._parts(schema)),
        )

    def _parts(self, schema: Schema, depth: int = 0) -> Iterator[Part]:
        """The keys of an object, or of what is in a list, or of one of several shapes."""
        schema = self._followed(schema)
        if depth > DEPTH_MOST:
            return
        if "items" in schema:
            yield from self._parts(schema["items"], depth)
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from self._parts(schema["additionalProperties"], depth)
        for one in schema.get("anyOf", ()):
            yield from self._parts(one, depth)
        needed = schema.get("required", ())
        for name, raw in schema.get("properties", {}).items():
            inner = self._followed(raw)
            yield Part(
                name=name,
                type=self._type(raw),
                about=raw.get("description") or inner.get("description", ""),
                is_needed=name in needed,
                choices=_choices(inner),
                parts=tuple(self._parts(raw, depth + 1)),
            )

    def _followed(self, schema: Schema) -> Schema:
        while REF in schema:
            name = schema[REF].rpartition("/")[2]
            beside = {key: value for key, value in schema.items() if key != REF}
            schema = {**self._document["components"]["schemas"][name], **beside}
        return schema

    def _type(self, schema: Schema) -> str:
        """In the words of JSON: integer 1–500, string | null, array of object."""
        schema = self._followed(schema)
        if _choices(schema) == TRUTH:
            return "boolean"
        if "anyOf" in schema:
            kinds = [self._type({"type": schema.get("type", ""), **one}) for one in schema["anyOf"]]
            return " | ".join(dict.fromkeys(kind for kind in kinds if kind))
        if "const" in schema:
            return json.dumps(schema["const"])
        kind = str(schema.get("type", ""))
        if "items" in schema:
            return f"array of {self._type(schema['items'])}"
        if isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema:
            return f"object of {self._type(schema['additionalProperties']) or 'anything'}"
        if schema.get("format"):
            return f"{kind} ({schema['format']})".strip()
        if "enum" in schema:
            return kind or "string"
        least, most = schema.get("minimum"), schema.get("maximum")
        if least is not None or most is not None:
            return f"{kind} {'' if least is None else least}–{'' if most is None else most}"
        return kind

    def _example(self, schema: Schema) -> Any:
        """A body with what must be in it."""
        schema = self._followed(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._example(schema["anyOf"][0])
        match schema.get("type"):
            case "object":
                needed = schema.get("required", ())
                return {
                    name: self._example(one)
                    for name, one in schema.get("properties", {}).items()
                    if name in needed
                }
            case "array":
                return [self._example(schema.get("items", {}))]
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return True
        return "…"

    def _curl(
        self, path: str, method: str, proof: str, parameters: Sequence[Part], sample: str
    ) -> str:
        for one in parameters:
            if one.place == "path":
                known = one.example or one.name.upper()
                path = path.replace(f"{{{one.name}}}", quote(known, safe=""))
        asked = [one for one in parameters if one.place == "query"]
        # What must be sent, or one of those that may.
        shown = [one for one in asked if one.is_needed] or [one for one in asked if one.example][:1]
        query = urlencode({one.name: one.example or "…" for one in shown}, safe=":")
        address = f"{self._address}{path}" + (f"?{query}" if query else "")
        words = ["curl"] + ([] if method == "GET" else ["-X", method])
        lines = [" ".join((*words, shlex.quote(address)))]
        if proof == "token":
            lines.append(f"-H {TOKEN}")
        if sample:
            body = json.dumps(json.loads(sample), ensure_ascii=False)
            lines += [f"-H 'Content-Type: {JSON}'", f"-d {shlex.quote(body)}"]
        return " \\\n  ".join(lines)


def _choices(schema: Schema) -> tuple[str, ...]:
    if schema.get("type") == "boolean" or {"type": "boolean"} in schema.get("anyOf", ()):
        return TRUTH
    return tuple(str(one) for one in schema.get("enum", ()))


def _codes(schema: Schema) -> Iterator[str]:
    """The codes of an error's schema."""
    error = schema.get("properties", {}).get("error", {})
    yield from error.get("properties", {}).get("code", {}).get("enum", ())
