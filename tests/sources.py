"""The source files of the project, for the tests that read them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]

# Made on a machine, not written by us (.gitignore has them).
NOT_OURS = {"__pycache__", "build", "data", "node_modules"}


def source_files() -> list[Path]:
    """Every Python file of the project, relative to its root, in order."""
    found: list[Path] = []
    folders = [ROOT]
    while folders:
        for entry in folders.pop().iterdir():
            if entry.name in NOT_OURS or entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders.append(entry)
            elif entry.suffix == ".py":
                found.append(entry.relative_to(ROOT))
    return sorted(found)
