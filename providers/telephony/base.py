"""The role of the carrier: signs webhooks, speaks call documents, places and ends calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents.schema import Agent
from conversation.actions import Action
from conversation.events import HandoverResult
from providers.errors import ProviderRefused
from providers.telephony.detection import MachineDetection, Verdict
from providers.telephony.messaging import Messaging
from providers.telephony.numbers import LineAddresses, OwnNumber
from providers.telephony.placed import PlacedCall

# The words for a call that is over; what the carrier calls them is its own business.
ENDED_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Refusal(StrEnum):
    """Why a carrier will not place a call."""

    NUMBER = "number"  # it cannot ring that number
    NOT_ALLOWED = "not_allowed"  # the account may not ring there
    ACCOUNT = "account"  # account, secret or our own line are not accepted
    OTHER = "other"


class CallRefused(ProviderRefused):
    """The carrier will not place this call. `reason` is the side on which to mend it."""

    def __init__(self, provider: str, message: str, code: str, reason: Refusal) -> None:
        super().__init__("telephony", provider, message, code)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that claims to come from the carrier."""

    url: str  # as the carrier addressed it: public scheme, host, path and query
    form: Mapping[str, Sequence[str]]  # every value of every body parameter
    body: bytes
    headers: Mapping[str, str]  # names in lower case


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """What a webhook says the caller did."""

    carrier_id: str
    caller_number: str
    line_number: str
    direction: str  # inbound | outbound
    status: str
    speech: str  # "" when nothing was said
    confidence: float | None
    digits: str  # "" when no key was pressed
    delivery: str  # the same for every repetition of one delivery; "" when there is none
    verdict: Verdict | None = None  # on who answered, when the call was held for it


@dataclass(frozen=True, slots=True)
class PartialTurn:
    """What the recogniser has understood of an utterance that goes on."""

    carrier_id: str
    text: str  # all that was heard so far
    is_stable: bool  # the recogniser does not expect to change it
    sequence: int  # order within the turn; they may arrive out of it


class NoticeKind(StrEnum):
    """What a callback is about."""

    STATUS = "status"
    AMD = "amd"
    RECORDING = "recording"
    HANDOVER = "handover"
    STREAM = "stream"  # the socket that carries a call's sound


@dataclass(frozen=True, slots=True)
class CallNotice:
    """A callback about a call, which asks for no answer."""

    carrier_id: str
    kind: NoticeKind
    key: str  # the same for every repetition, unique within the call
    sequence: int  # order among the status notices of a call
    status: str  # of the call, "" when the notice is not about it
    data: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """Where the carrier goes from a call document. Absolute or relative addresses."""

    turn: str
    resume: str  # a fresh answer from the stored state
    handover: str  # how reaching the operator ended
    voice_events: str = ""
    keep_waiting: str = ""  # for an answer that is not ready yet
    partial: str = ""  # unfinished utterances; "": they are not wanted
    clips: str = ""  # what the key of a clip is put behind; absolute
    recording: str = ""  # where it is told what became of a recording; absolute


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call to be placed. Links are absolute."""

    to: str  # E.164
    voice: str
    fallback: str
    status: str
    ring_s: int = 30
    options: Mapping[str, str] = field(default_factory=dict)
    detection: MachineDetection | None = None  # None: nobody listens for machines


@dataclass(frozen=True, slots=True)
class Connection:
    """How a call is connected to a socket of ours."""

    socket: str  # wss://…/media
    token: str  # proves, as the first thing said there, that the call is this one
    ended: str  # where the carrier goes when the socket has done with the call; absolute
    resume: str  # the same when the socket was lost
    status: str = ""  # where it tells what became of the connection; absolute
    recording: str = ""  # as in Links


# What comes in at the socket that carries the sound of a call.


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The first that counts: which call it is."""

    stream_id: str
    carrier_id: str
    token: str  # "" when there is none
    encoding: str  # audio/x-mulaw
    rate_hz: int


@dataclass(frozen=True, slots=True)
class StreamAudio:
    """Sound of the caller, mostly 20 ms."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class StreamKey:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class StreamMark:
    """Everything that was sent before the mark has been played, or was cleared."""

    name: str


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """The carrier ends the stream: the line is down, or the call goes on elsewhere."""


StreamMessage = StreamStarted | StreamAudio | StreamKey | StreamMark | StreamStopped | None


class StreamWire(Protocol):
    """How sound travels to and from the carrier. Stateless."""

    def read(self, message: str | bytes) -> StreamMessage:
        """A message; None for one that means nothing to us. ValueError, saying why, on nonsense."""

    def audio(self, stream_id: str, audio: bytes) -> str:
        """Sound to be played after what was sent before."""

    def mark(self, stream_id: str, name: str) -> str:
        """To be sent back when everything before it has been played."""

    def clear(self, stream_id: str) -> str:
        """Play nothing of what was sent so far; marks in it come back at once."""


# What comes in at the socket where the carrier itself hears and speaks.


@dataclass(frozen=True, slots=True)
class RelayStarted:
    """The first that counts: which call it is."""

    session_id: str
    carrier_id: str
    token: str


@dataclass(frozen=True, slots=True)
class RelayPrompt:
    """What the caller says; `is_last`: and has finished."""

    text: str
    language: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class RelayKey:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class RelayInterrupted:
    """The caller spoke over the agent, who stopped."""

    heard: str  # what was said by then
    after_ms: int


@dataclass(frozen=True, slots=True)
class RelayProgress:
    """How speaking goes on: who speaks, or what of our words was said."""

    speaker: str = ""  # agent | caller; "" when it is not about that
    is_speaking: bool = False
    spoken: str = ""  # words of ours that were played since the last of these


@dataclass(frozen=True, slots=True)
class RelayProblem:
    """The carrier could not use what we sent."""

    description: str


RelayMessage = (
    RelayStarted | RelayPrompt | RelayKey | RelayInterrupted | RelayProgress | RelayProblem | None
)


@dataclass(frozen=True, slots=True)
class RelayWords:
    """Words for the carrier's voice."""

    text: str
    language: str  # BCP-47; may change from words to words
    is_last: bool  # nothing more belongs to what was said before them
    interruptible: bool = True
    preemptible: bool = False  # what is sent after they are whole cuts them off


@dataclass(frozen=True, slots=True)
class RelayEnd:
    """The carrier has done with the socket, and asks where the call goes."""

    carrier_id: str
    reason: str  # that we gave; "" when the carrier or the caller ended it
    is_failed: bool  # the socket was lost, or the carrier could not do as the document says
    error_code: str  # the carrier's; "" for none
    is_refused: bool  # it does not take what the document says
    seconds: int  # that it lasted


class RelayWire(Protocol):
    """How words travel to and from the carrier. Stateless."""

    def read(self, message: str | bytes) -> RelayMessage:
        """A message; None for one that means nothing to us. ValueError, saying why, on nonsense."""

    def text(self, words: RelayWords) -> str:
        """Words to be spoken after those sent before."""

    def language(self, tag: str) -> str:
        """Hear and speak this language from now on."""

    def end(self, reason: str) -> str:
        """Done with the call; `reason` comes back at `Connection.ended`."""


class Telephony(Messaging, Protocol):
    """A carrier. Called from many threads at once."""

    name: str
    document_type: str  # content type of a call document
    setup: str  # what to set so that webhooks from elsewhere can be checked
    line_number: str  # E.164; where calls come from; "" when none is set
    stream: StreamWire  # messages of calls whose sound comes to us
    relay: RelayWire  # messages of calls that the carrier hears and speaks for

    def verify(self, webhook: Webhook) -> None:
        """BadSignature unless the carrier sent exactly this."""

    def read_turn(self, webhook: Webhook) -> CallerTurn:
        """A call's webhook as what the caller did. ValueError, naming it, on a missing part."""

    def read_partial(self, webhook: Webhook) -> PartialTurn:
        """A part of an utterance. ValueError as above."""

    def read_handover(self, webhook: Webhook) -> tuple[HandoverResult, CallNotice]:
        """How reaching the operator ended. ValueError as above."""

    def read_relay_end(self, webhook: Webhook) -> RelayEnd:
        """What became of the socket of such a call. ValueError as above."""

    def read_verdict(self, webhook: Webhook) -> Verdict | None:
        """Who answered a call, when the webhook says it."""

    def read_notice(self, kind: NoticeKind, webhook: Webhook) -> CallNotice:
        """A callback as a notice. ValueError as above."""

    def document(self, agent: Agent, actions: Sequence[Action], links: Links) -> str:
        """The actions as a call document."""

    def connect_stream(self, connection: Connection) -> str:
        """A call document that connects a call's sound to our socket.

        When that ends, however it does, the call goes on at `connection.resume`.
        """

    def connect_relay(self, agent: Agent, connection: Connection) -> str:
        """The same for a socket where the carrier hears and speaks, as the agent's file has it.

        At its own end it goes on at `connection.ended`.
        """

    def apology(self, text: str, language: str) -> str:
        """A call document that says `text` and hangs up; for calls that nothing is known of."""

    def detour(self, text: str, language: str, to: str) -> str:
        """A call document that says `text` and goes on at the address `to`."""

    def place_call(self, order: CallOrder) -> str:
        """Ring someone; the carrier's id of the call. ProviderError when it will not.

        After ProviderTimeout and PerhapsPlaced it may ring all the same.
        """

    def find_calls(self, to: str, since: datetime) -> Sequence[PlacedCall]:
        """Calls from our line to a number, created then or later. ProviderError as above."""

    def call_status(self, carrier_id: str) -> PlacedCall | None:
        """How a call stands; None when the carrier knows of none. ProviderError as above."""

    def end_call(self, carrier_id: str) -> None:
        """Hang up a live call. ProviderError when it will not."""

    def redirect_call(self, carrier_id: str, to: str) -> None:
        """Break off what a live call does, and have it go on at the address `to`; absolute.

        A socket it was connected to is closed as when the caller hangs up. ProviderError when it
        will not.
        """

    def numbers(self) -> Sequence[OwnNumber]:
        """The numbers of the account. ProviderError when it does not tell."""

    def assign_number(self, number_id: str, addresses: LineAddresses) -> None:
        """Let calls of a number come to these addresses. ProviderError when it will not."""

    def start_recording(self, carrier_id: str, callback: str) -> str:
        """Record a live call from now on, each side on a channel of its own; the recording's id.

        For calls that no document leads; in others `StartRecording` does it. What becomes of the
        recording is told at `callback`. ProviderError when it cannot be started.
        """

    def fetch_recording(self, url: str) -> AbstractContextManager[Iterator[bytes]]:
        """A recording as a WAV file, in pieces as they arrive; `url` as a callback named it.

        ProviderRefused, with nothing asked, when the address is not the carrier's: our password
        goes there. Any ProviderError before the first piece or after any.
        """

    def delete_recording(self, url: str) -> None:
        """Delete a recording at the carrier, or find that it is gone. ProviderError as above."""
