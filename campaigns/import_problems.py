"""The file that says which rows of an upload were not taken, and why: CSV, a line a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from calls.sheets import harmless
from campaigns.intake import Problem

HEADING = ("line", "column", "reason", "what to do", "value")


def heading() -> bytes:
    """Its beginning, with the mark by which spreadsheets know UTF-8."""
    return _lines([HEADING], "\ufeff")


def lines(problems: Iterable[Problem]) -> bytes:
    """Further rows of it."""
    return _lines(map(_shown, problems))


def _lines(rows: Iterable[Sequence[object]], before: str = "") -> bytes:
    written = io.StringIO()
    written.write(before)
    csv.writer(written).writerows(rows)
    return written.getvalue().encode("utf-8", "replace")


def _shown(problem: Problem) -> Sequence[object]:
    return (
        problem.line,
        harmless(problem.column),
        str(problem.fault),
        problem.message,
        harmless(" ".join(problem.shown_value.split())),
    )
