"""An address that is away for long: nothing waits for it for ever, and nobody waits behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobs.endpoints import FAILURES_BORNE, Endpoint
from jobs.webhooks import GIVEN_UP, KEPT
from storage.deliveries import Delivery, DeliveryQuery, DeliveryStatus
from storage.sqlite_deliveries import SqliteDeliveries
from tests.jobs.customer import Customer
from tests.jobs.desk import Desk
from tests.waiting import wait_until

NOBODY = "http://127.0.0.1:9/hook"


class Counting(SqliteDeliveries):
    """Counts what is taken of it."""

    taken = 0

    def claim(self, now: datetime, until: datetime) -> Delivery | None:
        found = super().claim(now, until)
        self.taken += found is not None
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with closing(made.deliveries), closing(made.register):
        yield made
        made.webhooks.close()


def resting(desk: Desk) -> Endpoint:
    """An address where nobody has answered, and which is left alone for a while."""
    endpoint = desk.add(NOBODY)
    for _ in range(FAILURES_BORNE):
        desk.webhooks.endpoints.failed(endpoint)
        endpoint = desk.webhooks.endpoints.all()[0]
    assert endpoint.rests_until is not None
    return endpoint


def of(desk: Desk, endpoint: Endpoint) -> Sequence[Delivery]:
    return desk.deliveries.find(DeliveryQuery(endpoint.endpoint_id, limit=1_000))


def worked(desk: Desk, endpoint: Endpoint) -> Sequence[Delivery]:
    """What there is after everything that is due was taken, and what was tried is over."""
    desk.work()
    wait_until(lambda: all(one.lease_until is None for one in of(desk, endpoint)))
    return of(desk, endpoint)


def test_what_an_address_has_not_taken_for_a_day_is_dead_and_forgotten_like_all(
    desk: Desk,
) -> None:
    endpoint = resting(desk)
    for number in range(20):
        desk.emit(f"c{number}")
    assert {one.status for one in worked(desk, endpoint)} == {DeliveryStatus.WAITING}
    desk.now += GIVEN_UP + timedelta(minutes=1)

    for _ in range(3):  # the first of them are tried once more, and it rests again
        found = worked(desk, endpoint)
        desk.now += timedelta(minutes=5)

    assert {one.status for one in found} == {DeliveryStatus.DEAD}
    assert 0 in {one.tries for one in found}
    assert {one.error for one in found if not one.tries} == {"It did not answer for a day."}
    desk.now += KEPT + timedelta(seconds=1)
    desk.webhooks.close()
    desk.another().work(desk.stop)
    assert desk.deliveries.counts(endpoint.endpoint_id) == {}


def test_what_is_sent_anew_has_its_day_again(desk: Desk) -> None:
    endpoint = resting(desk)
    desk.emit()
    desk.now += GIVEN_UP + timedelta(minutes=1)
    (dead,) = worked(desk, resting_again(desk, endpoint))
    assert dead.status is DeliveryStatus.DEAD

    desk.webhooks.replay(dead.delivery_id)

    (again,) = worked(desk, endpoint)
    assert (again.status, again.tries) == (DeliveryStatus.WAITING, 0)
    desk.now += GIVEN_UP + timedelta(minutes=1)
    (over,) = worked(desk, resting_again(desk, endpoint))
    assert over.status is DeliveryStatus.DEAD


def resting_again(desk: Desk, endpoint: Endpoint) -> Endpoint:
    """The address, which failed once more."""
    kept = desk.webhooks.endpoints.get(endpoint.endpoint_id)
    assert kept is not None
    desk.webhooks.endpoints.failed(kept)
    return endpoint


def test_who_answers_does_not_wait_behind_all_that_waits_for_who_does_not(
    desk: Desk, customer: Customer
) -> None:
    counting = Counting(desk.file)
    with closing(counting):
        desk.deliveries, away = counting, resting(desk)
        for number in range(300):
            desk.emit(f"c{number}")
        healthy = desk.add(customer.url("/hook"))
        desk.emit("last")
        assert away.rests_until is not None
        desk.webhooks = desk.another()

        worked(desk, healthy)

        assert len(customer.told) == 1
        assert counting.taken == 2
        assert {one.due_at for one in of(desk, away)} == {away.rests_until}
        desk.webhooks.close()


def test_what_was_left_of_a_deleted_address_is_forgotten(desk: Desk) -> None:
    endpoint = desk.add(NOBODY)
    for number in range(5):
        desk.emit(f"c{number}")
    desk.webhooks.endpoints.remove(endpoint.endpoint_id)  # and there were too many for its end

    assert worked(desk, endpoint) == []


@pytest.fixture
def customer() -> Iterator[Customer]:
    with Customer() as opened:
        yield opened
