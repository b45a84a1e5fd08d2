"""A server of websockets that is none of ours: `websockets`, and messages written by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve


class Connection:
    """One socket as its server sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []

    def messages(self) -> Iterator[dict[str, Any]]:
        """What comes, until the socket is closed."""
        try:
            for text in self.socket:
                assert isinstance(text, str)
                self.got.append(json.loads(text))
                yield self.got[-1]
        except ConnectionClosed:
            return


C = TypeVar("C", bound=Connection)


class SocketServer(Generic[C]):
    """Runs `talk` for each socket. A context manager."""

    path: ClassVar[str]
    connection: type[C]

    def __init__(self, talk: Callable[[C], None]) -> None:
        self.connections: list[C] = []
        self.headers: list[dict[str, str]] = []
        self._talk = talk
        self._server: Server = serve(self._serve, "127.0.0.1", 0, compression=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}{self.path}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        connection = self.connection(socket)
        self.connections.append(connection)
        assert socket.request is not None
        self.headers.append(dict(socket.request.headers.raw_items()))
        self._talk(connection)
        for _ in connection.messages():  # whatever comes until the end
            continue
