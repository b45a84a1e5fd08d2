"""The numbers of the account: who answers each, and changing that."""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, request, url_for

from access.roles import Role
from calls.lines import LeadsElsewhere, Line, Lines, NoAddress, UnknownNumber
from calls.turns import UnknownAgent
from console.pages import needs, page
from providers.errors import ProviderError
from services import Services

# What a person may do about it: mend the settings, or wait.
FAILED = 502


def add_numbers(blueprint: Blueprint, services: Services) -> None:
    """/console/numbers: the list, and the assignment of one."""
    lines = Lines(services.telephony, services.address, services.agents)

    @blueprint.get("/numbers")
    @needs(Role.OPERATOR)
    def numbers() -> Response:
        return _page(services, lines)

    @blueprint.post("/numbers/<number_id>")
    @needs(Role.ADMIN)
    def assign_number(number_id: str) -> Response:
        agent, agreed = request.form.get("agent", ""), request.form.get("agreed", "")
        # Noted before it is done: what cannot be noted is not done.
        services.audit.note(g.person, "assign number", number_id[:60], agent=agent[:60])
        try:
            lines.assign(number_id, agent, agreed)
        except UnknownAgent as error:
            abort(422, str(error))
        except UnknownNumber as error:
            abort(404, str(error))
        except NoAddress as error:
            abort(422, str(error))
        except LeadsElsewhere as error:
            return _page(services, lines, 409, (error.line, agent))
        except ProviderError as error:
            return page("agent_numbers.html", FAILED, **_frame(services), lines=(), failed=error)
        return redirect(url_for("console-agents.numbers"))  # type: ignore[return-value]


def _page(
    services: Services, lines: Lines, status: int = 200, asks: tuple[Line, str] | None = None
) -> Response:
    try:
        found, failed = lines.all(), None
    except ProviderError as error:
        found, failed = (), error
    return page(
        "agent_numbers.html", status, **_frame(services), lines=found, failed=failed, asks=asks
    )


def _frame(services: Services) -> dict[str, object]:
    return {
        "agents": services.agents,
        "address": services.address.known,
        "usual": services.telephony.line_number,
        "may_change": g.person.may(Role.ADMIN),
    }
