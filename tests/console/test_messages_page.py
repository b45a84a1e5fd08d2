"""The page of text messages: shows them, sends one once, to operators only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from access.roles import Role
from app import app_of
from providers.telephony.messaging import MessageTurn
from tests.console.visitors import signed_in
from tests.transports.doors import SIGNED, Carrier, House, scripted_services

PATH = "/console/messages"
REST = f"https://api.twilio.com/2010-04-01/Accounts/{SIGNED.twilio_account_sid}/Messages.json"
PERSON = "+919840010003"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    services, turns = scripted_services(tmp_path)
    app = app_of(services)
    yield House(app, services, turns, Carrier(app))
    services.close()


def test_what_people_wrote_is_shown_as_text(house: House) -> None:
    came = MessageTurn("SM9", PERSON, "+15005550006", "<b>நிறுத்து</b>")
    house.services.messages.received(came)
    shown = signed_in(house.app, house.services, Role.OPERATOR).get(PATH).text
    assert "&lt;b&gt;நிறுத்து&lt;/b&gt;" in shown
    assert f"from {PERSON}" in shown
    none = signed_in(house.app, house.services, Role.OPERATOR, "b@acme.example")
    assert "No such messages" in none.get(f"{PATH}?direction=outbound").text


def test_a_form_sends_once_however_often_it_is_sent(house: House) -> None:
    person = signed_in(house.app, house.services, Role.OPERATOR)
    form = {"number": PERSON, "text": "We come at ten.", "key": "k1"}
    with responses.RequestsMock() as carrier:
        carrier.post(REST, json={"sid": "SM1", "status": "queued"}, status=201)
        assert person.send(PATH, form).status_code == 303
        assert person.send(PATH, form).status_code == 303
        assert len(carrier.calls) == 1
    assert "We come at ten." in person.get(PATH).text


def test_what_cannot_be_sent_is_said_beside_the_field(house: House) -> None:
    person = signed_in(house.app, house.services, Role.OPERATOR)
    answer = person.send(PATH, {"number": "12", "text": " "})
    assert answer.status_code == 422
    assert "Write 1 to 1600 characters." in answer.text
    house.services.messages.received(MessageTurn("SM9", PERSON, "+15005550006", "STOP"))
    barred = person.send(PATH, {"number": PERSON, "text": "Hello", "key": "k2"})
    assert "This person asked for no calls and messages." in barred.text


def test_viewers_do_not_see_it(house: House) -> None:
    viewer = signed_in(house.app, house.services, Role.VIEWER)
    assert viewer.get(PATH).status_code == 403
