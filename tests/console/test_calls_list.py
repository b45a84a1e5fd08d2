"""The list of calls: what it shows to whom, its filters, its pages, its empty states."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from storage.records import CallRecord
from tests.console.sitting import Sitting
from tests.transports.doors import NOW, a_call

PATH = "/console/calls"


def ended(number: int, **changes: object) -> CallRecord:
    created = NOW - timedelta(minutes=number)
    call = replace(
        a_call(f"CA{number}", f"call-{number:03}"),
        created_at=created,
        ended_at=created + timedelta(seconds=30 + number),
        outcome="completed",
        stage="completed",
        status="completed",
    )
    return replace(call, **changes)  # type: ignore[arg-type]


def keep(sitting: Sitting, *calls: CallRecord) -> None:
    for call in calls:
        sitting.services.storage.create_call(call)


def rows(text: str) -> list[str]:
    return re.findall(r'id="call-(call-\d+)"', text)


def link(text: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}"[^>]* href="([^"]+)"', text)
    assert found is not None, f"there is no {rel} page"
    return unescape(found[1])


def shown(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"{PATH}?{query}")
    assert answer.status_code == 200
    return answer.text


def test_an_empty_list_says_how_to_make_a_call(sitting: Sitting) -> None:
    text = shown(sitting.visitor())

    assert "No call yet" in text
    assert "flask call logistics" in text
    assert "/console/phone" in text
    assert "export.csv" not in text


def test_calls_are_listed_newest_first_with_what_is_live_marked(sitting: Sitting) -> None:
    keep(sitting, ended(2), ended(5), replace(a_call("CAlive", "call-000"), status="in-progress"))

    text = shown(sitting.visitor())

    assert rows(text) == ["call-000", "call-002", "call-005"]
    assert text.count('class="is-live"') == 1
    assert ">live<" in text
    assert "+919876543210" in text


def test_filters_narrow_the_list_and_stay_filled_in(sitting: Sitting) -> None:
    keep(sitting, ended(1), ended(2, outcome="stuck"), ended(3, agent="pizza"))
    client = sitting.visitor()

    assert rows(shown(client, "outcome=stuck")) == ["call-002"]
    assert rows(shown(client, "agent=pizza")) == ["call-003"]
    assert rows(shown(client, "number=43210&outcome=completed&agent=Logistics")) == ["call-001"]
    assert rows(shown(client, "shortest=0:32&longest=32")) == ["call-002"]
    assert 'value="43210"' in shown(client, "number=43210")
    assert '<option value="stuck" selected>' in shown(client, "outcome=stuck")
    assert "Nothing matches" in shown(client, "outcome=failed")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("agent=../etc", "agent"),
        ("outcome=splendid", "outcome"),
        ("number=12", "number"),
        ("number=call+me", "number"),
        ("number=" + "9" * 300, "number"),
        ("from=yesterday", "from"),
        ("to=0001-01-01T00:00%2B14:00", "to"),
        ("to=9999-12-31", "to"),
        ("from=2026-11-20&to=2026-11-01", "to"),
        ("shortest=-1", "shortest"),
        ("shortest=99999", "shortest"),
        ("shortest=60&longest=30", "longest"),
        ("open=1&shortest=60", "open"),
        ("stage=done", "stage"),
        ("language=english", "language"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named_and_the_rest_goes_on(
    sitting: Sitting, query: str, name: str
) -> None:
    keep(sitting, ended(1), ended(2, outcome="stuck"))

    answer = sitting.visitor().get(f"{PATH}?{query}")

    assert answer.status_code == 422
    assert f'id="wrong-{name}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert set(rows(answer.text)) <= {"call-001", "call-002"}
    assert "What cannot be used is left out" in answer.text


def test_pages_go_on_and_back_and_say_where_they_end(sitting: Sitting) -> None:
    keep(sitting, *(ended(number) for number in range(120)))
    client = sitting.visitor()
    everything = [f"call-{number:03}" for number in range(120)]

    first = shown(client)
    second = client.get(link(first, "next")).text
    third = client.get(link(second, "next")).text

    assert rows(first) + rows(second) + rows(third) == everything
    assert 'rel="next"' not in third
    assert 'rel="prev"' not in first
    assert rows(client.get(link(third, "prev")).text) == rows(second)
    back = client.get(link(second, "prev")).text
    assert rows(back) == rows(first)
    assert 'rel="prev"' not in back
    beyond = shown(client, "after=1577836800000000~call")
    assert "The list ends before this page" in beyond


@pytest.mark.parametrize(
    "query",
    [
        "after=nonsense",
        "after=~",
        "before=2026-11-20~call",
        "after=99999999999999999~x",
        "sort=duration&after=-1~x",
        "sort=price",
    ],
)
def test_a_damaged_address_of_a_page_shows_the_first(sitting: Sitting, query: str) -> None:
    keep(sitting, ended(1))

    answer = sitting.visitor().get(f"{PATH}?{query}")

    assert answer.status_code == 422
    assert rows(answer.text) == ["call-001"]


def test_a_heading_sorts_and_turns_the_order_round(sitting: Sitting) -> None:
    keep(sitting, ended(1), ended(2), ended(3))
    client = sitting.visitor()

    assert rows(shown(client, "sort=-duration")) == ["call-003", "call-002", "call-001"]
    by_duration = shown(client, "sort=duration")
    assert rows(by_duration) == ["call-001", "call-002", "call-003"]
    assert 'aria-sort="ascending"' in by_duration
    assert "sort=-duration" in by_duration
    assert rows(shown(client, "sort=created")) == ["call-003", "call-002", "call-001"]


def test_who_may_only_look_sees_no_numbers_and_finds_none_out(sitting: Sitting) -> None:
    keep(sitting, ended(1))
    client = sitting.visitor(Role.VIEWER)

    text = shown(client)

    assert rows(text) == ["call-001"]
    assert "9876543210" not in text
    assert "•" in text
    assert "export.csv" not in text
    assert client.get(f"{PATH}?number=43210").status_code == 422
    assert client.get(f"{PATH}?number=%2B9198").status_code == 422
    assert rows(shown(client, "number=%2B919876543210")) == ["call-001"]


def test_the_count_stops_where_it_gets_long(sitting: Sitting) -> None:
    keep(sitting, ended(1), ended(2, outcome="stuck"))
    client = sitting.visitor()

    assert client.get(f"{PATH}/count").text == "2 calls"
    assert client.get(f"{PATH}/count?outcome=stuck").text == "1 call"


def test_a_part_of_the_page_is_the_list_alone(sitting: Sitting) -> None:
    keep(sitting, ended(1))

    answer = sitting.visitor().get(PATH, headers={"HX-Request": "true", "HX-Target": "calls"})

    assert answer.text.lstrip().startswith('<section class="card calls"')
    assert rows(answer.text) == ["call-001"]
