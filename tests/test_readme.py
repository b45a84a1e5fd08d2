"""What the README promises is so: its agent, its call, its commands."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from agents.loader import load_agent, load_agents
from calls.text_call import Answer, TextCall
from providers.llm.rules import RulesBrain

README = Path("README.md").read_text(encoding="utf-8")
MAKEFILE = Path("Makefile").read_text(encoding="utf-8")


def lines_of(answer: Answer) -> str:
    return " ".join(part.text for part in answer.said)


def test_it_stays_short() -> None:
    assert len(README.splitlines()) <= 200


def test_its_agent_is_fine_as_it_stands(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert block
    file = tmp_path / "parcel.yaml"
    file.write_text(block[1], encoding="utf-8")
    assert load_agent(file).agent == "parcel"


def test_its_call_goes_as_shown() -> None:
    transcript = README.partition("A real call")[2].split("```")[1]
    shown = re.findall(r"^(agent|you)(?: \[[\w-]+\])?: (.+)$", transcript, re.MULTILINE)
    call = TextCall(
        load_agents(Path("agents"))["logistics"], RulesBrain(), lambda: datetime.now(UTC)
    )
    said = lines_of(call.start())
    for who, text in shown:
        if who == "you":
            said = lines_of(call.say(text))
            continue
        for piece in text.split(" … "):
            assert piece in said
    assert call.record()["data"] == {
        "charge": {"amount": 600, "currency": "INR"},
        "window": {"start": "14:00", "end": "17:00"},
    }


def test_every_target_it_names_is_in_the_makefile() -> None:
    named = set(re.findall(r"`?make ([a-z-]+)", README)) | {"bench-understanding", "bench-engine"}
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert named <= targets


def test_every_file_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not Path(link).exists()] == []
