"""The versions of an agent: list, text, what differs between two, and the way back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, g, request

from access.roles import Role
from agents.loader import AgentFileError, read_text
from calls.editing import Editing, NoSuchVersion
from calls.versions import State
from console.agent_parts import known, number_of, to_agent, who
from console.pages import needs, page
from services import Services

PAGE = 30
CONTEXT_LINES = 3
FILE, FORCE = "file", "force"  # in place of a number: the file as it is, what answers now


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: numbers on both sides, and whether it came or went."""

    kind: str  # same | gone | new | gap
    before: int | None
    after: int | None
    text: str


def difference(before: str, after: str) -> Sequence[Line]:
    """What differs between two texts, with some lines around it."""
    old, new = before.split("\n"), after.split("\n")
    lines: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for index, group in enumerate(matcher.get_grouped_opcodes(CONTEXT_LINES)):
        if index:
            lines.append(Line("gap", None, None, ""))
        for tag, old_at, old_end, new_at, new_end in group:
            if tag == "equal":
                pairs = zip(range(old_at, old_end), range(new_at, new_end), strict=True)
                lines += [Line("same", a + 1, b + 1, old[a]) for a, b in pairs]
                continue
            lines += [Line("gone", at + 1, None, old[at]) for at in range(old_at, old_end)]
            lines += [Line("new", None, at + 1, new[at]) for at in range(new_at, new_end)]
    return lines


def add_versions(blueprint: Blueprint, services: Services, editing: Editing) -> None:
    """Below /console/agents/NAME: versions, difference, back."""

    @blueprint.get("/agents/<name>/versions")
    def agent_versions(name: str) -> Response:
        known(editing, name)
        first = _page() * PAGE
        total = editing.versions.count(name)
        if first and first >= total:
            abort(404, "There are not that many versions.")
        return page(
            "agent_versions.html",
            name=name,
            versions=editing.versions.of(name, PAGE, first),
            standing=editing.standing(name),
            total=total,
            first=first,
            at=_page(),
            size=PAGE,
            draft=State.DRAFT,
            may_change=g.person.may(Role.ADMIN),
        )

    @blueprint.get("/agents/<name>/text/<wanted>")
    def agent_text(name: str, wanted: str) -> Response:
        known(editing, name)
        title, text = _side(editing, name, wanted)
        return page("agent_text.html", name=name, title=title, text=text)

    @blueprint.get("/agents/<name>/difference")
    def agent_difference(name: str) -> Response:
        known(editing, name)
        before = _side(editing, name, request.args.get("from", FORCE))
        after = _side(editing, name, request.args.get("to", FORCE))
        return page(
            "agent_difference.html",
            name=name,
            before=before[0],
            after=after[0],
            lines=difference(before[1], after[1]),
        )

    @blueprint.post("/agents/<name>/back")
    @needs(Role.ADMIN)
    def agent_back(name: str) -> Response:
        number = number_of(request.form.get("number", ""))
        services.audit.note(g.person, "bring agent back", name, version=number)
        try:
            editing.bring_back(name, number, who(g.person))
        except NoSuchVersion as error:
            abort(404, str(error))
        except AgentFileError as error:
            abort(422, f"Version {number} cannot be used any more: {error}")
        return to_agent(name)


def name_of(text: str) -> str:
    """The name of the agent in a text that was checked."""
    return read_text(text.encode()).agent


def _side(editing: Editing, name: str, wanted: str) -> tuple[str, str]:
    """A title and a text: of a version by number or hash, of the file, of what is in force."""
    standing = editing.standing(name)
    if wanted == FORCE and standing is not None and standing.agent is not None:
        return "In force", standing.text
    if wanted == FILE and standing is not None and standing.file is not None:
        return f"The file {standing.file.file}", standing.file.text
    if re.fullmatch(r"[0-9]{1,6}", wanted):
        try:
            version, text = editing.read(name, int(wanted))
        except NoSuchVersion as error:
            abort(404, str(error))
        return f"Version {version.number}", text
    if re.fullmatch(r"[0-9a-f]{12}", wanted):
        found = editing.versions.text(name, wanted)
        if found is not None:
            return f"Text {wanted}", found
    abort(404, f"There is no text {wanted[:40]} of {name}.")


def _page() -> int:
    return number_of(request.args.get("page", "0"))
