"""The JSON routes about agents: which there are, one with its text, a new one, a changed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

import orjson
from flask import Blueprint, Response, g, request
from pydantic import Field
from typing_extensions import TypedDict

from access.roles import Person
from access.scopes import Scope
from agents.loader import AgentFileError, read_text
from calls.editing import Edit, Editing, is_name, mistakes, normalised, read_for, written
from calls.roster import Standing
from calls.versions import NOTE_MOST, Overtaken, State, Version
from services import Services
from transports.described import (
    Body,
    Operation,
    Query,
    Tag,
    Truth,
    Whole,
    described,
    shape,
)
from transports.errors import JSON, ApiError, json_answer
from transports.guard import api_blueprint

NAME = "agents"


@shape
class AgentInShort(TypedDict):
    """An agent, and what answers its calls."""

    agent_type: str
    """Its name, as calls are ordered with it."""
    name: str
    """What people call it."""
    languages: Sequence[str]
    fields: Sequence[str]
    """What it asks for, in this order."""
    source: Literal["file", "page", "none"]
    """What answers: the agent's file, what was published in its place, or nothing."""
    version: str
    """Hash of the text that answers; calls name it as agent_version."""
    number: int | None
    """Of the version that was published; null while the file answers."""
    file: str | None
    is_overtaken: bool
    """Something was published, and the file has changed since, so the file answers."""


@shape
class AgentInFull(AgentInShort):
    """An agent with its text."""

    text: str
    """YAML."""
    published_at: datetime | None
    published_by: str | None


class Agents(TypedDict):
    """All agents, by name."""

    agents: Sequence[AgentInShort]


@shape
class AgentVersion(TypedDict):
    """A version that was kept."""

    id: str
    """The agent's name and the version's number."""
    agent_type: str
    name: str
    number: int
    """Of the version, from 1."""
    version: str
    """Hash of its text."""
    status: Literal["active", "draft"]
    """active: it answers calls."""
    created_at: datetime


class ChangeQuery(Query):
    """What is to become of the text."""

    publish: Truth = True
    """Whether it answers calls from now on; when not, it is a draft."""
    note: Annotated[str, Field(max_length=NOTE_MOST)] = ""
    """What the change is for."""


class PutQuery(ChangeQuery):
    """As for a new agent, and what it is based on."""

    after: Whole | None = Field(None, ge=0, le=999_999)
    """Number of the newest version that you know of; 409 when there is a newer one."""


EXAMPLE = """\
agent: parcel
name: Parcel desk
goal: Arrange the pick-up of a parcel.
languages: [en-IN]
say:
  welcome: Hello, this is the automated parcel desk.
  confirm: "{count} parcels, is that right?"
  thanks: Thank you, the driver will come.
  handover: I am connecting you to a person.
  goodbye: Goodbye.
fields:
  count: {kind: number, whole: true, min: 1, max: 20, ask: "How many parcels are there?"}
confirm: all
handover: {to: "+914400000000", when: [asked, stuck]}
"""
BODY = Body(Mapping[str, object], example={"text": EXAMPLE})
SENT = (
    "Send YAML (application/yaml), JSON with the YAML under `text`, or the agent itself as a JSON "
    "object. Every mistake is told at once, with its line."
)
INVALID = {
    400: ("bad_json",),
    413: ("request_entity_too_large",),
    422: ("invalid_agent", "bad_parameter"),
}
PATH = {"name": "Name of the agent."}
LIST = Operation("Agents", Tag.AGENTS, {200: Agents, 304: None})
GET = Operation(
    "One agent with its text",
    Tag.AGENTS,
    {200: AgentInFull, 304: None},
    about="Served from memory. Send the ETag back as If-None-Match to learn whether it changed.",
    path=PATH,
    errors={404: ("unknown_agent",)},
)
POST = Operation(
    "Make an agent",
    Tag.AGENTS,
    {201: AgentVersion},
    about=SENT,
    query=ChangeQuery,
    body=BODY,
    errors={**INVALID, 409: ("agent_exists",)},
)
PUT = Operation(
    "Change an agent",
    Tag.AGENTS,
    {200: AgentVersion},
    about=f"Its file stays as it is: the version answers until the file changes. {SENT}",
    query=PutQuery,
    path=PATH,
    body=BODY,
    errors={**INVALID, 404: ("unknown_agent",), 409: ("overtaken",)},
)


def agents_api(services: Services) -> Blueprint:
    """/agents and /agents/NAME, behind the token."""
    blueprint = api_blueprint(NAME, services, Scope.AGENTS_READ, Scope.AGENTS_WRITE)
    editing = Editing(services.agents)
    keep = _Keeper(services, editing)

    @blueprint.get("/agents")
    @described(LIST)
    def agents() -> Response:
        page: Agents = {"agents": [_in_short(one) for one in editing.standings()]}
        return _tagged(page)

    @blueprint.get("/agents/<name>")
    @described(GET)
    def agent(name: str) -> Response:
        standing = editing.standing(name.lower())
        if standing is None:
            raise _unknown(services, name)
        return _tagged(_in_full(standing))

    @blueprint.post("/agents")
    @described(POST)
    def make_agent(query: ChangeQuery) -> Response:
        text = _text()
        found = mistakes(text)
        if found:
            raise _invalid(AgentFileError(found))
        name = _name_in(text)
        if editing.is_known(name):
            message = f"There is an agent {name} already. Change it with PUT /agents/{name}."
            raise ApiError(409, "agent_exists", message)
        return json_answer(keep(name, text, query, 0), 201)

    @blueprint.put("/agents/<name>")
    @described(PUT)
    def change_agent(name: str, query: PutQuery) -> Response:
        name = name.lower()
        if not is_name(name) or not editing.is_known(name):
            raise _unknown(services, name)
        return json_answer(keep(name, _text(), query, query.after))

    return blueprint


class _Keeper:
    """Keeps texts as versions in the name of whoever sent them."""

    def __init__(self, services: Services, editing: Editing) -> None:
        self._audit, self._editing = services.audit, editing

    def __call__(self, name: str, text: str, query: ChangeQuery, after: int | None) -> AgentVersion:
        person: Person = g.person
        by = person.email or person.name
        try:
            agent = read_for(name, normalised(text))
            made = self._editing.save(Edit(name, text, by, query.note, after))
            self._audit.note(person, "change agent", name, version=made.number)
            if query.publish:
                self._audit.note(person, "publish agent", name, version=made.number)
                self._editing.publish(name, made.number, by)
        except AgentFileError as error:
            raise _invalid(error) from error
        except Overtaken as error:
            number = error.newest.number
            raise ApiError(409, "overtaken", str(error), details={"number": number}) from error
        return _kept(made, agent.name, query.publish or made.state is State.PUBLISHED)


def _kept(made: Version, called: str, is_active: bool) -> AgentVersion:
    return {
        "id": f"{made.agent}/{made.number}",
        "agent_type": made.agent,
        "name": called,
        "number": made.number,
        "version": made.version,
        "status": "active" if is_active else "draft",
        "created_at": made.created_at,
    }


def _in_short(one: Standing) -> AgentInShort:
    agent = one.agent
    return {
        "agent_type": one.name,
        "name": agent.name if agent else one.name,
        "languages": list(agent.languages) if agent else [],
        "fields": [spec.name for spec in agent.fields] if agent else [],
        "source": one.source.value,
        "version": one.version,
        "number": one.published.number if one.published and one.source == "page" else None,
        "file": one.file.file if one.file else None,
        "is_overtaken": one.is_overtaken,
    }


def _in_full(one: Standing) -> AgentInFull:
    answers = one.published if one.source == "page" else None
    return {
        **_in_short(one),
        "text": one.text,
        "published_at": answers.at if answers else None,
        "published_by": answers.by if answers else None,
    }


def _tagged(body: object) -> Response:
    """An answer that need not be sent again to who has it."""
    answer = json_answer(body)
    answer.set_etag(sha256(answer.get_data()).hexdigest()[:24])
    # Kept by who asks, and asked for anew each time: a published change counts at once.
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


def _text() -> str:
    """The text that was sent, whichever way."""
    raw = request.get_data()
    if request.mimetype != JSON:
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return raw.decode("latin-1")  # its control characters are told with their line
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise ApiError(400, "bad_json", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_json", "Send a JSON object.")
    text = body.get("text")
    return text if isinstance(text, str) else written(body)


def _name_in(text: str) -> str:
    return read_text(normalised(text).encode()).agent


def _unknown(services: Services, name: str) -> ApiError:
    details = {"agents": list(services.agents)}
    return ApiError(404, "unknown_agent", f"There is no agent {name[:60]}.", details=details)


def _invalid(error: AgentFileError) -> ApiError:
    told = [
        {"line": one.line, "key": one.key, "wrong": one.wrong, "remedy": one.remedy}
        for one in error.problems
    ]
    count = len(told)
    message = f"This agent cannot be used: {count} {'mistake' if count == 1 else 'mistakes'}."
    return ApiError(422, "invalid_agent", message, details={"problems": told})
