"""A YAML file as plain data that knows its lines. Knows nothing of agents.

Plain words are read as YAML 1.2 has them, as editors do: `no`, `on`, `14:00` and `2030-01-31` are
text, not a truth, a number and a date. No tags, no merge keys; anchors are read, within bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from agents.problems import Findings, KeyPath

MAX_SIZE_BYTES = 128 * 1024  # an agent with nine languages takes some 40 KB
MAX_DEPTH = 12  # levels of nesting; a real file has six
MAX_VALUES = 10_000  # after every alias has been replaced by what it stands for
MAX_NUMBER_LENGTH = 30  # characters; anything longer is text

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class _Node:
    line: int
    value: Scalar | list[_Node] | dict[str, tuple[int, _Node]]
    written: str = ""  # a scalar as it stands in the file


class _Unreadable(Exception):
    """The rest of the file makes no sense; what is wrong has been noted."""


def read_document(content: bytes, findings: Findings) -> object:
    """The file's data; None after noting why there is none. Fills the findings' lines."""
    text = _decoded(content, findings)
    if text is None:
        return None
    lines: dict[KeyPath, int] = {}
    written: dict[KeyPath, str] = {}
    findings.lines, findings.written = lines, written
    try:
        root = _Builder(text, findings).document()
        return _plain(root, (), _Flat(lines, written, findings))
    except _Unreadable:
        return None
    except yaml.YAMLError as error:
        _explain(error, text, findings)
        return None


def _decoded(content: bytes, findings: Findings) -> str | None:
    if len(content) > MAX_SIZE_BYTES:
        findings.add_line(
            0,
            f"is larger than {MAX_SIZE_BYTES // 1024} KB",
            "an agent file holds one agent and nothing else",
        )
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.add_line(line, "is not UTF-8 text", "save the file as UTF-8")
        return None


class _Builder:
    """Builds the tree of one document from the parser's events, one pass, bounded depth."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._events: Iterator[Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._findings = findings
        self._anchors: dict[str, _Node] = {}

    def document(self) -> _Node:
        """The only document of the stream."""
        next(self._events)  # the start of the stream
        if not isinstance(next(self._events), DocumentStartEvent):
            self._stop(1, "is empty", "begin with `agent: name`")
        root = self._node(next(self._events), depth=0)
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, StreamEndEvent):
            self._stop(_line(after), "a second document begins here", "write one agent per file")
        return root

    def _node(self, event: Event, depth: int) -> _Node:
        line = _line(event)
        if depth > MAX_DEPTH:
            self._stop(line, "is nested too deeply", "see docs/agents.md for the form")
        match event:
            case AliasEvent():
                return self._alias(event, line)
            case ScalarEvent():
                self._refuse_tag(event.tag, line)
                node = _Node(line, _scalar(event), event.value)
            case SequenceStartEvent():
                self._refuse_tag(event.tag, line)
                node = _Node(line, self._items(depth))
            case MappingStartEvent():
                self._refuse_tag(event.tag, line)
                node = _Node(line, self._entries(depth))
            case _:
                raise AssertionError(f"the parser sent {event} where a value begins")
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: AliasEvent, line: int) -> _Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            self._stop(
                line,
                f"*{event.anchor} refers to nothing above it",
                "put text that starts with * in quotes",
            )
        return replace(node, line=line)

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag is not None:
            self._stop(
                line, f"{tag} is a tag, which is not read", "put text that starts with ! in quotes"
            )

    def _items(self, depth: int) -> list[_Node]:
        items = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _entries(self, depth: int) -> dict[str, tuple[int, _Node]]:
        entries: dict[str, tuple[int, _Node]] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if isinstance(key.value, list | dict):
                self._findings.add_line(
                    key.line,
                    "a key is a list or a mapping",
                    "put text that starts with { or [ in quotes",
                )
                continue
            if not isinstance(key.value, str):
                read_as = described(key.value)
                self._findings.add_line(
                    key.line,
                    f"the key {key.written} is read as {read_as}",
                    f'write it in quotes: "{key.written}"',
                )
            if key.written in entries:
                self._findings.add_line(
                    key.line,
                    f"the key {key.written} was already written in line {entries[key.written][0]}",
                    "keep one of the two",
                )
                continue
            entries[key.written] = (key.line, value)
        return entries

    def _stop(self, line: int, wrong: str, remedy: str) -> NoReturn:
        self._findings.add_line(line, wrong, remedy)
        raise _Unreadable


@dataclass(slots=True)
class _Flat:
    """What `_plain` gathers on its way through the tree."""

    lines: dict[KeyPath, int]
    written: dict[KeyPath, str]
    findings: Findings
    count: int = 0


def _plain(node: _Node, path: KeyPath, flat: _Flat) -> object:
    """The tree as dict, list and scalars. An alias counts every time it is used."""
    flat.count += 1
    if flat.count > MAX_VALUES:
        flat.findings.add_line(
            node.line, f"holds more than {MAX_VALUES} values", "use fewer * aliases"
        )
        raise _Unreadable
    flat.lines.setdefault(path, node.line)
    if isinstance(node.value, list):
        return [_plain(item, (*path, place), flat) for place, item in enumerate(node.value)]
    if isinstance(node.value, dict):
        plain = {}
        for key, (line, value) in node.value.items():
            flat.lines[(*path, key)] = line
            plain[key] = _plain(value, (*path, key), flat)
        return plain
    if not isinstance(node.value, str):
        flat.written[path] = node.written
    return node.value


def _scalar(event: ScalarEvent) -> Scalar:
    word = event.value
    if event.style or len(word) > MAX_NUMBER_LENGTH:
        return word
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word


def described(value: object) -> str:
    """What YAML took a value for, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else "text"


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _explain(error: yaml.YAMLError, text: str, findings: Findings) -> None:
    """Note why the parser gave up, with the likeliest remedy."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        findings.add_line(line, "holds a control character", "remove it")
        return
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    wrong = str(getattr(error, "problem", None) or "cannot be read")
    source = text.splitlines()
    here = source[line - 1] if line <= len(source) else ""
    findings.add_line(line, f"is not YAML ({wrong})", _syntax_remedy(wrong, here))


def _syntax_remedy(wrong: str, here: str) -> str:
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in wrong:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in wrong:
        return "put text that holds a colon and a space in quotes"
    if "escape" in wrong:
        return "write \\\\ for a backslash, or use single quotes"
    if "end of stream" in wrong or "stream end" in wrong:
        return "close the quote or bracket that is still open"
    if "cannot start any token" in wrong:
        return "put text that starts with this character in quotes"
    if "but got '?'" in wrong:
        return "put a sentence between { and } that holds a question mark in quotes"
    if re.search(r"[:-]\s+\{", here):
        return "put a sentence that starts with { in quotes, and close every { with }"
    return "check the quotes and the indentation of this line and the one above"
