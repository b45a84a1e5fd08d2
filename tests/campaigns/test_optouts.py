"""Who opted out is put on the list of all campaigns, with their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.optouts import OptOuts
from storage.do_not_call import DoNotCall, Source
from storage.records import CallRecord, TurnRecord
from storage.sqlite_do_not_call import SqliteDoNotCall

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
CALL = CallRecord(
    call_id="c1",
    carrier_id="CA1",
    agent="lead",
    agent_version="v",
    direction="inbound",
    caller_number="+919840010003",
    line_number="+15005550006",
    stage="collecting",
    language="ta-IN",
    outcome="opted_out",
    created_at=NOW,
    updated_at=NOW,
    ended_at=NOW,
)


def turn(number: int, caller: str, by: str) -> TurnRecord:
    return TurnRecord("c1", number, NOW, "collecting", "ta-IN", caller, by, None, "…")


SAID = (turn(0, "", "none"), turn(2, "இனிமே கூப்பிடாதீங்க", "speech"), turn(1, "யாரு", "speech"))


def test_the_words_are_kept_and_twice_is_once(tmp_path: Path) -> None:
    lists = SqliteDoNotCall(tmp_path / "calls.db")
    optouts = OptOuts(lists, lambda: NOW)
    assert optouts.note(CALL, SAID)
    assert not optouts.note(CALL, SAID)
    kept = DoNotCall("+919840010003", "", Source.HEARD, NOW, words="இனிமே கூப்பிடாதீங்க", call_id="c1")
    assert lists.of("+919840010003", "any campaign") == kept
    lists.close()


def test_a_key_is_kept_as_a_key(tmp_path: Path) -> None:
    lists = SqliteDoNotCall(tmp_path / "calls.db")
    OptOuts(lists, lambda: NOW).note(CALL, (*SAID, turn(3, "9", "keys")))
    kept = lists.of("+919840010003", "")
    assert kept is not None
    assert (kept.source, kept.words) == (Source.KEYS, "9")
    lists.close()


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, outcome="declined"),
        replace(CALL, outcome=None),
        replace(CALL, caller_number="anonymous"),
        replace(CALL, caller_number=""),
    ],
)
def test_nobody_else_is_barred(tmp_path: Path, call: CallRecord) -> None:
    lists = SqliteDoNotCall(tmp_path / "calls.db")
    assert not OptOuts(lists, lambda: NOW).note(call, SAID)
    assert lists.count() == 0
    lists.close()
