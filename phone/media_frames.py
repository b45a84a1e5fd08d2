"""The messages of a Media Stream as the carrier writes them. Not here: the socket, the sound.

Source: twilio.com/docs/voice/media-streams/websocket-messages. Every number is a string, but for
those of `mediaFormat`; `sequenceNumber` counts all messages after `connected`, `chunk` the media.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from phone.leg import new_sid

FRAME_BYTES = 160  # 20 ms
FRAME_MS = 20
CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


@dataclass(slots=True)
class Frames:
    """Numbers and writes what the carrier sends over one stream. `media` is the cheap one."""

    account: str
    call_sid: str
    stream_sid: str = field(default_factory=lambda: new_sid("MZ"))
    _sequence: int = 0
    _chunks: dict[str, int] = field(default_factory=dict)

    def start(self, parameters: Mapping[str, str], tracks: Sequence[str] = ("inbound",)) -> str:
        """The first message that says what this stream is."""
        told = {
            "event": "start",
            "sequenceNumber": self._next(),
            "start": {
                "accountSid": self.account,
                "streamSid": self.stream_sid,
                "callSid": self.call_sid,
                "tracks": list(tracks),
                "mediaFormat": _FORMAT,
                "customParameters": dict(parameters),
            },
            "streamSid": self.stream_sid,
        }
        return orjson.dumps(told).decode()

    def media(self, audio: bytes, at_ms: int, track: str = "inbound") -> str:
        """A piece of sound, which began `at_ms` after the stream."""
        chunk = self._chunks[track] = self._chunks.get(track, 0) + 1
        payload = base64.b64encode(audio).decode("ascii")
        return (
            f'{{"event":"media","sequenceNumber":"{self._next()}","media":{{"track":"{track}",'
            f'"chunk":"{chunk}","timestamp":"{at_ms}","payload":"{payload}"}},'
            f'"streamSid":"{self.stream_sid}"}}'
        )

    def dtmf(self, digit: str) -> str:
        """A key was pressed."""
        return self._told("dtmf", {"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        """What was sent before the mark `name` has been played, or was cleared."""
        return self._told("mark", {"name": name})

    def stop(self) -> str:
        """The stream is over."""
        return self._told("stop", {"accountSid": self.account, "callSid": self.call_sid})

    def _told(self, event: str, what: Mapping[str, str]) -> str:
        told = {
            "event": event,
            "sequenceNumber": self._next(),
            event: what,
            "streamSid": self.stream_sid,
        }
        return orjson.dumps(told).decode()

    def _next(self) -> str:
        self._sequence += 1
        return str(self._sequence)


@dataclass(frozen=True, slots=True)
class Media:
    """Sound to be played after what was sent before."""

    audio: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """To be sent back when everything before it has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Nothing of what was sent is to be played any more."""


def read_order(message: bytes | str, stream_sid: str) -> Media | Mark | Clear:
    """What a server wants of the stream. ValueError, saying why, for what the carrier would not
    take (31951)."""
    try:
        told = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(told, dict):
        raise ValueError("it is not an object")
    if told.get("streamSid") != stream_sid:
        raise ValueError(f"its streamSid is {told.get('streamSid')!r}")
    event = told.get("event")
    if event == "clear":
        return Clear()
    what = told.get(event) if isinstance(event, str) else None
    if not isinstance(what, dict):
        raise ValueError(f"no event {event!r} with what belongs to it")
    if event == "media" and isinstance(payload := what.get("payload"), str):
        return Media(base64.b64decode(payload, validate=True))
    if event == "mark" and isinstance(name := what.get("name"), str):
        return Mark(name)
    raise ValueError(f"nothing to make of event {event!r}")
