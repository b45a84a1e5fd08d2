"""What is answered to the opening request of a socket that is not opened."""

from __future__ import annotations

from transports.bridge import Scope, Send


async def refuse(scope: Scope, send: Send, status: int, text: str) -> None:
    """Answer with an HTTP status in place of opening. `websocket.connect` has been received."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})  # which is a 403
        return
    body = text.encode()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
