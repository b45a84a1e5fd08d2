"""The language menu: by word in any of the offered languages, by key, and the welcome after it."""

from __future__ import annotations

from agents.schema import Agent, HandoverReason
from conversation import alerts
from conversation.actions import HangUpReason, Say, StartRecording
from conversation.language import names_other_language, pick_language
from conversation.questions import greeting, next_field, only_languages, spoken, words
from conversation.reading.cues import declines, says_goodbye, wants_person
from conversation.reading.words import base_language
from conversation.stages import Move, move
from conversation.state import CallState, changed
from conversation.steps import Parts, Step, ask, goodbye, hand_over


def language_of(agent: Agent, state: CallState) -> str | None:
    """The language that is known before anything is said; None: the caller has to choose.

    Calls may bring it as the variable `language`: a tag (ta-IN, ta) or a name (Tamil).
    """
    if len(agent.languages) == 1:
        return agent.languages[0]
    wanted = state.variables.get("language", "").strip()
    tag = wanted.replace("_", "-").casefold()
    for language in agent.languages:
        if tag in (language.casefold(), base_language(language)):
            return language
    return pick_language(wanted, agent.languages)


def choose_by_word(agent: Agent, state: CallState, text: str) -> Step:
    """The caller said something to the menu."""
    chosen = pick_language(text, agent.languages)
    if chosen is not None:
        return welcome(agent, state, chosen)
    if wants_person(text, state.language):
        return hand_over(agent, state, HandoverReason.ASKED)
    if declines(text, state.language) or says_goodbye(text, state.language):
        return goodbye(agent, state, HangUpReason.DECLINED)
    if names_other_language(text, agent.languages) is not None:
        return _again(agent, state, only_languages(agent, state))
    return _again(agent, state, words(agent, state, "menu_again"))


def choose_by_key(agent: Agent, state: CallState, digits: str) -> Step:
    """The caller pressed keys at the menu: the last one counts."""
    key = digits[-1]
    if key == "0":
        return hand_over(agent, state, HandoverReason.ASKED)
    if key.isdecimal() and int(key) <= len(agent.languages):
        return welcome(agent, state, agent.languages[int(key) - 1])
    if key == "*":
        return ask(agent, state)
    return _again(agent, state, words(agent, state, "menu_again"))


def welcome(agent: Agent, state: CallState, language: str) -> Step:
    """Greet in the chosen language and put the first question.

    Where calls are recorded, that is said before, as a whole: what a caller could talk over, or
    did not understand, would be no announcement.
    """
    state = changed(
        state, language=language, stage=move(state.stage, Move.CHOOSE_LANGUAGE), misses=0
    )
    spec = next_field(agent, state)
    state = changed(state, asking=spec.name if spec else None)
    if agent.record is None:
        return _greet(agent, state)
    announced = Say(spoken(agent, state, agent.record.announce[language]), interruptible=False)
    state = state.with_line("agent", announced.text)
    state, greeted = _greet(agent, state)
    return state, (announced, StartRecording(), *greeted)


def _greet(agent: Agent, state: CallState) -> Step:
    """Greet, and ask; or tell what there is to tell."""
    if agent.alert is not None and not agent.alert.keys:
        return alerts.tell(agent, agent.alert, state, greeting(agent, state))
    return ask(agent, state, greeting(agent, state))


def _again(agent: Agent, state: CallState, why: Parts) -> Step:
    """Put the menu again; a caller who never chooses gets the first language."""
    if state.misses + 1 >= agent.limits.misses:
        return welcome(agent, state, agent.languages[0])
    return ask(agent, changed(state, misses=state.misses + 1), why)
