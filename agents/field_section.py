"""The `fields:` section of an agent's file as field specs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.currencies import CURRENCIES
from agents.problems import Findings, KeyPath, meant
from agents.schema import NAME_PATTERN, ChoiceSpec, FieldSpec
from agents.texts import Texts
from agents.validation import not_a, validated
from conversation.fields import KINDS

# Options that every kind takes; the others are in the `takes` of the kinds.
COMMON = frozenset({"kind", "ask", "ask_again", "label", "required", "hints", "sensitive"})
OPTIONS = frozenset(FieldSpec.model_fields) - {"name"}
_CHOICE_KEYS = frozenset(ChoiceSpec.model_fields)


def read_fields(raw: object, texts: Texts) -> tuple[FieldSpec, ...]:
    """The fields that can be used; notes what is wrong with the others."""
    path: KeyPath = ("fields",)
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", path, texts.findings)
        return ()
    if not raw:
        texts.findings.add(path, "has no field", "add one: `charge: {kind: money, ask: …}`")
    specs = []
    required: list[str] = []  # earlier ones, which a question may name
    for name, options in raw.items():
        spec = _read_field(name, options, texts, required)
        if spec is not None:
            specs.append(spec)
        if isinstance(options, dict) and options.get("required", True) is True:
            required.append(name)
    return tuple(specs)


def field_names(raw: object) -> tuple[str, ...]:
    """The names of all fields, usable or not: what placeholders and `confirm` may name."""
    names = raw if isinstance(raw, dict) else ()
    return tuple(name for name in names if re.match(NAME_PATTERN, name))


def _read_field(name: str, options: object, texts: Texts, earlier: list[str]) -> FieldSpec | None:
    path: KeyPath = ("fields", name)
    findings = texts.findings
    noted = len(findings.problems)
    if not re.match(NAME_PATTERN, name):
        findings.add(
            path,
            "is no name for a field",
            "write small letters, digits and _, beginning with a letter, such as delivery_date",
        )
    elif name in texts.names.always:
        findings.add(path, "is also the name of a variable", "rename one of the two")
    if not isinstance(options, dict):
        not_a(options, "a mapping", path, findings)
        return None
    kind = _kind(options, path, findings)
    _check_options(options, kind, path, findings)
    allowed = (*sorted(texts.names.always), *earlier)
    data = {key: value for key, value in options.items() if key in OPTIONS}
    data["name"] = name
    for key in ("ask", "ask_again"):
        if key in data:
            data[key] = texts.read(data[key], (*path, key), allowed)
    for key in ("label", "unit"):
        if key in data:
            data[key] = texts.read(data[key], (*path, key))
    if "choices" in data:
        data["choices"] = _read_choices(data["choices"], (*path, "choices"), texts)
    reported = OPTIONS - {"kind"}  # the name and the kind are noted above
    spec = validated(FieldSpec, data, path, findings, only=reported)
    if spec is not None and len(findings.problems) == noted:
        _check_values(spec, path, findings)
    return spec


def _kind(options: Mapping[str, object], path: KeyPath, findings: Findings) -> str | None:
    kind = options.get("kind")
    if "kind" not in options:
        findings.add((*path, "kind"), "is missing", "write one of: " + ", ".join(sorted(KINDS)))
    elif not isinstance(kind, str):
        not_a(kind, "text", (*path, "kind"), findings)
    elif kind not in KINDS:
        findings.add((*path, "kind"), f"there is no kind {kind}", meant(kind, KINDS))
    else:
        return kind
    return None


def _check_options(
    options: Mapping[str, object], kind: str | None, path: KeyPath, findings: Findings
) -> None:
    """Options there are, that the kind takes, and none missing that it needs."""
    takes = OPTIONS if kind is None else COMMON | KINDS[kind].takes
    for key in options:
        if key not in OPTIONS:
            findings.unknown((*path, key), takes, "option")
        elif key not in takes:
            wrong = f"{kind} takes no {key}"
            others = sorted(other for other in KINDS if key in KINDS[other].takes)
            remedy = f"remove it, or write kind: {' or '.join(others)}" if others else "remove it"
            findings.add((*path, key), wrong, remedy)
    if kind is not None:
        for key in sorted(KINDS[kind].needs - set(options)):
            findings.add((*path, key), "is missing", f"{kind} needs it")


def _check_values(spec: FieldSpec, path: KeyPath, findings: Findings) -> None:
    """What the options of one field have to be together is its kind's to say."""
    if spec.currency is not None and spec.currency not in CURRENCIES:
        wrong = f"{spec.currency} is no currency of ISO 4217"
        findings.add((*path, "currency"), wrong, "write a code such as INR or EUR")
    for wrong in KINDS[spec.kind].check(spec):
        findings.add(path, wrong.rstrip("."))


def _read_choices(raw: object, path: KeyPath, texts: Texts) -> list[dict[str, object]]:
    """Choices from any of the three forms: values, {value, say, synonyms}, value: synonyms."""
    if isinstance(raw, dict):
        return [
            _choice({"value": value, "synonyms": synonyms}, (*path, value), texts, inner=False)
            for value, synonyms in raw.items()
        ]
    if not isinstance(raw, list):
        not_a(raw, "a list", path, texts.findings)
        return []
    choices = []
    for index, one in enumerate(raw):
        place = (*path, index)
        if isinstance(one, str):
            choices.append(_choice({"value": one}, place, texts))
        elif isinstance(one, dict):
            choices.append(_choice(one, place, texts))
        else:
            not_a(one, "text", place, texts.findings)
    return choices


def _choice(
    raw: dict[str, object], path: KeyPath, texts: Texts, inner: bool = True
) -> dict[str, object]:
    """One choice as data; `inner`: its synonyms stand under a key of their own."""
    for key in raw:
        if key not in _CHOICE_KEYS:
            texts.findings.unknown((*path, key), _CHOICE_KEYS)
    choice: dict[str, object] = {"value": raw.get("value", "")}
    if "value" not in raw:
        texts.findings.add((*path, "value"), "is missing", "write the answer that is stored")
        choice["value"] = "?"
    if "say" in raw:
        choice["say"] = texts.read(raw["say"], (*path, "say"))
    place = (*path, "synonyms") if inner else path
    choice["synonyms"] = texts.read_lists(raw.get("synonyms"), place)
    return choice
