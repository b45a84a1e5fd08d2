"""Reads utterances before they are finished, so that the answer is ready when they are.

What the recogniser has understood so far is read like an utterance, on a copy of the call's state.
When the finished utterance is the same in words, its reading is there or under way, and so are the
clips of the answer; when it is not, the work is dropped. Nothing of it touches the call.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from agents.schema import Agent
from calls.roster import agent_of
from calls.speech import Speech
from calls.states import state_of
from calls.usage import Guessing
from conversation.actions import Action, Extract
from conversation.engine import advance
from conversation.events import Extracted, Utterance
from conversation.extraction import Extraction, ExtractionRequest
from conversation.state import CallState
from logs import bind_call
from providers.llm.base import Brain, Inquiry
from providers.llm.rules import RulesBrain
from providers.telephony.base import PartialTurn
from settings import Settings
from storage.base import Storage, StorageError
from storage.records import CallRecord

log = logging.getLogger(__name__)

# Readings ahead of time in one turn: each costs as much as the turn itself.
GUESSES_MOST = 2
# Calls whose unfinished words are remembered.
CALLS_MOST = 10_000
# How long a guess waits for its reading, to have the clips of the answer made.
WAIT_S = 6.0

# Punctuation that only writes the words down. Between figures, and before one, it is part of what
# was said: 5.30, .5, "2 to 5. 30 rupees".
_MARKS = re.compile(r"""(?<!\d)[.,!?;:।…"“”]++(?!\d)|[.,!?;:।…"“”]++(?!\s*\d)""")
_RULES = RulesBrain()


@dataclass(slots=True)
class _Guess:
    """One reading ahead of time."""

    version: int  # of the call that it was read in
    words: str
    text: str
    began_at: datetime
    request: ExtractionRequest | None = None  # None: the answer needs no reading
    inquiry: Inquiry | None = None
    done_at: datetime | None = None
    extraction: Extraction | None = None


@dataclass(slots=True)
class _Heard:
    """The unfinished words of one turn."""

    turn: int
    sequence: int = -1
    text: str = ""
    last_at: datetime | None = None
    asked: list[str] = field(default_factory=list)  # words that were read, or are about to be
    guesses: list[_Guess] = field(default_factory=list)
    is_over: bool = False  # the finished utterance is there
    lock: threading.Lock = field(default_factory=threading.Lock)  # of the two above


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of an utterance when it is finished."""

    inquiry: Inquiry | None = None  # its reading; None: it has to be read now
    guessing: Guessing = field(default_factory=Guessing)


NOTHING_AHEAD = Ahead()


@dataclass(frozen=True, slots=True)
class Reader:
    """What a guess works with."""

    storage: Storage
    brain: Brain
    speech: Speech
    agents: Mapping[str, Agent]
    clock: Callable[[], datetime]


class Speculation:
    """Guesses of one process, `most` at once. For any number of threads."""

    def __init__(self, reader: Reader, most: int) -> None:
        self._reader = reader
        self._heard: OrderedDict[str, _Heard] = OrderedDict()  # by the carrier's id of the call
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(most)
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="guess")

    def hear(self, partial: PartialTurn, turn: int, speech: Speech | None = None) -> None:
        """What is understood so far of turn number `turn`; returns at once, also on a loop.

        Words are read when they came twice, or the recogniser is sure of them. The answer is made
        by `speech`, or by who speaks where calls go in turns.
        """
        words = spoken_words(partial.text)
        with self._lock:
            heard = self._of(partial.carrier_id, turn)
            if heard is None or partial.sequence < heard.sequence:
                return
            is_stable = partial.is_stable or words == spoken_words(heard.text)
            heard.sequence, heard.text = partial.sequence, partial.text
            heard.last_at = self._reader.clock()
            is_new = words not in heard.asked and len(heard.asked) < GUESSES_MOST
            if not (words and is_stable and is_new and self._free.acquire(blocking=False)):
                return
            heard.asked.append(words)
        try:
            self._pool.submit(self._guess, heard, partial, words, speech)
        except RuntimeError:  # closing
            self._free.release()

    def take(
        self, call: CallRecord, turn: int, utterance: str, state: CallState | None = None
    ) -> Ahead:
        """What was found out ahead of the finished utterance; ends the guessing in this turn.

        `state`: in which it is read; None: as the call was saved. A guess knows nothing of an
        answer that was cut short.
        """
        now = self._reader.clock()
        words = spoken_words(utterance)
        heard = self._over(call)
        if heard is None or heard.turn != turn:
            return NOTHING_AHEAD
        guessing = Guessing(guesses=len(heard.asked))
        if heard.last_at is not None:
            guessing.recognition_ms = _ms(heard.last_at, now)
        ahead: Inquiry | None = None
        for guess in heard.guesses:
            if (
                not guessing.hit
                and guess.words == words
                and self._holds(guess, call, utterance, state)
            ):
                guessing.hit = True
                guessing.saved_ms = _ms(guess.began_at, min(guess.done_at or now, now))
                ahead = guess.inquiry
            elif guess.extraction is not None:
                guessing.in_vain.append(guess.extraction)
        return Ahead(ahead, guessing)

    def _holds(
        self, guess: _Guess, call: CallRecord, utterance: str, state: CallState | None
    ) -> bool:
        """Whether a guess with the words of the finished utterance also stands for it.

        Marks can divide words otherwise ("five. thirty"), and a call goes on: what is asked of the
        brain must be the same, and the rules must read both alike.
        """
        if guess.version != call.version:
            return False
        agent = agent_of(self._reader.agents, call)
        if agent is None:
            return False
        state = state or state_of(agent, call)
        asked = _asked(advance(agent, state, Utterance(utterance, guess.began_at))[1])
        if guess.request is None or asked is None:
            return guess.request is asked
        guessed = replace(guess.request, utterance=utterance, history=asked.history)
        return guessed == asked and (
            guess.text == utterance or _are_alike(agent, guess.request, asked)
        )

    def drop(self, call: CallRecord) -> None:
        """The call is over."""
        self._over(call)

    def close(self) -> None:
        """Guess no more. Does not wait for what is under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _of(self, carrier_id: str, turn: int) -> _Heard | None:
        """What was heard in a turn; None when a later one has begun."""
        heard = self._heard.get(carrier_id)
        if heard is not None and heard.turn > turn:
            return None
        if heard is None or heard.turn < turn:
            heard = self._heard[carrier_id] = _Heard(turn)
            if len(self._heard) > CALLS_MOST:
                self._heard.popitem(last=False)
        return heard

    def _over(self, call: CallRecord) -> _Heard | None:
        """Whatever was heard unfinished in a call; no guess about it begins any more."""
        with self._lock:
            heard = self._heard.pop(call.carrier_id or "", None)
        if heard is not None:
            with heard.lock:
                heard.is_over = True
        return heard

    def _guess(
        self, heard: _Heard, partial: PartialTurn, words: str, speech: Speech | None
    ) -> None:
        try:
            self._read_ahead(heard, partial, words, speech or self._reader.speech)
        except (StorageError, ValueError) as error:
            # The database is away, or another version keeps the call: the turn itself will say so.
            log.debug("no guess could be made", extra={"reason": type(error).__name__})
        finally:
            self._free.release()

    def _read_ahead(self, heard: _Heard, partial: PartialTurn, words: str, speech: Speech) -> None:
        reader = self._reader
        call = reader.storage.find_call(partial.carrier_id)
        agent = agent_of(reader.agents, call) if call else None
        if call is None or agent is None or call.outcome is not None:
            return
        with bind_call(call.call_id):
            answer = self._read_in(call, agent, heard, partial, words)
            speech.warm(agent, answer)

    def _read_in(
        self, call: CallRecord, agent: Agent, heard: _Heard, partial: PartialTurn, words: str
    ) -> Sequence[Action]:
        """The answer that would be given; none when it is not worth knowing any more."""
        reader = self._reader
        state = state_of(agent, call)
        if state.turn + 1 != heard.turn:
            return ()
        guess = _Guess(call.version, words, partial.text, reader.clock())
        state, actions = advance(agent, state, Utterance(partial.text, guess.began_at))
        guess.request = _asked(actions)
        with heard.lock:
            if heard.is_over:
                return ()
            if guess.request is not None:
                guess.inquiry = reader.brain.begin(agent, guess.request)
            heard.guesses.append(guess)
        if guess.inquiry is not None:
            extraction = guess.inquiry.wait(WAIT_S)
            guess.extraction, guess.done_at = extraction, reader.clock()
            if extraction is None or heard.is_over:
                return ()
            state, actions = advance(agent, state, Extracted(extraction, guess.done_at))
        return actions


def spoken_words(text: str) -> str:
    """The words of a text, however they are written: "Five hundred." is "five hundred".

    Marks within figures stay: 5.30 is not 530.
    """
    return " ".join(_MARKS.sub(" ", text.casefold()).split())


def _asked(actions: Sequence[Action]) -> ExtractionRequest | None:
    """What a brain has to read; None when the engine knows the answer by itself."""
    last = actions[-1] if actions else None
    return last.request if isinstance(last, Extract) else None


def _are_alike(agent: Agent, one: ExtractionRequest, other: ExtractionRequest) -> bool:
    """Whether the rules read the same in both, however it is written."""
    first, second = (_RULES.extract(agent, request) for request in (one, other))
    return first.decision is second.decision and _spelled(first) == _spelled(second)


def _spelled(read: Extraction) -> dict[str, object]:
    return {
        name: spoken_words(value) if isinstance(value, str) else value
        for name, value in read.values.items()
    }


def _ms(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 3)


def open_speculation(settings: Settings, reader: Reader) -> Speculation | None:
    """None where nothing takes time: with the rules alone, and the carrier's voice."""
    takes_time = reader.brain.name != RulesBrain.name or reader.speech.files is not None
    if not settings.speculations_most or not takes_time:
        return None
    return Speculation(reader, settings.speculations_most)
