"""Agents: list, editor, saving, publishing. Versions and chat have files of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from flask import Blueprint, Response, abort, current_app, g, redirect, request, url_for

from access.roles import Role
from agents.loader import AgentFileError
from agents.problems import Problem
from calls import roster, versions
from calls.editing import Edit, Editing, InUse, NoSuchVersion, is_name, mistakes, normalised
from calls.versions import Overtaken, State, Version
from console import agent_versions
from console.agent_chat import add_chat
from console.agent_clips import add_clips
from console.agent_numbers import add_numbers
from console.agent_parts import known, number_of, sent, to_agent, who
from console.pages import needs, page, page_blueprint
from services import Services

BLANK = (Path(versions.__file__).parent / "blank_agent.yaml").read_text(encoding="utf-8")
NAME = "agents"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the editor shows."""

    name: str  # "" for a new agent
    text: str
    after: int  # newest version that is known here
    note: str = ""
    opened: Version | None = None  # an older version, or a draft, that is open; None: in force
    problems: Sequence[Problem] = ()


def agents_blueprint(services: Services) -> Blueprint:
    """/console/agents and what is below it."""
    blueprint = page_blueprint(NAME, services)
    editing = Editing(services.agents)
    _add_list(blueprint, services, editing)
    _add_editor(blueprint, services, editing)
    _add_changes(blueprint, services, editing)
    agent_versions.add_versions(blueprint, services, editing)
    add_chat(blueprint, services)
    add_numbers(blueprint, services)
    add_clips(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services, editing: Editing) -> None:
    @blueprint.get("/agents")
    def agents() -> Response:
        standings = editing.standings()
        newest = {one.name: editing.versions.newest(one.name) for one in standings}
        return page(
            "agents.html",
            agents=standings,
            newest=newest,
            source=roster.Source,
            problems=services.agents.problems,
            is_away=services.agents.register_is_away,
        )

    @blueprint.post("/check-agent")
    def check_agent() -> Response:
        """What is wrong with a text, for the editor: asked as somebody types."""
        asked = sent()
        found = mistakes(asked.get("text", ""), asked.get("name", ""))
        told = [
            {"line": one.line, "key": one.key, "wrong": one.wrong, "remedy": one.remedy}
            for one in found
        ]
        return Response(orjson.dumps({"problems": told}), content_type="application/json")


def _add_editor(blueprint: Blueprint, services: Services, editing: Editing) -> None:
    @blueprint.get("/agents/<name>")
    def agent(name: str) -> Response:
        standing = known(editing, name)
        newest = editing.versions.newest(name)
        after = newest.number if newest else 0
        wanted = request.args.get("version", "")
        if wanted:
            opened, text = _version(editing, name, wanted)
            return editor(services, editing, Shown(name, text, after, opened.note, opened))
        if standing is not None and standing.agent is not None:
            return editor(services, editing, Shown(name, standing.text, after))
        opened, text = _version(editing, name, str(after))  # it was withdrawn, or never published
        return editor(services, editing, Shown(name, text, after, opened=opened))

    @blueprint.get("/new-agent")
    @needs(Role.ADMIN)
    def new_agent() -> Response:
        like = editing.standing(request.args.get("like", ""))
        text = like.text if like is not None and like.text else BLANK
        return editor(services, editing, Shown("", text, 0))


def _add_changes(blueprint: Blueprint, services: Services, editing: Editing) -> None:
    @blueprint.post("/new-agent")
    @needs(Role.ADMIN)
    def make_agent() -> Response:
        text = normalised(request.form.get("text", ""))
        found = mistakes(text)
        name = "" if found else _name_in(text)
        if name and editing.is_known(name):
            remedy = "choose another name, or open that agent to change it"
            found = [Problem("text", 1, "agent", f"there is an agent {name} already", remedy)]
        if found:
            return editor(services, editing, _refused("", text, found), 422)
        return _kept(services, editing, name, 0)

    @blueprint.post("/agents/<name>")
    @needs(Role.ADMIN)
    def change_agent(name: str) -> Response:
        known(editing, name)
        return _kept(services, editing, name, number_of(request.form.get("after", "")))

    @blueprint.post("/agents/<name>/publish")
    @needs(Role.ADMIN)
    def publish_agent(name: str) -> Response:
        number = number_of(request.form.get("number", ""))
        services.audit.note(g.person, "publish agent", name, version=number)
        try:
            editing.publish(name, number, who(g.person))
        except NoSuchVersion as error:
            abort(404, str(error))
        except AgentFileError as error:
            version, text = editing.read(name, number)
            shown = Shown(name, text, number, version.note, version, error.problems)
            return editor(services, editing, shown, 422)
        return to_agent(name)

    @blueprint.post("/agents/<name>/withdraw")
    @needs(Role.ADMIN)
    def withdraw_agent(name: str) -> Response:
        standing = known(editing, name)
        services.audit.note(g.person, "withdraw agent", name)
        try:
            editing.withdraw(name)
        except InUse as error:
            abort(409, str(error))
        if standing is not None and standing.file is None:
            return redirect(url_for("console-agents.agents"))  # type: ignore[return-value]
        return to_agent(name)


def _kept(services: Services, editing: Editing, name: str, after: int) -> Response:
    """The text of the form as a draft, or published at once."""
    text, note = request.form.get("text", ""), request.form.get("note", "")
    publishes = request.form.get("then") == "publish"
    try:
        version = editing.save(Edit(name, text, who(g.person), note, after))
        services.audit.note(g.person, "change agent", name, version=version.number)
        if publishes:
            services.audit.note(g.person, "publish agent", name, version=version.number)
            editing.publish(name, version.number, who(g.person))
    except AgentFileError as error:
        return editor(services, editing, _refused(name, text, error.problems, after), 422)
    except Overtaken as error:
        theirs = editing.versions.text(name, error.newest.version) or ""
        return page(
            "agent_conflict.html",
            409,
            name=name,
            newest=error.newest,
            difference_lines=agent_versions.difference(theirs, normalised(text)),
            mine=normalised(text),
            note=note,
        )
    return to_agent(name) if publishes else to_agent(name, version.number)


def editor(services: Services, editing: Editing, shown: Shown, status: int = 200) -> Response:
    """The page of one agent."""
    name = shown.name
    standing = editing.standing(name) if name else None
    newest = editing.versions.newest(name) if name else None
    draft = newest if newest is not None and newest.state is State.DRAFT else None
    return page(
        "agent.html",
        status,
        shown=shown,
        standing=standing,
        draft=None if draft and shown.opened and draft.number == shown.opened.number else draft,
        source=roster.Source,
        may_change=g.person.may(Role.ADMIN),
        calls_page="console-calls.calls" in current_app.view_functions,
        is_away=services.agents.register_is_away,
    )


def _refused(name: str, text: str, found: Sequence[Problem], after: int = 0) -> Shown:
    return Shown(name, text, after, request.form.get("note", ""), problems=found)


def _version(editing: Editing, name: str, wanted: str) -> tuple[Version, str]:
    try:
        return editing.read(name, number_of(wanted))
    except NoSuchVersion as error:
        abort(404, str(error))


def _name_in(text: str) -> str:
    """The name of the agent in a text that was checked."""
    name = agent_versions.name_of(text)
    return name if is_name(name) else ""
