"""Who opted out is put on the list of all campaigns, with their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from calls.turns import Arrival
from campaigns.optouts import OptOuts
from conversation.events import Utterance
from services import build_services
from settings import read_settings
from storage.base import StorageError
from storage.do_not_call import DoNotCall, DoNotCallLists, Source
from storage.records import CallRecord, TurnRecord
from storage.sqlite import SqliteStorage
from storage.sqlite_do_not_call import SqliteDoNotCall
from tests.sources import ROOT

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


def test_who_is_named_as_before_is_barred_as_the_lead_they_are(tmp_path: Path) -> None:
    lists = SqliteDoNotCall(tmp_path / "calls.db")
    OptOuts(lists, lambda: NOW).note(replace(CALL, caller_number="+5215512345678"), SAID)
    kept = lists.of("+525512345678", "any campaign")
    lists.close()
    assert kept is not None
    assert kept.number == "+525512345678"


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


def test_whoever_opts_out_on_a_call_that_came_in_is_barred_before_they_are_answered(
    tmp_path: Path,
) -> None:
    said = "Please never call me again"
    settings = read_settings({"DATA_DIR": str(tmp_path), "AGENTS_DIR": str(ROOT / "agents")})
    services = build_services(settings)
    arrival = Arrival("pizza", "CA1", CALL.caller_number, CALL.line_number, "inbound")
    services.turns.start(arrival)
    reply = services.turns.take("CA1", 1, "", Utterance(said, NOW))
    listed = services.do_not_call.of(CALL.caller_number, "any campaign")
    services.close()
    assert reply.call.outcome == "opted_out"
    assert listed is not None
    assert (listed.source, listed.words) == (Source.HEARD, said)


class Away:
    """Lists in a store that is away."""

    def add(self, entries: object) -> int:
        raise StorageError("away")


def test_lists_that_are_away_do_not_spoil_the_last_turn(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "calls.db")
    optouts = OptOuts(cast(DoNotCallLists, Away()), lambda: NOW)
    optouts.at_once(storage)(CALL)
    with pytest.raises(StorageError):
        optouts.ended(storage)(CALL)  # which is told again, later
    storage.close()


def test_an_opt_out_that_comes_after_the_news_of_its_end_is_noted_with_the_fact(
    tmp_path: Path,
) -> None:
    said = "Please never call me again"  # and hangs up
    settings = read_settings({"DATA_DIR": str(tmp_path), "AGENTS_DIR": str(ROOT / "agents")})
    services = build_services(settings)
    arrival = Arrival("pizza", "CA1", CALL.caller_number, CALL.line_number, "inbound")
    services.turns.start(arrival)
    services.turns.end("CA1", services.clock(), "completed")
    services.turns.take("CA1", 1, "", Utterance(said, NOW))
    call = services.storage.find_call("CA1")
    assert call is not None
    told = services.facts.unread(services.clock() + timedelta(minutes=1), 10)
    OptOuts(services.do_not_call, services.clock).ended(services.storage)(call)
    listed = services.do_not_call.of(CALL.caller_number, "any campaign")
    services.close()
    assert (listed is not None and listed.words, told) == (said, [call.call_id])
