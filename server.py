"""ASGI root of a process: sockets on the event loop, every HTTP request to the Flask app.

Not here: how many processes there are and where they listen (`gunicorn.conf.py`).
"""

from __future__ import annotations

import asyncio
import gc
import io
import re
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import copy_context
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from a2wsgi import WSGIMiddleware

from agents.loader import AgentFileError
from app import create_app, services_of
from settings import Settings, SettingsError, load_settings
from storage.base import StorageError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
OpenApp = Callable[[Settings], AbstractContextManager[WSGIApplication]]

# The carrier's forms are 1-2 KB; what is larger is read as it comes instead of all at once.
SMALL_FORM_BYTES = 64 * 1024

_FORM = b"application/x-www-form-urlencoded"
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


class Server:
    """Everything that one process serves. The application lives from startup to shutdown."""

    def __init__(self, open_app: OpenApp) -> None:
        self._open_app = open_app
        self._forms: FormBridge
        self._streams: StreamBridge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http" if _is_small_form(scope):
                await self._forms(scope, receive, send)
            case "http":
                await self._streams(scope, receive, send)
            case "websocket":
                await refuse_socket(scope, receive, send)
            case "lifespan":
                await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        with ExitStack() as stack:
            try:
                settings = load_settings()
                app = stack.enter_context(self._open_app(settings))
            except (SettingsError, AgentFileError, StorageError) as error:
                # The message says what to write; a traceback would hide it.
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            self._forms = FormBridge(app, settings.web_threads)
            stack.callback(self._forms.close)
            self._streams = StreamBridge(app, max(4, settings.web_threads // 4))
            stack.callback(self._streams.close)
            # Agents, word lists and modules stay for good: without them a collection in the
            # middle of a turn takes microseconds instead of milliseconds.
            gc.collect()
            gc.freeze()
            await send({"type": "lifespan.startup.complete"})
            await receive()  # lifespan.shutdown: every request has been answered
        await send({"type": "lifespan.shutdown.complete"})


class FormBridge:
    """Serves small forms, which webhooks are: two thread hops a request, nothing streamed.

    The body is read on the loop, the application runs in a thread, and its whole answer is sent
    from the loop. An exception of the application goes to the server, which logs it and sends 500.
    """

    def __init__(self, app: WSGIApplication, threads: int) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="form")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            return
        run = copy_context().run  # what a request binds for its log lines ends with it
        status, headers, content = await asyncio.get_running_loop().run_in_executor(
            self._pool, run, self._answer, scope, body
        )
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def close(self) -> None:
        """Wait until every request is done."""
        self._pool.shutdown()

    def _answer(self, scope: Scope, body: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        status = 0
        headers: list[tuple[bytes, bytes]] = []
        content: list[bytes] = []

        def start_response(
            line: str, pairs: list[tuple[str, str]], exc_info: object = None, /
        ) -> Callable[[bytes], object]:
            nonlocal status, headers
            # Nothing has been sent, so an application may always start again (PEP 3333).
            status = int(line[:3])
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
            return content.append

        chunks = self._app(environ_of(scope, body), start_response)
        try:
            content.extend(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        if not status:
            raise RuntimeError("the application did not start a response")
        return status, headers, b"".join(content)


class StreamBridge:
    """Serves everything else; streams bodies both ways."""

    def __init__(self, app: WSGIApplication, threads: int) -> None:
        def complete(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
            # The server ends every body, so one that is sent in chunks can be read too.
            environ["wsgi.input_terminated"] = True
            return app(environ, start_response)

        # Typed as PEP 3333 says, which the library's own types are too narrow for.
        wsgi: Any = complete
        self._bridge: Any = WSGIMiddleware(wsgi, workers=threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cleaned = dict(scope)
        cleaned["headers"] = [pair for pair in scope["headers"] if b"_" not in pair[0]]
        cleaned["query_string"] = _NOT_ASCII.sub(
            lambda found: b"%%%02X" % ord(found[0]), scope["query_string"]
        )
        await self._bridge(cleaned, receive, send)

    def close(self) -> None:
        """Wait until every request is done."""
        self._bridge.executor.shutdown()


def environ_of(scope: Scope, body: bytes) -> WSGIEnvironment:
    """The WSGI environment (PEP 3333) of an HTTP scope whose whole body was read."""
    host, port = scope.get("server") or ("localhost", None)
    path: bytes = scope["raw_path"]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # From the bytes that were sent: the decoded path has lost those that are not UTF-8.
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    client = scope.get("client")
    if client:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue  # would pass for the header with "-", which a proxy may vouch for
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        if name not in ("CONTENT_LENGTH", "CONTENT_TYPE"):
            name = f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        if name in environ:
            joint = "; " if name == "HTTP_COOKIE" else ","
            value = f"{environ[name]}{joint}{value}"
        environ[name] = value
    return environ


async def refuse_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the opening request of a WebSocket with 404: none is served."""
    await receive()  # websocket.connect
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    text = b"No socket is served here."
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text))]
    await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": text})


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the client left. The server holds it to its Content-Length."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return bytes(message.get("body", b""))
    body = bytearray()
    while message["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()
    return None


def _is_small_form(scope: Scope) -> bool:
    if scope["method"] != "POST":
        return False
    size = kind = b""
    for name, value in scope["headers"]:
        if name == b"content-length":
            size = value
        elif name == b"content-type":
            kind = value
    return kind.startswith(_FORM) and size.isdigit() and int(size) <= SMALL_FORM_BYTES


@contextmanager
def callwright(settings: Settings) -> Iterator[WSGIApplication]:
    """The application with its services, which are let go of at the end."""
    app = create_app(settings)
    try:
        yield app
    finally:
        services_of(app).close()


app = Server(callwright)
