"""The server's side of HTTP: uvicorn's, which waits for ever for the head of a request.

Whoever connects and asks nothing would hold a file descriptor for as long as they like, and any
stranger all there are; a header without an end would fill the memory.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# How long the first line and the headers may take: from the connection on, and where others were
# answered before, from their first byte on. Who keeps a connection for later is not meant.
HEAD_MOST_S = 20.0
# How long they may be. Webhooks have 2 KB, browsers with all their cookies some more.
HEAD_MOST_BYTES = 64 * 1024


class RequestProtocol(HttpToolsProtocol):
    """uvicorn's protocol. Who does not come to say what they want is cut off."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0  # of a head that has not come whole

    def connection_made(self, transport: Any) -> None:
        """A peer has come."""
        super().connection_made(transport)
        self._awaits_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        self._has_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of the peer."""
        super().data_received(data)
        if self._head_timer is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_MOST_BYTES:
                self._cut_off()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        if self._head_timer is None:
            self._awaits_head()

    def on_headers_complete(self) -> None:
        """What is asked is known."""
        self._has_head()
        super().on_headers_complete()

    def _awaits_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(HEAD_MOST_S, self._cut_off)

    def _has_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cut_off(self) -> None:
        self._has_head()
        self.transport.abort()
