"""POST /start-call: from an order to a ringing phone, and every way it can be refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import app_of
from settings import Settings, SettingsError
from storage.do_not_call import DoNotCall, Source
from storage.records import CallQuery
from tests.providers.telephony.carrier_rest import CarrierRest, refusal, running_carrier
from tests.transports.doors import SIGNED, Carrier, House, json_of, scripted_services

NUMBER = "+919876543210"
ORDER: dict[str, object] = {"agent_type": "LOGISTICS", "phone_number": NUMBER}
AUTHORIZED = {"Authorization": f"Bearer {SIGNED.api_token}"}


def order(client: FlaskClient, **changes: object) -> TestResponse:
    body = {name: value for name, value in {**ORDER, **changes}.items() if value is not None}
    return client.post("/start-call", json=body, headers=AUTHORIZED)


@contextmanager
def house_of(path: Path, settings: Settings) -> Iterator[House]:
    services, turns = scripted_services(path, settings)
    app = app_of(services)
    yield House(app, services, turns, Carrier(app))
    services.close()


@contextmanager
def ringing(
    path: Path, answers: CarrierRest | None = None, settings: Settings = SIGNED
) -> Iterator[tuple[House, CarrierRest]]:
    """A house whose carrier is on this machine."""
    with running_carrier(answers) as carrier:
        there = replace(settings, twilio_base_url=carrier.address)
        with house_of(path, there) as house:
            yield house, carrier


def test_an_order_rings_a_phone(tmp_path: Path) -> None:
    with ringing(tmp_path) as (house, carrier):
        answer = order(house.carrier.client, variables={"name": "Asha", "budget": 5})
        assert answer.status_code == 201
        assert json_of(answer) == {
            "call_sid": "CA1",
            "call_id": "call-1",
            "agent_type": "logistics",
            "phone_number": NUMBER,
            "status": "queued",
        }
        call = house.services.storage.find_call("CA1")
        assert call is not None
        assert call.state["variables"] == {"name": "Asha", "budget": "5"}
        form = carrier.asked[0][1]
    assert (form["To"], form["From"]) == ([NUMBER], ["+914400000000"])
    assert form["Url"][0].startswith("https://calls.example/voice?agent_type=LOGISTICS&call_id=")


def test_without_a_public_address_the_one_that_was_called_is_given_out(tmp_path: Path) -> None:
    with ringing(tmp_path, settings=replace(SIGNED, public_base_url="")) as (house, carrier):
        unknown = order(house.carrier.client)
        assert unknown.status_code == 503
        assert json_of(unknown)["error"]["code"] == "carrier_unavailable"
        assert "PUBLIC_BASE_URL" in json_of(unknown)["error"]["message"]
        headers = {**AUTHORIZED, "Host": "my-app.example", "X-Forwarded-Proto": "https"}
        fields = {"agent_type": "logistics", "phone_number": NUMBER}
        answer = house.carrier.client.post("/start-call", json=fields, headers=headers)
        assert answer.status_code == 201
        form = carrier.asked[0][1]
    assert form["Url"][0].startswith("https://my-app.example/voice?")
    assert form["StatusCallback"][0].startswith("https://my-app.example/call-events/status?")


@pytest.mark.parametrize("way", ["form", "address"])
def test_an_order_may_be_a_form_or_an_address(tmp_path: Path, way: str) -> None:
    fields = {"agent_type": "logistics", "phone_number": "98765 43210", "variables": '{"a": "b"}'}
    with ringing(tmp_path) as (house, _):
        client = house.carrier.client
        if way == "form":
            answer = client.post("/start-call", data=fields, headers=AUTHORIZED)
        else:
            answer = client.post("/start-call", query_string=fields, headers=AUTHORIZED)
        assert answer.status_code == 201
        assert json_of(answer)["phone_number"] == NUMBER
        call = house.services.storage.find_call("CA1")
        assert call is not None
        assert call.state["variables"] == {"a": "b"}


def test_who_is_on_the_do_not_call_list_is_not_rung_until_they_are_taken_off_it(
    tmp_path: Path,
) -> None:
    with ringing(tmp_path) as (house, carrier):
        lists = house.services.do_not_call
        lists.add([DoNotCall(NUMBER, "", Source.HEARD, datetime(2026, 11, 20, tzinfo=UTC))])
        answer = order(house.carrier.client)
        error = json_of(answer)["error"]
        assert (answer.status_code, error["code"]) == (403, "do_not_call")
        assert "since 20 November 2026" in error["message"]
        assert not carrier.asked
        assert not house.services.storage.calls(CallQuery())
        lists.remove(NUMBER, "")
        assert order(house.carrier.client).status_code == 201


def test_an_unknown_agent_is_answered_with_those_there_are(house: House) -> None:
    answer = order(house.carrier.client, agent_type="nobody")
    assert answer.status_code == 404
    assert json_of(answer)["error"]["agents"] == ["logistics"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"agent_type": None}, "agent_type"),
        ({"agent_type": 5}, "agent_type"),
        ({"agent_type": "  "}, "agent_type"),
        ({"phone_number": None}, "phone_number"),
        ({"phone_number": ["+919876543210"]}, "phone_number"),
        ({"phone_number": "hello"}, "phone_number"),
        ({"phone_number": "12345"}, "phone_number"),
        ({"phone_number": "9" * 100_000}, "phone_number"),
        ({"variables": "text"}, "variables"),
        ({"variables": ["a"]}, "variables"),
        ({"variables": {"a": {"b": "c"}}}, "variables"),
        ({"variables": {"a": None}}, "variables"),
        ({"variables": {"a": True}}, "variables"),
        ({"variables": {"a b": "c"}}, "variables"),
        ({"variables": {"a": "x" * 501}}, "variables"),
        ({"variables": {f"v{i}": "x" for i in range(51)}}, "variables"),
    ],
)
def test_bad_input_is_named(house: House, changes: dict[str, object], field: str) -> None:
    answer = order(house.carrier.client, **changes)
    assert answer.status_code == 422
    assert json_of(answer)["error"]["field"] == field
    assert not house.services.storage.calls(CallQuery())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff\xfe", b"null"])
def test_a_body_that_is_no_json_object_is_refused(house: House, body: bytes) -> None:
    answer = house.carrier.client.post(
        "/start-call", data=body, content_type="application/json", headers=AUTHORIZED
    )
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (400, "bad_json")


@pytest.mark.parametrize("number", ["+14155552671", "+19002345678"])
def test_a_number_outside_the_countries_is_not_rung(house: House, number: str) -> None:
    answer = order(house.carrier.client, phone_number=number)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (403, "number_not_allowed")


def test_a_number_that_charges_extra_is_not_rung(tmp_path: Path) -> None:
    with house_of(tmp_path, replace(SIGNED, start_call_countries=("US",))) as house:
        answer = order(house.carrier.client, phone_number="+19002345678")
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (403, "number_not_allowed")


def test_one_number_is_rung_only_so_often_however_it_is_written(tmp_path: Path) -> None:
    settings = replace(SIGNED, start_call_limit="2 per hour")
    with ringing(tmp_path, settings=settings) as (house, carrier):
        client = house.carrier.client
        assert order(client, phone_number="98765 43210").status_code == 201
        assert order(client, phone_number="+919876543210").status_code == 201
        answer = order(client, phone_number="09876543210")
        assert (answer.status_code, json_of(answer)["error"]["code"]) == (429, "too_many_calls")
        assert 3_500 < int(answer.headers["Retry-After"]) <= 3_601
        assert order(client, phone_number="+919876543211").status_code == 201
        assert len(carrier.asked) == 3


def test_a_refused_order_does_not_count(tmp_path: Path) -> None:
    with ringing(tmp_path, settings=replace(SIGNED, start_call_limit="1 per hour")) as (house, _):
        client = house.carrier.client
        assert order(client, agent_type="nobody").status_code == 404
        assert order(client, variables="x").status_code == 422
        assert order(client).status_code == 201


def test_two_applications_do_not_share_their_counts(tmp_path: Path) -> None:
    settings = replace(SIGNED, start_call_limit="1 per hour")
    for name in ("one", "two"):
        with ringing(tmp_path / name, settings=settings) as (house, _):
            assert order(house.carrier.client).status_code == 201


def test_a_limit_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    services, _ = scripted_services(tmp_path, replace(SIGNED, start_call_limit="sometimes"))
    with pytest.raises(SettingsError, match="START_CALL_LIMIT"):
        app_of(services)
    services.close()


@pytest.mark.parametrize(
    ("code", "status", "answered", "name"),
    [
        (21211, 400, 400, "number_refused"),
        (21215, 400, 403, "number_not_allowed"),
        (21219, 400, 403, "number_not_allowed"),
        (20003, 401, 502, "carrier_account"),
        (21212, 400, 502, "carrier_account"),
        (99999, 400, 502, "carrier_refused"),
        (20429, 429, 503, "carrier_unavailable"),
        (20500, 500, 503, "carrier_unavailable"),
    ],
)
def test_what_the_carrier_says_is_passed_on(
    tmp_path: Path, code: int, status: int, answered: int, name: str
) -> None:
    with ringing(tmp_path, refusal(code, status)) as (house, _):
        answer = order(house.carrier.client)
        error = json_of(answer)["error"]
        assert (answer.status_code, error["code"]) == (answered, name)
        assert error["carrier_code"] == str(code)
        kept = house.services.storage.load_call(error["call_id"])
        assert kept is not None
        assert kept.outcome == "failed"


def test_a_carrier_that_is_not_set_up_says_what_is_missing(tmp_path: Path) -> None:
    with house_of(tmp_path, replace(SIGNED, twilio_account_sid="")) as house:
        answer = order(house.carrier.client)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (503, "carrier_unavailable")
    assert "TWILIO_ACCOUNT_SID" in json_of(answer)["error"]["message"]


def test_without_an_account_the_phone_of_this_machine_rings(tmp_path: Path) -> None:
    with running_carrier() as carrier:
        with house_of(tmp_path, Settings(port=carrier.port - 1)) as house:
            assert house.carrier.client.post("/start-call", json=ORDER).status_code == 201
    form = carrier.asked[0][1]
    assert form["Url"][0].startswith(f"http://127.0.0.1:{carrier.port - 1}/voice?")


def test_without_a_phone_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    with running_carrier() as gone:
        pass
    with house_of(tmp_path, Settings(port=gone.port - 1)) as house:
        answer = house.carrier.client.post("/start-call", json=ORDER)
    assert answer.status_code == 503
    assert "flask phone" in json_of(answer)["error"]["message"]
