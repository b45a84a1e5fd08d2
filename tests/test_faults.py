"""The fault run itself: a few of its rows, its judgement, and its ear.

How long a silence was is measured by `make faults`; a busy test machine would only blur it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.ear import Ear, TimedCourier
from benchmarks.fault_call import Verdict
from benchmarks.fault_rows import ROWS
from benchmarks.faults import line_of, run
from phone.clock import CallClock
from phone.faults import WebhookFault
from tests.phone.fake_app import App, Reply
from tests.storage.mongod import require

GOOD = Verdict("8 said", 0.4, "completed", "2 fields, 6 turns", 0, 0, 0.1)
BY_NAME = {row.name: row for row in ROWS}


@pytest.mark.parametrize(
    "name",
    ["models: garbage", "voice: dies in a clip", "database killed during a turn"],
)
def test_a_caller_gets_through_and_nothing_is_lost(name: str) -> None:
    require()

    verdict, log = run(BY_NAME[name])

    assert isinstance(verdict, Verdict), verdict
    assert replace(verdict, silence_s=0.0).problems == [], log
    assert line_of(BY_NAME[name], verdict).startswith(name)


def test_rows_have_names_of_their_own() -> None:
    assert len(BY_NAME) == len(ROWS)


@pytest.mark.parametrize(
    ("verdict", "problem"),
    [
        (replace(GOOD, silence_s=4.1), "4.1 s of silence"),
        (replace(GOOD, outcome="failed"), "the call ended as failed"),
        (replace(GOOD, lost=1), "1 lost"),
        (replace(GOOD, doubled=2), "2 doubled"),
        (replace(GOOD, caught_up_s=float("inf")), "did not catch up in time"),
    ],
)
def test_every_bound_can_be_broken(verdict: Verdict, problem: str) -> None:
    assert GOOD.problems == []
    assert verdict.problems == [problem]
    assert "BROKEN" in line_of(ROWS[0], verdict)


def test_an_ear_measures_from_the_end_of_the_callers_words_to_the_first_sound() -> None:
    ear = Ear()
    ear.waits()
    ear.waits()
    ear.hears(2.0)
    ear.hears(1.0)

    assert len(ear.silences_s) == 1
    assert ear.longest_s < 1


def test_an_agent_that_waits_without_having_said_anything_is_silent_all_the_while() -> None:
    ear = Ear()
    ear.waits()

    ear.is_asked(6.0)

    assert ear.longest_s >= 6.0


def test_a_clip_is_heard_once_it_has_a_sound() -> None:
    courier = TimedCourier(CallClock())
    with App({"/a.mp3": Reply("x" * 8000, content_type="audio/mpeg")}) as app:
        courier.fetch(f"{app.url}/a.mp3")
        courier.fetch(f"{app.url}/a.mp3")
    courier.close()

    assert courier.ear.told() == "2 clips, 0 said"
    assert len(app.got) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply("", content_type="audio/mpeg"),
        Reply("gone", status=404),
        Reply("<html>", content_type="text/html"),
    ],
    ids=["empty", "not there", "a page"],
)
def test_what_is_no_clip_is_not_heard(reply: Reply) -> None:
    courier = TimedCourier(CallClock())
    with App({"/a.mp3": reply}) as app, pytest.raises(WebhookFault):
        courier.fetch(f"{app.url}/a.mp3")
    courier.close()

    assert courier.ear.missed == 1
    assert courier.ear.silences_s == []
