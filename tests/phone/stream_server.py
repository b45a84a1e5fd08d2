"""A server of media streams that is none of ours."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from phone.spoken import tones
from phone.tape import Side
from phone.word_track import WordReader
from tests.phone.socket_server import Connection, SocketServer


class Stream(Connection):
    """One connection as its server sees it."""

    @property
    def sid(self) -> str:
        return str(next(one for one in self.got if one["event"] == "start")["streamSid"])

    def until(self, event: str) -> dict[str, Any]:
        """The next message of that kind."""
        return next(one for one in self.messages() if one["event"] == event)

    def until_audible(self) -> None:
        """Until the caller makes a sound."""
        for one in self.messages():
            if one["event"] == "media" and set(b64decode(one["media"]["payload"])) != {0xFF}:
                return

    def until_said(self, text: str) -> None:
        """Until the caller has said all of it."""
        for _ in self.messages():
            if self.said() == text:
                return

    def said(self) -> str:
        """The words of all sound that came so far."""
        reader = WordReader()
        audio = (b64decode(one["media"]["payload"]) for one in self.got if one["event"] == "media")
        return " ".join(reader.read(b"".join(audio)))

    def send(self, **message: object) -> None:
        self.socket.send(json.dumps({**message, "streamSid": self.sid}))

    def say(self, text: str, mark: str = "") -> float:
        """Speak, and set a mark behind it; the seconds that it takes."""
        length_s = self.say_audio(tones(text, Side.AGENT))
        if mark:
            self.send(event="mark", mark={"name": mark})
        return length_s

    def say_audio(self, audio: bytes) -> float:
        """Send sound in pieces; its seconds."""
        for start in range(0, len(audio), 1600):
            payload = b64encode(audio[start : start + 1600]).decode()
            self.send(event="media", media={"payload": payload})
        return len(audio) / 8000


class StreamServer(SocketServer[Stream]):
    """Runs `talk` for each stream."""

    path, connection = "/media", Stream
