"""Writes TwiML. Strings, because a library's tree costs thirty times as much per turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

from agents.schema import Agent
from conversation.actions import (
    Action,
    HandOver,
    HangUp,
    KeepWaiting,
    Listen,
    Say,
    StartRecording,
)
from providers.telephony.base import Links

HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
TAIL = "</Response>"

# https://www.twilio.com/docs/voice/twiml/say: longer texts are refused (13520).
SAY_MOST = 4_096
# https://www.twilio.com/docs/voice/twiml/gather: phrases, and characters of one.
HINTS_MOST, HINT_MOST = 500, 100
# All hints together, so that a document in a three-byte script stays well below 64 KB (11750).
HINTS_TOTAL_MOST = 8_000

# What becomes of a recording (https://www.twilio.com/docs/voice/api/recording): it began, it can be
# fetched, or there was nothing to record.
RECORDING_EVENTS = "in-progress completed absent"

# What takes the call on by itself.
_LEADING_ON = (Listen, HandOver, KeepWaiting, HangUp)

# Connection overrides (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
# They travel as a fragment, which is neither sent nor signed. Every address below may be asked
# twice, so Twilio may ask again: give up connecting after 2 s, reading after 7 s (no turn takes
# longer than 6), and try twice more within Twilio's 15 s before it goes to the fallback.
ASK_AGAIN = "#ct=2000&rt=7000&rc=2&rp=ct,rt,5xx"
# Callbacks hold nobody up; an outage of a few seconds should not lose one.
REPORT_AGAIN = "#ct=5000&rt=5000&rc=5&rp=ct,rt,5xx"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Documents:
    """Writes the documents of one line. `line_number` is shown to operators; "" when unknown."""

    def __init__(self, line_number: str) -> None:
        self._caller_id = line_number

    def answer(self, agent: Agent, actions: Sequence[Action], links: Links) -> str:
        """The actions, in order, as one document that never ends a call by accident."""
        pieces = [HEAD]
        waiting: list[Say] = []
        for action in actions:
            match action:
                case Say():
                    waiting.append(action)
                case Listen():
                    pieces.append(self._gather(agent, waiting, action, links))
                    waiting = []
                case HandOver():
                    pieces.append(speech(agent, waiting, links))
                    pieces.append(self._dial(action, links))
                    waiting = []
                case KeepWaiting():
                    pieces.append(speech(agent, waiting, links))
                    pieces.append(redirect(links.keep_waiting))
                    waiting = []
                case StartRecording():
                    pieces.append(speech(agent, waiting, links))
                    pieces.append(_recording(links))
                    waiting = []
                case HangUp():
                    pieces.append(speech(agent, waiting, links))
                    pieces.append("<Hangup/>")
                    waiting = []
                case _:
                    pass  # not for this wire
        pieces.append(speech(agent, waiting, links))
        if not any(isinstance(action, _LEADING_ON) for action in actions):
            pieces.append(redirect(_with_empty(links.turn)))
        pieces.append(TAIL)
        return "".join(pieces)

    def _gather(self, agent: Agent, says: Sequence[Say], listen: Listen, links: Links) -> str:
        # What is nested stops when the caller speaks, so what may not be cut goes before.
        cut = max((i + 1 for i, one in enumerate(says) if not one.interruptible), default=0)
        language = xml_attribute(listen.language)
        speech_timeout = "auto" if listen.end_silence_s is None else str(listen.end_silence_s)
        return (
            f"{speech(agent, says[:cut], links)}"
            f'<Gather input="speech dtmf" action="{xml_attribute(links.turn + ASK_AGAIN)}" '
            f'method="POST" timeout="{listen.timeout_s}" speechTimeout="{speech_timeout}" '
            f'language="{language}" {_keys(listen.keys_most)} profanityFilter="false" '
            f'actionOnEmptyResult="true"{_partial(links)}{hints_value(listen.hints)}>'
            f"{speech(agent, says[cut:], links)}</Gather>"
            # Reached only when Twilio could not ask the action: the call goes on regardless.
            f"{redirect(_with_empty(links.turn))}"
        )

    def _dial(self, action: HandOver, links: Links) -> str:
        noun, may_show_line = _noun(action.to)
        caller_id = (
            f' callerId="{xml_attribute(self._caller_id)}"'
            if may_show_line and self._caller_id
            else ""
        )
        return (
            f'<Dial answerOnBridge="true" timeout="{action.timeout_s}" '
            f'action="{xml_attribute(links.handover + ASK_AGAIN)}" method="POST"{caller_id}>'
            f"{noun}</Dial>"
        )


def _recording(links: Links) -> str:
    """Both sides, each on a channel of its own, from here to the end of the call.

    In the document, because that alone begins exactly when what stands before it was said; the
    address of the callback has to be absolute (11200 otherwise).
    """
    if not links.recording:
        return ""
    told_at = xml_attribute(links.recording + REPORT_AGAIN)
    return (
        f'<Start><Recording recordingStatusCallback="{told_at}" '
        f'recordingStatusCallbackMethod="POST" recordingStatusCallbackEvent="{RECORDING_EVENTS}" '
        'track="both" channels="dual" trim="do-not-trim"/></Start>'
    )


def speech(agent: Agent, says: Sequence[Say], links: Links) -> str:
    """What is said: `<Play>` for a clip, `<Say>` for a run of parts in one language without one."""
    return "".join(_verbs(agent, one, links) for one in says)


def _verbs(agent: Agent, one: Say, links: Links) -> str:
    written: list[str] = []
    for (language, is_clip), run in groupby(
        one.parts, lambda part: (part.language, bool(part.clip))
    ):
        if is_clip:
            written += (f"<Play>{_escape(links.clips)}{part.clip}.mp3</Play>" for part in run)
        else:
            text = " ".join(part.text for part in run)
            written.append(say(text, language, agent.say_voices.get(language)))
    return "".join(written)


def apology(text: str, language: str) -> str:
    """A document that says `text` and hangs up."""
    return f"{HEAD}{say(text, language)}<Hangup/>{TAIL}"


def detour(text: str, language: str, to: str) -> str:
    """A document that says `text` and goes on at `to`."""
    spoken = say(text, language) if text else ""
    return f"{HEAD}{spoken}{redirect(to)}{TAIL}"


def say(text: str, language: str, voice: str | None = None) -> str:
    """`text` as `<Say>`, in as many as its length needs; "" for nothing to say."""
    attributes = f' voice="{xml_attribute(voice)}"' if voice else ""
    attributes += f' language="{xml_attribute(language)}"'
    return "".join(f"<Say{attributes}>{_escape(piece)}</Say>" for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    text = _NOT_XML.sub("", text).strip()
    while len(text) > SAY_MOST:
        cut = text.rfind(". ", 0, SAY_MOST) + 1 or text.rfind(" ", 0, SAY_MOST)
        cut = cut if cut > 0 else SAY_MOST
        yield text[:cut]
        text = text[cut:].lstrip()
    if text:
        yield text


def _partial(links: Links) -> str:
    if not links.partial:
        return ""
    return f' partialResultCallback="{xml_attribute(links.partial)}"'


def _keys(most: int | None) -> str:
    if most is None:
        return 'finishOnKey="#"'
    # A single key is an answer whichever it is; of several, # ends the row early.
    return f'numDigits="{most}" finishOnKey="{"" if most == 1 else "#"}"'


@lru_cache(maxsize=1024)  # a question has the same hints in every call
def hints_value(hints: tuple[str, ...]) -> str:
    """The attribute `hints`, with as many as the carrier takes; "" for none."""
    kept: list[str] = []
    total = 0
    for hint in hints:
        phrase = _NOT_XML.sub("", hint).replace(",", " ").strip()
        total += len(phrase) + 1
        if len(kept) == HINTS_MOST or total > HINTS_TOTAL_MOST:
            break
        if phrase and len(phrase) <= HINT_MOST:
            kept.append(phrase)
    return f' hints="{xml_attribute(",".join(kept))}"' if kept else ""


def _noun(to: str) -> tuple[str, bool]:
    """What to dial, and whether our line may be shown as the caller there."""
    target = _escape(_NOT_XML.sub("", to))
    match target.partition(":"):
        case "client", _, identity:
            return f"<Client>{identity}</Client>", False
        case "queue", _, name:
            # Operators wait in the queue; the caller gets the first of them or the timeout.
            return f"<Queue>{name}</Queue>", False
        case (("sip" | "sips"), _, _):
            return f"<Sip>{target}</Sip>", True
        case _:
            return f"<Number>{target}</Number>", True


def _with_empty(turn: str) -> str:
    return f"{turn}&empty=1"


def redirect(to: str) -> str:
    """The call goes on at `to`."""
    return f'<Redirect method="POST">{_escape(to + ASK_AGAIN)}</Redirect>'


def xml_attribute(text: str) -> str:
    """`text` as it stands between the quotes of an attribute."""
    return _escape(_NOT_XML.sub("", text)).replace('"', "&quot;")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
