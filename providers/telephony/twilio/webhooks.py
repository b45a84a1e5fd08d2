"""Reads Twilio's webhooks: what a caller did, what became of a call. Anything may be missing."""

from __future__ import annotations

import re

from conversation.events import HandoverResult
from providers.telephony.base import (
    ENDED_STATUSES,
    CallerTurn,
    CallNotice,
    NoticeKind,
    PartialTurn,
    Webhook,
)
from providers.telephony.detection import Answerer, Verdict

IDEMPOTENCY_TOKEN = "i-twilio-idempotency-token"
# Nobody says more in one turn; what is longer was not said.
SPEECH_MOST = 2_000
# Bounds what a form can put into the record.
VALUE_MOST = 500

# How sure the recogniser must be of words (0..1) that it may still change.
STABLE = 0.8

_SEQUENCE = re.compile(r"\d{1,6}", re.ASCII)
_CALL_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_A_KEY = re.compile(r"[^0-9*#]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

_HANDOVER_RESULTS = {
    "completed": HandoverResult.ANSWERED,
    "answered": HandoverResult.ANSWERED,
    "no-answer": HandoverResult.NO_ANSWER,
    "busy": HandoverResult.BUSY,
}
# twilio.com/docs/voice/answering-machine-detection: AnsweredBy. machine_end_beep, _silence and
# _other come when the greeting is over, and only when that was asked for.
_ANSWERERS = {
    "human": Verdict(Answerer.HUMAN),
    "machine_start": Verdict(Answerer.MACHINE),
    "fax": Verdict(Answerer.FAX),
}
_GREETING_OVER = "machine_end_"
# Order of the statuses, for callbacks that come without a sequence number.
_STATUS_ORDER = {"queued": 0, "initiated": 0, "ringing": 1, "in-progress": 2, "answered": 2}
_LAST_STATUS = 3

# Which parameters are kept of each callback, and under which neutral name.
_KEPT = {
    NoticeKind.STATUS: {
        "CallStatus": "status",
        "CallDuration": "duration_s",
        "SipResponseCode": "sip_code",
        "Timestamp": "carrier_time",
    },
    NoticeKind.AMD: {
        "AnsweredBy": "answered_by",
        "MachineDetectionDuration": "detection_ms",
    },
    NoticeKind.RECORDING: {
        "RecordingSid": "recording_id",
        "RecordingStatus": "status",
        "RecordingUrl": "url",
        "RecordingDuration": "duration_s",
        "RecordingChannels": "channels",
        "ErrorCode": "error_code",
    },
    NoticeKind.HANDOVER: {
        "DialCallStatus": "status",
        "DialCallSid": "operator_call_id",
        "DialCallDuration": "duration_s",
        "DialBridged": "bridged",
    },
    # twilio.com/docs/voice/twiml/stream#statuscallback
    NoticeKind.STREAM: {
        "StreamSid": "stream_id",
        "StreamEvent": "status",
        "StreamError": "error",
    },
}


def read_turn(webhook: Webhook) -> CallerTurn:
    """What the caller did. ValueError when the call is not named."""
    outbound = read_value(webhook, "Direction").startswith("outbound")
    from_number, to_number = read_value(webhook, "From"), read_value(webhook, "To")
    return CallerTurn(
        carrier_id=read_call_sid(webhook),
        caller_number=to_number if outbound else from_number,
        line_number=from_number if outbound else to_number,
        direction="outbound" if outbound else "inbound",
        status=read_value(webhook, "CallStatus"),
        speech=read_text(webhook, "SpeechResult", SPEECH_MOST),
        confidence=_confidence(_raw(webhook, "Confidence")),
        digits=_NOT_A_KEY.sub("", _raw(webhook, "Digits")[:VALUE_MOST]),
        delivery=webhook.headers.get(IDEMPOTENCY_TOKEN, "")[:128],
        verdict=read_verdict(webhook),
    )


def read_verdict(webhook: Webhook) -> Verdict | None:
    """Who answered; None when the webhook does not say. A word that is not known is unknown."""
    word = read_value(webhook, "AnsweredBy")
    if not word:
        return None
    if word.startswith(_GREETING_OVER):
        return Verdict(Answerer.MACHINE, records=True)
    return _ANSWERERS.get(word, Verdict(Answerer.UNKNOWN))


def read_partial(webhook: Webhook) -> PartialTurn:
    """A part of an utterance. ValueError when the call is not named.

    The recogniser sends what it is sure of and what it is not in two parameters, and how sure it
    is of the second. Observed: the first is mostly empty.
    """
    stable = read_text(webhook, "StableSpeechResult", SPEECH_MOST)
    unstable = read_text(webhook, "UnstableSpeechResult", SPEECH_MOST)
    stability = _confidence(_raw(webhook, "Stability")) or 0.0
    sequence = _raw(webhook, "SequenceNumber")
    return PartialTurn(
        carrier_id=read_call_sid(webhook),
        text=f"{stable} {unstable}".strip(),
        is_stable=(bool(stable) and not unstable) or stability >= STABLE,
        sequence=int(sequence) if _SEQUENCE.fullmatch(sequence) else 0,
    )


def read_handover(webhook: Webhook) -> tuple[HandoverResult, CallNotice]:
    """How a dialled operator answered. ValueError when the call is not named."""
    status = read_value(webhook, "DialCallStatus")
    result = _HANDOVER_RESULTS.get(status, HandoverResult.FAILED)
    if result is HandoverResult.ANSWERED and read_value(webhook, "DialBridged") == "false":
        result = HandoverResult.NO_ANSWER  # picked up, but never spoke with the caller
    notice = read_notice(NoticeKind.HANDOVER, webhook)
    return result, notice


def read_notice(kind: NoticeKind, webhook: Webhook) -> CallNotice:
    """A callback as a notice. ValueError when the call is not named."""
    data = {
        ours: value
        for theirs, ours in _KEPT[kind].items()
        if (value := read_value(webhook, theirs))
    }
    if kind is NoticeKind.AMD and (verdict := read_verdict(webhook)) is not None:
        data["verdict"] = str(verdict.by)
    status = data.get("status", "") if kind is NoticeKind.STATUS else ""
    sequence = _sequence(webhook, status)
    return CallNotice(
        carrier_id=read_call_sid(webhook),
        kind=kind,
        key=":".join((kind, *_key(kind, sequence, data))),
        sequence=sequence,
        status="in-progress" if status == "answered" else status,
        data=data,
    )


def _key(kind: NoticeKind, sequence: int, data: dict[str, str]) -> tuple[str, ...]:
    match kind:
        case NoticeKind.STATUS:
            return str(sequence), data.get("status", "")
        case NoticeKind.AMD:
            return (data.get("answered_by", ""),)
        case NoticeKind.RECORDING:
            return data.get("recording_id", ""), data.get("status", "")
        case NoticeKind.HANDOVER:
            return (data.get("operator_call_id", ""), data.get("status", ""))
        case NoticeKind.STREAM:
            return (data.get("stream_id", ""), data.get("status", ""))


def read_call_sid(webhook: Webhook) -> str:
    """The call. ValueError when it is not named."""
    sid = _raw(webhook, "CallSid")
    if not _CALL_SID.fullmatch(sid):
        raise ValueError("CallSid is missing or not the id of a call")
    return sid


def _sequence(webhook: Webhook, status: str) -> int:
    raw = _raw(webhook, "SequenceNumber")
    if _SEQUENCE.fullmatch(raw):
        return int(raw)
    if not status:
        return 0
    return _LAST_STATUS if status in ENDED_STATUSES else _STATUS_ORDER.get(status, 0)


def _confidence(raw: str) -> float | None:
    try:
        value = float(raw[:32])
    except ValueError:
        return None
    # Zero is what recognisers without a confidence send; NaN fails every comparison.
    return value if 0 < value <= 1 else None


def _raw(webhook: Webhook, name: str) -> str:
    values = webhook.form.get(name)
    return values[0] if values else ""


def read_value(webhook: Webhook, name: str) -> str:
    return read_text(webhook, name, VALUE_MOST)


def read_text(webhook: Webhook, name: str, most: int) -> str:
    """A value as clean text: one line, no control characters, bytes that are no text marked."""
    raw = _raw(webhook, name)[:most]
    if not raw:
        return ""
    if not raw.isascii():
        raw = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _CONTROL.sub(" ", raw).strip()
