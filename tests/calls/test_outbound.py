"""Calls that are ordered here: what is kept, before and after the carrier was asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from agents.schema import Agent, FieldSpec
from calls.address import PublicAddress
from calls.outbound import OrderFailed, Outbound, Wish
from calls.turns import UnknownAgent
from providers.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from providers.telephony.base import CallOrder
from providers.telephony.twilio import Twilio
from settings import Settings
from storage.base import Storage
from storage.records import CallQuery
from storage.sqlite import SqliteStorage

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
AGENT = Agent(
    agent="lead",
    name="Leads",
    goal="Qualify.",
    languages=("en-IN",),
    say={},
    variables={"name": "there"},
    fields=(FieldSpec(name="budget", kind="number", ask={"en-IN": "How much?"}),),
    version="v1",
)
WISH = Wish("LEAD", "+919876543210", {"name": "Asha"})


class Carrier(Twilio):
    """Takes orders without a network; `meet` is done to each before it is answered."""

    def __init__(self, meet: Callable[[CallOrder], None] = lambda order: None) -> None:
        super().__init__(Settings())
        self.orders: list[CallOrder] = []
        self._meet = meet

    def place_call(self, order: CallOrder) -> str:
        """Keep the order and answer with its number."""
        self.orders.append(order)
        self._meet(order)
        return f"CA{len(self.orders)}"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    store = SqliteStorage(tmp_path / "calls.db")
    yield store
    store.close()


def outbound(storage: Storage, carrier: Carrier) -> Outbound:
    ids = iter(f"call-{number}" for number in range(1, 100))
    return Outbound(
        storage=storage,
        telephony=carrier,
        agents={"lead": AGENT},
        address=PublicAddress("https://calls.example/app"),
        clock=lambda: NOW,
        new_id=lambda: next(ids),
    )


def raising(error: ProviderError) -> Callable[[CallOrder], None]:
    def meet(order: CallOrder) -> None:
        raise error

    return meet


def call_id_of(order: CallOrder) -> str:
    return parse_qs(urlsplit(order.voice).query)["call_id"][0]


def test_a_call_is_rung_and_kept_with_its_variables(storage: Storage) -> None:
    carrier = Carrier()
    call = outbound(storage, carrier).ring(WISH)
    assert storage.find_call("CA1") == call
    assert (call.agent, call.direction, call.caller_number) == ("lead", "outbound", WISH.number)
    assert call.state["variables"] == {"name": "Asha"}
    assert call.outcome is None


def test_every_address_of_the_order_names_the_call(storage: Storage) -> None:
    carrier = Carrier()
    outbound(storage, carrier).ring(WISH)
    order = carrier.orders[0]
    assert order.voice == "https://calls.example/app/voice?agent_type=LEAD&call_id=call-1"
    assert order.fallback == order.voice.replace("/voice?", "/voice-fallback?")
    assert order.status == "https://calls.example/app/call-events/status?call_id=call-1"


def test_the_call_is_kept_before_the_carrier_is_asked(storage: Storage) -> None:
    def meet(order: CallOrder) -> None:
        call = storage.load_call(call_id_of(order))
        assert call is not None
        assert call.carrier_id is None

    carrier = Carrier(meet)
    outbound(storage, carrier).ring(WISH)
    assert carrier.orders


def test_a_webhook_that_is_faster_than_the_answer_is_not_overwritten(storage: Storage) -> None:
    def meet(order: CallOrder) -> None:
        call = storage.load_call(call_id_of(order))
        assert call is not None
        storage.save_call(replace(call, carrier_id="CA1", status="ringing", status_sequence=1))

    call = outbound(storage, Carrier(meet)).ring(WISH)
    assert (call.carrier_id, call.status) == ("CA1", "ringing")
    assert storage.load_call(call.call_id) == call


def test_another_change_meanwhile_does_not_lose_the_carriers_id(storage: Storage) -> None:
    def meet(order: CallOrder) -> None:
        call = storage.load_call(call_id_of(order))
        assert call is not None
        storage.save_call(replace(call, status="initiated"))

    call = outbound(storage, Carrier(meet)).ring(WISH)
    assert (call.carrier_id, call.status) == ("CA1", "initiated")


def test_an_order_that_fails_is_kept_as_failed(storage: Storage) -> None:
    carrier = Carrier(raising(ProviderUnavailable("telephony", "fake", "away")))
    with pytest.raises(OrderFailed, match="away") as failure:
        outbound(storage, carrier).ring(WISH)
    kept = storage.load_call(failure.value.call.call_id)
    assert kept is not None
    assert (kept.outcome, kept.status, kept.ended_at) == ("failed", "failed", NOW)


def test_an_order_without_an_answer_stays_open_because_it_may_ring(storage: Storage) -> None:
    carrier = Carrier(raising(ProviderTimeout("telephony", "fake", "late")))
    with pytest.raises(OrderFailed) as failure:
        outbound(storage, carrier).ring(WISH)
    kept = storage.load_call(failure.value.call.call_id)
    assert kept is not None
    assert kept.outcome is None


def test_an_unknown_agent_rings_nobody(storage: Storage) -> None:
    carrier = Carrier()
    with pytest.raises(UnknownAgent, match="lead"):
        outbound(storage, carrier).ring(Wish("nobody", WISH.number, {}))
    assert not carrier.orders
    assert not storage.calls(CallQuery())
