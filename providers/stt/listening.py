"""A socket on which a vendor listens to one caller, and its opening. Its words are a dialect's.

picows calls back for every message and sends without a task of its own: measured beside the
websockets library on this machine's 2 cores, a piece of sound costs 9 µs to send instead of 21,
and a message 10 µs to receive instead of 26.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from picows import WSCloseCode, WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from picows.common import WSHandshakeError

from providers.errors import (
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.stt.base import RATE_HZ, TIMEOUT, Broken, HearingEvent, HearingOrder, Tell
from providers.stt.dialect import Dialect
from providers.stt.loudness import loud_bytes

log = logging.getLogger(__name__)

ROLE = "stt"

# A caller is on the line: whoever does not listen after as long is not there.
OPEN_S = 2.0
# Messages in a row that nobody can read until the vendor is taken for broken: one is a slip.
GARBAGE_MOST = 5
MESSAGE_MOST_BYTES = 1 << 20
# Sound that the vendor does not take. At 8 kB a second it comes on top of what the network's own
# buffers hold; what is kept of a gap (`calls/hearing.py`) must fit in, in base64 too.
WAITING_MOST_BYTES = 256 * 1024
# When as much of what was sent was loud, and the vendor says nothing for as long after that, it is
# asked to say what it has understood; it is broken when it does not answer that either. A noise
# without words, of which it says nothing, is no fault. Together they leave time to ask the caller
# again, or somebody else what they said, within four seconds from their last word.
LOUD_BYTES = RATE_HZ // 4
QUIET_S = 1.2
ANSWER_S = 1.3
_READ_BYTES = 2048  # what a connection reads at once: messages are small, and calls are many
_BUSY = frozenset({408, 409, 425, 429})
_CLOSED_SILENTLY, _CLOSED_BADLY = 1005, 1006  # RFC 6455, 7.1.5: no code, no close frame came


class Listening(WSListener):
    """One connection. See `Recognition`."""

    def __init__(self, name: str, dialect: Dialect, tell: Tell) -> None:
        super().__init__()
        self._name = name
        self._dialect = dialect
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._transport: WSTransport | None = None
        self._part = b""  # of a message that comes in several frames
        self._garbage = 0
        self._loud = 0  # bytes of loud sound since the vendor said something
        self._loud_at: float | None = None  # when that was enough to expect words
        self._asked_at: float | None = None  # whether it hears at all
        self._closed: tuple[int, str] = (_CLOSED_BADLY, "")
        self._is_over = False
        self._sound_type = WSMsgType.TEXT if dialect.sends_text else WSMsgType.BINARY

    def check_connected(self) -> None:
        """ProviderUnavailable when the connection broke while it was made: nobody else says so."""
        if self._transport is None:
            self._settle(ProviderUnavailable(ROLE, self._name, "hung up", "RESET"))

    async def ready(self) -> None:
        """Wait until the vendor listens. ProviderError when it refuses."""
        await self._ready

    def send(self, audio: bytes) -> None:
        """See `Recognition`."""
        if self._is_over or self._transport is None or not audio:
            return
        self._transport.send(self._sound_type, self._dialect.sound(audio))
        self._loud += loud_bytes(audio)
        if self._loud >= LOUD_BYTES:
            self._doubt(self._loop.time())

    def _doubt(self, now: float) -> None:
        """There was speech, or something as loud, and the vendor has said nothing since."""
        if self._loud_at is None:
            self._loud_at = now
        elif self._asked_at is None:
            if now - self._loud_at >= QUIET_S:
                self._asked_at = now
                self.finalise()
        elif now - self._asked_at >= ANSWER_S:
            self._break(Broken("SILENT", is_deaf=True))

    def finalise(self) -> None:
        """See `Recognition`."""
        self._say(self._dialect.finalise())

    def keep_alive(self) -> bool:
        """See `Recognition`."""
        return self._say(self._dialect.keep_alive())

    def change(self, order: HearingOrder) -> bool:
        """See `Recognition`."""
        return self._say(self._dialect.change(order))

    def close(self) -> None:
        """See `Recognition`."""
        if self._is_over:
            return
        self._say(self._dialect.goodbye())
        self._end()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.underlying_transport.set_write_buffer_limits(high=WAITING_MOST_BYTES)
        if self._dialect.is_ready:
            self._settle(None)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        match frame.msg_type:
            case WSMsgType.CLOSE:
                self._closed = _close_of(frame.get_payload_as_bytes())
                transport.send_close(WSCloseCode.OK)
                transport.disconnect()
            case WSMsgType.TEXT | WSMsgType.CONTINUATION if not self._is_over:
                self._loud, self._loud_at, self._asked_at = 0, None, None
                if frame.fin and not self._part:
                    self._read(frame.get_payload_as_memoryview())
                    return
                self._part += frame.get_payload_as_bytes()
                if frame.fin or len(self._part) > MESSAGE_MOST_BYTES:
                    whole, self._part = self._part, b""
                    self._read(whole)
            case WSMsgType.BINARY if not self._is_over:
                self._spoil()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        self._fail(self._dialect.closed(*self._closed))

    def pause_writing(self) -> None:
        """The vendor does not read what it is sent."""
        self._break(Broken("STUCK", is_deaf=True))

    def resume_writing(self) -> None:
        """It has been given up by then."""

    def _say(self, text: bytes | None) -> bool:
        if text is None:
            return False
        if self._transport is not None and not self._is_over:
            self._transport.send(WSMsgType.TEXT, text)
        return True

    def _read(self, text: bytes | memoryview) -> None:
        try:
            message = orjson.loads(text)
            events = tuple(self._dialect.read(message)) if isinstance(message, dict) else None
        except (ValueError, TypeError, LookupError, AttributeError):
            events = None
        if events is None:
            self._spoil()
            return
        self._garbage = 0
        if self._dialect.is_ready:
            self._settle(None)
        for event in events:
            if self._is_over:  # whoever was told has closed it
                return
            if isinstance(event, Broken):
                self._break(event)
            else:
                self._tell(event)

    def _spoil(self) -> None:
        self._garbage += 1
        if self._garbage > GARBAGE_MOST:
            self._break(Broken("GARBAGE", is_deaf=True))

    def _break(self, event: HearingEvent) -> None:
        self._fail(event)
        self._end()

    def _fail(self, event: HearingEvent) -> None:
        """Tell once that it is gone: whoever opens it, or else who listens."""
        if self._is_over:
            return
        self._is_over = True
        if self._ready.done():
            self._tell(event)
        elif isinstance(event, Broken):
            kind = ProviderRefused if event.is_permanent else ProviderUnavailable
            self._settle(kind(ROLE, self._name, "would not listen", event.reason))

    def _end(self) -> None:
        self._is_over = True
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.send_close(WSCloseCode.OK)
            transport.disconnect(
                graceful=transport.underlying_transport.get_write_buffer_size() == 0
            )
        self._settle(ProviderUnavailable(ROLE, self._name, "closed", "CLOSED"))

    def _settle(self, error: ProviderError | None) -> None:
        if self._ready.done():
            return
        if error is None:
            self._ready.set_result(None)
            return
        self._ready.set_exception(error)
        self._ready.exception()  # nobody may wait for it any more


async def listen(
    name: str, dialect: Dialect, url: str, headers: Mapping[str, str], tell: Tell
) -> Listening:
    """A connection on which the vendor listens. ProviderError within OPEN_S when there is none."""
    listening = Listening(name, dialect, tell)
    try:
        async with asyncio.timeout(OPEN_S):
            await _connect(listening, url, headers)
            listening.check_connected()
            await listening.ready()
    except TimeoutError as error:
        listening.close()
        raise ProviderTimeout(ROLE, name, "does not listen in time", TIMEOUT) from error
    except WSHandshakeError as error:
        raise _refusal(name, error) from error
    except (OSError, WSError, UnicodeError) as error:  # a host may be no name
        listening.close()
        reason = type(error).__name__
        raise ProviderUnavailable(ROLE, name, f"not reachable: {reason}", reason) from error
    except (ProviderError, asyncio.CancelledError):
        listening.close()
        raise
    return listening


async def _connect(listening: Listening, url: str, headers: Mapping[str, str]) -> None:
    options: dict[str, Any] = {"ssl_context": _trust()} if url.startswith("wss:") else {}
    await ws_connect(
        lambda: listening,
        url,
        extra_headers=headers,
        websocket_handshake_timeout=OPEN_S,
        max_frame_size=MESSAGE_MOST_BYTES,
        max_redirects=0,  # a key goes with the request
        read_buffer_init_size=_READ_BYTES,
        **options,
    )


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """Whom to believe. Made once: reading the certificates takes tens of milliseconds."""
    return ssl.create_default_context()


def _refusal(name: str, error: WSHandshakeError) -> ProviderError:
    """Our error for a vendor that does not open the socket."""
    if error.response is None:
        return ProviderUnavailable(ROLE, name, "answered what cannot be read", "HANDSHAKE")
    status = int(error.response.status)
    code = f"{status} {_word(error.raw_body)}".rstrip()
    if 400 <= status < 500 and status not in _BUSY:
        return ProviderRefused(ROLE, name, f"answered {status}", code)
    return ProviderUnavailable(ROLE, name, f"answered {status}", code)


def _close_of(payload: bytes) -> tuple[int, str]:
    """The code and the reason in a close frame (RFC 6455, 5.5.1)."""
    if len(payload) < 2:
        return _CLOSED_SILENTLY, ""
    return int.from_bytes(payload[:2], "big"), payload[2:].decode(errors="replace")


def _word(body: bytes | None) -> str:
    """The vendor's own word for what is wrong ("INVALID_AUTH"); "" when there is none."""
    try:
        told = orjson.loads(body or b"")
    except ValueError:
        return ""
    detail = told.get("detail", told) if isinstance(told, dict) else None
    if not isinstance(detail, dict):
        return ""
    word = detail.get("err_code") or detail.get("status") or detail.get("code")
    return word[:60] if isinstance(word, str) else ""
