"""What is asked in a state and what is listened for; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from agents.schema import ALERT_FIELD, Agent, Alert, FieldSpec
from conversation.actions import Listen, Part
from conversation.fields import kind_of
from conversation.fields.base import Context
from conversation.language import language_name
from conversation.stages import Stage
from conversation.state import CallState, changed
from conversation.wording import fill, joined, parts, text_of

ANSWER_TIMEOUT_S = 6  # silence that counts as no answer
HOLD_TIMEOUT_S = 20  # the same after "one moment please"
REPLY_LENGTH = 300  # characters of a model's own words that are spoken at most


def today(agent: Agent, at: datetime) -> date:
    """The calendar day where the agent is."""
    return at.astimezone(ZoneInfo(agent.timezone)).date()


def context(agent: Agent, state: CallState, at: datetime) -> Context:
    """What the reader of a field may know."""
    return Context(state.language, today(agent, at), state.question)


def label(spec: FieldSpec, language: str) -> str:
    """What a caller would call the field."""
    return spec.label.get(language) or spec.name.replace("_", " ")


def values(agent: Agent, state: CallState) -> dict[str, str]:
    """Every placeholder that can be filled now, as it is spoken: variables and fields."""
    known = {"agent_name": agent.name, **state.variables}
    missing = text_of(agent, "not_given", state.language)
    for spec in agent.fields:
        value = state.slots[spec.name].value
        known[spec.name] = (
            missing if value is None else kind_of(spec).say_back(spec, value, state.language)
        )
    return known


def words(
    agent: Agent, state: CallState, key: str, own: Mapping[str, str] | None = None
) -> tuple[Part, ...]:
    """A sentence in the language of the call; `own` fills the placeholders only it has."""
    return spoken(agent, state, text_of(agent, key, state.language), own)


def spoken(
    agent: Agent, state: CallState, template: str, own: Mapping[str, str] | None = None
) -> tuple[Part, ...]:
    """A text of the agent in the language of the call, with everything filled in."""
    known = values(agent, state) | dict(own or {}) if "{" in template else {}
    return parts(template, state.language, known)


def waiting(agent: Agent, state: CallState, was_told: bool) -> tuple[Part, ...]:
    """What a caller hears whose answer is not ready; `was_told` so before, in this turn."""
    hold = agent.live.hold.get(state.language) if was_told else None
    return words(agent, state, "filler") if hold is None else spoken(agent, state, hold)


def only_languages(agent: Agent, state: CallState) -> tuple[Part, ...]:
    """Which languages there are, for a caller who wants another."""
    names = [language_name(one, state.language) for one in agent.languages]
    return words(
        agent, state, "only_languages", {"languages": joined(agent, names, state.language)}
    )


def to_confirm(agent: Agent, state: CallState) -> list[FieldSpec]:
    """The filled fields that still have to be read back, in the agent's order."""
    return [
        spec
        for spec in agent.fields
        if (slot := state.slots[spec.name]).value is not None
        and not slot.confirmed
        and (slot.doubtful or spec.name in agent.confirm)
    ]


def next_field(agent: Agent, state: CallState) -> FieldSpec | None:
    """The field to ask now: required ones first, then optional ones; None when all are done."""
    open_fields = [
        spec
        for spec in agent.fields
        if (slot := state.slots[spec.name]).value is None and not slot.skipped
    ]
    return next(
        (spec for spec in open_fields if spec.required), open_fields[0] if open_fields else None
    )


def is_complete(agent: Agent, state: CallState) -> bool:
    """Every required field has a value."""
    return all(state.slots[spec.name].value is not None for spec in agent.fields if spec.required)


def question(agent: Agent, state: CallState, shorter: bool = False) -> tuple[Part, ...]:
    """What the caller is asked now; `shorter` after the full question was not answered."""
    if state.stage is Stage.LANGUAGE:
        return _menu(agent, state)
    if state.stage is Stage.CONFIRMING:
        return _read_back(agent, state)
    if agent.alert is not None:
        return _alert(agent, agent.alert, state, shorter)
    if state.asking is None:
        return _what_to_change(agent, state, keys=shorter)
    spec = agent.field(state.asking)
    texts = spec.ask_again if shorter and state.language in spec.ask_again else spec.ask
    return spoken(agent, state, texts[state.language])


def greeting(agent: Agent, state: CallState) -> tuple[Part, ...]:
    """What is said before anything else; an alert may have nothing."""
    if agent.alert is not None and "welcome" not in agent.say:
        return ()
    return words(agent, state, "welcome")


def thanks(agent: Agent, state: CallState) -> tuple[Part, ...]:
    """The last words of a call that completed: those of the key that was pressed, or the usual."""
    own = _of_key(agent, agent.alert, state) if agent.alert is not None else None
    return words(agent, state, "thanks") if own is None else spoken(agent, state, own)


def keypad_help(agent: Agent, state: CallState) -> tuple[Part, ...]:
    """How the question can be answered by keys; empty when it cannot."""
    if state.stage is Stage.CONFIRMING:
        return words(agent, state, "keypad_yes_no")
    if agent.alert is not None:  # its own words name the keys
        return ()
    if state.asking is not None:
        spec = agent.field(state.asking)
        keypad = kind_of(spec).keypad(spec)
        if keypad is not None:
            keys = {"keys": _choice_keys(agent, state, spec)} if spec.choices else None
            return words(agent, state, keypad.hint, keys)
    if agent.handover is not None and state.stage is not Stage.LANGUAGE:
        return words(agent, state, "operator_key")
    return ()


def listen(agent: Agent, state: CallState, timeout_s: int = ANSWER_TIMEOUT_S) -> Listen:
    """How to listen for the answer to the question of this state."""
    language = state.language
    if state.stage is Stage.LANGUAGE:
        names = {
            language_name(offered, one)
            for offered in agent.languages
            for one in (offered, agent.languages[0])
        }
        return Listen(language, hints=tuple(sorted(names)), timeout_s=timeout_s)
    if state.asking is None or state.stage is Stage.CONFIRMING:
        return Listen(language, hints=_hints(agent, state, agent.fields), timeout_s=timeout_s)
    spec = agent.field(state.asking)
    kind = kind_of(spec)
    keypad = kind.keypad(spec)
    return Listen(
        language,
        hints=_hints(agent, state, [spec]),
        keys_most=keypad.most if keypad else 1,
        timeout_s=timeout_s,
        end_silence_s=kind.end_silence_s(spec),
        asked=spec.name,
    )


def changeable(agent: Agent, state: CallState) -> list[FieldSpec]:
    """The fields a caller who refused the read-back may mean, in the order of their keys."""
    read_back = [spec for spec in agent.fields if spec.name in agent.confirm]
    filled = [spec for spec in agent.fields if state.slots[spec.name].value is not None]
    return (read_back or filled)[:9]


def _menu(agent: Agent, state: CallState) -> tuple[Part, ...]:
    """The menu, each language's line in that language."""
    return tuple(
        part
        for language in agent.languages
        for part in words(agent, changed(state, language=language), "language_menu")
    )


def _read_back(agent: Agent, state: CallState) -> tuple[Part, ...]:
    names = [spec.name for spec in to_confirm(agent, state)]
    own = agent.say.get("confirm", {}).get(state.language)
    if own is not None and names == [s.name for s in agent.fields if s.name in agent.confirm]:
        return spoken(agent, state, own)
    known = values(agent, state)
    item = text_of(agent, "item", state.language)
    items = [
        fill(item, {"label": label(spec, state.language), "value": known[spec.name]})
        for spec in to_confirm(agent, state)
    ]
    listed = {"items": joined(agent, items, state.language)}
    return words(agent, state, "confirm_generic", listed)


def _alert(agent: Agent, alert: Alert, state: CallState, shorter: bool) -> tuple[Part, ...]:
    """What is told, and which keys there are; the keys alone once that was heard."""
    keys = spoken(agent, state, alert.ask.get(state.language, ""))
    return keys if shorter else (*spoken(agent, state, alert.say[state.language]), *keys)


def _of_key(agent: Agent, alert: Alert, state: CallState) -> str | None:
    """What is said to the answer that is kept."""
    value = state.values.get(ALERT_FIELD)
    own = (key.say.get(state.language) for key in alert.keys if key.value == value)
    return next(own, None)


def _what_to_change(agent: Agent, state: CallState, keys: bool) -> tuple[Part, ...]:
    specs = changeable(agent, state)
    labels = [label(spec, state.language) for spec in specs]
    if keys:
        return words(agent, state, "which_key", {"keys": _keys(agent, state, labels)})
    listed = joined(agent, labels, state.language, last="or")
    return words(agent, state, "what_to_change", {"labels": listed})


def _choice_keys(agent: Agent, state: CallState, spec: FieldSpec) -> str:
    kind = kind_of(spec)
    names = [kind.say_back(spec, choice.value, state.language) for choice in spec.choices[:9]]
    return _keys(agent, state, names)


def _keys(agent: Agent, state: CallState, labels: Sequence[str]) -> str:
    presses = [
        fill(text_of(agent, "key", state.language), {"key": str(key), "label": name})
        for key, name in enumerate(labels, start=1)
    ]
    return joined(agent, presses, state.language, last="or")


def _hints(agent: Agent, state: CallState, specs: Sequence[FieldSpec]) -> tuple[str, ...]:
    words: dict[str, None] = {}
    for spec in specs:
        words.update(dict.fromkeys(spec.hints))
        words.update(dict.fromkeys(kind_of(spec).hints(spec, state.language)))
    return tuple(words)[:100]
