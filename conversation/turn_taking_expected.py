"""What kind of answer is awaited: when it is whole, and how long a pause ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from agents.schema import Agent, FieldSpec
from conversation.actions import Listen
from conversation.fields import kind_of
from conversation.fields.base import Context
from conversation.language import pick_language
from conversation.reading.confirmation import read_confirmation
from conversation.reading.cues import (
    declines,
    does_not_know,
    says_goodbye,
    wants_person,
    wants_repeat,
    wants_to_wait,
)
from conversation.stages import Stage
from conversation.state import CallState
from conversation.turn_taking_words import PUT_FROM, Open, left_open, share_put

# Pauses in seconds after the last words. Inside a turn people pause up to 1.4 s (19 in 20), up to
# 2.5 s when they call a service line (livekit/agents, pull request 3640).
PATIENCE_S = 0.5  # more for kinds whose answers are told in pieces
UNSURE_S = 0.3  # after a recogniser's end by silence, of words that give no value
REFUSAL_S = 0.4  # after "no" to what was read back
OPEN_S = 2.0  # after "it is", "and", "um"
OPEN_PIECES_S = 3.0  # after "my number is", which many have to look up
PIECE_S = 3.5  # after a piece of a telephone number or of an e-mail address
# A recogniser that tells the end of turns by what is said knows more than a pause does. It is
# waited for this long, should its end never come.
TRUST_S = 2.5
# Kinds whose answers people tell with pauses, and of which a value does not show that it is all.
_PIECES = frozenset({"name", "text", "address", "phone", "email"})
_CUES = (wants_person, wants_repeat, wants_to_wait, declines, says_goodbye, does_not_know)
_LONGEST_CUE = 12  # words; a cue in a longer utterance is not all of it


class Wholeness(Enum):
    """How sure it is that an answer is all of it."""

    WHOLE = auto()  # nothing can follow
    REFUSAL = auto()  # "no" to what was read back: what it should be may follow
    WISH = auto()  # it wants something else: "sorry?", "an operator"
    LIKELY = auto()  # it gives a value
    UNKNOWN = auto()
    OPEN = auto()  # it ends like a beginning
    PIECE = auto()  # the value needs more

    @property
    def may_end(self) -> bool:
        """Whether the turn will end here when no more is said."""
        return self not in (Wholeness.OPEN, Wholeness.PIECE)


@dataclass(frozen=True, slots=True)
class Manner:
    """How an agent takes turns: its `live:` section."""

    protect_greeting: bool = False  # what is said before the first question is not cut short
    interruption_words: int = 1  # words of a caller that stop the agent
    false_stop_s: float = 1.5  # a cut that no words follow is taken back after this
    end_silence_s: float = 0.7  # pause that ends an answer of which nothing more is known


@dataclass(frozen=True, slots=True)
class Expected:
    """What is awaited after an answer of the agent's."""

    language: str  # BCP-47
    question: str = ""  # as it is put, at the end of what is said
    spec: FieldSpec | None = None  # the field that is asked; None: no single one
    menu: tuple[str, ...] = ()  # languages of which one is asked for
    confirming: bool = False  # "is that right?" is asked
    keys_most: int | None = 1  # keys that end the turn at once; None: # ends them
    timeout_s: float = 6.0  # silence after the end of playback that is no answer
    protected: bool = False  # what is said before the question is not cut short

    def wholeness(self, text: str) -> Wholeness:
        """How sure it is that `text` is the whole answer."""
        open_at = left_open(text, self.language)
        whole = self._is_whole(text)
        if whole is True and open_at is not Open.JOINED:
            return Wholeness.WHOLE
        if self.confirming and open_at is not Open.JOINED and self._refuses(text):
            return Wholeness.REFUSAL
        is_cue = _is_cue(text, self.language)
        if whole is False and not is_cue:
            return Wholeness.PIECE
        if open_at is not None:
            return Wholeness.OPEN
        if is_cue:
            return Wholeness.WISH
        return Wholeness.LIKELY if self._gives_value(text) else Wholeness.UNKNOWN

    def pause_s(self, whole: Wholeness, base_s: float, ended: bool, ends_turns: bool) -> float:
        """Silence after the last words that ends the turn; `base_s` is what the agent wants.

        `ended`: the recogniser takes it for finished; `ends_turns`: by what was said.
        """
        match whole:
            case Wholeness.WHOLE:
                return 0.0
            case Wholeness.REFUSAL:
                return 0.0 if ended and ends_turns else REFUSAL_S
            case Wholeness.OPEN:
                return max(OPEN_PIECES_S if self.is_told_in_pieces else OPEN_S, base_s)
            case Wholeness.PIECE:
                return max(PIECE_S, base_s)
        pieces = self.is_told_in_pieces and whole is not Wholeness.WISH
        if ended and (ends_turns or (whole is not Wholeness.UNKNOWN and not pieces)):
            return 0.0
        if ends_turns:
            return TRUST_S
        if ended:  # by a silence, which is part of the pause
            return base_s if pieces else min(base_s, UNSURE_S)
        return base_s + (PATIENCE_S if pieces else 0.0)

    @property
    def is_told_in_pieces(self) -> bool:
        """Whether people pause within such answers: addresses, telephone numbers, stories."""
        return self.spec is not None and self.spec.kind in _PIECES

    def is_put(self, heard: str | None) -> bool:
        """Whether the question was put to a caller who had heard `heard` of what was said."""
        return heard is not None and share_put(self.question, heard) >= PUT_FROM

    def has_begun(self, heard: str | None) -> bool:
        """Whether anything of the question had been said."""
        return heard is not None and share_put(self.question, heard) > 0

    def _is_whole(self, text: str) -> bool | None:
        if self.menu:
            return True if pick_language(text, self.menu) else None
        if self.confirming:
            verdict = read_confirmation(text, self.language)
            return True if verdict.bare and verdict.yes is True else None
        if self.spec is None:
            return None
        return kind_of(self.spec).is_whole(self.spec, text, self.language)

    def _refuses(self, text: str) -> bool:
        verdict = read_confirmation(text, self.language)
        return verdict.bare and verdict.yes is False

    def _gives_value(self, text: str) -> bool:
        if self.confirming:
            return read_confirmation(text, self.language).yes is not None
        if self.spec is None:
            return False
        # The day only matters for which day is meant, not for whether one is.
        context = Context(self.language, date(2000, 1, 1))
        return bool(kind_of(self.spec).read(self.spec, text, context))


class Judge:
    """Judges words by what is awaited, and remembers the last ones: they are asked about at every
    event."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[str, Expected, Wholeness] | None = None

    def wholeness(self, text: str, awaited: Expected) -> Wholeness:
        """See `Expected.wholeness`."""
        last = self._last
        if last is None or last[0] != text or last[1] is not awaited:
            last = self._last = (text, awaited, awaited.wholeness(text))
        return last[2]


def manner_of(agent: Agent) -> Manner:
    """How the agent takes turns."""
    live = agent.live
    return Manner(
        protect_greeting=live.protect_greeting,
        interruption_words=live.interruption_words,
        false_stop_s=live.false_stop_ms / 1000,
        end_silence_s=live.end_silence_ms / 1000,
    )


def expected(agent: Agent, state: CallState, listen: Listen) -> Expected:
    """What is awaited after the answer that ends in `listen`; `state` is the call's after it."""
    return Expected(
        language=listen.language,
        question=state.question,
        spec=agent.field(listen.asked) if listen.asked else None,
        menu=agent.languages if state.stage is Stage.LANGUAGE else (),
        confirming=state.stage is Stage.CONFIRMING,
        keys_most=listen.keys_most,
        timeout_s=listen.timeout_s,
        protected=agent.live.protect_greeting
        and state.stage is Stage.WELCOME
        and not state.silences,
    )


def _is_cue(text: str, language: str) -> bool:
    """Whether it is a wish that has nothing to do with the field: "sorry?", "an operator"."""
    if len(text.split()) > _LONGEST_CUE:
        return False
    return any(cue(text, language) for cue in _CUES)
