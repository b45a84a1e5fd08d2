"""/console/webhooks: which addresses are told of events, and what became of each delivery."""

from __future__ import annotations

import re
from contextlib import suppress

from flask import Blueprint, Response, abort, flash, g, request, url_for

from access.roles import Role
from console.pages import page, page_blueprint, sent_to
from jobs.endpoints import ABOUT, Endpoint, TooMany
from jobs.outside import NotAllowed
from jobs.places import PLACE_PATTERN, place_of, read_place
from services import Services
from storage.deliveries import DeliveryQuery, DeliveryStatus

PAGE = 50
GONE = "There is no such webhook any more."


def webhooks_pages(services: Services) -> Blueprint:
    """The pages, for administrators: whoever is told gets what calls collect."""
    blueprint = page_blueprint("webhooks", services, Role.ADMIN)
    _add_list(blueprint, services)
    _add_one(blueprint, services)
    _add_acts(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    endpoints = services.webhooks.endpoints

    def listed(status: int, wrong: dict[str, str], url: str = "", about: str = "") -> Response:
        counts = {
            one.endpoint_id: services.deliveries.counts(one.endpoint_id) for one in endpoints.all()
        }
        shown = endpoints.all()
        values = {"url": url[:500], "about": about[:200], "events": ABOUT}
        return page(
            "webhooks.html", status, webhooks=shown, counts=counts, wrong=wrong, values=values
        )

    @blueprint.get("/webhooks")
    def webhooks() -> Response:
        return listed(200, {})

    @blueprint.post("/webhooks")
    def add_webhook() -> Response:
        url, about = request.form.get("url", "").strip(), request.form.get("about", "")
        try:
            made = endpoints.add(
                url, request.form.getlist("event"), about, g.person.email or g.person.name
            )
        except (NotAllowed, TooMany) as error:
            return listed(422, {"url": str(error)}, url, about)
        services.audit.note(g.person, "make webhook", made.noted)
        return _shown(services, made, secret=made.secret)


def _add_one(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/webhooks/<webhook_id>")
    def webhook(webhook_id: str) -> Response:
        return _shown(services, _known(services, webhook_id))


def _add_acts(blueprint: Blueprint, services: Services) -> None:
    hooks = services.webhooks

    @blueprint.post("/webhooks/<webhook_id>/ping")
    def ping(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        services.audit.note(g.person, "ping webhook", known.noted)
        hooks.ping(known)
        flash("A ping is on its way: reload in a moment to see what came of it.", "good")
        return _back(webhook_id)

    @blueprint.post("/webhooks/<webhook_id>/switch")
    def switch(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        is_on = request.form.get("is_on") == "1"
        services.audit.note(g.person, "switch webhook", known.noted, is_on=is_on)
        hooks.endpoints.switch(webhook_id, is_on)
        return _back(webhook_id)

    @blueprint.post("/webhooks/<webhook_id>/rotate-secret")
    def rotate_secret(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        services.audit.note(g.person, "rotate webhook secret", known.noted)
        renewed = hooks.endpoints.rotate(webhook_id)
        if renewed is None:
            abort(404, GONE)
        return _shown(services, renewed, secret=renewed.secret)

    @blueprint.post("/webhooks/<webhook_id>/delete")
    def remove(webhook_id: str) -> Response:
        known = _known(services, webhook_id)
        services.audit.note(g.person, "delete webhook", known.noted)
        hooks.remove(webhook_id)
        flash("The webhook is deleted, with what was meant for it.", "good")
        return sent_to(url_for("console-webhooks.webhooks"))

    @blueprint.post("/webhooks/<webhook_id>/replay/<delivery_id>")
    def replay(webhook_id: str, delivery_id: str) -> Response:
        known = _known(services, webhook_id)
        kept = services.deliveries.get(delivery_id)
        if kept is None or kept.endpoint_id != webhook_id:
            abort(404, "There is no such delivery any more.")
        services.audit.note(g.person, "replay webhook", known.noted, delivery=delivery_id)
        hooks.replay(delivery_id)
        flash("It is sent anew: reload in a moment to see what came of it.", "good")
        return _back(webhook_id)


def _shown(services: Services, one: Endpoint, secret: str = "") -> Response:
    status = request.args.get("status", "")
    if status not in list(DeliveryStatus):
        status = ""
    written = request.args.get("after", "")
    after = None
    if re.fullmatch(PLACE_PATTERN, written):
        with suppress(ValueError):  # an address somebody made up
            after = read_place(written)
    now = services.clock()
    query = DeliveryQuery(one.endpoint_id, status or None, None, after, PAGE + 1)
    found = services.deliveries.find(query)
    return page(
        "webhook.html",
        webhook=one,
        secret=secret,
        counts=services.deliveries.counts(one.endpoint_id),
        deliveries=found[:PAGE],
        status=status,
        next=place_of(found[PAGE - 1]) if len(found) > PAGE else "",
        now=now,
        former=one.former_at(now),
    )


def _known(services: Services, webhook_id: str) -> Endpoint:
    known = services.webhooks.endpoints.get(webhook_id)
    if known is None:
        abort(404, GONE)
    return known


def _back(webhook_id: str) -> Response:
    address = url_for("console-webhooks.webhook", webhook_id=webhook_id)
    return sent_to(address)
