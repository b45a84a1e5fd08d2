"""What is wrong with agent files, told all at once: file, line, key, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

# Where something stands in a file: ("fields", "charge", "ask", "ml-IN"), ("answers", 0).
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file."""

    file: str
    line: int  # from 1; 0 when the whole file is meant
    key: str  # "fields.charge.ask"; "" when the whole file is meant
    wrong: str
    remedy: str = ""  # what to write instead

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        told = f"{self.wrong}; {self.remedy}" if self.remedy else self.wrong
        return ": ".join(part for part in (place, self.key, told) if part)


class AgentFileError(Exception):
    """Agent files cannot be used; `problems` holds every mistake of every file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        lines = "\n  ".join(map(str, self.problems))
        super().__init__(f"These agent files cannot be used:\n  {lines}")


@dataclass(slots=True)
class Findings:
    """The mistakes found in one file so far, and where its keys stand."""

    file: str
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    written: Mapping[KeyPath, str] = field(default_factory=dict)  # text of what is not a string
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: KeyPath, wrong: str, remedy: str = "") -> None:
        """Note a mistake at a key, or where the key would stand when it is absent."""
        known = next(
            (path[:end] for end in range(len(path), 0, -1) if path[:end] in self.lines), ()
        )
        self.problems.append(
            Problem(self.file, self.lines.get(known, 1), key_of(path), wrong, remedy)
        )

    def add_line(self, line: int, wrong: str, remedy: str = "") -> None:
        """Note a mistake of the file's form, which has a line but no key."""
        self.problems.append(Problem(self.file, line, "", wrong, remedy))

    def unknown(self, path: KeyPath, known: Iterable[str], what: str = "key") -> None:
        """Note a word that is not among the known ones, with the one that was likely meant."""
        self.add(path, f"there is no {what} {path[-1]}", meant(str(path[-1]), known))


def key_of(path: KeyPath) -> str:
    """A path as people write it: `answers[0].say`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def meant(word: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word: the nearest one, or the list."""
    words = sorted(known)
    by_small = {one.lower(): one for one in words}
    close = get_close_matches(word.lower(), list(by_small), n=1)
    if close:
        return f"did you mean {by_small[close[0]]}?"
    return "write one of: " + ", ".join(words) if words else "remove it"
