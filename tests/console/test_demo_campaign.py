"""The demo that new users see first, with as few people as it has kinds of them."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import datetime, timedelta

from commands import serve
from console.campaign_commands import run
from console.demo_clock import SkippingClock
from console.demo_report import Told, claims
from console.demo_town import BAD_ROWS, DOUBLES, KINDS, people, table
from phone.crowd import Crowd
from phone.exchange import Exchange
from settings import Settings

Clock = Callable[[], datetime]
Served = AbstractContextManager[str]
LEADS = len(KINDS) + 2


def test_it_adds_up_to_the_last_lead() -> None:
    lines: list[str] = []
    with ExitStack() as at_end:

        def crowded(settings_of: Callable[[int], Settings], clock: Clock) -> Served:
            def settings_at(port: int) -> Settings:
                with suppress(OSError):  # somebody has the phone's port, this time
                    at_end.enter_context(socket.create_server(("127.0.0.1", port + 1)))
                return settings_of(port)

            is_first = not served
            served.append(settings_of)
            return serve(settings_at if is_first else settings_of, clock)

        served: list[object] = []
        assert run(crowded, LEADS, lines.append), "\n".join(lines)
    assert len(served) > 1
    assert lines[-1] == "It adds up, to the last lead."
    assert not [line for line in lines if line.startswith("  NO")]


def test_a_report_that_does_not_add_up_is_told_claim_by_claim() -> None:
    clock = SkippingClock(datetime.fromisoformat("2026-12-01T04:15:00+00:00"))
    figures = dict.fromkeys(("dialled", "human", "machine", "unanswered", "going_on"), 0)
    told = Told(
        upload={"rows": 3, "added": 2, "skipped": {"duplicate_in_file": 1}},
        leads=[
            {"phone_number": "+919840010000", "status": "done", "result": "talked", "attempts": 1}
        ],
        progress={"leads": 2, "statuses": {"done": 2}},
        dialling={"total": {**figures, "dialled": 1}, "by_hour": {}, "by_attempt": {}},
        barred=frozenset(),
    )
    found = claims(people(LEADS), told, Crowd(Exchange(), [], clock))
    wrong = [claim for claim in found if not claim.is_so]
    assert len(wrong) == 8
    assert all(claim.otherwise for claim in wrong)


def test_the_town_has_everybody_and_every_number_once() -> None:
    for count in (LEADS, 200):
        town = people(count)
        assert len(town) == len({one.number for one in town}) == count
        assert {one.kind.about for one in town} == {kind.about for kind in KINDS}
        assert len(table(town).splitlines()) == 1 + count + DOUBLES + len(BAD_ROWS)


def test_the_clock_only_ever_goes_on() -> None:
    begins_at = datetime.fromisoformat("2026-12-01T04:15:00+00:00")
    clock = SkippingClock(begins_at)
    skipped = clock.skip_to(begins_at + timedelta(hours=2))
    assert timedelta(hours=1, minutes=59) < skipped <= timedelta(hours=2)
    assert clock.skip_to(begins_at) == timedelta()
    assert clock() - begins_at < timedelta(hours=2, minutes=1)
