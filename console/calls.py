"""/console/calls: the list of calls, one call, and what can be done about a call that goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Semaphore

import orjson
from flask import Blueprint, Response, abort, current_app, g, request, url_for

from access.roles import Person, Role
from access.sight import sight_of_call, sight_of_lists
from calls.ends import CannotEnd
from calls.redaction import (
    redacted_call,
    redacted_collected,
    redacted_event,
    redacted_turns,
    shown_number,
)
from calls.roster import agent_of
from calls.sheets import CONTENT_TYPES, csv_chunks, file_chunks, sheet_file
from campaigns.campaign import Campaign
from console.call_export import CallTable
from console.call_filters import (
    DIRECTIONS,
    NAMES,
    PAGE_CALLS,
    STATUSES,
    TRANSPORTS,
    Filters,
    read_filters,
)
from console.call_story import CallStory, story_of
from console.pages import needs, page, page_blueprint, refusal, sent_to
from conversation.stages import Stage
from conversation.state import Outcome
from services import Services
from storage.base import StorageError
from storage.search import CallBrief, CallSearch

log = logging.getLogger(__name__)

COUNT_MOST = 10_000
CAMPAIGNS_MOST = 100  # to choose from, the newest
EXPORTS_MOST = 2  # at once, of one process
_PHONE = "console-phone.phone"


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list, and whether there is more on either side of it."""

    calls: list[CallBrief]
    has_next: bool
    has_previous: bool


def calls_blueprint(services: Services) -> Blueprint:
    """The pages of calls."""
    blueprint = page_blueprint("calls", services)
    _add_list(blueprint, services)
    _add_export(blueprint, services)
    _add_call(blueprint, services)
    return blueprint


def _add_list(blueprint: Blueprint, services: Services) -> None:
    storage = services.storage

    @blueprint.get("/calls")
    def calls() -> Response:
        filters = read_filters(request.args, g.person, tuple(services.agents))
        found = _page_of(services, filters)
        is_part = request.headers.get("HX-Target") == "calls"
        shown = {
            "filters": filters,
            "found": found,
            "number": _number_as_seen_by(g.person),
            "has_calls": bool(found.calls) or _any_call(services),
            "phone_page": _phone_page(g.person),
            "campaign_names": _campaign_names(services, found.calls),
        }
        if is_part:
            return page("calls_list.html", **shown)
        return page("calls.html", 422 if filters.problems else 200, **shown, **_choices(services))

    @blueprint.get("/calls/count")
    def count() -> Response:
        filters = read_filters(request.args, g.person, tuple(services.agents))
        try:
            found = storage.count(filters.search, COUNT_MOST + 1)
        except StorageError as error:
            log.warning("calls cannot be counted", exc_info=error)
            return Response("")  # the list stands without it
        many = found > COUNT_MOST
        word = "call" if found == 1 else "calls"
        return Response(f"{COUNT_MOST:,}+ calls" if many else f"{found:,} {word}")


def _page_of(services: Services, filters: Filters) -> ListPage:
    wanted = replace(filters.search, limit=PAGE_CALLS + 1)
    calls = list(services.storage.search(wanted))
    has_more = len(calls) > PAGE_CALLS
    if wanted.before_place is not None:  # read backwards: the one too many comes first
        return ListPage(calls[-PAGE_CALLS:], True, has_more)
    return ListPage(calls[:PAGE_CALLS], has_more, wanted.after_place is not None)


def _any_call(services: Services) -> bool:
    return bool(services.storage.search(CallSearch(limit=1)))


def _choices(services: Services) -> dict[str, object]:
    return {
        "agents": sorted(services.agents),
        "outcomes": list(Outcome),
        "stages": list(Stage),
        "directions": DIRECTIONS,
        "statuses": STATUSES,
        "transports": TRANSPORTS,
        "campaigns": [
            (one.campaign_id, one.rules.name)
            for one in services.campaigns.find(limit=CAMPAIGNS_MOST)
        ],
    }


def _campaign_names(services: Services, calls: Sequence[CallBrief]) -> dict[str, str]:
    """Campaign → its name, of those that calls are of."""
    found = {
        one: services.campaigns.kept(one) for one in {call.campaign_id for call in calls} if one
    }
    return {one: campaign.rules.name if campaign else one for one, campaign in found.items()}


def _number_as_seen_by(person: Person) -> Callable[[str], str]:
    sight = sight_of_lists(person)
    return lambda number: shown_number(number, sight)


def _phone_page(person: Person) -> str:
    """Where a call can be made from the browser; "" for who may not."""
    has_page = _PHONE in current_app.view_functions and person.may(Role.OPERATOR)
    return url_for(_PHONE) if has_page else ""


def _add_export(blueprint: Blueprint, services: Services) -> None:
    # Each holds a thread of those that pages share, for as long as its reader likes.
    free = Semaphore(EXPORTS_MOST)

    def export(form: str) -> Response:
        filters = read_filters(request.args, g.person, tuple(services.agents))
        if filters.problems:
            return refusal(422, " ".join(filters.problems.values()))
        if not free.acquire(blocking=False):
            return refusal(503, "Other exports are under way: try again in a minute.")
        with ExitStack() as unless_answered:
            unless_answered.callback(free.release)
            services.audit.note(g.person, "export calls", f"calls.{form}", filters=_told(filters))
            table = CallTable(
                services.storage, filters.search, dict(services.agents), sight_of_lists(g.person)
            )
            chunks = csv_chunks(table) if form == "csv" else file_chunks(sheet_file(table))
            answer = Response(chunks, content_type=CONTENT_TYPES[form])
            answer.call_on_close(unless_answered.pop_all().close)
        name = f"calls-{services.clock():%Y%m%d-%H%M}.{form}"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @blueprint.get("/calls/export.csv")
    @needs(Role.OPERATOR)
    def export_csv() -> Response:
        return export("csv")

    @blueprint.get("/calls/export.xlsx")
    @needs(Role.OPERATOR)
    def export_xlsx() -> Response:
        return export("xlsx")


def _told(filters: Filters) -> dict[str, str]:
    """The filters for the audit log, without whose number was looked for."""
    return {
        name: "set" if name == "number" else filters.written[name]
        for name in NAMES
        if filters.written[name]
    }


def _add_call(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/calls/<call_id>")
    def call(call_id: str) -> Response:
        story = story_of(services, call_id, sight_of_call(g.person))
        if story is None:
            abort(404, "No call is kept under this id.")
        if request.headers.get("HX-Target") == "call":
            return page("call_story.html", story=story, campaign=_campaign_of(services, story))
        services.audit.seen(g.person, "see call", call_id)
        return page("call.html", story=story, campaign=_campaign_of(services, story))

    @blueprint.get("/calls/<call_id>.json")
    @needs(Role.OPERATOR)
    def call_json(call_id: str) -> Response:
        kept = services.storage.load_call(call_id)
        if kept is None:
            abort(404, "No call is kept under this id.")
        services.audit.seen(g.person, "see call", call_id)
        # A file is passed on more easily than a page: it shows what exports show.
        agent, sight = agent_of(services.agents, kept), sight_of_lists(g.person)
        collected = services.storage.collected(call_id)
        whole = {
            "call": redacted_call(kept, agent, sight),
            "turns": redacted_turns(services.storage.turns(call_id), agent, sight),
            "collected": collected and redacted_collected(collected, agent, sight),
            "events": [redacted_event(one, sight) for one in services.storage.events(call_id)],
        }
        return Response(
            orjson.dumps(whole, option=orjson.OPT_INDENT_2), mimetype="application/json"
        )

    @blueprint.post("/calls/<call_id>/hang-up")
    @needs(Role.OPERATOR)
    def hang_up_call(call_id: str) -> Response:
        return _ended(services, call_id, "hang up call")

    @blueprint.post("/calls/<call_id>/close")
    @needs(Role.OPERATOR)
    def close_call(call_id: str) -> Response:
        return _ended(services, call_id, "close call")


def _campaign_of(services: Services, story: CallStory) -> Campaign | None:
    campaign_id = story.call.campaign_id
    return services.campaigns.get(campaign_id) if campaign_id else None


def _ended(services: Services, call_id: str, action: str) -> Response:
    ends = services.call_ends
    try:
        services.audit.note(g.person, action, call_id)
        (ends.hang_up if action == "hang up call" else ends.close)(call_id)
    except CannotEnd as error:
        return refusal(error.status, str(error))
    return sent_to(url_for("console-calls.call", call_id=call_id))
