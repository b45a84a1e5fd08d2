"""Logs on stderr: a JSON object a line, or readable lines on a terminal. Not here: what is logged.

Nothing personal is written unless LOG_PII=1: keys that start with pii_ are dropped, so are the
texts of errors that we did not word, and what libraries put into their messages.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path, PurePath
from typing import TextIO

_ROOT = Path(__file__).parent
# Loggers are called after modules, and Flask's after the application.
_OURS = {path.stem for path in _ROOT.iterdir() if path.suffix in ("", ".py")} | {"callwright"}
_SERVERS = ("gunicorn.error", "uvicorn", "uvicorn.error")
_ACCESS_LOGS = ("gunicorn.access", "uvicorn.access")
# What every record has; the rest came with `extra`.
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime"}
_CAUSES_MOST = 5
_QUERY = re.compile(r"\?[^\s\"']*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

_call_id: ContextVar[str | None] = ContextVar("call_id", default=None)


@contextmanager
def bind_call(call_id: str) -> Iterator[None]:
    """Put `call_id` on every record that this thread or task logs inside the block."""
    token = _call_id.set(call_id)
    try:
        yield
    finally:
        _call_id.reset(token)


def set_up_logs(level: str, pii: bool, stream: TextIO | None = None) -> None:
    """Send every logger of the process to `stream` (stderr), the servers' included.

    A second call replaces the first. Libraries are heard from "warning" on, at level "debug" in
    full. `pii` lets personal data through.
    """
    stream = stream or sys.stderr
    handler = _Handler(stream)
    handler.setFormatter(LineFormatter(pii) if stream.isatty() else JsonFormatter(pii))
    if level != "debug":
        handler.addFilter(_is_for_us)
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Handler)] + [handler]
    root.setLevel(level.upper())
    for name in (*_SERVERS, *_ACCESS_LOGS):
        server = logging.getLogger(name)
        server.setLevel(logging.NOTSET)
        # An access log without a handler is one that was switched off.
        if server.handlers or name in _SERVERS:
            server.propagate = True
        server.handlers = []


class JsonFormatter(logging.Formatter):
    """One JSON object a record."""

    def __init__(self, pii: bool) -> None:
        super().__init__()
        self._pii = pii

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record, self._pii)
        return json.dumps(entry, ensure_ascii=False, default=_shown)


class LineFormatter(logging.Formatter):
    """Readable lines: time, level, logger, message, values; below them where an error came from."""

    def __init__(self, pii: bool) -> None:
        super().__init__()
        self._pii = pii

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record, self._pii)
        clock = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        head = f"{clock} {entry.pop('level'):7} {entry.pop('logger')}  {entry.pop('message')}"
        del entry["at"]
        error = entry.pop("error", None)
        values = [f"{name}={_word(value)}" for name, value in entry.items()]
        line = "  ".join([_CONTROL.sub(" ", head), *values])
        while isinstance(error, Mapping):
            line += f"\n    {error['type']} {_CONTROL.sub(' ', error.get('text', ''))}"
            line += "".join(f"\n      {frame}" for frame in error["trace"])
            error = error.get("cause")
        return line


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that a second set-up finds the first."""

    def handleError(self, record: logging.LogRecord) -> None:
        # The stock version prints the values of the record, personal or not.
        with suppress(OSError, ValueError):
            self.stream.write(f'{{"level": "error", "logger": "{record.name}", "message": ')
            self.stream.write('"a record could not be written"}\n')


def _is_for_us(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or _is_ours(record) or _is_server(record)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS


def _is_server(record: logging.LogRecord) -> bool:
    return record.name in _SERVERS or record.name in _ACCESS_LOGS


def _entry(record: logging.LogRecord, pii: bool) -> dict[str, object]:
    entry: dict[str, object] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message(record, pii),
    }
    call_id = _call_id.get()
    if call_id is not None:
        entry["call_id"] = call_id
    extra: dict[str, object] = {}
    if pii or _is_ours(record):  # others do not know which keys are personal
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    # What the record says of itself wins, and of two call ids the one given with the record.
    entry = {**entry, **_allowed(extra, pii), **{k: entry[k] for k in ("at", "level", "logger")}}
    if record.exc_info and record.exc_info[1] is not None:
        entry["error"] = _error(record.exc_info[1], pii)
    return entry


def _message(record: logging.LogRecord, pii: bool) -> str:
    if pii or _is_ours(record):
        return record.getMessage()
    if _is_server(record):
        return _QUERY.sub("", record.getMessage()).strip()
    # A library's values may be anyone's number; without values the text may have been filled in.
    return str(record.msg) if record.args else "a message of a library (shown with LOG_PII=1)"


def _allowed(values: Mapping[str, object], pii: bool) -> dict[str, object]:
    return {
        str(name): _allowed(value, pii) if isinstance(value, Mapping) else value
        for name, value in values.items()
        if pii or not str(name).startswith("pii_")
    }


def _error(error: BaseException, pii: bool, causes: int = _CAUSES_MOST) -> dict[str, object]:
    """An error as type, place and, when we worded it or `pii`, text; then what it came from."""
    kind = type(error)
    entry: dict[str, object] = {
        "type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."),
    }
    if pii or getattr(kind, "is_worded_by_us", False):
        entry["text"] = str(error)
    entry["trace"] = [
        f"{_place(frame.filename)}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and causes:
        entry["cause"] = _error(cause, pii, causes - 1)
    return entry


def _place(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else filename


def _shown(value: object) -> str:
    """A value that JSON lacks. Of an object its type only: its fields may be personal."""
    if isinstance(value, (date, Decimal, PurePath)):
        return str(value)
    return f"<{type(value).__name__}>"


def _word(value: object) -> str:
    plain = isinstance(value, str) and re.fullmatch(r"[\w@%+:./-]+", value)
    return str(value) if plain else json.dumps(value, ensure_ascii=False, default=_shown)
