"""The carrier's messages on this machine: ordered by its library, told of, answered by people."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from werkzeug.serving import make_server

from phone.exchange import OWN_NUMBER, Exchange, Habits
from phone.texting import UNREACHABLE
from providers.telephony.twilio.client import ElsewhereHttpClient
from tests.waiting import wait_until

ACCOUNT, PERSON = "AC" + "7" * 32, "+919840010003"


class App:
    """What is told of messages, and answers those that people write."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        app = Flask("told", static_folder=None)
        app.add_url_rule("/<path:_>", "tell", self._tell, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.port}"

    def _tell(self, _: str) -> Response:
        self.told.append(request.form.to_dict())
        answer = "<Message>Goodbye</Message>" if request.form.get("Body") == "STOP" else ""
        return Response(f"<Response>{answer}</Response>", content_type="text/xml")

    def statuses(self) -> list[str]:
        """Of the message that was sent, in order."""
        return [form["MessageStatus"] for form in self.told if "MessageStatus" in form]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def carrier() -> Iterator[Exchange]:
    exchange = Exchange(Habits(token="secret"), ACCOUNT)
    yield exchange
    exchange.close()


@pytest.fixture(scope="module")
def client(carrier: Exchange) -> Client:
    http = ElsewhereHttpClient(carrier.open(), 10)
    return Client(ACCOUNT, "secret", http_client=http, environment={"TWILIO_REGION": ""})


@pytest.fixture
def app(carrier: Exchange) -> Iterator[App]:
    one = App()
    carrier.texting.inbound = f"{one.address}/inbound"
    yield one
    one.close()


def test_a_message_is_taken_sent_and_delivered(client: Client, app: App) -> None:
    sent = client.messages.create(
        to=PERSON, from_=OWN_NUMBER, body="We come.", status_callback=f"{app.address}/status"
    )
    assert sent.status in ("queued", "sent", "delivered")
    wait_until(lambda: app.statuses() == ["sent", "delivered"])
    assert client.messages(sent.sid).fetch().body == "We come."


def test_one_that_cannot_arrive_is_told_so(client: Client, app: App) -> None:
    client.messages.create(
        to=UNREACHABLE, from_=OWN_NUMBER, body="Hello?", status_callback=f"{app.address}/status"
    )
    wait_until(lambda: app.statuses() == ["sent", "undelivered"])
    assert app.told[-1]["ErrorCode"] == "30003"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "12"}, 21211),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550009"}, 21614),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": ""}, 21603),
    ],
)
def test_what_cannot_be_sent_is_refused_by_number(
    client: Client, order: dict[str, str], code: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(**{"to": PERSON, "from_": OWN_NUMBER, "body": "Hello", **order})
    assert caught.value.code == code


def test_somebody_who_writes_stop_is_answered_and_sent_nothing_more(
    carrier: Exchange, client: Client, app: App
) -> None:
    assert carrier.texting.write(PERSON, OWN_NUMBER, "STOP", ACCOUNT) == "Goodbye"
    assert app.told[0]["From"] == PERSON
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to=PERSON, from_=OWN_NUMBER, body="Hello")
    assert caught.value.code == 21610
    assert carrier.texting.write(PERSON, OWN_NUMBER, "start", ACCOUNT) == ""
    client.messages.create(to=PERSON, from_=OWN_NUMBER, body="Hello")


def test_a_person_writes_back(carrier: Exchange, client: Client, app: App) -> None:
    carrier.texting.people[PERSON] = lambda text: f"You said: {text.body}"
    client.messages.create(to=PERSON, from_=OWN_NUMBER, body="Hello")
    wait_until(lambda: [form.get("Body") for form in app.told] == ["You said: Hello"])
    del carrier.texting.people[PERSON]
