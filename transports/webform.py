"""Reads the bodies and headers of webhooks, byte for byte. Who may send them is not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

# Far beyond what a carrier sends; a form with more is not read as one.
FIELDS_MOST = 1_000

FORM = "application/x-www-form-urlencoded"


def read_form(body: bytes) -> dict[str, list[str]]:
    """Every value of every field of an urlencoded body, in order; {} when there are too many.

    Bytes that are not UTF-8 come as lone surrogates, so that a signature over them can be
    checked. Much of a webhook's cost is here: `parse_qs` takes three times as long, because it
    decodes what is not encoded.
    """
    form: dict[str, list[str]] = {}
    if body.count(b"&") >= FIELDS_MOST:
        return form
    for pair in body.decode("utf-8", "surrogateescape").replace("+", " ").split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if "%" in name:
            name = unquote(name, errors="surrogateescape")
        if "%" in value:
            value = unquote(value, errors="surrogateescape")
        known = form.get(name)
        if known is None:
            form[name] = [value]
        else:
            known.append(value)
    return form


class RequestHeaders(Mapping[str, str]):
    """The headers of a WSGI request by their names in lower case, looked up when asked for."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return str(self._environ[f"HTTP_{name.upper().replace('-', '_')}"])

    def __iter__(self) -> Iterator[str]:
        for name in self._environ:
            if name.startswith("HTTP_"):
                yield name[5:].replace("_", "-").lower()

    def __len__(self) -> int:
        return sum(1 for _ in self)
