"""/console/phone: ring an agent in the browser and watch the call from inside."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from access.roles import Role
from agents.schema import Agent
from calls.outages import MOST_S, Part
from console.pages import page, page_blueprint
from console.phone_call import why_not_broken
from console.phone_stages import picture
from conversation.language import language_name
from conversation.questions import label
from phone.handset import CALLER_NUMBER
from services import Services


def phone_blueprint(services: Services) -> Blueprint:
    """The page; its socket is in `doors`."""
    blueprint = page_blueprint("phone", services, Role.OPERATOR)
    settings = services.settings
    stages = picture()

    @blueprint.get("/phone")
    def phone() -> Response:
        agents = {agent.agent: _told(agent) for agent in services.agents.values()}
        wanted = request.args.get("agent", "").lower()
        first = wanted if wanted in agents else next(iter(agents), "")
        if not wanted and "logistics" in agents:
            first = "logistics"  # the one whose conversation the documentation shows
        return page(
            "phone.html",
            agents=agents,
            first=first,
            number=CALLER_NUMBER,
            stages=stages,
            can_be_rung=settings.rings_here,
            why_no_model=why_not_broken(services, Part.MODEL),
            why_no_voice=why_not_broken(services, Part.VOICE),
            outage_s=int(MOST_S),
        )

    return blueprint


def _told(agent: Agent) -> Mapping[str, object]:
    """What the page says of an agent before it is rung."""
    language = agent.languages[0]
    return {
        "name": agent.name,
        "goal": agent.goal,
        "languages": [language_name(tag, "en-IN") for tag in agent.languages],
        "fields": [
            {"name": spec.name, "label": label(spec, language), "kind": spec.kind}
            for spec in agent.fields
        ],
        "variables": dict(agent.variables),
    }
