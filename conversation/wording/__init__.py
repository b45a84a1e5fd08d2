"""Every sentence an agent speaks: its own from the YAML file, else the built-in one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from agents.schema import Agent
from conversation.actions import Part
from conversation.wording import en, hi, ml, ta

# Sentence key → placeholders it may hold besides {agent_name} and the agent's variables.
SENTENCES: Mapping[str, frozenset[str]] = {
    key: frozenset(placeholders.split())
    for key, placeholders in {
        # Given by every agent (language_menu, confirm and handover where they apply):
        "language_menu": "",
        "welcome": "",
        "confirm": "",  # and the fields
        "thanks": "",  # and the fields
        "handover": "",
        "goodbye": "",
        # Built in, may be given:
        "filler": "",
        "not_heard": "",
        "not_understood": "",
        "confirm_generic": "items",
        "yes_no_again": "",
        "what_to_change": "labels",
        "which_key": "keys",
        "key": "key label",
        "changed": "value",
        "item": "label value",
        "hold": "",
        "go_on": "",
        "handover_failed": "",
        "handover_unavailable": "",
        "handover_again": "",
        "only_languages": "languages",
        "menu_again": "",
        "no_answer": "",
        "stuck": "",
        "limit": "",
        "declined": "",
        "opted_out": "",
        "trouble": "",
        "needed": "",
        "not_given": "",
        "and": "",
        "or": "",
        "operator_key": "",
        "keypad_number": "",
        "keypad_money": "",
        "keypad_date": "",
        "keypad_time": "",
        "keypad_time_range": "",
        "keypad_phone": "",
        "keypad_choice": "keys",
        "keypad_yes_no": "",
        "not_valid": "",
        "too_small": "limit",
        "too_large": "limit",
        "not_whole": "",
        "wrong_currency": "currency",
        "in_the_past": "",
        "too_early": "limit",
        "too_late": "limit",
        "ends_before_start": "",
        "too_short": "",
        "too_long": "",
        "not_a_choice": "choices",
    }.items()
}

_BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "en": en.SENTENCES,
    "hi": hi.SENTENCES,
    "ta": ta.SENTENCES,
    "ml": ml.SENTENCES,
}

# Language subtags that have every built-in sentence.
LANGUAGES = frozenset(_BUILT_IN)

_SENTENCE_END = re.compile(r"(?<=[.?!।])\s+")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_VALUE = re.compile(r"(\S*\{\w+\}\S*)")


def text_of(agent: Agent, key: str, language: str) -> str:
    """The sentence as written, placeholders unfilled. KeyError when the language has none."""
    own = agent.say.get(key, {}).get(language)
    return own if own is not None else _BUILT_IN[language.partition("-")[0]][key]


def problem_key(code: str) -> str:
    """The sentence for a field's problem; one that has none is simply not valid."""
    return code if code in SENTENCES else "not_valid"


def parts(template: str, language: str, values: Mapping[str, str]) -> tuple[Part, ...]:
    """A template as parts, so that clips can be shared: joined by spaces they are the text.

    One a sentence, and within a sentence apart what is always said and what holds a value:
    "You said" + "500 rupees." Whatever touches a placeholder (a comma, an ending) goes with it. A
    value of which nothing is spoken is left out.
    """
    filled = (
        Part(written if fixed else fill(written, values), language, fixed)
        for written, fixed in _pieces(template)
    )
    return tuple(part for part in filled if part.fixed or _is_spoken(part.text))


@lru_cache(maxsize=4096)  # the sentences of all agents, cut anew every turn otherwise
def _pieces(template: str) -> tuple[tuple[str, bool], ...]:
    """The pieces of a template as written, and whether each is fixed."""
    pieces: list[tuple[str, bool]] = []
    for sentence in _SENTENCE_END.split(template):
        for written in _VALUE.split(sentence):
            text = written.strip()
            fixed = not _PLACEHOLDER.search(text)
            if pieces and text and fixed and not _is_spoken(text):
                before, was_fixed = pieces.pop()  # a dash between two values
                pieces.append((f"{before} {text}", was_fixed))
            elif text:
                pieces.append((text, fixed))
    return tuple(pieces)


def _is_spoken(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its placeholders filled; one without a value is left out."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), template)


def joined(agent: Agent, items: list[str], language: str, last: str = "and") -> str:
    """ "a, b and c" in the language; `last` is the sentence between the last two, and or or."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {text_of(agent, last, language)} {items[-1]}"
