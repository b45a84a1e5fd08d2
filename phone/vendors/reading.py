"""What these models understand: enough for the callers of benchmarks and tests, and no more.

They see what a real one sees, the schema and the turn, and find money, spans of time, numbers,
choices and yes or no in plain English with figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Turn = Mapping[str, Any]

_AMOUNT = re.compile(r"\d[\d,]*(?:\.\d+)?")
_CURRENCY = re.compile(r"\b(rupees?|rs\.?|inr|dollars?|usd|pounds?)(?:\b|$)", re.IGNORECASE)
_CLOCK = r"(\d{1,2})(?::(\d\d))?\s*([ap])?\.?(?:m\b)?\.?"
_SPAN = re.compile(rf"\b{_CLOCK}\s*(?:to|until|till|and|-)\s*{_CLOCK}", re.IGNORECASE)
_NO = re.compile(r"\b(no|nope|not|don't)\b", re.IGNORECASE)
_YES = re.compile(r"\b(yes|yeah|sure|correct|right|okay|ok)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(person|human|operator|somebody|someone|agent)\b", re.IGNORECASE)
_ASIDE = re.compile(r"\bwho (is|are) (calling|this|you)\b", re.IGNORECASE)
_PLEASED = re.compile(r"\b(thank|thanks|great|lovely|wonderful|perfect)\b", re.IGNORECASE)
_DISPLEASED = re.compile(r"\b(terrible|angry|useless|awful|ridiculous|bad)\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:delivery|route|truck|lorry|pizza|appointment|price|window)\b")
_REPLY = "This is the booking line."


def is_summary(turn: Turn) -> bool:
    """A whole call is to be summed up, instead of one utterance read."""
    return isinstance(turn.get("purpose"), str) and "caller_said" not in turn


def written_answer(turn: Turn, schema: Mapping[str, Any]) -> dict[str, object]:
    """The answer to a turn, or the summary of a call, in the form that the schema asks for."""
    if is_summary(turn):
        return _summary(turn)
    said = str(turn.get("caller_said", ""))
    values = {
        name: _value(said, name, one, turn)
        for name, one in _properties(_properties(schema).get("fields", {})).items()
    }
    known = {*(turn.get("collected") or {}), *(k for k, v in values.items() if v is not None)}
    decision = "THANK_YOU_RESPONSE" if known >= values.keys() else "NEED_MORE_INFO"
    if _PERSON.search(said):
        decision = "HANDOVER_TO_HUMAN"
    reply = _REPLY if _ASIDE.search(said) else None
    return {"fields": values, "reply": reply, "language": None, "decision": decision}


def _summary(turn: Turn) -> dict[str, object]:
    said = " ".join(str(line["caller"]) for line in turn["lines"] if "caller" in line)
    mood = len(_PLEASED.findall(said)) - len(_DISPLEASED.findall(said))
    emotions = ["grateful"] if mood > 0 else ["frustrated"] if mood < 0 else []
    return {
        "summary": f"The caller rang, and the call ended as {turn.get('outcome', '')}.",
        "sentiment": max(-1.0, min(1.0, mood * 0.5)),
        "emotions": emotions,
        "topics": list(dict.fromkeys(_SUBJECT.findall(said.lower())))[:3],
    }


def _properties(schema: Any) -> Mapping[str, Any]:
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _value(said: str, name: str, schema: Any, turn: Turn) -> object:
    plain = _not_null(schema)
    properties = _properties(plain)
    if {"amount", "currency"} <= properties.keys():
        return _money(said, turn.get("asked") in (name, None))
    if {"start", "end"} <= properties.keys():
        return _span(said)
    if isinstance(choices := plain.get("enum"), Sequence):
        return next((one for one in choices if str(one).lower() in said.lower()), None)
    if turn.get("asked") != name:
        return None
    match plain.get("type"):
        case "boolean":
            return False if _NO.search(said) else True if _YES.search(said) else None
        case "integer" | "number":
            return _number(said)
    return None


def _not_null(schema: Any) -> Mapping[str, Any]:
    """The alternative of a nullable schema that is not null."""
    if not isinstance(schema, Mapping):
        return {}
    for one in schema.get("anyOf", ()):
        if isinstance(one, Mapping) and one.get("type") != "null":
            return one
    return schema


def _money(said: str, expected: bool) -> Mapping[str, object] | None:
    if _SPAN.search(said) or not (expected or _CURRENCY.search(said)):
        return None
    amount = _number(said)
    if amount is None:
        return None
    word = _CURRENCY.search(said)
    codes = {"d": "USD", "u": "USD", "p": "GBP"}
    return {"amount": amount, "currency": codes.get(word[1][0].lower(), "INR") if word else "INR"}


def _number(said: str) -> int | float | None:
    """The last one counts: callers correct themselves."""
    numbers = _AMOUNT.findall(said)
    if not numbers:
        return None
    value = float(numbers[-1].replace(",", ""))
    return int(value) if value.is_integer() else value


def _span(said: str) -> Mapping[str, str] | None:
    match = _SPAN.search(said)
    if match is None:
        return None
    first, first_minute, first_half, last, last_minute, last_half = match.groups()
    if first_half is None and last_half is None:
        return None
    return {
        "start": _clock(first, first_minute, first_half or last_half),
        "end": _clock(last, last_minute, last_half or first_half),
    }


def _clock(hour: str, minute: str | None, half: str) -> str:
    return f"{int(hour) % 12 + 12 * (half.lower() == 'p'):02}:{minute or '00'}"
