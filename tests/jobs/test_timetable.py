"""What beat knows of rounds is what is done in them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from jobs.timetable import TIMETABLE
from services import build_services
from settings import read_settings


def test_beat_sends_every_round_as_often_as_it_is_to_be_done(tmp_path: Path) -> None:
    with closing(build_services(read_settings({"DATA_DIR": str(tmp_path), "PREWARM": "0"}))) as it:
        assert it.rounds is not None
        rounds = {one.name: one.every_s for one in it.rounds.all}

    assert rounds == TIMETABLE
