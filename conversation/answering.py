"""What the caller says outside the language menu: cues, extraction, corrections, confirmation."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime

from agents.schema import Agent, FieldSpec, HandoverReason
from conversation.actions import Extract, HangUpReason, Part
from conversation.answers import find_answer
from conversation.events import Extracted
from conversation.extraction import Decision, Extraction, ExtractionRequest
from conversation.fields import kind_of
from conversation.fields.base import Problem, Value
from conversation.interruptions import again, taken_up
from conversation.keys import ask_again, refuse
from conversation.language import asks_for_language, names_other_language
from conversation.questions import (
    ANSWER_TIMEOUT_S,
    HOLD_TIMEOUT_S,
    REPLY_LENGTH,
    changeable,
    context,
    label,
    only_languages,
    spoken,
    today,
    words,
)
from conversation.reading.confirmation import Verdict, read_confirmation
from conversation.reading.cues import (
    declines,
    does_not_know,
    says_goodbye,
    wants_person,
    wants_repeat,
    wants_to_wait,
)
from conversation.reading.opt_outs import opts_out
from conversation.stages import Move, Stage, move
from conversation.state import CallState, Pending, Slot, changed
from conversation.steps import (
    Parts,
    Step,
    ask,
    confirm,
    go_on,
    goodbye,
    hand_over,
    miss,
    opt_out,
    wait,
)
from conversation.wording import problem_key

_CLAUSE_END = re.compile(r"[,.;!?।]")
_WORD = re.compile(r"[^\s,.;:!?।\"']+")
# Words of labels that name nothing by themselves.
_SMALL_WORDS = frozenset("a an the of for to your my our is in on at and".split())


def utterance(agent: Agent, state: CallState, said: str, at: datetime) -> Step:
    """The caller said something: act on what needs no brain, have the rest read."""
    taken = taken_up(state, said)
    state, text = taken.state, taken.text
    if taken.joined and opts_out(text):  # "please stop" … "calling me"
        return opt_out(agent, state)
    if state.stage is Stage.WELCOME:
        state = changed(state, stage=move(state.stage, Move.ANSWER))
    language = _asked_language(agent, state, said)
    switched = language != state.language
    state = changed(state, language=language)
    verdict = _verdict(state, said)
    lost = again(taken.unheard, language)
    step = _cue(agent, state, said, agrees=verdict.yes is True, lost=lost)
    if step is not None:
        return step
    if verdict.yes is True and not taken.is_put:  # to what was not read back yet
        if verdict.bare:
            return ask(agent, state, lost)
        verdict = Verdict(yes=None, bare=False)
    if verdict.bare and verdict.yes is True:
        return confirm(agent, state)
    if verdict.bare and verdict.yes is False:
        return refuse(agent, state)
    about_language = switched or names_other_language(said, agent.languages) is not None
    answer = None if about_language else find_answer(agent, said, state.language)
    pending = Pending(
        utterance=text,
        yes=verdict.yes,
        excused=switched or answer is not None or not taken.is_put,
        answer=None if answer is None else agent.answers.index(answer),
        before=not taken.is_put,
        joined=taken.joined,
        unheard=taken.unheard,
    )
    state = changed(state, pending=pending)
    return state, (Extract(request_of(agent, state, pending, at)),)


def request_of(agent: Agent, state: CallState, pending: Pending, at: datetime) -> ExtractionRequest:
    """What a brain is asked about the pending utterance of a state, however long it pends."""
    asked = state.asking if state.stage is Stage.COLLECTING else None
    question, confirming = state.question, state.stage is Stage.CONFIRMING
    if pending.before and state.last is not None:
        asked, question, confirming = state.last.asked, state.last.question, False
    return ExtractionRequest(
        utterance=pending.utterance,
        language=state.language,
        today=today(agent, at),
        asked=asked,
        agent_said=question,
        confirming=confirming,
        collected=state.values,
        history=state.history,
    )


def extracted(agent: Agent, state: CallState, pending: Pending, event: Extracted) -> Step:
    """A brain read the utterance: validate, keep, and go on."""
    extraction = event.extraction
    state = changed(state, pending=None)
    if extraction.language in agent.languages and extraction.language != state.language:
        state = changed(state, language=extraction.language)
        pending = replace(pending, excused=True)
    if extraction.decision is Decision.HANDOVER_TO_HUMAN and not extraction.values:
        return hand_over(agent, state, HandoverReason.ASKED)
    heard = _keep(agent, state, pending, extraction, event.at)
    refused = _refused_before(agent, heard, pending)
    if refused is not None:
        return refused
    if heard.state.stage is Stage.CONFIRMING:
        return _after_read_back(agent, heard, pending)
    return _after_question(agent, heard, pending)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What an extraction brought, after validation."""

    state: CallState  # with the new values
    given: tuple[FieldSpec, ...] = ()  # fields with an accepted value, changed or not
    replaced: tuple[FieldSpec, ...] = ()  # of these, the ones that had another value
    is_unsure: bool = False  # a field that was empty has a doubtful value
    problems: dict[str, Problem] = field(default_factory=dict)
    aside: Parts = ()  # the answer to a side question
    partial: bool = False  # a piece of the answer, with more to come


def _keep(
    agent: Agent, state: CallState, pending: Pending, extraction: Extraction, at: datetime
) -> _Heard:
    given: list[FieldSpec] = []
    replaced: list[FieldSpec] = []
    problems: dict[str, Problem] = {}
    is_unsure = False
    facts = context(agent, state, at)
    for spec in agent.fields:
        raw = extraction.values.get(spec.name)
        if raw is None:
            continue
        value = kind_of(spec).accept(spec, raw, facts)
        if isinstance(value, Problem):
            problems[spec.name] = value
            continue
        given.append(spec)
        old = state.slots[spec.name]
        if old.value is not None and old.value != value:
            replaced.append(spec)
        doubtful = spec.name in extraction.doubtful
        is_unsure = is_unsure or (doubtful and old.value is None)
        state = state.with_slot(spec.name, _filled(old, value, doubtful, pending.utterance))
    aside = _aside(agent, state, pending, extraction)
    return _Heard(
        state, tuple(given), tuple(replaced), is_unsure, problems, aside, extraction.partial
    )


def _filled(old: Slot, value: Value, doubtful: bool, heard: str) -> Slot:
    """The slot with a value; the same value again keeps its confirmation."""
    if old.value == value:
        return replace(old, doubtful=old.doubtful and doubtful, misses=0)
    return Slot(value, doubtful=doubtful, heard=heard)


def _aside(agent: Agent, state: CallState, pending: Pending, extraction: Extraction) -> Parts:
    """What is said to a side question: the agent's own words before a model's."""
    if pending.answer is not None:
        return spoken(agent, state, agent.answers[pending.answer].say[state.language])
    reply = " ".join((extraction.reply or "").split())[:REPLY_LENGTH]
    return (Part(reply, state.language, fixed=False),) if reply else ()


def _refused_before(agent: Agent, heard: _Heard, pending: Pending) -> Step | None:
    """More was said to the question before, and what it makes of the value cannot be accepted.

    The value of the first half does not stand: nobody meant it.
    """
    last = heard.state.last
    if not pending.joined or heard.given or last is None or last.asked not in heard.problems:
        return None
    state = heard.state.with_slot(last.asked, Slot(misses=heard.state.slots[last.asked].misses))
    if state.stage is Stage.CONFIRMING:
        state = changed(state, stage=move(state.stage, Move.CHANGE))
    problem = heard.problems[last.asked]
    why = words(agent, state, problem_key(problem.code), problem.detail)
    return miss(agent, changed(state, asking=last.asked), (*heard.aside, *why))


def _after_read_back(agent: Agent, heard: _Heard, pending: Pending) -> Step:
    """The caller answered "is that right?" with more than a yes or no."""
    state = heard.state
    # A yes is to what was read back: a doubtful value beside it was never heard.
    is_news = bool(heard.replaced) or heard.is_unsure
    if heard.given and (is_news or pending.yes is not True):
        return go_on(agent, state, heard.aside)
    if heard.problems:
        name, problem = next(iter(heard.problems.items()))
        why = words(agent, state, problem_key(problem.code), problem.detail)
        state = changed(state, stage=move(state.stage, Move.CHANGE), asking=name)
        return miss(agent, state, (*heard.aside, *why))
    if pending.yes is True:
        return confirm(agent, state)
    if pending.yes is False:
        named = _named(agent, state, pending.utterance)
        if named is None:
            return refuse(agent, state)
        return ask_again(agent, changed(state, stage=move(state.stage, Move.CHANGE)), named)
    if pending.excused or heard.aside:
        return ask(agent, state, (*heard.aside, *again(pending.unheard, state.language)))
    return miss(agent, state, words(agent, state, "yes_no_again"))


def _after_question(agent: Agent, heard: _Heard, pending: Pending) -> Step:
    """The caller answered a question, or spoke about something else."""
    state = heard.state
    if heard.given:
        # Nobody heard that the value was taken otherwise before.
        changes = () if pending.joined else _acknowledged(agent, heard)
        return go_on(agent, state, (*heard.aside, *changes))
    if state.asking is None:
        return _which_field(agent, state, pending, heard.aside)
    problem = heard.problems.get(state.asking)
    if problem is not None:
        why = words(agent, state, problem_key(problem.code), problem.detail)
        return miss(agent, state, (*heard.aside, *why))
    goes_on = heard.partial and not heard.aside
    if (pending.excused or heard.aside) and not (pending.joined and goes_on):
        return ask(agent, state, (*heard.aside, *again(pending.unheard, state.language)))
    if heard.partial:
        return wait(agent, state, words(agent, state, "go_on"), ANSWER_TIMEOUT_S)
    if does_not_know(pending.utterance, state.language):
        return _no_answer(agent, state)
    if names_other_language(pending.utterance, agent.languages) is not None:
        return miss(agent, state, only_languages(agent, state))
    return miss(agent, state, words(agent, state, "not_understood"))


def _acknowledged(agent: Agent, heard: _Heard) -> Parts:
    """A value that replaces another is said back at once, unless it will be read back anyway."""
    return tuple(
        part
        for spec in heard.replaced
        if spec.name not in agent.confirm
        for part in words(agent, heard.state, "changed", {"value": _spoken(spec, heard.state)})
    )


def _spoken(spec: FieldSpec, state: CallState) -> str:
    value = state.slots[spec.name].value
    return "" if value is None else kind_of(spec).say_back(spec, value, state.language)


def _which_field(agent: Agent, state: CallState, pending: Pending, aside: Parts) -> Step:
    """The caller was asked what to change and gave no new value."""
    named = _named(agent, state, pending.utterance)
    if named is not None:
        return ask_again(agent, state, named)
    if pending.excused or aside:
        return ask(agent, state, aside)
    if read_confirmation(pending.utterance, state.language).yes is not None:
        return go_on(agent, state)  # "nothing, it's all right": read it back once more
    return miss(agent, state, words(agent, state, "not_understood"))


def _no_answer(agent: Agent, state: CallState) -> Step:
    """The caller has no answer: an optional field is passed over, a required one asked again."""
    spec = agent.field(state.asking or "")
    if spec.required:
        return miss(agent, state, words(agent, state, "needed"))
    slot = replace(state.slots[spec.name], skipped=True, misses=0)
    return go_on(agent, state.with_slot(spec.name, slot))


def _cue(agent: Agent, state: CallState, text: str, agrees: bool, lost: Parts) -> Step | None:
    """What a caller may want at any time, told by rule; None when it is an answer.

    Who agrees to what was read back and takes leave in one breath ("ok, bye") has answered.
    `lost` of the last answer was cut off before it was heard.
    """
    language = state.language
    if not agrees and (declines(text, language) or says_goodbye(text, language)):
        return goodbye(agent, state, HangUpReason.DECLINED)
    if wants_person(text, language):
        return hand_over(agent, state, HandoverReason.ASKED)
    if wants_repeat(text, language):
        return ask(agent, state, lost)
    if wants_to_wait(text, language):
        return wait(agent, state, words(agent, state, "hold"), HOLD_TIMEOUT_S)
    return None


def _asked_language(agent: Agent, state: CallState, text: str) -> str:
    """The language the caller asks for, in the whole utterance or a clause; else the call's."""
    for clause in (text, *_CLAUSE_END.split(text)):
        asked = asks_for_language(clause, agent.languages, state.language)
        if asked is not None:
            return asked
    return state.language


def _verdict(state: CallState, text: str) -> Verdict:
    """Yes or no to what was read back; nothing when nothing was."""
    if state.stage is not Stage.CONFIRMING:
        return Verdict(yes=None, bare=False)
    return read_confirmation(text, state.language)


def _named(agent: Agent, state: CallState, text: str) -> FieldSpec | None:
    """The one field that the caller names: by its whole label or name, or a word only it has."""
    heard = set(_WORD.findall(text.casefold()))
    names = {spec.name: _names(spec, state.language) for spec in changeable(agent, state)}
    whole = [name for name, ways in names.items() if any(heard >= way for way in ways)]
    if len(whole) == 1:
        return agent.field(whole[0])
    uses = Counter(word for ways in names.values() for word in frozenset().union(*ways))
    own = {word for word in heard - _SMALL_WORDS if uses[word] == 1}
    partly = [name for name, ways in names.items() if own & frozenset().union(*ways)]
    return agent.field(partly[0]) if len(partly) == 1 else None


def _names(spec: FieldSpec, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a field's label and of its name."""
    return frozenset(_WORD.findall(label(spec, language).casefold())), frozenset(
        spec.name.split("_")
    )
