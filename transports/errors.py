"""How a door answers: JSON, files, and no as one JSON object, with a code and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson
from flask import Response

JSON = "application/json"


class ApiError(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.details = details or {}
        self.headers = headers or {}

    def response(self) -> Response:
        """As an HTTP answer."""
        error = {"code": self.code, "message": str(self), **self.details}
        answer = json_answer({"error": error}, self.status)
        answer.headers.update(self.headers)
        return answer


def file_answer(chunks: Iterable[bytes], content_type: str, name: str) -> Response:
    """A file to be kept under a name of ours, sent while it is made."""
    answer = Response(chunks, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def json_answer(body: object, status: int = 200) -> Response:
    """Any JSON-able object, moments included, as an HTTP answer."""
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status, content_type=JSON)
