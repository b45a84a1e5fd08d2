"""The carrier's side of a ConversationRelay: what it tells the app, what it makes of its messages.

Documented (twilio.com/docs/voice/conversationrelay/websocket-messages, …/twiml/connect/
conversationrelay): the messages, their fields and the attributes. Seen on the wire by others
(2026-08): the form of what `events` asks for; that a caller who cuts in is told as clientSpeaking,
tokensPlayed, interrupt, agentSpeaking, in this order, and that everything in the queue is gone;
that `utteranceUntilInterrupt` is of the clause that was cut; that a bad message is answered with
64107 and the tenth in a row closes the socket with 1007. General knowledge: that what is said over
speech that may not be cut comes as prompts when `reportInputDuringAgentSpeech` has it, and which
words are backchannels.

No clock inside: `at` is seconds of any monotonic clock, never less than before.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from phone.caller import MakesNoise, Move, Presses, Speaks
from phone.clock import CHARACTERS_A_SECOND
from phone.leg import new_sid
from phone.relay_words import Clause, RelayWords, Told, Voice, Word
from phone.twiml import Node

MALFORMED_MOST = 10
# From the end of what is said to its words; seen to be 0.35 s with one of the recognisers.
ENDS_S = 0.35
# Of silence between two pieces, from which the recogniser takes them for two utterances.
APART_S = 0.8
BACKCHANNELS = frozenset({"mhm", "uh-huh", "okay", "ok", "hmm", "yeah", "right"})
_INTERRUPTS = {"true": "any", "false": "none"}


@dataclass(frozen=True, slots=True)
class Manners:
    """What the attributes of the noun say."""

    language: str = "en-US"
    interruptible: str = "any"
    reported: str = "none"  # reportInputDuringAgentSpeech
    keys: bool = False
    speaker_events: bool = False
    tokens_played: bool = False
    partial: bool = False
    ignores_backchannels: bool = False
    reconnects: bool = False
    preemptible: bool = False
    greeting: str = ""
    greeting_interruptible: str = "any"

    @classmethod
    def of(cls, noun: Node) -> Manners:
        """As a document has them."""
        events = noun.get("events").split()

        def kinds(name: str, usual: str) -> str:
            value = noun.get(name, usual)
            return _INTERRUPTS.get(value, value)

        return cls(
            language=noun.get("language", "en-US"),
            interruptible=kinds("interruptible", "any"),
            reported=kinds("reportInputDuringAgentSpeech", "none"),
            keys=noun.says("dtmfDetection", default=False),
            speaker_events="speaker-events" in events,
            tokens_played="tokens-played" in events,
            partial=noun.says("partialPrompts", default=False),
            ignores_backchannels=noun.says("ignoreBackchannel", default=False),
            reconnects=noun.says("applicationReconnect", default=False),
            preemptible=noun.says("preemptible", default=False),
            greeting=noun.get("welcomeGreeting"),
            greeting_interruptible=kinds("welcomeGreetingInterruptible", "any"),
        )


@dataclass(frozen=True, slots=True)
class Party:
    """Whose call it is, for the first message."""

    account: str
    call_sid: str
    from_number: str
    to_number: str
    direction: str = "inbound"
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    """What is said in one go."""

    is_told: bool = True  # to the app


class RelaySession:
    """One session, over one socket or, after a loss, several. What is to be sent is in `out`."""

    def __init__(self, party: Party, manners: Manners, speed: float = 1.0) -> None:
        self.party = party
        self.manners = manners
        self.speed = speed
        self.session_id = new_sid("VX")
        self.out: list[str] = []
        self.words = RelayWords(speed)
        self.heard: deque[Word] = deque()  # by the caller, until whoever listens takes them
        self.language = manners.language
        self.closes_with: int | None = None  # the socket is to be closed
        self.handoff: str | None = None  # of the app's `end`
        self.has_ended = False  # by the app
        self.digits = ""  # that the app sent
        self.faults: list[str] = []  # what the carrier's log would say
        self._malformed = 0
        self._steps: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = itertools.count()
        self._acts_until = 0.0
        self._was_greeted = False

    @property
    def due_at(self) -> float | None:
        """When `pass_time` has something to do."""
        times = [one for one in (self.words.due_at, self._steps and self._steps[0][0]) if one]
        return min(times) if times else None

    def is_acting(self, at: float) -> bool:
        """The caller still speaks or presses, or what they said was not told yet."""
        return at < self._acts_until or bool(self._steps)

    def setup(self, status: str, at: float) -> None:
        """Say which call it is: the first message of a socket."""
        party = self.party
        self._tell(
            type="setup",
            sessionId=self.session_id,
            accountSid=party.account,
            parentCallSid="",
            callSid=party.call_sid,
            **{"from": party.from_number, "to": party.to_number},
            forwardedFrom="",
            callType="PSTN",
            callerName="",
            direction=party.direction,
            callStatus=status,
            customParameters=dict(party.parameters),
        )
        manners = self.manners
        if manners.greeting and not self._was_greeted:
            self._was_greeted = True
            kinds = manners.greeting_interruptible
            word = Word("", manners.language, kinds, False, 0, False)
            self._told(self.words.take(manners.greeting, word, True, at))

    # What the app says

    def takes(self, message: str, at: float) -> None:
        """A message of the app's."""
        self.pass_time(at)
        try:
            data = json.loads(message)
            self._obey(data if isinstance(data, dict) else {}, at)
            self._malformed = 0
        except (ValueError, KeyError, TypeError):
            self._malformed += 1
            self.faults.append(f"64107: {message[:200]}")
            told = f"Invalid message received, code: 64107, {message[:500]}"
            self._tell(type="error", description=told)
            if self._malformed == MALFORMED_MOST:
                self.closes_with = 1007

    def _obey(self, data: dict[str, object], at: float) -> None:
        match data.get("type"):
            case "text":
                self._speak(data, at)
            case "play":
                source = _text(data, "source")
                word = Word("", self.language, self._kinds(data), False, 0, False)
                self._told(self.words.take(f"[{source}] ", word, True, at))
            case "sendDigits":
                self.digits += _text(data, "digits")
            case "language":
                chosen = data.get("transcriptionLanguage") or data.get("ttsLanguage")
                if not isinstance(chosen, str):
                    raise ValueError("no language")
                self.language = chosen
            case "end":
                handoff = data.get("handoffData", "")
                if not isinstance(handoff, str):
                    raise ValueError("handoffData is no string")
                self.handoff, self.has_ended, self.closes_with = handoff, True, 1000
            case _:
                raise ValueError("unknown type")

    def _speak(self, data: dict[str, object], at: float) -> None:
        last = data["last"] if "last" in data else False
        preemptible = data.get("preemptible", self.manners.preemptible)
        language = data.get("lang", self.language)
        if not isinstance(last, bool) or not isinstance(preemptible, bool):
            raise ValueError("neither true nor false")
        if not isinstance(language, str):
            raise ValueError("no language")
        word = Word("", language, self._kinds(data), preemptible, 0, False)
        self._told(self.words.take(_text(data, "token"), word, last, at))

    def _kinds(self, data: dict[str, object]) -> str:
        match data.get("interruptible"):
            case None:
                return self.manners.interruptible
            case bool() as value:
                return "any" if value else "none"
            case "none" | "dtmf" | "speech" | "any" as value:
                return str(value)
            case _:
                raise ValueError("interruptible")

    # What the caller does

    def act(self, move: Move, at: float) -> None:
        """The caller begins to speak, to make a noise or to press keys."""
        match move:
            case Speaks():
                self._say(move, at)
            case MakesNoise(seconds):
                self._at(at, partial(self._begins, _Run()))
                self._at(at + seconds / self.speed, self._falls_silent)
            case Presses(keys, gap_s):
                for number, key in enumerate(keys):
                    self._at(at + number * gap_s / self.speed, partial(self._key, key))
        self.pass_time(at)

    def _say(self, move: Speaks, at: float) -> None:
        text = move.text
        quiet = self.manners.ignores_backchannels and text.lower().strip(" .") in BACKCHANNELS
        if quiet and self.words.is_speaking:
            return
        runs = [[piece] for piece in move.pieces] if move.gap_s >= APART_S else [list(move.pieces)]
        for pieces in runs:
            run = _Run()
            self._at(at, partial(self._begins, run))
            said = ""
            for number, piece in enumerate(pieces):
                at += (move.gap_s if number else 0.0) / self.speed
                at += len(piece) / CHARACTERS_A_SECOND / self.speed
                said = f"{said} {piece}".strip()
                if self.manners.partial:
                    self._at(at, partial(self._prompt, run, said, False))
            self._at(at, self._falls_silent)
            at += ENDS_S / self.speed
            self._at(at, partial(self._prompt, run, said, True))
            at += max(move.gap_s - ENDS_S, 0.0) / self.speed

    def _begins(self, run: _Run, at: float) -> None:
        """The caller makes a sound."""
        self._info("clientSpeaking", "on")
        run.is_told = self._cuts("speech", at)

    def _falls_silent(self, at: float) -> None:
        self._info("clientSpeaking", "off")

    def _prompt(self, run: _Run, text: str, last: bool, at: float) -> None:
        if run.is_told:
            self._tell(type="prompt", voicePrompt=text, lang=self.language, last=last)

    def _key(self, key: str, at: float) -> None:
        if self.manners.keys and self._cuts("dtmf", at):
            self._tell(type="dtmf", digit=key)

    def _cuts(self, kind: str, at: float) -> bool:
        """Stop the agent if that kind of thing may; whether it is told."""
        playing = self.words.playing if self.words.is_speaking else None
        if playing is None:
            return True
        if playing.interruptible not in (kind, "any"):
            return self.manners.reported in (kind, "any")
        began = self.words.spoke_from
        clauses = self.words.clear(at)
        self._told(clauses)
        heard = next((one.text for one in clauses if isinstance(one, Clause)), "")
        self._tell(
            type="interrupt",
            utteranceUntilInterrupt=heard,
            durationUntilInterruptMs=round((at - began) * self.speed * 1000),
        )
        self._told(self.words.silence())
        return True

    # Time

    def pass_time(self, at: float) -> None:
        """Everything that happened by `at`."""
        while self._steps and self._steps[0][0] <= at:
            when, _, step = heapq.heappop(self._steps)
            self._told(self.words.play(when))
            step(when)
        self._told(self.words.play(at))

    def _at(self, when: float, step: Callable[[float], None]) -> None:
        heapq.heappush(self._steps, (when, next(self._numbers), step))
        self._acts_until = max(self._acts_until, when)

    def _told(self, told: list[Told]) -> None:
        for one in told:
            match one:
                case Voice(speaks):
                    self._info("agentSpeaking", "on" if speaks else "off")
                case Clause(text) if self.manners.tokens_played:
                    self._tell(type="info", name="tokensPlayed", value=text)
                case Word():
                    self.heard.append(one)

    def _info(self, name: str, value: str) -> None:
        if self.manners.speaker_events:
            self._tell(type="info", name=name, value=value)

    def _tell(self, **message: object) -> None:
        self.out.append(json.dumps(message, ensure_ascii=False))


def _text(data: dict[str, object], name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value
