"""What a campaign says while nobody works at it."""

from __future__ import annotations

from pathlib import Path

from jobs.hands import UNREACHABLE
from tests.console.sitting import a_sitting
from tests.transports.test_campaigns import Programs


def test_a_campaign_whose_workers_cannot_be_told_says_so(tmp_path: Path) -> None:
    sitting = a_sitting(tmp_path, redis_url="redis://127.0.0.1:1/0")
    programs = Programs(sitting)
    here = f"/campaigns/{programs.made()}"
    programs("POST", f"{here}/start")
    assert programs("GET", f"{here}/progress").get_json()["why"] == UNREACHABLE
    sitting.services.close()
