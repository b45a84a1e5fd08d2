"""GET /openapi.json: the interface as a document, made of what routes say about themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from threading import Lock
from typing import Any, Literal, NotRequired

import orjson
from flask import Flask, Response, request
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict
from werkzeug.routing import Rule

from access.scopes import Scope
from services import Services
from transports.described import (
    BAD_PARAMETER,
    Body,
    Door,
    Operation,
    Proof,
    Query,
    Tag,
    Text,
    described,
    operation_of,
    shape,
)
from transports.errors import JSON
from transports.path_forms import FORMS

VERSION = "0.1.0"
PATH = "/openapi.json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
COMPONENTS = "#/components/schemas/"

ABOUT = """\
Rings people, shows calls while they go on, and what they brought home.

Send `Authorization: Bearer` with the value of API_TOKEN, with a token made at the console, or with
one of /auth/login. Without API_TOKEN set, this machine may call without any. Errors are JSON with a
code for programs and a sentence for people; a moment is UTC."""
TOKEN = "API_TOKEN, a token made at the console, or one of /auth/login."
TAGS = {
    Tag.CALLS: "Order calls, look at them, take home what they collected.",
    Tag.CAMPAIGNS: "Call many: campaigns, their leads, and who is not to be called.",
    Tag.ANALYTICS: "What ended calls add up to, by agent, campaign and period.",
    Tag.MESSAGES: "Text messages, sent and received.",
    Tag.AGENTS: "Who answers: see agents, make them, change them.",
    Tag.WEBHOOKS: "Addresses of yours that are told of events, and what became of each.",
    Tag.TOKENS: "A token for an e-mail and a password of the console, its renewal and its end.",
    Tag.SERVICE: "What this is, and how it is.",
    Tag.CARRIER: "What the carrier sends while a call goes on. Nobody else may: it is signed.",
}
# What a proof may answer before the view is asked, status → codes.
REFUSED: Mapping[Proof, Mapping[int, tuple[str, ...]]] = {
    Proof.NOTHING: {},
    Proof.TOKEN: {
        401: ("unauthorized",),
        503: ("no_token_set", "storage_unavailable"),
    },
    Proof.SIGNATURE: {403: ("bad_signature", "not_local"), 503: ("storage_unavailable",)},
}
MEANING = {
    200: "Done.",
    201: "Made.",
    204: "Done; there is nothing to say.",
    206: "A part of it.",
    302: "It is elsewhere.",
    304: "As you have it.",
    400: "It cannot be read.",
    401: "Nobody who is known.",
    403: "Not allowed.",
    404: "It is not there.",
    409: "Somebody was faster, or it cannot be done as things are.",
    410: "It is there no longer, or not for you.",
    413: "Too large.",
    416: "It has no such part.",
    422: "It can be read, and makes no sense.",
    429: "Too often.",
    500: "Something is broken here.",
    502: "The carrier refuses.",
    503: "Not now.",
    504: "The carrier does not answer.",
}


@shape
class ErrorAnswer(TypedDict):
    """What is wrong. Some errors say more, under names of their own."""

    code: str
    """For programs."""
    message: str
    """For people: what is wrong and what to do."""
    field: NotRequired[str]
    """The parameter or key that is meant."""


class Error(TypedDict):
    """A request that was not done."""

    error: ErrorAnswer


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path of the application, and what it says about itself."""

    method: str
    rule: Rule
    proof: Proof
    operation: Operation
    scope: Scope | None = None  # what a token must allow

    @property
    def path(self) -> str:
        """As OpenAPI writes it: /calls/{call_id}."""
        return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", self.rule.rule)

    @property
    def has_forms(self) -> bool:
        """Whether parts of its path must have a form."""
        return any(self.form_of(name) for name in self.rule.arguments)

    def form_of(self, name: str) -> dict[str, str]:
        """The form that a part of the path must have, as a schema says it."""
        kind = re.search(rf"<([^:<>]+):{name}>", self.rule.rule)
        form = FORMS.get(kind[1]) if kind else None
        return {} if form is None else {"pattern": f"^{form.regex}$"}

    @property
    def name(self) -> str:
        """Of the view, which is unique among them."""
        return str(self.rule.endpoint).rpartition(".")[2].replace("-", "_")


class _Schemas(GenerateJsonSchema):
    """Schemas without titles that only repeat the name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def routes(app: Flask, is_page: Callable[[str | None], bool]) -> tuple[list[Route], list[str]]:
    """Every route that is described, and those that should be: all but pages and their files."""
    found, silent = [], []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or is_page(rule.endpoint):
            continue
        door = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        proof = door.proof if isinstance(door, Door) else Proof.NOTHING
        view = app.view_functions[rule.endpoint]
        operation = operation_of(view)
        for method in sorted((rule.methods or set()) & set(METHODS)):
            if operation is None:
                silent.append(f"{method} {rule.rule}")
            else:
                scope = door.scope_of(method) if isinstance(door, Door) else None
                found.append(Route(method, rule, proof, operation, scope))
    tags = list(Tag)
    found.sort(key=lambda route: (tags.index(route.operation.tag), route.path, route.method))
    return found, sorted(silent)


class Interface:
    """The document of an application. Made when it is first asked for: routes come until then."""

    def __init__(self, app: Flask, base_url: str, is_page: Callable[[str | None], bool]) -> None:
        self._app = app
        self._base_url = base_url
        self._is_page = is_page
        # Making it takes a quarter of a second, which a crowd shall not spend several times.
        self._lock = Lock()

    @property
    def document(self) -> Mapping[str, Any]:
        """As OpenAPI 3.1 says."""
        with self._lock:
            return self._document

    @cached_property
    def _document(self) -> Mapping[str, Any]:
        described_routes, _ = routes(self._app, self._is_page)
        return document_of(described_routes, self._base_url or "/")

    @cached_property
    def as_json(self) -> tuple[bytes, str]:
        """The document as it is sent, and its hash."""
        body = orjson.dumps(self.document)
        return body, sha256(body).hexdigest()[:32]


def add_interface(
    app: Flask, services: Services, is_page: Callable[[str | None], bool]
) -> Interface:
    """`/openapi.json`, for everybody: it shows nothing that the source does not."""
    interface = Interface(app, services.settings.public_base_url, is_page)

    @app.get(PATH)
    @described(
        Operation(
            summary="This interface as an OpenAPI document",
            tag=Tag.SERVICE,
            answers={200: Mapping[str, object]},
        )
    )
    def openapi() -> Response:
        body, tag = interface.as_json
        answer = Response(body, content_type=JSON)
        answer.set_etag(tag)
        answer.headers["Cache-Control"] = "no-cache"
        answer.make_conditional(request)
        return answer

    return interface


def document_of(found: Sequence[Route], address: str) -> dict[str, Any]:
    """The document of these routes, served below `address`."""
    refs, schemas = _schemas(found)
    paths: dict[str, dict[str, Any]] = {}
    for route in found:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    used = {route.operation.tag for route in found}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Callwright", "version": VERSION, "description": ABOUT},
        "servers": [{"url": address}],
        "tags": [{"name": tag, "description": TAGS[tag]} for tag in Tag if tag in used],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": TOKEN},
            },
        },
    }


Mode = Literal["serialization", "validation"]
Refs = Mapping[int, dict[str, Any]]


def _schemas(found: Sequence[Route]) -> tuple[Refs, dict[str, Any]]:
    """id of a type → its schema or a reference to it, and what is referred to."""
    wanted: dict[int, tuple[Any, Mode]] = {id(Error): (Error, "serialization")}
    for route in found:
        operation = route.operation
        for answer in operation.answers.values():
            if answer is not None and not isinstance(answer, Text):
                wanted[id(answer)] = (answer, "serialization")
        if operation.body is not None:
            wanted[id(operation.body.shape)] = (operation.body.shape, "validation")
        if operation.query is not None:
            wanted[id(operation.query)] = (operation.query, "validation")
    inputs: list[tuple[int, Mode, TypeAdapter[Any]]] = [
        (key, mode, TypeAdapter(kind)) for key, (kind, mode) in wanted.items()
    ]
    made, rest = TypeAdapter.json_schemas(
        inputs, ref_template=f"{COMPONENTS}{{model}}", schema_generator=_Schemas
    )
    schemas = dict(rest.get("$defs", {}))
    refs = {key: schema for (key, _), schema in made.items()}
    for route in found:
        query = route.operation.query
        # Its parameters are shown one by one, and nothing else refers to it.
        if query is not None and "$ref" in refs[id(query)]:
            refs[id(query)] = schemas.pop(refs[id(query)]["$ref"].removeprefix(COMPONENTS))
    return refs, schemas


def _operation(route: Route, refs: Refs) -> dict[str, Any]:
    said = route.operation
    made: dict[str, Any] = {"tags": [said.tag], "summary": said.summary, "operationId": route.name}
    if said.about:
        made["description"] = said.about
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": said.path[name],
            "schema": {"type": "string", "minLength": 1, **route.form_of(name)},
        }
        for name in sorted(route.rule.arguments)
    ]
    if said.query is not None:
        parameters += _parameters(said.query, refs)
    if parameters:
        made["parameters"] = parameters
    if said.body is not None:
        made["requestBody"] = _body(said.body, refs)
    made["responses"] = {
        str(status): answer for status, answer in sorted(_answers(route, refs).items())
    }
    # The carrier's signature is no scheme of OpenAPI's: it goes over the whole request.
    scopes = [str(route.scope)] if route.scope else []
    made["security"] = [{"token": scopes}] if route.proof is Proof.TOKEN else []
    return made


def _parameters(query: type[Query], refs: Refs) -> list[dict[str, Any]]:
    schema = refs[id(query)]
    needed = schema.get("required", ())
    return [
        {
            "name": name,
            "in": "query",
            "description": one.pop("description", ""),
            # What is empty counts as not sent.
            **({"required": True} if name in needed else {"allowEmptyValue": True}),
            "schema": one,
        }
        for name, one in ((name, _sent(one)) for name, one in schema["properties"].items())
    ]


def _sent(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: what is not sent is not null."""
    sent = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
    choices = [one for one in sent.get("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        del sent["anyOf"]
        sent |= choices[0]
    elif choices:
        sent["anyOf"] = choices
    return sent


def _body(body: Body, refs: Refs) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": refs[id(body.shape)]}
    if body.example is not None:
        media["example"] = body.example
    return {"required": True, "content": dict.fromkeys(body.types, media)}


def _answers(route: Route, refs: Refs) -> dict[int, dict[str, Any]]:
    said = route.operation
    made: dict[int, dict[str, Any]] = {}
    for status, answer in said.answers.items():
        made[status] = {"description": _meaning(status)}
        if isinstance(answer, Text):
            made[status]["content"] = {
                kind: {"schema": {"type": "string"}} for kind in answer.types
            }
        elif answer is not None:
            made[status]["content"] = {JSON: {"schema": refs[id(answer)]}}
    for status, codes in _codes(route).items():
        error = {
            "allOf": [refs[id(Error)]],
            "properties": {"error": {"properties": {"code": {"enum": list(codes)}}}},
        }
        also = made.get(status, {}).get("content", {}).get(JSON, {}).get("schema")
        schema = {"anyOf": [also, error]} if also else error
        made[status] = {"description": _meaning(status), "content": {JSON: {"schema": schema}}}
    return made


def _meaning(status: int) -> str:
    return MEANING.get(status) or f"{HTTPStatus(status).phrase}."


def _codes(route: Route) -> dict[int, tuple[str, ...]]:
    """Status → codes of everything that may be wrong with a request, whoever finds it."""
    said = route.operation
    codes: dict[int, tuple[str, ...]] = {}
    for more in (
        REFUSED[route.proof],
        {403: ("missing_scope",)} if route.scope is not None else {},
        {422: (BAD_PARAMETER,)} if said.query is not None else {},
        {404: ("not_found",)} if route.has_forms else {},
        {413: ("request_entity_too_large",)} if said.body is not None else {},
        said.errors,
    ):
        for status, names in more.items():
            codes[status] = tuple(dict.fromkeys((*codes.get(status, ()), *names)))
    return codes
