"""The data of an agent's file as an `Agent`: short forms spelled out, everything checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from agents.alert_section import field_of, read_alert
from agents.closing_section import read_messages, read_voicemail
from agents.document import described
from agents.field_section import field_names, read_fields
from agents.live_section import read_live
from agents.problems import Findings, KeyPath, meant
from agents.schema import (
    ALERT_FIELD,
    LANGUAGE_PATTERN,
    NAME_PATTERN,
    Agent,
    Alert,
    Answer,
    Handover,
    Limits,
    Record,
)
from agents.texts import Names, Texts
from agents.validation import not_a, shown, validated
from agents.voice_section import read_voices
from agents.wording_section import check_confirm, read_say
from settings import MODEL_NAMES

TOP_KEYS = frozenset(Agent.model_fields) - {"version", "say_voices"}
_NEEDED = ("agent", "name", "goal", "languages", "say")
_HEAD = frozenset({"agent", "name", "goal", "transport", "languages", "retention_days"})
RULES = "rules"  # who reads when no model does, as it is written among the models


def read_agent(data: object, version: str, findings: Findings) -> Agent | None:
    """The agent in a file's data; None when anything at all was noted."""
    if not isinstance(data, dict):
        findings.add_line(1, f"holds {described(data)}, not an agent", "begin with `agent: name`")
        return None
    for key in data:
        if key not in TOP_KEYS:
            findings.unknown((key,), TOP_KEYS)
    for key in (*_NEEDED, *(() if "alert" in data else ("fields",))):
        if key not in data:
            findings.add((key,), "is missing", "add it")
    if "alert" in data and "fields" in data:
        wrong = "an alert asks for keys, and for no fields"
        findings.add(("fields",), wrong, "remove fields, or remove alert")
    texts = Texts(_languages(data.get("languages"), findings), _names(data, findings), findings)
    whole: dict[str, object] = {key: data[key] for key in _HEAD if key in data}
    whole["version"] = version
    whole["timezone"] = _timezone(data.get("timezone", "UTC"), findings)
    whole["variables"] = data.get("variables", {})
    whole["fields"] = read_fields(data["fields"], texts) if "fields" in data else ()
    alert = None
    if "alert" in data:
        alert = read_alert(data["alert"], "handover" in data, texts)
        answer = field_of(alert) if alert is not None else None
        whole |= {"alert": alert, "fields": () if answer is None else (answer,), "models": (RULES,)}
    confirm = _confirm(data.get("confirm", "none"), texts.names.fields, findings)
    say = read_say(data.get("say", {}), _needed(data, confirm, alert), texts)
    check_confirm(say, confirm, texts)
    whole["confirm"], whole["say"] = confirm, say
    whole["voices"], whole["say_voices"] = read_voices(data.get("voices", {}), texts)
    for key, read in _SECTIONS.items():
        if key in data:
            whole[key] = read(data[key], texts)
    agent = validated(Agent, whole, (), findings, only=_HEAD & set(data))
    return None if findings.problems else agent


def _languages(raw: object, findings: Findings) -> tuple[str, ...]:
    """The languages that can be used. What is no list of tags is noted with the head."""
    if not isinstance(raw, list):
        return ()
    good: list[str] = []
    for index, one in enumerate(raw):
        if isinstance(one, str) and re.match(LANGUAGE_PATTERN, one):
            if one in good:
                findings.add(("languages", index), f"{one} is written twice", "remove one")
            else:
                good.append(one)
    return tuple(good)


def _names(data: Mapping[str, object], findings: Findings) -> Names:
    """What placeholders may stand for; checks the variables."""
    variables = data.get("variables", {})
    if not isinstance(variables, dict):
        not_a(variables, "a mapping", ("variables",), findings)
        variables = {}
    for name, default in variables.items():
        path: KeyPath = ("variables", name)
        if not re.match(NAME_PATTERN, name):
            findings.add(
                path,
                "is no name for a variable",
                "write small letters, digits and _, beginning with a letter",
            )
        elif name == "agent_name":
            findings.add(path, "is the agent's own name", "choose another name")
        if not isinstance(default, str):
            not_a(default, "text", path, findings)
        elif not default.strip():
            findings.add(path, "is empty", "write what is said when a call brings no value")
    fields = (ALERT_FIELD,) if "alert" in data else field_names(data.get("fields"))
    return Names(fields, tuple(variables))


def _needed(
    data: Mapping[str, object], confirm: tuple[str, ...], alert: Alert | None
) -> Iterator[str]:
    """The sentences there must be."""
    if "alert" not in data:
        yield from ("welcome", "thanks")
    elif alert is not None and any(key.value and not key.say for key in alert.keys):
        yield "thanks"
    yield "goodbye"
    if confirm:
        yield "confirm"
    if "handover" in data:
        yield "handover"


def _timezone(raw: object, findings: Findings) -> object:
    if not isinstance(raw, str):
        not_a(raw, "text", ("timezone",), findings)
        return "UTC"
    try:
        ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        remedy = meant(raw, available_timezones())
        if not remedy.startswith("did you"):
            remedy = "write a name such as Asia/Kolkata"
        findings.add(("timezone",), f"there is no time zone {shown(raw)}", remedy)
    return raw


def _confirm(raw: object, fields: tuple[str, ...], findings: Findings) -> tuple[str, ...]:
    """The names of the fields that are read back."""
    if raw == "all":
        return fields
    if raw == "none":
        return ()
    if not isinstance(raw, list):
        findings.add(("confirm",), f"{shown(raw)} cannot be used", "write all, none or [fields]")
        return ()
    names: list[str] = []
    for index, name in enumerate(raw):
        path: KeyPath = ("confirm", index)
        if name not in fields:
            findings.add(path, f"there is no field {shown(name)}", meant(str(name), fields))
        elif name in names:
            findings.add(path, f"{name} is written twice", "remove one")
        else:
            names.append(name)
    return tuple(names)


def _models(raw: object, texts: Texts) -> tuple[str, ...]:
    """Who reads, in order."""
    findings = texts.findings
    if not isinstance(raw, list):
        not_a(raw, "a list", ("models",), findings)
        return ()
    if not raw:
        findings.add(("models",), "is an empty list", "write [rules] for no model")
    names: list[str] = []
    for index, name in enumerate(raw):
        path: KeyPath = ("models", index)
        if name not in (*MODEL_NAMES, RULES):
            remedy = meant(str(name), (*MODEL_NAMES, RULES))
            findings.add(path, f"there is no model {shown(name)}", remedy)
        elif name in names:
            findings.add(path, f"{name} is written twice", "remove one")
        elif RULES in names:
            findings.add(path, f"{name} stands behind {RULES}", f"write {RULES} last")
        else:
            names.append(name)
    return tuple(names)


def _record(raw: object, texts: Texts) -> Record | None:
    """That calls are recorded; nobody is recorded without being told in their language."""
    data = dict(raw) if isinstance(raw, dict) else raw
    path: KeyPath = ("record", "announce")
    if isinstance(data, dict) and "announce" in data:
        data["announce"] = texts.read(data["announce"], path, texts.names.always)
    return validated(Record, data, ("record",), texts.findings)


def _answers(raw: object, texts: Texts) -> list[Answer]:
    if not isinstance(raw, list):
        not_a(raw, "a list", ("answers",), texts.findings)
        return []
    answers = []
    for index, one in enumerate(raw):
        path: KeyPath = ("answers", index)
        data = dict(one) if isinstance(one, dict) else one
        if isinstance(data, dict) and "say" in data:
            data["say"] = texts.read(data["say"], (*path, "say"), texts.names.always)
        answer = validated(Answer, data, path, texts.findings)
        if answer is not None:
            answers.append(answer)
    return answers


def _handover(raw: object, texts: Texts) -> Handover | None:
    return validated(Handover, raw, ("handover",), texts.findings)


def _limits(raw: object, texts: Texts) -> Limits | None:
    return validated(Limits, raw, ("limits",), texts.findings)


# Sections that stand for themselves; what is wrong with one is noted, and then it is None.
_SECTIONS: Mapping[str, Callable[[object, Texts], object]] = {
    "models": _models,
    "answers": _answers,
    "handover": _handover,
    "limits": _limits,
    "live": read_live,
    "record": _record,
    "voicemail": read_voicemail,
    "messages": read_messages,
}
