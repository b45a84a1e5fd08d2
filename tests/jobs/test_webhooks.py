"""Webhooks: what customers' servers are told, whatever they answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
import standardwebhooks

from jobs.endpoints import FAILURES_BORNE, Endpoint, Endpoints, EventName, NotAllowed, TooMany
from jobs.events import CampaignNews
from jobs.outside import Outside
from jobs.signing import new_secret
from jobs.webhooks import AT_ONE, KEPT, PAUSES
from storage.base import StorageError
from storage.deliveries import Delivery, DeliveryStatus
from storage.register import Entry
from storage.sqlite_deliveries import SqliteDeliveries
from storage.sqlite_register import SqliteRegister
from tests.jobs.customer import Customer, Told
from tests.jobs.desk import AT, DATA, Desk
from tests.waiting import wait_until


class Away(SqliteDeliveries):
    """A store that cannot be reached."""

    def claim(self, now: datetime, until: datetime) -> Delivery | None:
        raise StorageError("away")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with closing(made.deliveries), closing(made.register), closing(made.webhooks):
        yield made


@pytest.fixture
def customer() -> Iterator[Customer]:
    with Customer() as opened:
        yield opened


def test_a_customer_is_told_and_can_check_who_it_was(desk: Desk, customer: Customer) -> None:
    desk.now = datetime.now(UTC)  # their library takes no others
    endpoint = desk.add(customer.url("/hook"), EventName.CALL_COMPLETED)

    assert desk.emit() == 1
    delivery = desk.tried(endpoint, 1)

    assert delivery.status is DeliveryStatus.DELIVERED
    (told,) = customer.of("/hook")
    event = standardwebhooks.Webhook(endpoint.secret).verify(told.body, told.headers)
    assert event == {"type": "call.completed", "timestamp": desk.now.isoformat(), "data": DATA}
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(endpoint.secret).verify(told.body + b" ", told.headers)


def test_another_secret_is_handed_over_within_a_day(desk: Desk, customer: Customer) -> None:
    desk.now = datetime.now(UTC)
    endpoint = desk.add(customer.url("/hook"))
    first = endpoint.secret
    second = _rotated(desk, endpoint)

    def verified(key: str) -> list[bool]:
        """Whether the one with each secret takes what it is told now."""
        desk.now += timedelta(seconds=1)  # so that it is the newest
        desk.emit(key)
        desk.tried(endpoint, 1)
        return [_is_taken(one, customer.told[-1]) for one in (first, second, third)]

    third = new_secret()  # not one of it
    assert verified("c1") == [True, True, False]
    third = _rotated(desk, endpoint)
    assert verified("c2") == [True, True, True]
    desk.now += timedelta(hours=24, seconds=1)
    assert _kept(desk, endpoint).secrets_at(desk.now) == [third]
    assert _kept(desk, endpoint).is_on


def test_what_happens_once_is_told_once_to_those_who_want_it(
    desk: Desk, customer: Customer
) -> None:
    every = desk.add(customer.url("/every"))
    desk.add(customer.url("/other"), EventName.MESSAGE_RECEIVED)

    assert [desk.emit(), desk.emit()] == [1, 0]
    desk.tried(every, 1)

    assert (len(customer.of("/every")), len(customer.of("/other"))) == (1, 0)


def test_who_comes_later_is_not_told_of_what_was(desk: Desk, customer: Customer) -> None:
    desk.now += timedelta(seconds=1)
    desk.add(customer.url("/hook"))

    told = [
        desk.webhooks.emit(EventName.CALL_COMPLETED, "c1", DATA, at)
        for at in (AT, AT - KEPT - timedelta(days=1))
    ]
    assert told == [0, 0]


def test_what_fails_is_tried_again_for_a_day_and_dead_then(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/503"))
    desk.emit()

    for tries in range(1, len(PAUSES) + 1):
        delivery = desk.tried(endpoint, tries)
        assert delivery.status is DeliveryStatus.WAITING
        assert (delivery.answer, delivery.error) == (503, "It answered 503. noted")
        desk.work()  # not before its time
        rests_until = _kept(desk, endpoint).rests_until or AT
        desk.now = max(delivery.due_at, rests_until) + timedelta(seconds=1)
    delivery = desk.tried(endpoint, len(PAUSES) + 1)

    assert delivery.status is DeliveryStatus.DEAD
    assert timedelta(hours=23) < desk.now - AT < timedelta(hours=28)
    assert len({told.headers["webhook-id"] for told in customer.told}) == 1
    assert len(customer.told) == len(PAUSES) + 1


def test_the_dead_can_be_sent_anew(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/hook"))
    desk.emit()
    delivery = replace(desk.of(endpoint), status=DeliveryStatus.DEAD, tries=11)
    desk.deliveries.save(delivery)

    assert desk.webhooks.replay("unknown") is None
    assert desk.webhooks.replay(delivery.delivery_id) is not None

    assert desk.tried(endpoint, 1).status is DeliveryStatus.DELIVERED


def test_who_wants_no_more_gets_no_more(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/410"))
    desk.emit()

    assert desk.tried(endpoint, 1).status is DeliveryStatus.DEAD
    assert desk.emit("c2") == 0
    assert _kept(desk, endpoint).note == "It answered 410: no more."


def test_a_redirect_is_no_delivery(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/302"))
    desk.emit()

    assert desk.tried(endpoint, 1).error == "It answered 302: redirects are not followed."


def test_one_slow_customer_does_not_hold_up_another(desk: Desk, customer: Customer) -> None:
    slow, quick = desk.add(customer.url("/slow")), desk.add(customer.url("/quick"))
    for number in range(100):
        desk.emit(f"c{number}")

    def look() -> bool:
        desk.now += timedelta(seconds=1)
        desk.work()
        return desk.deliveries.counts(quick.endpoint_id).get("delivered") == 100

    wait_until(look, 20)

    assert len(customer.of("/slow")) <= 8
    assert desk.deliveries.counts(slow.endpoint_id) == {"waiting": 100}
    customer.go_on.set()


def test_one_that_is_away_is_left_alone_for_a_while(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/500"))
    for number in range(60):
        desk.emit(f"c{number}")

    def look() -> bool:
        desk.now += timedelta(seconds=0.1)  # those that found no room come again
        desk.work()
        return _kept(desk, endpoint).rests_until is not None

    wait_until(look, 60)
    desk.webhooks.close()
    asked = len(customer.told)

    desk.another().work(Event())
    # Those that are on their way together count as one failure.
    assert len(customer.told) == asked <= FAILURES_BORNE * AT_ONE < 60


def test_killed_in_its_middle_it_is_sent_again_under_the_same_id(
    desk: Desk, customer: Customer
) -> None:
    endpoint = desk.add(customer.url("/hook"))
    desk.emit()
    taken = desk.deliveries.claim(desk.now, desk.now + timedelta(seconds=90))  # and killed

    desk.work()
    assert customer.told == []
    desk.now += timedelta(seconds=91)
    desk.tried(endpoint, 1)

    assert taken is not None
    assert customer.told[0].headers["webhook-id"] == taken.delivery_id


def test_of_two_processes_one_sends_it(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/hook"))
    for number in range(20):
        desk.emit(f"c{number}")
    with closing(desk.another()) as other:

        def look() -> bool:
            desk.now += timedelta(milliseconds=1)  # leases last, however slow the machine is
            other.work(Event())
            desk.work()
            return desk.deliveries.counts(endpoint.endpoint_id).get("delivered") == 20

        wait_until(look)

    ids = [told.headers["webhook-id"] for told in customer.told]
    assert len(ids) == len(set(ids)) == 20


def test_what_is_deleted_or_switched_off_is_told_nothing(desk: Desk, customer: Customer) -> None:
    deleted, off = desk.add(customer.url("/deleted")), desk.add(customer.url("/off"))
    desk.emit()
    assert desk.webhooks.remove(deleted.endpoint_id) is True
    assert desk.webhooks.remove(deleted.endpoint_id) is False
    desk.webhooks.endpoints.switch(off.endpoint_id, False)

    desk.work()

    assert customer.told == []
    assert desk.of(off).status is DeliveryStatus.DEAD
    assert desk.webhooks.endpoints.switch("unknown", True) is None


def test_a_campaign_that_completes_again_is_told_again(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/hook"), EventName.CAMPAIGN_COMPLETED)
    news = CampaignNews(desk.webhooks)

    for version in (3, 3, 7):  # killed before it was moved; completed; leads added, and completed
        news.completes("k1", "Diwali", "pizza", version, desk.now)

    assert desk.deliveries.counts(endpoint.endpoint_id) == {"waiting": 2}
    assert desk.of(endpoint).body["data"] == {
        "campaign_id": "k1",
        "name": "Diwali",
        "agent": "pizza",
    }


def test_an_address_is_tried_by_a_ping(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/hook"), EventName.CALL_FAILED)

    delivery_id = desk.webhooks.ping(endpoint)
    desk.tried(endpoint, 1)

    assert customer.told[0].headers["webhook-id"] == delivery_id
    assert customer.told[0].event["type"] == "ping"


def test_what_is_old_is_forgotten(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/hook"))
    desk.emit()
    desk.tried(endpoint, 1)

    desk.now += KEPT + timedelta(days=1)
    with closing(desk.another()) as other:
        other.work(Event())

    assert desk.deliveries.counts(endpoint.endpoint_id) == {}


def test_there_is_an_end_to_how_many_there_may_be(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.add("nonsense")
    for number in range(20):
        desk.add(f"https://example.com/{number}")

    with pytest.raises(TooMany):
        desk.add("https://example.com/more")


class Overtaking(SqliteRegister):
    """Others change an entry just before it is put, a few times."""

    left = 3

    def put(self, entry: Entry) -> Entry:
        kept = super().get(entry.kind, entry.key)
        if kept is not None and self.left:
            self.left -= 1
            super().put(kept)
        return super().put(entry)


def test_one_can_be_switched_off_while_tries_fail(desk: Desk) -> None:
    endpoint = desk.add("https://example.com/")
    with closing(Overtaking(desk.file)) as register:
        endpoints = Endpoints(register, Outside(allows_here=True), lambda: AT)
        switched = endpoints.switch(endpoint.endpoint_id, False)

    assert switched is not None
    assert (register.left, _kept(desk, endpoint).is_on) == (0, False)


def test_a_store_that_is_away_loses_no_room(desk: Desk, customer: Customer) -> None:
    endpoint = desk.add(customer.url("/hook"))
    desk.emit()
    away = Away(desk.file)
    desk.webhooks.deliveries = away
    for _ in range(40):
        with pytest.raises(StorageError):
            desk.work()

    desk.webhooks.deliveries = desk.deliveries
    away.close()
    assert desk.tried(endpoint, 1).status is DeliveryStatus.DELIVERED


def _rotated(desk: Desk, endpoint: Endpoint) -> str:
    renewed = desk.webhooks.endpoints.rotate(endpoint.endpoint_id)
    assert renewed is not None
    return renewed.secret


def _is_taken(secret: str, told: Told) -> bool:
    try:
        standardwebhooks.Webhook(secret).verify(told.body, told.headers)
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


def _kept(desk: Desk, endpoint: Endpoint) -> Endpoint:
    kept = desk.webhooks.endpoints.get(endpoint.endpoint_id)
    assert kept is not None
    return kept
