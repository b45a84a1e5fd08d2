"""The filters of the list of calls: out of an address, and what is wrong with one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from access.roles import Person, Role
from calls.finding import place_text, read_number_part, read_place, read_span_ms
from conversation.stages import Stage
from conversation.state import Outcome
from storage.search import CallBrief, CallSearch, CallSort, NumberMatch, NumberPart, Place

T = TypeVar("T")

PAGE_CALLS = 50
# Names in the address that narrow the list; the other names say in which order and from where.
NAMES = (
    "agent", "outcome", "number", "from", "to", "open",
    "stage", "direction", "status", "transport", "language", "line", "shortest", "longest",
    "campaign",
)  # fmt: skip
# Those that are seen without opening the rest.
FIRST_NAMES = NAMES[:6]
DIRECTIONS = ("inbound", "outbound")
STATUSES = (
    "queued", "ringing", "in-progress", "completed", "busy", "no-answer", "canceled", "failed",
)  # fmt: skip
TRANSPORTS = ("gather", "relay", "stream")
SORTS = {f"{sign}{sort}": (sort, bool(sign)) for sort in CallSort for sign in ("-", "")}
_USUAL_SORT = f"-{CallSort.CREATED}"
_NAME = re.compile(r"[\w-]{1,64}")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What an address asks for. With problems, the search is what is left of it."""

    written: Mapping[str, str]  # by name, as it came
    search: CallSearch
    problems: Mapping[str, str]  # name → what is wrong and what to write

    @property
    def are_set(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.written.get(name) for name in NAMES)

    @property
    def more_are_set(self) -> bool:
        """Whether any of those does that are not seen at once."""
        rest = [name for name in NAMES if name not in FIRST_NAMES]
        return any(self.written.get(name) or name in self.problems for name in rest)

    @property
    def is_first_page(self) -> bool:
        """Whether the list is shown from its beginning."""
        return not (self.written.get("after") or self.written.get("before"))

    @property
    def sort(self) -> str:
        """The order, as it is written."""
        return ("-" if self.search.descending else "") + self.search.sort

    def address(self, **changes: str) -> str:
        """The query of an address: these filters and order, from the first page, with changes."""
        kept = {name: self.written.get(name, "") for name in (*NAMES, "sort")} | changes
        return urlencode({name: value for name, value in kept.items() if value})

    def sorted_by(self, sort: str) -> str:
        """The query that sorts by `sort`: the other way round when that is so already."""
        other = sort if self.sort == f"-{sort}" else f"-{sort}"
        return self.address(sort="" if other == _USUAL_SORT else other)

    def following(self, call: CallBrief) -> str:
        """The query of the page that comes after a call."""
        return self.address(after=place_text(call.place(self.search.sort)))

    def preceding(self, call: CallBrief) -> str:
        """The query of the page that comes before a call."""
        return self.address(before=place_text(call.place(self.search.sort)))


def read_filters(args: Mapping[str, str], person: Person, agents: Sequence[str]) -> Filters:
    """What the query of an address asks for; one that cannot be used is a problem, not an error."""
    names = (*NAMES, "sort", "after", "before")
    written = {name: args.get(name, "").strip()[:_LONGEST] for name in names}
    problems: dict[str, str] = {}

    def take(name: str, read: Callable[[str], T]) -> T | None:
        if not written[name]:
            return None
        try:
            return read(written[name])
        except ValueError as error:
            problems[name] = str(error)
            return None

    sort, descending = take("sort", _one_of(SORTS)) or (CallSort.CREATED, True)
    search = CallSearch(
        agent=take("agent", _agent(agents)),
        outcome=take("outcome", _word(tuple(Outcome))),
        caller=take("number", _number(person)),
        open_only=take("open", _word(("1",))) is not None,
        since=take("from", _moment),
        before=take("to", _end),
        stage=take("stage", _word(tuple(Stage))),
        direction=take("direction", _word(DIRECTIONS)),
        status=take("status", _word(STATUSES)),
        transport=take("transport", _word(TRANSPORTS)),
        language=take("language", _language),
        line=take("line", read_number_part),
        campaign_id=take("campaign", _campaign),
        duration_from_ms=take("shortest", read_span_ms),
        duration_to_ms=take("longest", read_span_ms),
        sort=sort,
        descending=descending,
        after_place=take("after", lambda text: _place(text, sort)),
        before_place=take("before", lambda text: _place(text, sort)),
        limit=PAGE_CALLS,
    )
    _compare(search, problems)
    if search.after_place is not None:
        search = replace(search, before_place=None)
    return Filters(written, search, problems)


def _compare(search: CallSearch, problems: dict[str, str]) -> None:
    if search.since is not None and search.before is not None and search.since >= search.before:
        problems.setdefault("to", "This is before the beginning: no call can lie between.")
    shortest, longest = search.duration_from_ms, search.duration_to_ms
    if shortest is not None and longest is not None and shortest > longest:
        problems.setdefault("longest", "This is less than the shortest: no call can match.")
    if search.open_only and search.wants_ended:
        problems.setdefault("open", "A call that goes on has no length yet: leave one of them out.")


def _one_of(values: Mapping[str, T]) -> Callable[[str], T]:
    def read(text: str) -> T:
        if text not in values:
            raise ValueError(f"Choose one of: {', '.join(values)}.")
        return values[text]

    return read


def _word(words: Sequence[str]) -> Callable[[str], str]:
    return _one_of({str(word): str(word) for word in words})


def _agent(agents: Sequence[str]) -> Callable[[str], str]:
    """An agent's name, also of one that is gone: its calls are there."""

    def read(text: str) -> str:
        if text.lower() not in agents and not _NAME.fullmatch(text):
            raise ValueError("There is no agent of that name.")
        return text.lower()

    return read


def _number(person: Person) -> Callable[[str], NumberMatch]:
    def read(text: str) -> NumberMatch:
        wanted = read_number_part(text)
        # Who tries one part after the other would find out what is masked.
        if wanted.part is not NumberPart.WHOLE and not person.may(Role.OPERATOR):
            raise ValueError("Write the whole number: to look for a part of one is for operators.")
        return wanted

    return read


def _campaign(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("There is no such campaign.")
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}-[A-Z]{2}", text):
        raise ValueError("Write a language such as en-IN.")
    return text


def _moment(text: str) -> datetime:
    """A day or a moment; without a zone it is meant in UTC, as the page shows moments."""
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter for a moment beyond the calendar
        raise ValueError("Write a day such as 2026-11-20, or a moment 2026-11-20T09:30.") from None


def _end(text: str) -> datetime:
    """The moment until which calls are wanted; a day is wanted to its end."""
    at = _moment(text)
    try:
        return at + timedelta(days=1) if len(text) == len("2026-11-20") else at
    except OverflowError:
        raise ValueError("Write a day that the calendar goes beyond.") from None


def _place(text: str, sort: CallSort) -> Place:
    try:
        return read_place(text, sort)
    except ValueError:
        message = "This address of a page cannot be read. The list is shown from its beginning."
        raise ValueError(message) from None
