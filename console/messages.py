"""/console/messages: text messages that came and went, and a form to send one."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, flash, g, request, url_for

from access.roles import Role
from calls.message_book import MessageQuery
from calls.messages import Barred, KeyUsed, SendingFailed
from calls.numbers import NumberRefused, read_number
from console.pages import page, page_blueprint, sent_to
from providers.telephony.messaging import TEXT_MOST, MessageStatus
from services import Services

NAME = "messages"
A_PAGE = 50
OFFSET_MOST = 100_000
DIRECTIONS = ("inbound", "outbound")


def messages_pages(services: Services) -> Blueprint:
    """The pages, for operators: whole numbers and what people wrote are on them."""
    blueprint = page_blueprint(NAME, services, Role.OPERATOR)
    countries = services.settings.start_call_countries

    @blueprint.get("/messages")
    def messages() -> Response:
        services.audit.seen(g.person, "see messages", "messages")
        return _list(services, 200, {}, {})

    @blueprint.post("/messages")
    def send_message() -> Response:
        written = {name: request.form.get(name, "").strip() for name in ("number", "text", "key")}
        wrong: dict[str, str] = {}
        number = ""
        try:
            number = read_number(written["number"], countries)
        except NumberRefused as error:
            wrong["number"] = str(error)
        if not 1 <= len(written["text"]) <= TEXT_MOST:
            wrong["text"] = f"Write 1 to {TEXT_MOST} characters."
        if wrong:
            return _list(services, 422, wrong, written)
        services.audit.note(g.person, "send message", number)
        try:
            # The key is the form's, so that what is pressed twice is sent once.
            services.messages.send(number, written["text"], g.person.name, written["key"][:64])
        except Barred as error:
            return _list(services, 422, {"number": str(error)}, written)
        except (KeyUsed, SendingFailed) as failure:
            return _list(services, 422, {"text": str(failure)}, written)
        flash(f"The message to {number} is on its way.", "good")
        return sent_to(url_for("console-messages.messages"))

    return blueprint


def _list(
    services: Services, status: int, wrong: dict[str, str], written: dict[str, str]
) -> Response:
    asked = {name: request.args.get(name, "").strip()[:64] for name in ("number", "direction")}
    state, offset = request.args.get("status", "")[:32], request.args.get("offset", "")[:8]
    begins = min(int(offset), OFFSET_MOST) if offset.isascii() and offset.isdigit() else 0
    query = MessageQuery(
        number=asked["number"] or None,
        direction=asked["direction"] if asked["direction"] in DIRECTIONS else None,
        status=state if state in list(MessageStatus) else None,
        limit=A_PAGE,
        offset=begins,
    )
    book = services.messages.book
    total = book.count(query)
    kept = {**asked, "status": state}
    kept = {name: value for name, value in kept.items() if value}
    last = begins + A_PAGE
    return page(
        "messages.html",
        status,
        messages=book.find(query),
        total=total,
        wrong_fields=wrong,
        written=written,
        filters={"number": "", "direction": "", "status": "", **kept},
        directions=DIRECTIONS,
        statuses=list(MessageStatus),
        most=TEXT_MOST,
        form_key=services.messages.new_id(),
        next_query=urlencode({**kept, "offset": last}) if last < total else "",
        first_query=urlencode(kept) if begins else None,
    )
