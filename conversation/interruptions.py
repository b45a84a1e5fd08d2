"""A caller who cuts in: what of the answer counts as said, and what the words over it answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from conversation.actions import Part
from conversation.events import BargeIn
from conversation.extraction import Line
from conversation.reading.words import plain
from conversation.stages import Stage
from conversation.state import LINE_LENGTH, CallState, Exchange, changed
from conversation.turn_taking_words import PUT_FROM, share_put

_LINES_MOST = 2  # lines of one answer: an announcement and the welcome


def interrupted(state: CallState, event: BargeIn) -> CallState:
    """Of the last answer only what was heard counts as said, until the caller speaks."""
    lines = _last_answer(state, event.heard)
    if not lines:
        return state
    said = " ".join(line.text for line in lines)
    lead = said.removesuffix(state.question).strip() if state.question else ""
    heard = " ".join(event.heard.split())[:LINE_LENGTH]
    history = state.history[: -len(lines)]
    if heard:
        history = (*history, Line("agent", heard))
    return changed(state, history=history, heard=heard, lead="" if lead == said else lead)


def _last_answer(state: CallState, heard: str) -> tuple[Line, ...]:
    """The lines of the answer of which so much was heard, as far as lines tell it."""
    last: tuple[Line, ...] = ()
    start = plain(heard)[:LINE_LENGTH].rstrip()
    for count in range(1, _LINES_MOST + 1):
        lines = state.history[-count:]
        if len(lines) < count or any(line.role != "agent" for line in lines):
            break
        if not last or plain(" ".join(line.text for line in lines)).startswith(start):
            last = lines
        if plain(" ".join(line.text for line in last)).startswith(start):
            break
    return last


@dataclass(frozen=True, slots=True)
class Taken:
    """An utterance with what it belongs to."""

    state: CallState  # for which nothing is left of the interruption
    text: str  # what is read
    is_put: bool = True  # the question that stands was heard
    joined: bool = False  # it goes on with the utterance before
    unheard: str = ""  # what stood before the question that was not heard, as far as it was lost


def taken_up(state: CallState, text: str) -> Taken:
    """What `text` answers: the question that stands, or the one before when nobody heard that one.

    Who says more before hearing anything of the answer goes on with what was said last.
    """
    standing = Exchange(_asked(state), state.question, text)
    heard, lead = state.heard, state.lead
    state = changed(state, heard=None, lead="")
    if heard is None or share_put(state.question, heard) >= PUT_FROM:
        return Taken(changed(state, last=standing), text)
    unheard = "" if plain(lead).strip() in plain(heard) else lead
    last = state.last
    if last is None:
        # The greeting was cut short, by an answer to a question that is known beforehand.
        return Taken(changed(state, last=standing), text, is_put=False, unheard=unheard)
    joined = not heard and plain(text) != plain(last.utterance)
    if joined:
        text = f"{last.utterance} {text}"
    state = changed(state, last=replace(last, utterance=text[:LINE_LENGTH]))
    return Taken(state, text, is_put=False, joined=joined, unheard=unheard)


def again(unheard: str, language: str) -> tuple[Part, ...]:
    """What was lost, to be said once more."""
    return (Part(unheard, language, fixed=False),) if unheard else ()


def _asked(state: CallState) -> str | None:
    return None if state.stage is Stage.CONFIRMING else state.asking
