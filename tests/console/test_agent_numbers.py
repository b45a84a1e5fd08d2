"""Numbers of the account, over the wire of the phone's exchange: list, assign, ask first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app, services_of
from phone.exchange import Exchange
from providers.errors import ProviderUnavailable
from settings import Settings
from storage.register import EntryQuery
from tests.console.pages import Reader

NUMBERS = ("+15005550006", "+914400000001")
HERE = "http://127.0.0.1:8000"
OTHER = "https://elsewhere.example/voice"


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    exchange = Exchange(numbers=NUMBERS)
    yield exchange
    exchange.close()


@pytest.fixture
def reader(exchange: Exchange, folder: Path) -> Iterator[Reader]:
    app = create_app(
        Settings(
            data_dir=str(folder.parent / "data"),
            agents_dir=str(folder),
            twilio_base_url=exchange.open(),
        )
    )
    yield Reader(app)
    services_of(app).close()


def number_at(exchange: Exchange, at: int = 1) -> dict[str, object]:
    return dict(exchange.numbers.all()[at])


def assign(reader: Reader, exchange: Exchange, agreed: str = "", agent: str = "rates") -> int:
    path = f"/console/numbers/{number_at(exchange)['sid']}"
    return reader.post(path, {"agent": agent, "agreed": agreed}).status_code


def test_the_numbers_of_the_account_are_listed(reader: Reader, exchange: Exchange) -> None:
    shown = reader.get("/console/numbers").text

    assert all(number in shown for number in NUMBERS)
    assert "nobody" in shown


def test_an_assigned_number_leads_to_the_agent(reader: Reader, exchange: Exchange) -> None:
    assert assign(reader, exchange) == 302

    number = number_at(exchange)
    assert str(number["voice_url"]).startswith(f"{HERE}/voice?agent_type=RATES#")
    assert number["voice_fallback_url"] == f"{HERE}/voice-fallback?agent_type=RATES"
    assert str(number["status_callback"]).startswith(f"{HERE}/call-events/status#")
    assert 'href="/console/agents/rates"' in reader.get("/console/numbers").text
    assert assign(reader, exchange) == 302  # ours may be changed without asking


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"voice_url": OTHER}, OTHER), ({"trunk_sid": "TK1"}, "a SIP trunk")],
)
def test_what_leads_elsewhere_is_overwritten_only_after_asking(
    reader: Reader, exchange: Exchange, changes: dict[str, str], told: str
) -> None:
    exchange.numbers.change(NUMBERS[1], **changes)

    path = f"/console/numbers/{number_at(exchange)['sid']}"
    asked = reader.post(path, {"agent": "rates"})
    assert asked.status_code == 409
    assert told in asked.text
    assert number_at(exchange)["voice_url"] == changes.get("voice_url", "")

    assert assign(reader, exchange, agreed=told) == 302
    assert number_at(exchange)["trunk_sid"] is None
    assert "agent_type=RATES" in str(number_at(exchange)["voice_url"])


def test_who_agreed_to_something_else_is_asked_again(reader: Reader, exchange: Exchange) -> None:
    exchange.numbers.change(NUMBERS[1], voice_url=OTHER)

    assert assign(reader, exchange, agreed="https://another.example/") == 409


def test_what_is_not_there_is_refused(reader: Reader, exchange: Exchange) -> None:
    assert assign(reader, exchange, agent="nobody") == 422
    assert reader.post("/console/numbers/PN0", {"agent": "rates"}).status_code == 404


def test_the_assignment_is_in_the_audit_log(reader: Reader, exchange: Exchange) -> None:
    assign(reader, exchange)

    noted = services_of(reader.client.application).audit.find(EntryQuery("audit"))
    assert [one.action for one in noted] == ["assign number"]


def test_a_carrier_that_is_away_is_said_so(reader: Reader, exchange: Exchange) -> None:
    exchange.close()

    shown = reader.get("/console/numbers")
    assert shown.status_code == 200
    assert "No phone answers" in shown.text


def test_without_an_account_the_page_says_what_to_set(folder: Path) -> None:
    app = create_app(
        Settings(
            data_dir=str(folder.parent / "data"),
            agents_dir=str(folder),
            twilio_auth_token="secret",
            public_base_url="https://calls.example",
        )
    )
    with pytest.raises(ProviderUnavailable, match="set TWILIO_ACCOUNT_SID"):
        services_of(app).telephony.numbers()
    services_of(app).close()
