"""The server's side of a WebSocket: uvicorn's, with what a live call needs and ASGI does not have.

The sound of a call comes in fifty small messages a second. Through the parser, the queue and the
awaiting of ASGI each costs some 20 µs; told at once to whoever asked for it (`FAST`), 5 µs. What is
not a whole small text message goes through uvicorn's parser as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

try:  # written in C; the other one is for machines that it was not built for
    from websockets.speedups import apply_mask
except ImportError:
    from websockets.utils import apply_mask

# Under this name, in the scope's extensions: a function that ends the connection at once, with
# what waits to be sent.
ABORT = "callwright.abort"
# And under this one: `Fast`.
FAST = "callwright.fast"

# Takes a message as it comes. It must not raise.
Sink = Callable[[str | bytes], None]

# RFC 6455, 5.2: FIN and the opcode of a text message; of control frames; lengths that are written
# in more than a byte.
_TEXT = 0x81
_CONTROLS = frozenset({0x88, 0x89, 0x8A})
_IN_TWO_BYTES, _IN_EIGHT_BYTES = 126, 127
_MASKED = 0x80

# Pings are answered at once. Whoever sends them and does not read the answers is cut off here.
UNREAD_MOST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Fast:
    """The short ways to and from a socket that was accepted. For the event loop."""

    # From now on messages are told to the sink at once, those that wait first. Its end is told by
    # `receive` as ever.
    tell: Callable[[Sink], None]
    # Sends a text at once; False, with nothing sent, when that is not possible now.
    write: Callable[[str], bool]


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol. Closing alone would wait, for ever, for a peer that does not read."""

    _sink: Sink | None = None
    _rest = b""  # of a frame that has not come whole
    _is_parsed = False  # by uvicorn, from here on: frames came that are none of ours

    async def run_asgi(self) -> None:
        """Let the application serve the socket."""
        extensions = cast(dict[str, Any], self.scope["extensions"])
        extensions[ABORT] = self.transport.abort
        extensions[FAST] = Fast(self._tell, self._write)
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        """Send. An answer in place of opening completes the handshake; the base class forgets it,
        and logs an error for every socket that was refused."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True

    def data_received(self, data: bytes) -> None:
        """Bytes of the peer: its request to open, then frames."""
        if self._is_parsed or not self.handshake_complete:
            # What comes between request and answer is a client's mistake, and the parser's.
            self._is_parsed = self._is_parsed or self.handshake_initiated
            super().data_received(data)
            return
        if self._rest:
            data = self._rest + data
        at = 0
        while (end := _end_of_frame(data, at)) > 0:
            if data[at] == _TEXT and self._sink is not None and not self.close_sent:
                self._take_text(self._sink, data[at:end])
            else:
                super().data_received(data[at:end])
            at = end
        self._rest = data[at:]
        if end < 0:  # a frame that only the parser understands
            self._is_parsed = True
            rest, self._rest = self._rest, b""
            super().data_received(rest)

    def handle_ping(self) -> None:
        """Answer it."""
        super().handle_ping()
        if not self.writable.is_set() and self.transport.get_write_buffer_size() > UNREAD_MOST:
            self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        """A message that went through the parser."""
        if self._sink is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        if self.curr_msg_data_type == "bytes":
            self._sink(data)
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.conn.fail(1007, "no UTF-8")
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
            return
        self._sink(text)

    def _take_text(self, sink: Sink, frame: bytes) -> None:
        start = 8 if frame[1] == _MASKED | _IN_TWO_BYTES else 6
        try:
            text = apply_mask(frame[start:], frame[start - 4 : start]).decode()
        except UnicodeDecodeError:
            super().data_received(frame)  # which knows what to answer
            return
        sink(text)

    def _tell(self, sink: Sink) -> None:
        self._sink = sink
        while not self.queue.empty():
            message = self.queue.get_nowait()
            if message["type"] != "websocket.receive":
                self.queue.put_nowait(message)  # the end; nothing comes after it
                return
            text = message.get("text")
            sink(text if text is not None else message.get("bytes") or b"")
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def _write(self, text: str) -> bool:
        if not self.writable.is_set() or self.disconnected or self.close_sent:
            return False
        try:
            self.conn.send_text(text.encode())
        except InvalidState:
            return False
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True


def _end_of_frame(data: bytes, at: int) -> int:
    """Where the frame at `at` ends; 0: it has not come whole; -1: it is none for the short way."""
    if len(data) - at < 2:
        return 0
    first, length = data[at], data[at + 1] - _MASKED
    if first == _TEXT and length == _IN_TWO_BYTES:
        if len(data) - at < 4:
            return 0
        end = at + 8 + (data[at + 2] << 8 | data[at + 3])
    elif (first == _TEXT or first in _CONTROLS) and 0 <= length < _IN_TWO_BYTES:
        end = at + 6 + length
    else:
        return -1
    return end if end <= len(data) else 0
