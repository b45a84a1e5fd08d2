"""The `alert:` section of an agent's file: what is told, and what each key then does."""

from __future__ import annotations

from agents.problems import Findings, KeyPath
from agents.schema import ALERT_FIELD, Alert, AlertDoes, AlertKey, ChoiceSpec, FieldSpec
from agents.texts import Texts
from agents.validation import not_a, validated

_PATH: KeyPath = ("alert",)
_OPTIONS = frozenset(AlertKey.model_fields) - {"key"}


def read_alert(raw: object, has_handover: bool, texts: Texts) -> Alert | None:
    """The alert; None when anything is wrong with it."""
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", _PATH, texts.findings)
        return None
    data = dict(raw)
    always = texts.names.always
    for key in ("say", "ask"):
        if key in data:
            data[key] = texts.read(data[key], (*_PATH, key), always)
    if "keys" in data:
        data["keys"] = _keys(data["keys"], has_handover, texts)
        if data["keys"] and "ask" not in raw:
            wrong = "is missing, so nobody knows of the keys"
            texts.findings.add((*_PATH, "ask"), wrong, "say which key does what")
    alert = validated(Alert, data, _PATH, texts.findings, only=set(raw) | {"say"})
    if alert is not None:
        _check_values(alert, texts.findings)
    return alert


def field_of(alert: Alert) -> FieldSpec | None:
    """The field that holds the answer, for all who read, keep and show values; None without one."""
    answers = [key for key in alert.keys if key.does is AlertDoes.ANSWER]
    if not answers:
        return None
    choices = tuple(
        ChoiceSpec(value=value, synonyms=dict(key.words))
        for key in answers
        if (value := key.value) is not None
    )
    return FieldSpec(
        name=ALERT_FIELD,
        kind="choice",
        ask={language: text for language, text in alert.ask.items() if text},
        choices=choices,
    )


def _keys(raw: object, has_handover: bool, texts: Texts) -> list[dict[str, object]]:
    path: KeyPath = (*_PATH, "keys")
    if not isinstance(raw, dict):
        not_a(raw, "a mapping", path, texts.findings)
        return []
    return [_key(key, options, has_handover, texts) for key, options in raw.items()]


def _key(key: str, options: object, has_handover: bool, texts: Texts) -> dict[str, object]:
    path: KeyPath = (*_PATH, "keys", key)
    findings = texts.findings
    if not isinstance(options, dict):
        not_a(options, "a mapping", path, findings)
        return {"key": "0"}
    data = {name: value for name, value in options.items() if name in _OPTIONS}
    for name in options:
        if name not in _OPTIONS:
            findings.unknown((*path, name), _OPTIONS)
    if len(key) != 1 or key not in "0123456789*":
        findings.add(path, f"{key!r} is no key", 'write "0" to "9" or "*"')
        key = "0"
    does = data.get("does", AlertDoes.ANSWER.value)
    if does == AlertDoes.ANSWER and "value" not in data:
        findings.add((*path, "value"), "is missing", "write what is kept of it, or what it does")
    if does != AlertDoes.ANSWER and "value" in data:
        findings.add((*path, "value"), "is kept of answers only", "remove it")
    if does != AlertDoes.ANSWER and "words" in data:
        findings.add((*path, "words"), "are read for answers only", "remove it")
    if does == AlertDoes.HAND_OVER and not has_handover:
        findings.add((*path, "does"), "there is no handover", "say under handover where to")
    if "say" in data:
        data["say"] = texts.read(data["say"], (*path, "say"), texts.names.always)
    if "words" in data:
        data["words"] = texts.read_lists(data["words"], (*path, "words"))
    checked = validated(AlertKey, {**data, "key": key}, path, findings)
    return checked.model_dump() if checked is not None else {"key": key}


def _check_values(alert: Alert, findings: Findings) -> None:
    """Two keys may not keep the same."""
    seen: set[str] = set()
    for key in alert.keys:
        if key.value is not None and key.value.casefold() in seen:
            path: KeyPath = (*_PATH, "keys", key.key, "value")
            findings.add(path, f"{key.value} is kept by another key, too", "write another value")
        seen.add((key.value or "").casefold())
