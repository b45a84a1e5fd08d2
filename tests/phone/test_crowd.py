"""Many people rung at once, each as they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from phone import town
from phone.caller import PickUp
from phone.crowd import Crowd, Neighbour, Resident, Rung
from phone.exchange import Exchange, Habits
from tests.phone.fake_app import App, Got
from tests.phone.planned import response
from tests.waiting import wait_until

HELLO = response("<Say>Hello</Say>")
TALKS, BUSY = "+919840010000", "+919840010007"


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/voice": HELLO}) as running:
        yield running


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    one = Exchange(Habits())
    yield one
    one.close()


def ordered(address: str, app: App, number: str) -> None:
    order = {"To": number, "From": "+15005550006", "Url": f"{app.url}/voice"}
    calls = f"{address}/2010-04-01/Accounts/AC1/Calls.json"
    assert requests.post(calls, order, auth=("AC1", "any"), timeout=10).status_code == 201


def test_everybody_does_what_they_are_like_that_day(exchange: Exchange, app: App) -> None:
    busy_first = Resident(BUSY, [lambda: Neighbour(picks_up=PickUp.BUSY), lambda: Neighbour()])
    address = exchange.open()
    crowd = Crowd(exchange, [Resident(TALKS, [Neighbour]), busy_first], lambda: datetime.now(UTC))
    crowd.open()
    for number in (TALKS, BUSY, "+919840019999"):
        ordered(address, app, number)
    wait_until(lambda: len(crowd.rung) == 3)
    ordered(address, app, BUSY)
    wait_until(lambda: len(crowd.rung) == 4)
    crowd.close()
    assert {(one.number, one.time, one.status) for one in crowd.rung} == {
        (TALKS, 1, "completed"),
        (BUSY, 1, "busy"),
        (BUSY, 2, "completed"),
        ("+919840019999", 1, "failed"),  # nobody of this town
    }
    assert not any(one.is_beside for one in crowd.rung)
    assert (crowd.live, crowd.faults) == (0, [])


def test_a_town_that_is_only_told_of_keeps_nobody(exchange: Exchange, app: App) -> None:
    address = exchange.open()
    told: list[Rung] = []
    crowd = Crowd(
        exchange,
        [Resident(TALKS, [Neighbour])],
        lambda: datetime.now(UTC),
        tell=told.append,
        rung=deque(maxlen=0),
    )
    crowd.open()
    ordered(address, app, TALKS)
    wait_until(lambda: len(told) == 1)
    crowd.close()
    assert told[0].status == "completed"
    assert not crowd.rung


def test_a_number_that_is_rung_while_it_rings_is_noticed(exchange: Exchange, app: App) -> None:
    address = exchange.open()
    crowd = Crowd(exchange, [Resident(TALKS, [Neighbour])], lambda: datetime.now(UTC))
    for _ in range(2):
        ordered(address, app, TALKS)

    def slow(got: Got) -> str:
        wait_until(lambda: crowd.most_live == 2)
        return HELLO

    app.views["/voice"] = slow
    crowd.open()
    wait_until(lambda: len(crowd.rung) == 2)
    crowd.close()
    assert sorted(one.is_beside for one in crowd.rung) == [False, True]
    assert crowd.most_live == 2


def test_in_a_town_everybody_is_like_the_last_digit_of_their_number(
    app: App, exchange: Exchange
) -> None:
    lines: list[str] = []
    crowd = Crowd(
        exchange,
        [],
        lambda: datetime.now(UTC),
        strangers=town.resident,
        tell=lambda rung: lines.append(town.told(rung)),
    )
    address = exchange.open()
    crowd.open()
    ordered(address, app, "+919840010005")
    wait_until(lambda: len(lines) == 1)
    ordered(address, app, "+919840010005")
    ordered(address, app, "+919840010003")
    wait_until(lambda: len(lines) == 3)
    crowd.close()

    assert lines[0] == "+919840010005: busy  (is busy, and presses 1 the next time)"
    assert {line.partition("  ")[0] for line in lines[1:]} == {
        "+919840010005: completed",
        "+919840010003: completed",
    }
    assert len(town.legend()) == len({kind.about for kind in town.KINDS})
