"""The HTTP client under vendors' libraries: connections enough, and answers that end in time.

The libraries' own clients have few connections (100) or bound each read, not the whole answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx2

# Connections kept between turns: setting one up costs a caller a round trip or two.
_IDLE_MOST = 256
_IDLE_S = 90.0
# A vendor's server is reached in a fraction of it; a lost packet of the handshake costs one second.
CONNECT_S = 2.0
ANSWER_BYTES_MOST = 1_000_000  # an answer has a few hundred


class BoundedClient(httpx2.Client):
    """A client whose answers are read whole and within `total_s`, however slowly they trickle."""

    def __init__(self, total_s: float) -> None:
        limits = httpx2.Limits(
            max_connections=None, max_keepalive_connections=_IDLE_MOST, keepalive_expiry=_IDLE_S
        )
        super().__init__(limits=limits)
        self._total_s = total_s
        self._timeouts = httpx2.Timeout(total_s, connect=min(CONNECT_S, total_s)).as_dict()

    def send(self, request: httpx2.Request, *args: Any, **options: Any) -> httpx2.Response:
        """The answer with its body. httpx2.TimeoutException when it is not whole in time."""
        ends_at = time.monotonic() + self._total_s
        request.extensions["timeout"] = self._timeouts  # whatever the library asks for
        response = super().send(request, *args, **{**options, "stream": True})
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = _Bounded(response.stream, ends_at, request)
        try:
            response.read()
        finally:
            response.close()
        return response


class _Bounded(httpx2.SyncByteStream):
    """A body that ends with an error when it takes too long or grows too large."""

    def __init__(
        self, stream: httpx2.SyncByteStream, ends_at: float, request: httpx2.Request
    ) -> None:
        self._stream = stream
        self._ends_at = ends_at
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if time.monotonic() > self._ends_at:
                raise httpx2.ReadTimeout("the answer trickles", request=self._request)
            if size > ANSWER_BYTES_MOST:
                raise httpx2.ReadError("the answer is too large", request=self._request)
            yield chunk

    def close(self) -> None:
        self._stream.close()
