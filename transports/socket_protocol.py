"""The server's side of a WebSocket, with a way to cut it off, which ASGI does not have."""

from __future__ import annotations

from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# Under this name, in the scope's extensions: a function that ends the connection at once, with
# what waits to be sent.
ABORT = "callwright.abort"


class SocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol. Closing alone would wait, for ever, for a peer that does not read."""

    async def run_asgi(self) -> None:
        """Let the application serve the socket."""
        extensions = cast(dict[str, Any], self.scope["extensions"])
        extensions[ABORT] = self.transport.abort
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        """Send. An answer in place of opening completes the handshake; the base class forgets it,
        and logs an error for every socket that was refused."""
        await super().send(message)
        if self.initial_response is not None and self.close_sent:
            self.handshake_complete = True
