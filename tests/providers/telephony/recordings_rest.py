"""Recordings at a carrier on this machine, for tests: whole, broken off, hanging, or no sound."""

from __future__ import annotations

import base64
import io
import struct
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.providers.telephony.rest_server import listening

ACCOUNT = "AC" + "0" * 32


def wav(seconds: float = 1.0, channels: int = 2, rate_hz: int = 8000) -> bytes:
    """A recording of a rising tone."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        frames = int(seconds * rate_hz)
        file.writeframes(b"".join(struct.pack("<h", n % 3000) * channels for n in range(frames)))
    return sound.getvalue()


@dataclass
class CarrierRecordings:
    """What it has and how it answers; a path is that of the address it tells."""

    port: int = 0
    content: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)  # of the next answers; then 200
    cut_after: int | None = None  # bytes after which the line breaks
    hold: threading.Event | None = None  # nothing more is sent until it is set
    content_type: str = "audio/x-wav"
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, user:password
    redirect: str = ""

    def add(self, recording_id: str, content: bytes) -> str:
        """Have a recording; its address."""
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording_id}"
        self.content[path] = content
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def running_recordings() -> Iterator[CarrierRecordings]:
    """A carrier that listens while the context lasts."""
    carrier = CarrierRecordings()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self._noted().removesuffix(".wav")
            content = carrier.content.get(path)
            usual = 404 if content is None else 200
            status = carrier.statuses.pop(0) if carrier.statuses else usual
            self.send_response(status)
            if carrier.redirect:
                self.send_header("Location", carrier.redirect)
            body = content if status == 200 and content else b"<html>no</html>"
            self.send_header("Content-Type", carrier.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            cut = len(body) if carrier.cut_after is None else carrier.cut_after
            try:
                self.wfile.write(body[:cut])
                self.wfile.flush()
                if carrier.hold is not None:
                    carrier.hold.wait(10)
                if carrier.cut_after is None:
                    self.wfile.write(body[cut:])
                else:
                    self.close_connection = True
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked has given up

        def do_DELETE(self) -> None:
            path = self._noted().removesuffix(".json")
            status = carrier.statuses.pop(0) if carrier.statuses else 204
            if status == 204 and carrier.content.pop(path, None) is None:
                status = 404
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _noted(self) -> str:
            sent = self.headers.get("Authorization", "").removeprefix("Basic ")
            carrier.asked.append((self.command, self.path, base64.b64decode(sent).decode()))
            return self.path

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as carrier.port:
        try:
            yield carrier
        finally:
            if carrier.hold is not None:
                carrier.hold.set()
