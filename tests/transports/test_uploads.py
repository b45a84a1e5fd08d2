"""Files that are sent: on the disk before a view has them, refused before they are sent."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request

from access.asking import is_asked_first
from transports.bridge import Bridge
from transports.errors import ApiError
from transports.spooling import Spooling
from transports.upload_parts import PIECE_BYTES, BadForm, find_file
from transports.uploads import uploaded

TYPE = "multipart/form-data; boundary=abc"
PATH = "/do-not-call/upload"


def form(*parts: tuple[str, str], end: str = "--abc--\r\n") -> bytes:
    start = "--abc\r\nContent-Disposition: form-data; "
    made = "".join(f"{start}{head}\r\n\r\n{body}\r\n" for head, body in parts)
    return (made + end).encode()


def application() -> Flask:
    app = Flask("uploads", static_folder=None)

    @app.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        return error.response()

    @app.post(PATH)
    def take() -> Response:
        if request.headers.get("X-Stranger"):
            raise ApiError(401, "unauthorized", "Who are you?")
        upload = uploaded()
        assert not is_asked_first(request.environ)
        with upload.open() as content:
            told = f"{upload.name}|{upload.size_bytes}|{request.form.to_dict()}|".encode()
            return Response(told + content.read())

    return app


class Wire:
    """A client that sends these pieces, and then waits or leaves."""

    def __init__(self, *pieces: bytes, leaves: bool = False) -> None:
        self._pieces = list(pieces)
        self._leaves = leaves
        self.asked = 0
        self.sent: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        self.asked += 1
        if self._pieces:
            piece = self._pieces.pop(0)
            more = bool(self._pieces) or self._leaves
            return {"type": "http.request", "body": piece, "more_body": more}
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def answer(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


@asynccontextmanager
async def spooling(folder: Path, megabytes: int = 2) -> AsyncIterator[Spooling]:
    bridge = Bridge(application(), 2, "test")
    made = Spooling(bridge, folder / "uploads", megabytes)
    try:
        yield made
    finally:
        made.close()
        bridge.close()


def sent(folder: Path, wire: Wire, **headers: str) -> Wire:
    async def serve() -> None:
        async with spooling(folder) as made:
            await made(scope(headers), wire.receive, wire.send)

    asyncio.run(serve())
    return wire


def scope(headers: dict[str, str], query: bytes = b"name=my%20leads.csv") -> dict[str, Any]:
    pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": query,
        "headers": pairs,
    }


def test_a_body_is_the_file(tmp_path: Path) -> None:
    wire = sent(tmp_path, Wire(b"phone\n", b"12\n"), content_type="text/csv", content_length="9")
    assert wire.answer == b"my leads.csv|9|{}|phone\n12\n"
    assert list((tmp_path / "uploads").iterdir()) == []


def test_the_file_of_a_form_is_found_between_its_other_fields(tmp_path: Path) -> None:
    body = form(
        ('name="csrf_token"', "a b&c"),
        ('name="file"; filename="l.csv"\r\nContent-Type: text/csv', "phone\r\n--abcd\r\n12\r\n"),
        ('name="note"', "ü"),
    )
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    wire = sent(tmp_path, Wire(*pieces), content_type=TYPE, transfer_encoding="chunked")
    assert wire.status == 200
    assert wire.answer.decode() == (
        "l.csv|19|{'csrf_token': 'a b&c', 'note': 'ü'}|phone\r\n--abcd\r\n12\r\n"
    )


def test_a_stranger_is_refused_before_they_have_sent_anything(tmp_path: Path) -> None:
    wire = Wire(b"x" * 10)
    sent(tmp_path, wire, content_length="10", x_stranger="1")
    assert wire.status == 401
    assert not (tmp_path / "uploads").exists()
    assert (b"connection", b"close") in wire.sent[0]["headers"]


@pytest.mark.parametrize("announced", ["5000000", ""])
def test_a_file_that_is_too_large_is_refused_in_words(tmp_path: Path, announced: str) -> None:
    pieces = [b"x" * 500_000] * 10
    headers = {"content_length": announced} if announced else {"transfer_encoding": "chunked"}
    wire = sent(tmp_path, Wire(*pieces), **headers)
    assert wire.status == 413
    assert b"larger than 2 MB (UPLOAD_MEGABYTES)" in wire.answer
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_upload_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    wire = sent(tmp_path, Wire(b"phone\n", leaves=True), content_length="90")
    assert wire.sent == []
    assert list((tmp_path / "uploads").iterdir()) == []


def test_nothing_is_no_file(tmp_path: Path) -> None:
    assert sent(tmp_path, Wire(b""), content_length="0").status == 422
    body = form(('name="other"; filename="x"', "y"))
    assert sent(tmp_path, Wire(body), content_type=TYPE).status == 422


@pytest.mark.parametrize("before", range(-12, 5))
def test_a_boundary_is_found_wherever_it_is_read(before: int) -> None:
    head = form(('name="file"; filename="x"', ""), end="")[:-2]
    content = b"\r\n--ab" * ((PIECE_BYTES - len(head)) // 6)
    content = content[: PIECE_BYTES - len(head) + before]
    body = head + content + b"\r\n--abc\r\nX: y\r\n\r\n1\r\n--abc--"
    found = find_file(io.BytesIO(body), TYPE, "file")
    assert (found.first, found.size_bytes, found.fields) == (len(head), len(content), [("", "1")])


def test_a_broken_form_is_refused(tmp_path: Path) -> None:
    body = form(('name="file"; filename="x"', "y"), end="")
    wire = sent(tmp_path, Wire(body), content_type=TYPE)
    assert wire.status == 400
    assert b"broken off" in wire.answer


def test_many_uploads_at_once_each_get_their_own(tmp_path: Path) -> None:
    wires = [Wire(*[str(place).encode() * 1000] * 50) for place in range(8)]

    async def serve() -> None:
        async with spooling(tmp_path) as made:
            heads = {"transfer_encoding": "chunked"}
            uploads = [made(scope(heads), one.receive, one.send) for one in wires]
            await asyncio.gather(*uploads)

    asyncio.run(serve())
    assert [wire.status for wire in wires] == [200] * 8
    for place, wire in enumerate(wires):
        assert wire.answer.endswith(str(place).encode() * 50_000)


def test_one_upload_too_many_waits(tmp_path: Path) -> None:
    async def serve() -> Wire:
        async with spooling(tmp_path) as made:
            never = asyncio.Event()

            async def silent() -> Any:
                await never.wait()

            async def nowhere(message: Any) -> None:
                """Nobody reads."""

            waiting = [
                asyncio.ensure_future(made(scope({"content_length": "9"}), silent, nowhere))
                for _ in range(8)
            ]
            while made.running < 8:
                await asyncio.sleep(0)
            wire = Wire(b"x")
            await made(scope({"content_length": "1"}), wire.receive, wire.send)
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting)
            return wire

    wire = asyncio.run(serve())
    assert wire.status == 503


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no form", b"--abcx\r\n", form(('name="a"', "x" * 70_000)), b"--abc\r\nhead",
        form(*[('name="a"', "1")] * 60),
    ],
)  # fmt: skip
def test_what_is_no_form_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(BadForm):
        find_file(io.BytesIO(body), TYPE, "file")


def test_a_boundary_across_pieces_is_found() -> None:
    for size in range(1024 * 1024 - 60, 1024 * 1024 + 3, 3):
        body = form(('name="file"; filename="x"', "y" * size))
        assert find_file(io.BytesIO(body), TYPE, "file").size_bytes == size


def test_without_the_server_a_view_takes_the_file_itself() -> None:
    client = application().test_client()
    data = {"file": (io.BytesIO(b"phone\n"), "l.csv"), "note": "x"}
    with client.post(PATH, data=data, content_type="multipart/form-data") as answer:
        assert answer.data == b"l.csv|6|{'note': 'x'}|phone\n"
    with client.post(f"{PATH}?name=b.csv", data=b"12") as answer:
        assert answer.data == b"b.csv|2|{}|12"
