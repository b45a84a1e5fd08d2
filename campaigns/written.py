"""Rules of a campaign as somebody writes them: read, changed in part, refused with reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agents.schema import Agent
from campaigns.advice import mistakes
from campaigns.campaign import YEARS, CampaignRules
from campaigns.rules import Law
from storage.records import JsonObject

# Of one answer; whoever sends more than that will see the next ones then.
MISTAKES_MOST = 50
VARIABLES_MOST, VARIABLE_MOST = 100, 2_000
# Rules lie two deep; what lies deeper is kept as it came, and refused for what it is.
DEPTH_MOST = 8
FIELD_MOST = 120  # characters of the name of a rule as it was sent
_WORDS = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such rule.",
    "timezone_aware": "Write a moment with its offset, such as 2026-11-30T10:00:00+05:30.",
    "datetime_from_date_parsing": "Write a moment such as 2026-11-30T10:00:00+05:30.",
    "datetime_parsing": "Write a moment such as 2026-11-30T10:00:00+05:30.",
    "string_type": "Write a text.",
    "int_type": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "float_type": "Write a number.",
    "bool_type": "Write true or false.",
}
_PATTERNS = {
    "opens": "Write a time such as 10:00.",
    "closes": "Write a time such as 19:00.",
    "agent": "Write the name of an agent, such as reminder.",
    "country": "Write the two letters of a country, such as IN.",
}
# Rules that are one thing together: what is wrong with one of them says nothing of the others.
_TOGETHER = (("hours.opens", "hours.closes"), ("starts_at", "ends_at"))
# What stands in for a rule that is needed, while the others are looked at.
_STANDS_IN: Mapping[str, object] = {"name": "-", "agent": "none"}
# Rules on which depends whether any hour is open.
_OF_HOURS = ("hours", "country", "starts_at", "ends_at")
ROUNDS_MOST = 8


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one rule."""

    field: str  # hours.opens
    message: str


class RulesRefused(ValueError):
    """These rules cannot be used."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        self.mistakes = tuple(found[:MISTAKES_MOST])
        first = self.mistakes[0]
        where = f"{first.field}: " if first.field else ""
        super().__init__(f"{where}{first.message}")


@dataclass(frozen=True, slots=True)
class Writer:
    """Reads rules against what there is here."""

    agents: Mapping[str, Agent]
    law: Law
    countries: Sequence[str]  # that may be rung

    def read(self, sent: Mapping[str, object], of_agent: bool = True) -> CampaignRules:
        """The rules of a campaign, as JSON has them: a number is no text, and true no number.

        RulesRefused names everything that is wrong; not `of_agent`: but for what is not the
        agent's, which was there, or had such a field, when that was written.
        """
        found: list[Mistake] = []
        left = _copied(_flat(sent))
        for _ in range(ROUNDS_MOST):
            try:
                rules = CampaignRules.model_validate_json(orjson.dumps(left), strict=True)
            except ValidationError as error:
                wrong = _first_ones(error.errors())
                found += [_mistake(one) for one in wrong]
                # What is wrong with the others is told in the same answer.
                for one in wrong:
                    _leave_out(left, [str(key) for key in one["loc"]])
                continue
            wrong_ones = {one.field.split(".")[0] for one in found}
            found += self._mistakes(rules, wrong_ones if of_agent else {*wrong_ones, "agent"})
            break
        if found:
            raise RulesRefused(found)
        return rules

    def changed(self, rules: CampaignRules, patch: Mapping[str, object]) -> CampaignRules:
        """Rules with some of them changed, as RFC 7396 has it: null is the usual value again.

        RulesRefused as with `read`.
        """
        of_agent = bool({"agent", "qualified_when"} & set(patch))
        return self.read(merged(rules.model_dump(mode="json"), patch), of_agent)

    def _mistakes(self, rules: CampaignRules, wrong: Collection[str]) -> Sequence[Mistake]:
        """What is wrong with rules of the right form; of those in `wrong` that is known."""
        found: list[Mistake] = []
        if "agent" not in wrong:
            found += self._of_agent(rules)
        if rules.country is not None and rules.country not in self.countries:
            allowed = ", ".join(self.countries)
            message = f"Numbers outside {allowed} are not rung from here (START_CALL_COUNTRIES)."
            found.append(Mistake("country", message))
        for name, at in (("starts_at", rules.starts_at), ("ends_at", rules.ends_at)):
            if at is not None and at.year not in YEARS:
                found.append(Mistake(name, "Write a moment of this century."))
        if rules.starts_at and rules.ends_at and rules.ends_at <= rules.starts_at:
            found.append(Mistake("ends_at", "This is not after the start."))
        for name in ("variables", "qualified_when"):
            values: Mapping[str, str] = getattr(rules, name)
            if len(values) > VARIABLES_MOST:
                found.append(Mistake(name, f"Write {VARIABLES_MOST} of these at most."))
            elif any(len(key) + len(value) > VARIABLE_MOST for key, value in values.items()):
                found.append(Mistake(name, f"Write {VARIABLE_MOST} characters each at most."))
        countries = [rules.country] if rules.country else self.countries
        if {*wrong, *(one.field for one in found)}.isdisjoint(_OF_HOURS):
            found += [Mistake("hours", one) for one in mistakes(rules, self.law, countries)]
        return found

    def _of_agent(self, rules: CampaignRules) -> Iterator[Mistake]:
        agent = self.agents.get(rules.agent)
        if agent is None:
            yield Mistake("agent", f"There is no agent {rules.agent}.")
            return
        fields = [one.name for one in agent.fields]
        known = f"it has {', '.join(fields)}" if fields else "it has none"
        for name in rules.qualified_when:
            if name not in fields:
                message = f"The agent {agent.agent} has no field of this name; {known}."
                yield Mistake(f"qualified_when.{name}"[:FIELD_MOST], message)


def merged(target: object, patch: object, depth: int = DEPTH_MOST) -> JsonObject:
    """`target` with `patch` applied as RFC 7396 has it, so many objects deep."""
    if not isinstance(patch, Mapping):
        raise TypeError("a patch is an object")
    result: dict[str, object] = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and depth:
            result[name] = merged(result.get(name), value, depth - 1)
        else:
            result[name] = value
    return result


def _flat(value: object, depth: int = DEPTH_MOST) -> object:
    """What was sent without what lies deeper than any rule, where it is refused as it is."""
    if isinstance(value, Mapping):
        return {name: _flat(one, depth - 1) for name, one in value.items()} if depth else None
    if isinstance(value, list | tuple):
        return [_flat(one, depth - 1) for one in value] if depth else None
    return value


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return value


def _first_ones(errors: Sequence[ErrorDetails]) -> Sequence[ErrorDetails]:
    """Mistakes without those that follow from others: that no day is left, of misspelt ones."""
    within = {one["loc"][:depth] for one in errors for depth in range(len(one["loc"]))}
    return [one for one in errors if one["loc"] not in within]


def _leave_out(left: object, path: Sequence[str]) -> None:
    """Take a rule out of what was sent, with those it is one thing with."""
    written = ".".join(path)
    for group in _TOGETHER:
        if written in group:
            for one in group:
                _take_out(left, one.split("."))
    _take_out(left, path)


def _take_out(left: object, path: Sequence[str]) -> None:
    for depth, key in enumerate(path):
        if not isinstance(left, dict):
            return
        inner = left.get(key)
        if depth == 0 and key in _STANDS_IN:
            left[key] = _STANDS_IN[key]
        elif depth == len(path) - 1 or not isinstance(inner, dict):
            left.pop(key, None)
        left = inner


def _mistake(error: ErrorDetails) -> Mistake:
    path = [str(one) for one in error["loc"]]
    kind, last = error["type"], path[-1] if path else ""
    message = _WORDS.get(kind) or error["msg"].removeprefix("Value error, ").rstrip(".") + "."
    if kind == "string_pattern_mismatch":
        message = _PATTERNS.get(last, message)
    elif kind == "enum":
        expected = str(error.get("ctx", {}).get("expected", "another word"))
        message = f"Write {expected.replace(chr(39), '')}."
    elif kind == "too_short" and last == "days":
        message = "Write one day at least, such as mon."
    return Mistake(".".join(path)[:FIELD_MOST], message)
