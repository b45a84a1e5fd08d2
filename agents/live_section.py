"""The `live:` section of an agent's file: how a live conversation feels."""

from __future__ import annotations

from agents.problems import KeyPath, meant
from agents.schema import LiveSpeech
from agents.texts import Texts
from agents.validation import shown, validated
from settings import RECOGNISER_NAMES


def read_live(raw: object, texts: Texts) -> LiveSpeech | None:
    """How the agent takes turns; None when anything is wrong with it."""
    data: object = dict(raw) if isinstance(raw, dict) else raw
    known = True
    if isinstance(data, dict):
        if "hold" in data:
            path: KeyPath = ("live", "hold")
            data["hold"] = texts.read(data["hold"], path, texts.names.always, all_languages=False)
        if "recogniser" in data:
            data["recogniser"] = _named(data["recogniser"], texts)
            known = _is_known(data["recogniser"], texts)
    live = validated(LiveSpeech, data, ("live",), texts.findings)
    return live if known else None


def _named(raw: object, texts: Texts) -> object:
    """`recogniser: name` is short for `recogniser: {name: name}`."""
    if isinstance(raw, dict) and "name" not in raw:
        remedy = f"write one of: {', '.join(RECOGNISER_NAMES)}"
        texts.findings.add(("live", "recogniser", "name"), "is missing", remedy)
        return {**raw, "name": RECOGNISER_NAMES[0]}
    return {"name": raw} if isinstance(raw, str) else raw


def _is_known(raw: object, texts: Texts) -> bool:
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or name in RECOGNISER_NAMES:
        return True  # what is no name is noted with the rest
    texts.findings.add(
        ("live", "recogniser", "name"),
        f"there is no recogniser {shown(name)}",
        meant(name, RECOGNISER_NAMES),
    )
    return False
