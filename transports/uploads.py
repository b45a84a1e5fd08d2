"""Files that are sent to us: a view gets one that is on the disk already, however large it was.

`spooling.py` puts the bodies of upload routes into files before a view is given them; what serves
the application without it (tests, a development server) has this module do so.
"""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from flask import Response, after_this_request, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException

from access.asking import is_asked_first
from transports.errors import ApiError

# In the WSGI environment: the Upload of a request, or the ApiError that it ended with.
UPLOAD = "callwright.upload"
# An answer with this header says: send it.
WANTED = "X-Callwright-Wanted"
# Paths of upload routes: their bodies go to files.
PATHS = re.compile(
    r"/campaigns/[^/]+/upload-csv|/do-not-call/upload"
    r"|/console/campaigns/[^/]+/upload|/console/do-not-call/upload"
)
# The field of a form that has the file.
FIELD = "file"
NO_FILE = "no_file"


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a request, in a file of ours without a name. Gone when the request is over."""

    file: IO[bytes]
    name: str  # as the sender calls it; "" when they do not
    first: int  # byte of `file` with which it begins
    size_bytes: int

    def open(self) -> BinaryIO:
        """From its first byte to its last."""
        return io.BufferedReader(_Part(self.file, self.first, self.size_bytes), 256 * 1024)


class _Part(io.RawIOBase):
    """Some bytes of a file."""

    def __init__(self, file: IO[bytes], first: int, size: int) -> None:
        self._file = file
        self._at = first
        self._end = first + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast(bytearray, buffer)).cast("B")
        self._file.seek(self._at)
        piece = self._file.read(min(len(view), self._end - self._at))
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


class _SendIt(HTTPException):
    """Says to whoever has the rest of the request that it may come."""

    code = 204

    def get_response(self, environ: object = None, scope: object = None) -> Response:
        return Response(status=204, headers={WANTED: "1"})


def uploaded() -> Upload:
    """The file of this request: the field `file` of a form, or the whole body (called ?name=).

    To be called in a view before anything is changed: a view of an upload route is asked twice,
    once before the body is taken in. ApiError when there is no file, or it cannot be taken.
    """
    if is_asked_first(request.environ):
        raise _SendIt
    given = request.environ.get(UPLOAD)
    if isinstance(given, ApiError):
        raise given
    upload = given if isinstance(given, Upload) else _of_request()
    if not upload.size_bytes:
        message = (
            "Send the file as the body of the request, or as the field file of a form. It is empty."
        )
        raise ApiError(422, NO_FILE, message, details={"field": FIELD})
    return upload


def name_of_body() -> str:
    """How a body that is the file is called."""
    return request.args.get("name", "")[:300]


def _of_request() -> Upload:
    """The file of a request whose body nobody put into a file."""
    sent: FileStorage | None = request.files.get(FIELD)
    file = tempfile.TemporaryFile()

    @after_this_request
    def close_at_end(answer: Response) -> Response:
        answer.call_on_close(file.close)
        return answer

    if sent is not None:
        sent.save(cast(IO[bytes], file))
        sent.close()
        name = sent.filename or ""
    else:
        file.write(request.get_data(cache=False))
        name = name_of_body()
    return Upload(file, name, 0, file.tell())
