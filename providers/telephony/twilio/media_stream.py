"""Media Streams: how the sound of a call travels over a socket of Twilio.

Source: twilio.com/docs/voice/media-streams/websocket-messages. Frames are text; every number but
those of `mediaFormat` is a string. Binary frames are never sent (warning 31950), and none come.
From others' code: `clear` brings all waiting marks back, so a mark after it proves nothing.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from functools import lru_cache

import orjson

from providers.telephony.base import (
    StreamAudio,
    StreamKey,
    StreamMark,
    StreamMessage,
    StreamStarted,
    StreamStopped,
)

# Parameter of the document's `<Stream>` that proves which call it is.
TOKEN = "token"
# Twilio sends 20 ms, some 250 bytes; far more than a second in one message is nobody's line.
MESSAGE_MOST = 64 * 1024

_STOPPED = StreamStopped()


class MediaStream:
    """See `StreamWire`."""

    def read(self, message: str | bytes) -> StreamMessage:
        """See `StreamWire`."""
        if not isinstance(message, str):
            raise ValueError("a binary frame")
        if len(message) > MESSAGE_MOST:
            raise ValueError("a message too long")
        told = orjson.loads(message)
        try:
            match told["event"]:
                case "media":
                    # The other track is our own voice; a bidirectional stream has none.
                    media = told["media"]
                    if media.get("track", "inbound") != "inbound":
                        return None
                    return StreamAudio(a2b_base64(media["payload"]))
                case "mark":
                    return StreamMark(_text(told["mark"]["name"]))
                case "dtmf":
                    return StreamKey(_key(told["dtmf"]["digit"]))
                case "start":
                    return _started(told)
                case "stop":
                    return _STOPPED
                case event:
                    _text(event)
                    return None  # "connected", and whatever is added
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a message without {error}"[:100]) from error

    def audio(self, stream_id: str, audio: bytes) -> str:
        """See `StreamWire`."""
        sound = b2a_base64(audio, newline=False).decode("ascii")
        return (
            f'{{"event":"media","streamSid":{_quoted(stream_id)},"media":{{"payload":"{sound}"}}}}'
        )

    def mark(self, stream_id: str, name: str) -> str:
        """See `StreamWire`."""
        named = _quoted(name)
        return f'{{"event":"mark","streamSid":{_quoted(stream_id)},"mark":{{"name":{named}}}}}'

    def clear(self, stream_id: str) -> str:
        """See `StreamWire`."""
        return f'{{"event":"clear","streamSid":{_quoted(stream_id)}}}'


def _started(told: dict[str, object]) -> StreamStarted:
    start = told["start"]
    if not isinstance(start, dict):
        raise ValueError("a start that is no object")
    form = start.get("mediaFormat") or {}
    given = start.get("customParameters") or {}
    rate = form.get("sampleRate", 0)
    return StreamStarted(
        stream_id=_text(start.get("streamSid") or told.get("streamSid")),
        carrier_id=_text(start["callSid"]),
        token=_text(given.get(TOKEN, "")),
        encoding=_text(form.get("encoding", "")),
        rate_hz=int(rate) if isinstance(rate, int) or _is_whole(rate) else 0,
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text that is none")
    return value


def _key(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value not in "0123456789*#ABCD":
        raise ValueError("a key that no telephone has")
    return value


@lru_cache(2048)  # a few streams and marks, asked for with every piece of sound
def _quoted(text: str) -> str:
    # What came in from outside is quoted, or a forged id could write our messages.
    return json.dumps(text)
