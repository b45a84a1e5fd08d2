"""The guide for authors names what there is, and its example works."""

from __future__ import annotations

from pathlib import Path

from agents.agent_file import TOP_KEYS
from agents.field_section import COMMON
from agents.loader import load_agent
from conversation.fields import KINDS

GUIDE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text(encoding="utf-8")


def test_every_key_is_explained() -> None:
    assert [key for key in sorted(TOP_KEYS) if f"| `{key}` |" not in GUIDE] == []


def test_every_kind_is_explained_with_its_options() -> None:
    rows = {row.split("`")[1]: row for row in GUIDE.splitlines() if row.startswith("| `")}
    for name, kind in KINDS.items():
        assert [option for option in kind.takes if f"`{option}" not in rows[name]] == [], name
    assert [option for option in COMMON if f"`{option}" not in GUIDE] == []


def test_the_example_is_an_agent(tmp_path: Path) -> None:
    path = tmp_path / "quotes.yaml"
    path.write_text(GUIDE.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert load_agent(path).agent == "quotes"
