"""What every store of deliveries must do. A backend's tests inherit DeliveriesContract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_deliveries
from storage.base import StorageError
from storage.deliveries import Deliveries, Delivery, DeliveryQuery, DeliveryStatus
from tests.storage.lead_samples import NOW, UNTIL
from tests.storage.samples import at_once


def a_delivery(number: int = 0, **changes: object) -> Delivery:
    """What an address is to be told, as old as its number in seconds."""
    at = NOW - timedelta(seconds=100 - number)
    delivery = Delivery(
        delivery_id=f"msg-{number:03}",
        endpoint_id="shop",
        event="call.completed",
        body={"call_id": f"call-{number}", "data": {"charge": 500}},
        created_at=at,
        due_at=at,
    )
    return replace(delivery, **changes)  # type: ignore[arg-type]


class DeliveriesContract:
    """The behaviour of a store of deliveries."""

    def variables(self, place: Path) -> Mapping[str, str]:
        """Environment variables with which a process opens the deliveries of `place`."""
        raise NotImplementedError

    @pytest.fixture
    def deliveries(self, tmp_path: Path) -> Iterator[Deliveries]:
        opened = open_deliveries(read_settings(self.variables(tmp_path)))
        yield opened
        opened.close()

    def test_an_event_is_kept_once_for_an_address(self, deliveries: Deliveries) -> None:
        first = a_delivery()

        assert deliveries.add(first) is True
        assert deliveries.add(replace(first, body={})) is False
        assert deliveries.get(first.delivery_id) == first
        assert deliveries.get("msg-x") is None

    def test_a_delivery_is_taken_by_one_until_its_time_is_over(
        self, deliveries: Deliveries
    ) -> None:
        for number in (2, 1):
            deliveries.add(a_delivery(number))
        deliveries.add(a_delivery(3, due_at=NOW + timedelta(seconds=1)))

        taken = [deliveries.claim(NOW, UNTIL) for _ in range(3)]

        assert taken == [
            a_delivery(1, lease_until=UNTIL),
            a_delivery(2, lease_until=UNTIL),
            None,
        ]
        assert deliveries.get("msg-001") == taken[0]
        later = deliveries.claim(NOW + timedelta(seconds=5), UNTIL)
        assert later is not None
        assert later.delivery_id == "msg-003"
        # Whoever took them died.
        again = deliveries.claim(UNTIL, UNTIL + timedelta(seconds=30))
        assert again is not None

    def test_what_became_of_a_try_is_kept(self, deliveries: Deliveries) -> None:
        deliveries.add(a_delivery())
        taken = deliveries.claim(NOW, UNTIL)
        assert taken is not None
        tried = replace(
            taken,
            due_at=UNTIL,
            tries=1,
            answer=503,
            error="The address answered 503.",
            tried_at=NOW,
            lease_until=None,
        )

        deliveries.save(tried)

        assert deliveries.get("msg-000") == tried
        assert deliveries.claim(NOW, UNTIL) is None
        deliveries.save(replace(tried, status=DeliveryStatus.DEAD))
        assert deliveries.claim(UNTIL, UNTIL) is None
        deliveries.save(replace(tried, due_at=NOW))
        assert deliveries.claim(NOW, UNTIL) is not None

    def test_what_is_due_for_an_address_is_put_off_together(self, deliveries: Deliveries) -> None:
        old = NOW - timedelta(days=2)
        for one in (
            *(a_delivery(number) for number in range(4)),
            a_delivery(5, created_at=old),
            a_delivery(6, due_at=NOW + timedelta(hours=1)),
            a_delivery(7, status=DeliveryStatus.DEAD),
            a_delivery(8, endpoint_id="desk"),
        ):
            deliveries.add(one)
        taken = deliveries.claim(NOW, UNTIL)

        changed = [
            deliveries.put_off("shop", NOW, UNTIL, NOW - timedelta(days=1), most)
            for most in (2, 100, 100)
        ]

        assert taken == a_delivery(0, lease_until=UNTIL)
        assert changed == [2, 1, 0]
        assert deliveries.get("msg-000") == taken
        for number in (1, 2, 3):
            assert deliveries.get(f"msg-{number:03}") == a_delivery(number, due_at=UNTIL)
        assert deliveries.get("msg-006") == a_delivery(6, due_at=NOW + timedelta(hours=1))
        left = [deliveries.claim(NOW, UNTIL) for _ in range(3)]
        assert [one and one.delivery_id for one in left] == ["msg-005", "msg-008", None]

    def test_many_threads_take_each_delivery_once(self, deliveries: Deliveries) -> None:
        for number in range(40):
            deliveries.add(a_delivery(number))

        def take_all() -> list[str]:
            taken = []
            while (one := deliveries.claim(NOW, UNTIL)) is not None:
                taken.append(one.delivery_id)
            return taken

        outcomes = at_once([partial(take_all)] * 4)

        taken = [one for some in outcomes for one in some]  # type: ignore[attr-defined]
        assert len(taken) == len(set(taken)) == 40

    def test_deliveries_are_found_newest_first_a_page_at_a_time(
        self, deliveries: Deliveries
    ) -> None:
        statuses = list(DeliveryStatus)
        kept = [
            a_delivery(
                number,
                endpoint_id="shop" if number % 2 else "desk",
                status=statuses[number % 3],
                event="ping" if number == 4 else "call.completed",
            )
            for number in range(9)
        ]
        for one in kept:
            deliveries.add(one)

        def found(**wanted: str) -> list[Delivery]:
            pages: list[Delivery] = []
            query = DeliveryQuery(limit=2, **wanted)  # type: ignore[arg-type]
            while page := deliveries.find(query):
                pages += page
                query = replace(query, after=(page[-1].created_at, page[-1].delivery_id))
            return pages

        assert found() == kept[::-1]
        assert found(endpoint_id="shop") == kept[::-1][1::2]
        assert found(status="dead") == [kept[8], kept[5], kept[2]]
        assert found(event="ping") == [kept[4]]
        assert found(endpoint_id="shop", status="dead") == [kept[5]]
        assert found(endpoint_id="shop", event="ping") == []
        assert deliveries.find(DeliveryQuery(limit=0)) == []
        assert deliveries.counts("shop") == {"delivered": 2, "dead": 1, "waiting": 1}

    def test_what_is_over_is_forgotten(self, deliveries: Deliveries) -> None:
        over = [DeliveryStatus.DELIVERED, DeliveryStatus.DEAD, DeliveryStatus.WAITING]
        for number, status in enumerate(over):
            deliveries.add(a_delivery(number, status=status, tried_at=NOW))

        assert deliveries.forget_before(NOW) == 0
        assert deliveries.forget_before(UNTIL) == 2
        assert deliveries.counts("shop") == {"waiting": 1}

    def test_a_call_or_an_address_that_is_gone_is_told_of_no_more(
        self, deliveries: Deliveries
    ) -> None:
        for number in range(5):
            deliveries.add(a_delivery(number))
        deliveries.add(a_delivery(9, body={"number": "+911"}))

        assert deliveries.forget_call("call-2") == 1
        assert deliveries.forget_call("call-2") == 0
        assert deliveries.forget_call("") == 0
        assert deliveries.forget_endpoint("shop", 3) == 3
        assert deliveries.forget_endpoint("shop", 3) == 2
        deliveries.save(a_delivery(1, tries=1))  # whoever was trying it
        assert deliveries.counts("shop") == {}

    def test_what_tells_of_a_number_is_found_and_forgotten(self, deliveries: Deliveries) -> None:
        for number, told in enumerate(("+919876543210", "+9198765432101", "my +919876543210")):
            deliveries.add(a_delivery(number, body={"data": {"number": told}}))
        deliveries.add(a_delivery(3, body={"call_id": "c", "data": {"number": "+919876543210"}}))

        found = deliveries.about("+919876543210")

        assert sorted(found) == ["msg-000", "msg-003"]
        assert deliveries.forget([*found, "msg-x"]) == 2
        assert deliveries.forget([]) == 0
        assert deliveries.about("+919876543210") == []
        assert deliveries.counts("shop") == {"waiting": 2}

    def test_closed_deliveries_say_so(self, deliveries: Deliveries) -> None:
        deliveries.close()
        deliveries.close()

        with pytest.raises(StorageError):
            deliveries.get("msg-000")
