"""Clips of an agent, made before anybody calls: the price, the order, how far it is, its end."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, request, url_for

from access.roles import Role
from agents.schema import Agent
from calls.warmups import RUNNING, AlreadyRuns, NoVoice
from console.agent_parts import who
from console.pages import needs, page
from services import Services


def add_clips(blueprint: Blueprint, services: Services) -> None:
    """/console/agents/NAME/clips: a part of the agent's page, which asks again while it runs."""

    @blueprint.get("/agents/<name>/clips")
    def clips(name: str) -> Response:
        return _part(services, _agent(services, name))

    @blueprint.post("/agents/<name>/clips")
    @needs(Role.ADMIN)
    def make_clips(name: str) -> Response:
        agent = _agent(services, name)
        services.audit.note(g.person, "make clips", name, version=agent.version)
        try:
            services.warmups.begin(agent, who(g.person))
        except (NoVoice, AlreadyRuns):
            pass  # the part says so
        return _part(services, agent)

    @blueprint.post("/agents/<name>/clips/end")
    @needs(Role.ADMIN)
    def end_clips(name: str) -> Response:
        services.warmups.cancel(_agent(services, name).agent)
        return _part(services, _agent(services, name))


def _part(services: Services, agent: Agent) -> Response:
    run = services.warmups.progress(agent.agent)
    is_running = run is not None and run.state == RUNNING
    try:
        outlook = None if is_running else services.warmups.outlook(agent)
        is_mute = False
    except NoVoice:
        outlook, is_mute = None, True
    if not request.headers.get("HX-Request"):  # without scripts, back to the whole page
        answer = Response(status=303)
        answer.headers["Location"] = url_for("console-agents.agent", name=agent.agent)
        return answer
    return page(
        "agent_clips.html",
        name=agent.agent,
        run=run,
        is_running=is_running,
        outlook=outlook,
        is_mute=is_mute,
        may_change=g.person.may(Role.ADMIN),
    )


def _agent(services: Services, name: str) -> Agent:
    agent = services.agents.get(name)
    if agent is None:
        abort(404, f"There is no agent {name[:60]} in force.")
    return agent
