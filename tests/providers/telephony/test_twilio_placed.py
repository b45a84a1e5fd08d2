"""Whether an order may ring all the same, and which calls the carrier has: by its REST side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.server_process import free_port
from phone.exchange import Exchange
from phone.mishaps import (
    BREAKS,
    LOSES,
    TAKES_AND_BREAKS,
    TAKES_AND_LOSES,
    TOO_MANY,
    Mishap,
)
from providers.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from providers.telephony.base import CallOrder
from providers.telephony.placed import PerhapsPlaced
from providers.telephony.twilio.client import Rest
from settings import Settings

HERE, THERE = "+919876543210", "+919876543211"
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    one = Exchange()
    yield one
    one.close()


@pytest.fixture(scope="module")
def address(exchange: Exchange) -> str:
    return exchange.open()


@pytest.fixture
def rest(address: str, exchange: Exchange) -> Rest:
    exchange.mishaps.clear()
    return Rest(Settings(twilio_base_url=address))


def order(to: str = HERE) -> CallOrder:
    return CallOrder(to, "http://127.0.0.1/voice", "http://127.0.0.1/f", "http://127.0.0.1/s")


@pytest.mark.parametrize(
    ("mishap", "error", "is_placed"),
    [
        (TOO_MANY, ProviderUnavailable, False),
        (BREAKS, PerhapsPlaced, False),
        (LOSES, PerhapsPlaced, False),
        (TAKES_AND_BREAKS, PerhapsPlaced, True),
        (TAKES_AND_LOSES, PerhapsPlaced, True),
    ],
)
def test_an_order_that_fails_says_whether_it_may_ring_all_the_same(
    rest: Rest, exchange: Exchange, mishap: Mishap, error: type[ProviderError], is_placed: bool
) -> None:
    before = len(rest.find_calls(HERE, LONG_AGO))
    exchange.mishaps.add([mishap])
    with pytest.raises(ProviderError) as caught:
        rest.place_call(order())
    assert type(caught.value) is error
    assert len(rest.find_calls(HERE, LONG_AGO)) - before == is_placed


def test_an_answer_that_is_late_may_mean_a_call(address: str, exchange: Exchange) -> None:
    rest = Rest(Settings(twilio_base_url=address), timeout_s=0.05)
    exchange.mishaps.add([Mishap(slow_s=0.3)])
    with pytest.raises(ProviderTimeout):
        rest.place_call(order("+919876543299"))


def test_an_order_that_nobody_was_there_for_never_rings() -> None:
    rest = Rest(Settings(twilio_base_url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(ProviderUnavailable) as caught:
        rest.place_call(order())
    assert type(caught.value) is ProviderUnavailable


def test_the_carrier_tells_its_calls_to_a_number_and_how_one_stands(rest: Rest) -> None:
    sid = rest.place_call(order(THERE))
    rest.place_call(order())
    (found,) = rest.find_calls(THERE, LONG_AGO)
    assert (found.carrier_id, found.to, found.status) == (sid, THERE, "queued")
    assert rest.call_status(sid) == found
    assert rest.find_calls(THERE, datetime.now(UTC) + timedelta(minutes=1)) == []
    assert rest.call_status("CA" + "0" * 32) is None
