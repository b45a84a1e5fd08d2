"""Parts of a file checked against their models, in the words of the people who write files."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agents.document import described
from agents.problems import Findings, KeyPath, meant

Model = TypeVar("Model", bound=BaseModel)

# What to write instead, by key; where the kind of error says too little.
_REMEDIES = {
    "agent": "write small letters, digits and _, beginning with a letter, such as route_rates",
    "name": "write what people call the agent",
    "goal": "write in a sentence what a call is for",
    "currency": "write its three capital letters, such as INR",
    "region": "write its two capital letters, such as IN",
    "languages": "write a tag such as en-IN",
    "to": 'write a number such as "+914400000000" (in quotes), "sip:desk@example.com", '
    '"client:desk" or "queue:desk"',
    "about": "write in a few words what callers ask, such as who is calling",
    "say": "add what the agent says",
    "announce": "add what callers are told before they are recorded",
}
# What pydantic calls an error (or the first word of that) → what is wrong, what to write instead.
_EXPLAINED = {
    "missing": ("is missing", "add it"),
    "string_pattern_mismatch": ("{value} cannot be used", ""),
    "string_too_short": ("{value} is too short", "write {min_length} characters or more"),
    "string_too_long": ("is longer than {max_length} characters", "shorten it"),
    "too_short": ("is an empty list", "write at least one, or remove the key"),
    "too_long": ("has more than {max_length} entries", "remove some"),
    "greater_than_equal": ("{value} is too small", "write {ge} or more"),
    "less_than_equal": ("{value} is too large", "write {le} or less"),
    "bool": ("{value} is neither true nor false", "write true or false"),
    "int": ("{value} is not a whole number", "write one such as 10"),
    "float": ("{value} is not a number", "write one such as 10 or 2.5"),
    "decimal": ("{value} is not a number", "write one such as 10 or 2.5"),
    "finite": ("{value} is not a number", "write one such as 10 or 2.5"),
}
_WANTED = {
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
MAX_SHOWN = 60  # characters of a value in a message
_LIST_REMEDY = "write a list: [one, two]"
_MAPPING_REMEDY = "write `key: value` lines under it"


def validated(
    model: type[Model],
    data: object,
    path: KeyPath,
    findings: Findings,
    only: Collection[str] | None = None,
) -> Model | None:
    """The model of `data`, or None after noting what is wrong; `only` these keys are reported."""
    if not isinstance(data, dict):
        not_a(data, "a mapping", path, findings)
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            place = one["loc"]
            if only is None or (place and place[0] in only):
                _note(one, (*path, *place), set(model.model_fields), findings)
        return None


def not_a(value: object, wanted: str, path: KeyPath, findings: Findings) -> None:
    """Note a value that is not what it has to be: "a list", "a mapping" or "text"."""
    if value is None:
        findings.add(path, "is empty", "write a value or remove the key")
    elif wanted == "text" and isinstance(value, bool | int | float):
        written = findings.written.get(path, str(value))
        findings.add(path, f"is read as {described(value)}", f'write it in quotes: "{written}"')
    elif wanted == "text" and _began_with_brace(value):
        findings.add(
            path,
            "is read as a mapping, because it begins with {",
            "put the sentence in quotes",
        )
    else:
        remedy = {"a list": _LIST_REMEDY, "a mapping": _MAPPING_REMEDY}.get(wanted, "write text")
        findings.add(path, f"is {described(value)}, not {wanted}", remedy)


def _note(error: ErrorDetails, path: KeyPath, known: set[str], findings: Findings) -> None:
    kind, value, bounds = error["type"], error["input"], error.get("ctx", {})
    if kind == "too_short" and value:  # its entries are wrong, which is noted for each
        return
    if kind == "extra_forbidden":
        findings.unknown(path, known)
    elif kind != "missing" and value is None:
        not_a(value, "text", path, findings)
    elif kind in _WANTED:
        not_a(value, _WANTED[kind], path, findings)
    elif kind == "enum":
        words = str(bounds["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        findings.add(path, f"{shown(value)} is not known", meant(str(value), words))
    else:
        key = str(path[-1]) if isinstance(path[-1], str) else str(path[-2])
        wrong, remedy = _EXPLAINED.get(kind) or _EXPLAINED.get(kind.partition("_")[0], ("", ""))
        wrong = wrong.format(value=shown(value), **bounds) or error["msg"]
        findings.add(path, wrong, _REMEDIES.get(key) or remedy.format(**bounds))


def _began_with_brace(value: object) -> bool:
    """`thanks: {charge}` without quotes is a mapping of a name to nothing."""
    return isinstance(value, dict) and bool(value) and all(one is None for one in value.values())


def shown(value: object) -> str:
    """A value as it is told in a message, cut when it is long."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
