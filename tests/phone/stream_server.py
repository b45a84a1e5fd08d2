"""A server of media streams that is none of ours: `websockets`, and messages written by hand."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from phone.spoken import tones
from phone.tape import Side
from phone.word_track import WordReader


class Stream:
    """One connection as its server sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []

    @property
    def sid(self) -> str:
        return str(next(one for one in self.got if one["event"] == "start")["streamSid"])

    def messages(self) -> Iterator[dict[str, Any]]:
        """What comes, until the socket is closed."""
        try:
            for text in self.socket:
                assert isinstance(text, str)
                self.got.append(json.loads(text))
                yield self.got[-1]
        except ConnectionClosed:
            return

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


class StreamServer:
    """Runs `serve` for each connection. A context manager."""

    def __init__(self, talk: Callable[[Stream], None]) -> None:
        self.streams: list[Stream] = []
        self.headers: list[dict[str, str]] = []
        self._talk = talk
        self._server: Server = serve(self._serve, "127.0.0.1", 0, compression=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/media"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> StreamServer:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        stream = Stream(socket)
        self.streams.append(stream)
        assert socket.request is not None
        self.headers.append(dict(socket.request.headers.raw_items()))
        self._talk(stream)
        for _ in stream.messages():  # whatever comes until the end
            continue
