"""A program ends a call: through the carrier, and only one that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import responses
from werkzeug.test import TestResponse

from tests.transports.doors import NOW, SIGNED, House, a_call, json_of

CARRIER = (
    f"https://api.twilio.com/2010-04-01/Accounts/{SIGNED.twilio_account_sid}"
    f"/Calls/{a_call().carrier_id}.json"
)


def hang_up(house: House, call_id: str, token: str = SIGNED.api_token) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return house.carrier.client.post(f"/calls/{call_id}/hang-up", headers=headers)


def refusal(house: House, call_id: str) -> tuple[int, str, str]:
    answer = hang_up(house, call_id)
    error = json_of(answer)["error"]
    return answer.status_code, error["code"], error["message"]


@pytest.fixture
def carrier() -> Iterator[responses.RequestsMock]:
    """The carrier's REST interface, which takes the order."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.mark.parametrize("name", [a_call().call_id, a_call().carrier_id])
def test_the_carrier_is_told_to_hang_up(
    house: House, carrier: responses.RequestsMock, name: str
) -> None:
    house.services.storage.create_call(replace(a_call(), status="in-progress"))
    carrier.post(CARRIER, json={"sid": a_call().carrier_id, "status": "completed"})

    answer = hang_up(house, name)

    assert (answer.status_code, answer.json) == (202, {"call_id": a_call().call_id})
    assert carrier.calls[0].request.body == "Status=completed"


def test_what_is_over_unknown_or_refused_is_said(
    house: House, carrier: responses.RequestsMock
) -> None:
    store = house.services.storage
    store.create_call(replace(a_call(), status="in-progress"))
    carrier.post(CARRIER, status=404, json={"code": 20404, "message": "not found"})

    assert refusal(house, "nobody")[:2] == (404, "unknown_call")
    assert refusal(house, a_call().call_id)[:2] == (409, "cannot_end")

    call = store.load_call(a_call().call_id)
    assert call is not None
    store.save_call(replace(call, ended_at=NOW, outcome="completed"))
    assert "over" in refusal(house, a_call().call_id)[2]


def test_nobody_ends_calls_without_a_token(house: House, tmp_path: Path) -> None:
    assert hang_up(house, a_call().call_id, "wrong").status_code == 401
