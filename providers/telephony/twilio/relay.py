"""ConversationRelay: its noun in TwiML, its messages, and what comes back when it has ended.

Sources. Documented: twilio.com/docs/voice/conversationrelay/websocket-messages (setup, prompt,
dtmf, interrupt, error; text, language, end), …/voice/twiml/connect/conversationrelay (attributes).
Seen on the wire in recordings that others published (2026-08, github.com/ivy/thicket): the events
that `events` asks for come as `info` with `name` agentSpeaking or clientSpeaking and `value` on or
off, or tokensPlayed with the words as `value`; every malformed message of ours is answered with
an `error`, the tenth in a row closes the socket; a lost socket ends as `failed` with 64105.
General knowledge: that `end` brings `ended`, and how a voice of ElevenLabs is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import orjson

from providers.telephony.base import (
    RelayEnd,
    RelayInterrupted,
    RelayKey,
    RelayMessage,
    RelayProblem,
    RelayProgress,
    RelayPrompt,
    RelayStarted,
    RelayWords,
    Webhook,
)
from providers.telephony.twilio.webhooks import SPEECH_MOST, VALUE_MOST, read_call_sid, read_value

# Nothing the carrier sends is longer; what is was not sent by it.
MESSAGE_MOST = 64_000

# Of a session whose provider, voice or other attribute the carrier does not take.
_REFUSED = "64101"

_CALL_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEY = re.compile(r"[0-9*#]")
_UNSPOKEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_SPEAKERS = {"agentSpeaking": "agent", "clientSpeaking": "caller"}
_SWITCH = {"on": True, "off": False, "start": True, "stop": False}


class RelayMessages:
    """The messages of ConversationRelay. Stateless."""

    def read(self, message: str | bytes) -> RelayMessage:
        """A message; None for one that means nothing to us. ValueError, saying why, on nonsense."""
        if isinstance(message, bytes):
            raise ValueError("a binary message")
        if len(message) > MESSAGE_MOST:
            raise ValueError("a message that is too long")
        try:
            data = orjson.loads(message)
        except orjson.JSONDecodeError as error:
            raise ValueError("not JSON") from error
        if not isinstance(data, dict):
            raise ValueError("no object")
        match data.get("type"):
            case "setup":
                return _started(data)
            case "prompt":
                return _prompt(data)
            case "dtmf":
                return _key(data)
            case "interrupt":
                return RelayInterrupted(
                    _text(data, "utteranceUntilInterrupt"),
                    _number(data.get("durationUntilInterruptMs")),
                )
            case "info":
                return _progress(data)
            case "error":
                return RelayProblem(_text(data, "description")[:VALUE_MOST])
            case str():
                return None  # the carrier adds kinds without notice
            case _:
                raise ValueError("no type")

    def text(self, words: RelayWords) -> str:
        """Words to be spoken."""
        message = {
            "type": "text",
            "token": _UNSPOKEN.sub(" ", words.text),
            "lang": words.language,
            "last": words.is_last,
            "interruptible": words.interruptible,
            "preemptible": words.preemptible,
        }
        return orjson.dumps(message).decode()

    def language(self, tag: str) -> str:
        """Hear and speak `tag` from now on."""
        message = {"type": "language", "ttsLanguage": tag, "transcriptionLanguage": tag}
        return orjson.dumps(message).decode()

    def end(self, reason: str) -> str:
        """Done; `reason` comes back as HandoffData, which is a string of its own."""
        handoff = orjson.dumps({"reason": reason}).decode()
        return orjson.dumps({"type": "end", "handoffData": handoff}).decode()


def read_end(webhook: Webhook) -> RelayEnd:
    """What `<Connect action>` is told. ValueError when the call is not named."""
    seconds = read_value(webhook, "SessionDuration")
    return RelayEnd(
        carrier_id=read_call_sid(webhook),
        reason=_reason(read_value(webhook, "HandoffData")),
        is_failed=read_value(webhook, "SessionStatus") == "failed",
        error_code=read_value(webhook, "ErrorCode"),
        is_refused=read_value(webhook, "ErrorCode") == _REFUSED,
        seconds=int(seconds) if _WHOLE.fullmatch(seconds) else 0,
    )


def _reason(handoff: str) -> str:
    try:
        data = orjson.loads(handoff)
    except orjson.JSONDecodeError:
        return ""
    reason = data.get("reason") if isinstance(data, dict) else None
    return reason[:VALUE_MOST] if isinstance(reason, str) else ""


def _started(data: Mapping[str, object]) -> RelayStarted:
    sid = data.get("callSid")
    if not isinstance(sid, str) or not _CALL_SID.fullmatch(sid):
        raise ValueError("a setup without callSid")
    given = data.get("customParameters")
    token = given.get("token") if isinstance(given, dict) else None
    return RelayStarted(
        _text(data, "sessionId")[:64], sid, token[:VALUE_MOST] if isinstance(token, str) else ""
    )


def _prompt(data: Mapping[str, object]) -> RelayPrompt:
    text = data.get("voicePrompt")
    if not isinstance(text, str):
        raise ValueError("a prompt without voicePrompt")
    last = data.get("last", True)
    if not isinstance(last, bool):
        raise ValueError("a prompt whose last is neither true nor false")
    return RelayPrompt(_clean(text[:SPEECH_MOST]), _text(data, "lang")[:35], last)


def _key(data: Mapping[str, object]) -> RelayKey:
    digit = data.get("digit")
    if not isinstance(digit, str) or not _KEY.fullmatch(digit):
        raise ValueError("a dtmf without a digit")
    return RelayKey(digit)


def _progress(data: Mapping[str, object]) -> RelayProgress | None:
    name, value = data.get("name"), data.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        return None
    if name == "tokensPlayed":
        return RelayProgress(spoken=_clean(value[:SPEECH_MOST]))
    speaker, is_speaking = _SPEAKERS.get(name), _SWITCH.get(value)
    if speaker is None or is_speaking is None:
        return None
    return RelayProgress(speaker, is_speaking)


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    return _clean(value[:SPEECH_MOST]) if isinstance(value, str) else ""


def _clean(text: str) -> str:
    return _UNSPOKEN.sub(" ", text).strip()


def _number(value: object) -> int:
    """A whole number, which older messages wrote as a string; 0 for anything else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 <= value < 1e9 else 0
