"""Files that are sent to us: a view gets one that is on the disk already, however large it was.

`server.py` puts the bodies of upload routes into files before the application is asked; anything
else that serves the application (tests, a development server) has this module do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a request, in a file of ours. Gone when the request is over."""

    path: Path
    name: str  # as the sender calls it; "" when they do not
    first: int  # byte of `path` with which it begins
    size_bytes: int

    def open(self) -> BinaryIO:
        """From its first byte; it ends where the upload does."""
        raise NotImplementedError


def uploaded() -> Upload:
    """The file of this request: the field `file` of a form, or the whole body (named by ?name=).

    To be called first in a view, before anything is changed: a view of an upload route is asked
    twice, once before the body is taken in. ApiError when there is no file.
    """
    raise NotImplementedError


def form_fields() -> Mapping[str, str]:
    """The other fields of the form."""
    return {}
