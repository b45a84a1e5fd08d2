"""Serves a WSGI application from the event loop: its requests in threads, answers by the piece."""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Answers of a known size up to this are made at once; the longest page is a quarter of it.
WHOLE_MOST_BYTES = 1024 * 1024
# How long a client may take over one piece of a longer one.
PIECE_MOST_S = 60.0


class Bridge:
    """Serves the application, which runs in a thread; its answer is sent from the loop.

    An answer in one piece takes two thread hops. Of a longer one a piece is made when the one
    before has gone out, so that whoever reads slowly, or not at all, takes nobody's thread.
    `streams` tells whether there are longer ones: webhooks have none.
    """

    def __init__(self, app: WSGIApplication, threads: int, name: str, streams: bool = True) -> None:
        self._app = app
        self._streams = streams
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__(
        self,
        scope: Scope,
        body: bytes,
        receive: Receive,
        send: Send,
        given: Mapping[str, object] | None = None,
    ) -> None:
        """Answer. An exception of the application goes to the server, which logs it: 500.

        `given` is what else the environment says.
        """
        loop = asyncio.get_running_loop()
        run = copy_context().run  # what a request binds for its log lines ends with it
        answer = Answer(self._streams)
        environ = environ_of(scope, body)
        if given:
            environ.update(given)
        await loop.run_in_executor(self._pool, run, answer.begin, self._app, environ)
        start = {"status": answer.status, "headers": answer.headers}
        await send({"type": "http.response.start", **start})
        if answer.is_whole:
            await send({"type": "http.response.body", "body": answer.piece})
            return

        def in_thread(step: Callable[[], None]) -> Awaitable[None]:
            return loop.run_in_executor(self._pool, run, step)

        await _send_rest(answer, in_thread, receive, send)

    def close(self) -> None:
        """Wait until every request is done."""
        self._pool.shutdown()


class Answer:
    """What the application (PEP 3333) says to one request, piece by piece. Its calls block."""

    def __init__(self, streams: bool) -> None:
        self.status = 0
        self._streams = streams
        self.headers: list[tuple[bytes, bytes]] = []
        self.piece = b""
        self.is_whole = False
        self._written: list[bytes] = []
        self._chunks: Iterable[bytes] = ()
        self._rest: Iterator[bytes] = iter(())

    def begin(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        """Ask; then the status, headers and first piece are there, or all when it is small."""
        with ExitStack() as at_end:
            at_end.callback(self.close)
            self._chunks = app(environ, self._start)
            self._rest = iter(self._chunks)
            self._take(1 if self._streams and not self._is_small() else None)
            if not self.status:
                raise RuntimeError("the application did not start a response")
            if not self.is_whole:
                at_end.pop_all()

    def go_on(self) -> None:
        """The next piece; nothing, and the answer is whole, when there is none."""
        self._take(1)

    def close(self) -> None:
        """Tell the application that nobody wants more."""
        chunks, self._chunks = self._chunks, ()
        close = getattr(chunks, "close", None)
        if close is not None:
            close()

    def _take(self, most: int | None) -> None:
        taken = list(islice(filter(None, self._rest), most))
        self.is_whole = most is None or not taken
        self.piece = b"".join([*self._written, *taken])
        self._written.clear()

    def _is_small(self) -> bool:
        sizes = [value for name, value in self.headers if name.lower() == b"content-length"]
        return bool(sizes) and int(sizes[0]) <= WHOLE_MOST_BYTES

    def _start(
        self, line: str, pairs: list[tuple[str, str]], exc_info: object = None, /
    ) -> Callable[[bytes], object]:
        # Nothing has been sent, so an application may always start again (PEP 3333).
        self.status = int(line[:3])
        self.headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
        return self._written.append


async def _send_rest(
    answer: Answer,
    in_thread: Callable[[Callable[[], None]], Awaitable[None]],
    receive: Receive,
    send: Send,
) -> None:
    leaving = asyncio.ensure_future(_left(receive))
    try:
        while not (answer.is_whole or leaving.done()):
            async with asyncio.timeout(PIECE_MOST_S):
                await send({"type": "http.response.body", "body": answer.piece, "more_body": True})
            await in_thread(answer.go_on)
        if not leaving.done():
            await send({"type": "http.response.body", "body": answer.piece})
    except TimeoutError:  # the server closes what is not answered to its end
        log.warning("an answer was not read")
    finally:
        leaving.cancel()
        await in_thread(answer.close)


async def _left(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


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
    if environ.pop("HTTP_TRANSFER_ENCODING", None):  # it came in chunks: now its length is known
        environ["CONTENT_LENGTH"] = str(len(body))
    return environ
