"""Everything an agent can say that is known before anybody calls, so that clips can be made of it.

Not here: values only callers bring, and what a model words itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product

from agents.schema import Agent, Alert, FieldSpec
from conversation.actions import Part
from conversation.fields import kind_of
from conversation.language import language_name
from conversation.questions import label
from conversation.wording import SENTENCES, fill, joined, parts, text_of

# Stands in a text for what is not known yet; no text of an agent's file holds it.
_UNKNOWN = "\x00"
_ENDS = (".", "?", "!", "।", "…")
_CLOSING = "\"'”’)»"

# Pieces of other sentences, never said alone.
_PIECES = frozenset({"key", "item", "not_given", "and", "or"})
# Sentences that only these kinds of fields call for.
_KINDS_OF: Mapping[str, frozenset[str]] = {
    "too_small": frozenset({"number", "money"}),
    "too_large": frozenset({"number", "money"}),
    "not_whole": frozenset({"number", "money"}),
    "wrong_currency": frozenset({"money"}),
    "in_the_past": frozenset({"date"}),
    "too_early": frozenset({"date", "time", "time_range"}),
    "too_late": frozenset({"date", "time", "time_range"}),
    "ends_before_start": frozenset({"time_range"}),
    "too_short": frozenset({"text", "address", "name"}),
    "too_long": frozenset({"text", "address", "name"}),
}
# What most calls say, in the order in which they say it; the rest follows.
_FIRST = ("language_menu", "welcome")
_SOON = ("confirm", "thanks", "not_heard", "not_understood", "filler", "goodbye", "handover")

Values = Mapping[str, str]


def repertoire(agent: Agent, whole: Collection[str] = ()) -> tuple[Part, ...]:
    """Every piece of speech known beforehand, once, likely ones first.

    `whole` are the languages whose sentences are not put together from pieces.
    """
    found: dict[tuple[str, str], Part] = {}
    for language in agent.languages:
        for part in _said(agent, language, language in whole):
            found.setdefault((part.text, part.language), part)
    return tuple(found.values())


def whole_sentences(said: Sequence[Part]) -> tuple[Part, ...]:
    """The same words with each sentence that holds a value in one part."""
    merged: list[Part] = []
    sentence: list[Part] = []
    for part in said:
        if sentence and part.language != sentence[0].language:
            merged += _one(sentence)
            sentence = []
        sentence.append(part)
        if part.text.rstrip(_CLOSING).endswith(_ENDS):
            merged += _one(sentence)
            sentence = []
    return (*merged, *_one(sentence))


def _one(sentence: Sequence[Part]) -> list[Part]:
    if len(sentence) < 2 or all(part.fixed for part in sentence):
        return list(sentence)
    return [Part(" ".join(part.text for part in sentence), sentence[0].language, fixed=False)]


def _said(agent: Agent, language: str, whole: bool) -> Iterator[Part]:
    for template, own in _templates(agent, language):
        for values in _fillings(agent, language, template, own):
            said = parts(template, language, values)
            for part in whole_sentences(said) if whole else said:
                if _UNKNOWN not in part.text:
                    yield part


def _templates(agent: Agent, language: str) -> Iterator[tuple[str, Values]]:
    """Every text with the placeholders that only it has, as far as they are known."""
    keys = [key for key in SENTENCES if _is_said(agent, key)]
    soon = [key for key in _SOON if key in keys]
    later = [key for key in keys if key not in (*_FIRST, *_SOON)]
    if agent.record is not None:
        yield agent.record.announce[language], {}
    if agent.alert is not None:
        yield from _of_alert(agent.alert, language)
    yield from _of_keys(agent, language, [key for key in _FIRST if key in keys])
    for spec in () if agent.alert is not None else agent.fields:
        yield spec.ask[language], {}
    yield from _of_keys(agent, language, soon)
    for spec in agent.fields:
        if language in spec.ask_again:
            yield spec.ask_again[language], {}
        keypad = kind_of(spec).keypad(spec)
        if keypad is not None and agent.alert is None:
            keys_of_it = _keys(agent, language, _choices(spec, language)[:9])
            yield text_of(agent, keypad.hint, language), {"keys": keys_of_it}
        if spec.choices:
            listed = {"choices": joined(agent, _choices(spec, language), language, last="or")}
            yield text_of(agent, "not_a_choice", language), listed
    if language in agent.live.hold:
        yield agent.live.hold[language], {}
    if language in agent.voicemail:
        yield agent.voicemail[language], {}
    for answer in agent.answers:
        yield answer.say[language], {}
    yield from _of_keys(agent, language, later)


def _of_alert(alert: Alert, language: str) -> Iterator[tuple[str, Values]]:
    for text in (alert.say, alert.ask, *(key.say for key in alert.keys)):
        if language in text:
            yield text[language], {}


def _of_keys(agent: Agent, language: str, keys: Iterable[str]) -> Iterator[tuple[str, Values]]:
    labels = [label(spec, language) for spec in agent.fields if spec.name in agent.confirm][:9]
    names = [language_name(one, language) for one in agent.languages]
    known: dict[str, Values] = {
        "only_languages": {"languages": joined(agent, names, language)},
    }
    if labels:  # without a read-back it depends on the call what can be changed
        known["what_to_change"] = {"labels": joined(agent, labels, language, last="or")}
        known["which_key"] = {"keys": _keys(agent, language, labels)}
    for key in keys:
        template = agent.say[key].get(language) if key in agent.say else None
        yield template or text_of(agent, key, language), known.get(key, {})


def _is_said(agent: Agent, key: str) -> bool:
    """Whether calls of the agent can come to say the sentence."""
    kinds = {spec.kind for spec in agent.fields}
    match key:
        case "language_menu" | "menu_again":
            return len(agent.languages) > 1
        case "welcome" | "thanks":
            return key in agent.say  # alerts may have neither
        case "confirm":
            return key in agent.say and bool(agent.confirm)
        case "keypad_yes_no":
            return True  # after every read-back
        case "handover" | "handover_failed" | "handover_again" | "operator_key":
            return agent.handover is not None
        case _ if key.startswith("keypad_") or key == "not_a_choice":
            return False  # each field's own
    return key not in _PIECES and (key not in _KINDS_OF or bool(_KINDS_OF[key] & kinds))


def _fillings(agent: Agent, language: str, template: str, own: Values) -> Iterator[Values]:
    """The placeholders of a text, filled in every way that is known; `_UNKNOWN` for the others."""
    known: dict[str, str] = {"agent_name": agent.name, **agent.variables}
    for names in SENTENCES.values():
        known |= dict.fromkeys(names, _UNKNOWN)
    known |= {spec.name: _UNKNOWN for spec in agent.fields}
    known |= own
    yield known
    for spec in agent.fields:
        values = _values(agent, spec, language)
        # "changed" says the value of any field.
        held = [name for name in (spec.name, "value") if f"{{{name}}}" in template]
        for name, value in product(held, values):
            yield known | {name: value}


def _values(agent: Agent, spec: FieldSpec, language: str) -> list[str]:
    """The values a field can have, as said back, when they can be counted."""
    kind = kind_of(spec)
    values = _choices(spec, language)
    if spec.kind == "yes_no":
        values = [kind.say_back(spec, value, language) for value in (True, False)]
    if not spec.required:
        values.append(text_of(agent, "not_given", language))
    return values


def _choices(spec: FieldSpec, language: str) -> list[str]:
    kind = kind_of(spec)
    return [kind.say_back(spec, choice.value, language) for choice in spec.choices]


def _keys(agent: Agent, language: str, names: Sequence[str]) -> str:
    press = text_of(agent, "key", language)
    presses = [
        fill(press, {"key": str(key), "label": name}) for key, name in enumerate(names, start=1)
    ]
    return joined(agent, presses, language, last="or")
