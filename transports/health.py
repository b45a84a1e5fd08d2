"""What anybody may ask: what this is, whether it runs, whether it can take calls."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, redirect, request

from jobs.hands import Hands
from services import Services
from storage.base import Condition, StorageError
from transports.admission import Admission
from transports.clips import PREFIX, SUFFIX
from transports.described import Operation, Tag, Text, described
from transports.errors import json_answer
from transports.shapes import Health, Index, LiveRoom, NotReady, Ready

NAME = "health"

INDEX = Operation(
    summary="What this is",
    tag=Tag.SERVICE,
    about="A browser, which asks for text/html, is sent to the console.",
    answers={200: Index, 302: Text(("text/html",))},
)

log = logging.getLogger(__name__)


def health_blueprint(services: Services) -> Blueprint:
    """`/health` and `/health/ready`, open to everybody."""
    blueprint = Blueprint(NAME, __name__)

    @blueprint.get("/health")
    @described(Operation("Whether it runs", Tag.SERVICE, {200: Health}))
    def health() -> Response:
        return json_answer({"status": "ok"})

    @blueprint.get("/health/ready")
    @described(Operation("Whether it can take calls", Tag.SERVICE, {200: Ready, 503: NotReady}))
    def readiness() -> Response:
        problems = [] if services.agents else ["there are no agents"]
        database: Condition | None = None
        try:
            database = services.storage.check()
        except StorageError:
            log.exception("storage is not ready")
            problems.append("the storage cannot be read and written")
        if problems:
            return json_answer({"status": "unavailable", "problems": problems}, 503)
        ready = {
            "status": "ready",
            "agents": len(services.agents),
            "database": database,
            "jobs": _hands(services),
            "live": room_of(services),
        }
        return json_answer(ready)

    return blueprint


def _hands(services: Services) -> Hands | None:
    try:
        return services.watch.hands()
    except StorageError:
        return None


def room_of(services: Services) -> LiveRoom:
    """How much room this process has for live calls."""
    load = services.live.load
    refusal = Admission.of(services.settings, load).refusal()
    return {
        "calls": load.open_calls,
        "most": services.settings.live_calls_most,
        "lag_ms": round(load.lag_ms, 1),
        "refuses": None if refusal is None else str(refusal),
    }


def add_index(app: Flask, services: Services) -> None:
    """`/`: for a browser the console, for programs the agents and every route, as they are."""

    @app.get("/")
    @described(INDEX)
    def index() -> Response:
        if "text/html" in request.headers.get("Accept", ""):
            return redirect("/console/")  # type: ignore[return-value]
        routes = {
            f"{method} {rule.rule}"
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or ())
            if method not in ("HEAD", "OPTIONS")
        }
        agents = [
            {
                "agent_type": name,
                "name": agent.name,
                "languages": list(agent.languages),
                "fields": [spec.name for spec in agent.fields],
            }
            for name, agent in services.agents.items()
        ]
        endpoints = sorted({*routes, f"GET {PREFIX}<key>{SUFFIX}"})
        return json_answer({"service": "callwright", "agents": agents, "endpoints": endpoints})
