"""Who speaks when in a live call: when the caller's turn is over, when the agent falls silent.

Pure: no clock and no timers. Times are seconds of any clock that only goes forward; whoever uses
this calls `tick` when `due_at` has come.
"""

from __future__ import annotations

from collections.abc import Callable

from conversation.turn_taking_events import (
    Cut,
    Decision,
    Finalise,
    Heard,
    KeysEnd,
    Leave,
    MayEnd,
    Mode,
    NoAnswer,
    Resume,
    SpeechStarted,
    TurnEnded,
    TurnEnds,
    TurnResumed,
    Words,
)
from conversation.turn_taking_expected import (
    Expected,
    Judge,
    Manner,
    Wholeness,
    expected,
    manner_of,
)
from conversation.turn_taking_keys import Keys
from conversation.turn_taking_parting import Parting
from conversation.turn_taking_speech import FINAL_S, STABLE_S, Speech
from conversation.turn_taking_words import (
    echoes,
    only_hesitates,
    only_listens,
    stops,
    telling_words,
    tells_nothing,
)

__all__ = [
    "Cut", "Decision", "Expected", "Finalise", "Heard", "KeysEnd", "Leave", "Manner", "MayEnd",
    "NoAnswer", "Resume", "SpeechStarted", "TurnEnded", "TurnEnds", "TurnResumed", "TurnTaking",
    "Words", "expected", "manner_of",
]  # fmt: skip

# All in seconds.
TURN_MOST_S = 60.0  # a turn that goes on longer is taken as far as it is
AHEAD_S = 1.2  # a yes so soon before the end of what is said answers it: marks tell it late
SOUND_S = 1.5  # a sound without words yet: so long it is no silence
SOUND_MOST_S = 4.0  # such sounds put a silence off no longer than this

_Due = tuple[float, Callable[[float], list[Decision]]]


class TurnTaking:
    """One call's. Every method returns what is to be done, in order.

    After a TurnEnds, KeysEnd or NoAnswer nothing more ends until `answer`: what the caller says
    meanwhile is kept, and becomes the next turn.
    """

    def __init__(self, manner: Manner, ends_turns: bool = False) -> None:
        """`ends_turns`: the recogniser's TurnEnded is told by what was said, not by silence."""
        self.manner = manner
        self.ends_turns = ends_turns  # may be changed when another recogniser takes over
        self.due_at: float | None = None  # when `tick` wants to be called; always ahead
        self._mode = Mode.THINKING
        self._at = float("-inf")
        self._awaited = Expected("en-US")  # what the words are taken to answer
        self._next: Expected | None = None  # the same once an answer that was held back is spoken
        self._speech = Speech()
        self._open = True  # the part that is played may be cut short
        self._ignored = 0  # words over a part that could not be cut: they do not cut the next one
        self._over = False  # the words began while the agent spoke
        self._cut_at = 0.0
        self._quiet_at = 0.0  # since when an answer is waited for
        self._sound_at = 0.0
        self._finalise_at: float | None = None
        self._told = ""  # words that were told as MayEnd
        self._keys = Keys()
        self._is_deaf = False
        self._judge = Judge()
        self._parting = Parting("")

    @property
    def unanswered(self) -> str:
        """Words of the caller that are in no turn yet: to be taken when the line is lost."""
        if self._mode in (Mode.LEAVING, Mode.PARTING):
            return self._parting.wish(self._speech)
        return "" if only_listens(self._speech.text) else self._speech.text

    def answer(self, expected: Expected | None, at: float, said: str = "") -> list[Decision]:
        """A new answer, `said`, begins to be spoken; None: it does not listen (it ends the call).

        [Cut] when the caller said more meanwhile: nothing of it is to be spoken until Resume; a
        TurnEnds instead means that the turn goes on before any of it was heard (heard "").
        A filler is no answer: while one is spoken the turn is still being answered.
        """
        at = self._now(at)
        self._told, self._ignored, self._open = "", 0, True
        if expected is None:
            self._mode, self._sound_at = Mode.LEAVING, float("-inf")  # of before: it was answered
            self._parting = Parting(said)
            return self._settle(at)
        self._mode = Mode.SPEAKING
        self._over = bool(self._speech.text)
        if self._keys.digits:
            self._awaited = expected
            return [*self._cut(at), *self._keys_so_far(at)]
        if self._over and not tells_nothing(self._speech.text):
            # What was said goes on with the turn before, whose question it is judged by.
            self._next = expected
            return [*self._cut(at), *self._settle(at)]
        self._awaited, self._next = expected, None
        if not self._speech.interim:
            self._drop(at)
        return self._settle(at)

    def plays(self, interruptible: bool, at: float) -> list[Decision]:
        """The part that plays from now on may, or may not, be cut short."""
        at = self._now(at)
        if interruptible and not self._open:
            self._ignored = telling_words(self._speech.text)
        self._open = interruptible
        if interruptible and self._mode is Mode.SPEAKING and self._keys.digits:
            return [*self._cut(at), *self._keys_so_far(at)]
        return self._settle(at)

    def played(self, at: float) -> list[Decision]:
        """All of the answer was played: silence counts from here. After the last word [Leave] as
        soon as nobody speaks, or TurnEnds when the caller asked for no more calls."""
        at = self._now(at)
        if self._mode is Mode.LEAVING:
            self._mode, self._parting.said_at = Mode.PARTING, at
        if self._mode is not Mode.SPEAKING:
            return self._settle(at)
        self._mode, self._quiet_at = Mode.LISTENING, at
        self._keys.answer_heard()
        if self._keys.digits:
            return self._keys_so_far(at)
        is_answer = self._open and at - self._speech.changed_at <= AHEAD_S and self._answers()
        if self._is_nothing() and not is_answer:
            self._drop(at)
        return self._settle(at)

    def hears(self, event: Heard, at: float, heard: str | None = None) -> list[Decision]:
        """The recogniser told something. `heard` is what of the answer had been played by then:
        it tells whether the question was put already. None: not known, taken for not put."""
        at = self._now(at)
        match event:
            case Words():
                return self._hear_words(event, at, heard)
            case SpeechStarted():
                self._sound_at = at
            case TurnResumed():
                self._speech.ended = False
            case TurnEnded(is_eager=True):
                return [*self._may_end(is_stable=True), *self._settle(at)]
            case _:  # it ended, for all the recogniser knows
                self._speech.ended = True
                self._speech.piece_ended()
        return self._settle(at)

    def key(self, digit: str, at: float) -> list[Decision]:
        """The caller pressed a key: 0-9, * or #; others are ignored."""
        at = self._now(at)
        if self._mode in (Mode.LEAVING, Mode.PARTING) or not self._keys.press(digit, at):
            return self._settle(at)
        if self._mode is Mode.THINKING or (self._mode is Mode.SPEAKING and not self._open):
            return self._settle(at)
        cut = self._cut(at) if self._mode is Mode.SPEAKING else []
        return [*cut, *self._keys_so_far(at)]

    def waits(self, at: float) -> list[Decision]:
        """The turn is being answered. TurnEnds, KeysEnd and NoAnswer imply it; for the start."""
        at = self._now(at)
        self._think()
        return self._settle(at)

    def was_cut(self, at: float) -> list[Decision]:
        """Somebody else, such as the carrier, stopped the answer because the caller spoke."""
        at = self._now(at)
        if self._mode is Mode.SPEAKING:
            self._cut(at)
        return self._settle(at)

    def away(self, at: float) -> list[Decision]:
        """The recogniser is lost: its silence is not the caller's, and what is said is final."""
        at = self._now(at)
        self._is_deaf = True
        return self._settle(at)

    def back(self, at: float) -> list[Decision]:
        """A recogniser listens again, or the caller was asked to say it again."""
        at = self._now(at)
        self._is_deaf = False
        self._quiet_at = max(self._quiet_at, at)
        self._speech.piece_ended()
        return self._settle(at)

    def sounds(self, at: float) -> None:
        """The caller was last loud at `at`, to be told before `hears` and `tick`: they may be in
        the middle of words that the recogniser does not know yet."""
        self._speech.loud_at = at

    def tick(self, at: float) -> list[Decision]:
        """`due_at` has come. Safe at any time."""
        return self._settle(self._now(at))

    # What is heard

    def _hear_words(self, words: Words, at: float, heard: str | None) -> list[Decision]:
        had_text = bool(self._speech.text)
        if not self._speech.hear(words, at):
            return self._settle(at)
        self._finalise_at = None
        self._over = self._over if had_text else self._mode is Mode.SPEAKING
        if self._mode is Mode.SPEAKING:
            if self._interrupts(self._speech.text, heard):
                return [*self._cut(at), *self._settle(at)]
            is_echo = words.is_final and echoes(self._speech.text, heard or "")
            if is_echo or (self._open and self._is_nothing() and not self._answers()):
                self._drop(at)
        elif self._over and self._mode is Mode.LISTENING and self._is_nothing():
            if not self._answers():
                self._drop(at)
        return self._settle(at)

    def _interrupts(self, text: str, heard: str | None) -> bool:
        """Whether words over an answer that is played stop it."""
        awaited = self._awaited
        if not self._open or (awaited.protected and not awaited.has_begun(heard)):
            return False
        if echoes(text, heard or ""):
            return False
        telling = telling_words(text) - self._ignored
        if telling >= self.manner.interruption_words or (telling > 0 and stops(text)):
            return True
        return awaited.is_put(heard) and self._wholeness(text) is Wholeness.WHOLE

    def _is_nothing(self) -> bool:
        """Whether all that was said is "mhm" to what the agent says, or "um"."""
        speech = self._speech
        return bool(speech.text) and not speech.interim and tells_nothing(speech.text)

    def _drop(self, at: float) -> None:
        self._speech.drop(at)
        self._ignored = 0

    # What follows

    def _settle(self, at: float) -> list[Decision]:
        """Do everything that is due, and know what comes next."""
        decided: list[Decision] = []
        while True:
            due = min(self._coming(), key=lambda one: one[0], default=None)
            if due is None or due[0] > at:
                self.due_at = None if due is None else due[0]
                return decided
            decided += due[1](at)

    def _coming(self) -> list[_Due]:
        if self._mode is Mode.PARTING:
            parting, asked_at = self._parting, self._finalise_at
            return [(parting.ends_at(self._speech, self._sound_at, asked_at), self._leave)]
        if self._mode not in (Mode.STOPPED, Mode.LISTENING):
            return []
        if self._keys.digits:
            return [(self._keys.due_at, self._end_keys)]
        text = self._speech.text
        if self._mode is Mode.STOPPED and tells_nothing(text) and not self._answers():
            latest = self._cut_at + self.manner.false_stop_s
            return [(self._speech.resumes_at(self._cut_at, latest), self._resume)]
        return self._of_turn() if text else self._of_silence()

    def _of_silence(self) -> list[_Due]:
        if self._is_deaf:
            return []
        due = self._quiet_at + self._awaited.timeout_s
        if self._sound_at > self._quiet_at:
            due = min(max(due, self._sound_at + SOUND_S), due + SOUND_MOST_S)
        return [(due, self._no_answer)]

    def _of_turn(self) -> list[_Due]:
        """What the words that are there lead to when no more of them come."""
        speech = self._speech
        limit = speech.changed_at if speech.is_full else speech.began_at + TURN_MOST_S
        coming: list[_Due] = [(limit, self._end_turn)]
        if speech.interim and not speech.ended and not self._is_deaf:
            # Not judged before it stands still: it changes with every word.
            stable_at = speech.changed_at + STABLE_S
            if self._finalise_at is not None:
                return [*coming, (self._finalise_at + FINAL_S, self._end_turn)]
            if self._at < stable_at:
                return [*coming, (stable_at, self._settle)]
            pause_s = max(STABLE_S, self._pause_s())
            if self._mode is Mode.STOPPED and speech.is_doubtful:
                pause_s = min(pause_s, self.manner.false_stop_s / 2)
            asks_at = speech.quiet_after(pause_s)
            return [*coming, (asks_at, self._ask), *self._telling(stable_at)]
        ends_at = speech.quiet_after(self._pause_s())
        told = self._telling(speech.changed_at) if ends_at > self._at else []
        return [*coming, (ends_at, self._end_turn), *told]

    def _telling(self, at: float) -> list[_Due]:
        text = self._speech.text
        return [(at, self._tell)] if text != self._told and self._wholeness(text).may_end else []

    def _pause_s(self) -> float:
        """Silence after the last words that ends the turn."""
        whole = self._wholeness(self._speech.text)
        base_s, ended = self.manner.end_silence_s, self._speech.ended
        return self._awaited.pause_s(whole, base_s, ended, self.ends_turns)

    def _wholeness(self, text: str) -> Wholeness:
        return self._judge.wholeness(text, self._awaited)

    def _answers(self) -> bool:
        return bool(self._speech.text) and self._wholeness(self._speech.text) is Wholeness.WHOLE

    # What is done

    def _cut(self, at: float) -> list[Decision]:
        self._mode = Mode.STOPPED
        self._cut_at = at
        return [Cut()]

    def _resume(self, at: float) -> list[Decision]:
        self._drop(at)
        self._mode = Mode.SPEAKING
        self._finalise_at = None
        if self._next is not None:
            self._awaited, self._next = self._next, None
        return [Resume()]

    def _tell(self, at: float) -> list[Decision]:
        return self._may_end(is_stable=not self._speech.interim)

    def _may_end(self, is_stable: bool) -> list[Decision]:
        text = self._speech.text
        if not text or text == self._told or self._mode not in (Mode.STOPPED, Mode.LISTENING):
            return []
        self._told = text
        return [MayEnd(text, is_stable)]

    def _ask(self, at: float) -> list[Decision]:
        self._finalise_at = at
        return [Finalise()]

    def _end_turn(self, at: float) -> list[Decision]:
        if self._mode is Mode.STOPPED and self._speech.is_doubtful:
            return self._resume(at)
        text, confidence = self._speech.take(at)
        if only_hesitates(text) and self._mode is Mode.LISTENING:
            self._quiet_at = at
            return []
        self._think()
        return [TurnEnds(text, confidence)]

    def _leave(self, at: float) -> list[Decision]:
        if self._finalise_at is None and self._parting.may_change(self._speech, at):
            return self._ask(at)
        wish = self._parting.wish(self._speech)
        confidence = self._speech.take(at)[1]
        self._think()
        return [TurnEnds(wish, confidence) if wish else Leave()]

    def _keys_so_far(self, at: float) -> list[Decision]:
        """The keys are whole with # or as many as are awaited; else the next one is waited for."""
        if self._keys.are_whole(self._awaited.keys_most):
            return [*self._end_keys(at), *self._settle(at)]
        return self._settle(at)

    def _end_keys(self, at: float) -> list[Decision]:
        """What was being said gives way: who types does not want to say it."""
        self._drop(at)
        self._think()
        return [KeysEnd(self._keys.take(at))]

    def _no_answer(self, at: float) -> list[Decision]:
        self._think()
        return [NoAnswer()]

    def _think(self) -> None:
        self._mode = Mode.THINKING
        self._finalise_at = None
        self._next = None

    def _now(self, at: float) -> float:
        """A clock that was set back does not make things happen twice."""
        self._at = max(self._at, at)
        return self._at
