"""The REST side against the carrier's own client library."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse, urlunparse

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from phone.caller import Listening, Move, PickUp, Speaks
from phone.exchange import Exchange, Habits, Ring
from phone.progress import Delivered
from tests.phone.fake_app import App
from tests.phone.planned import TOKEN, PlannedCaller, response

ACCOUNT = "AC" + "2" * 32
BYE = response("<Say>Bye</Say>")
ALL = ["initiated", "ringing", "answered", "completed"]


class LocalHttpClient(TwilioHttpClient):  # type: ignore[misc]  # has no types
    """The library's client with another address in place of api.twilio.com."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self._base = urlparse(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        there = urlparse(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunparse(there), *args, **kwargs)


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/voice": BYE, "/status": "", "/other": BYE}) as running:
        yield running


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    one = Exchange(Habits(token=TOKEN))
    yield one
    one.close()


@pytest.fixture
def client(exchange: Exchange) -> Iterator[Client]:
    http_client = LocalHttpClient(exchange.open())
    yield Client(ACCOUNT, TOKEN, http_client=http_client)
    http_client.session.close()


def order(client: Client, app: App, **options: Any) -> Any:
    """A call to be placed, with everything the app usually says."""
    wanted = {
        "to": "+919812345678",
        "from_": "+15005550006",
        "url": f"{app.url}/voice?agent_type=x",
        "status_callback": f"{app.url}/status",
        "status_callback_event": ALL,
    }
    return client.calls.create(**(wanted | options))


def ringing(exchange: Exchange) -> Ring:
    """The call that was just ordered."""
    ring = exchange.next_ring(5)
    assert ring is not None
    return ring


def test_an_order_is_taken_and_really_rings(exchange: Exchange, client: Client, app: App) -> None:
    call = order(client, app, machine_detection="Enable")
    assert (call.status, call.direction, call.to) == ("queued", "outbound-api", "+919812345678")
    assert app.got == []  # nothing happens before the phone is answered

    ring = ringing(exchange)
    caller = PlannedCaller()
    ring.answer(caller)

    assert ring.leg.sid == call.sid
    assert ring.order.options["MachineDetection"] == "Enable"
    assert caller.texts == ["Bye"]
    (form,) = app.forms("/voice")
    assert (form["CallSid"], form["CallStatus"]) == (call.sid, "in-progress")
    assert form["Direction"] == "outbound-api"
    assert [one["CallStatus"] for one in app.forms("/status")] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    kept = client.calls(call.sid).fetch()
    assert kept.status == "completed"
    assert int(kept.duration) == ring.leg.duration_s
    assert kept.start_time is not None
    assert kept.end_time >= kept.start_time


@pytest.mark.parametrize("result", [PickUp.BUSY, PickUp.NO_ANSWER, PickUp.FAILED])
def test_a_phone_that_is_not_answered_asks_for_no_document(
    exchange: Exchange, client: Client, app: App, result: PickUp
) -> None:
    call = order(client, app, timeout=20)
    ring = ringing(exchange)
    ring.answer(PlannedCaller(picks_up=result))
    assert app.forms("/voice") == []
    assert app.forms("/status")[-1]["CallStatus"] == result.value
    assert client.calls(call.sid).fetch().status == result.value


def test_only_the_end_is_reported_by_default(exchange: Exchange, client: Client, app: App) -> None:
    call = client.calls.create(
        to="+919812345678",
        from_="+15005550006",
        url=f"{app.url}/voice",
        status_callback=f"{app.url}/status",
    )
    ringing(exchange).answer(PlannedCaller())
    assert [form["CallStatus"] for form in app.forms("/status")] == ["completed"]
    assert client.calls(call.sid).fetch().status == "completed"


def test_callbacks_come_late_when_that_is_wanted(client: Client, app: App) -> None:
    exchange = Exchange(Habits(delivered=Delivered.REVERSED, twice=True))
    http_client = LocalHttpClient(exchange.open())
    order(Client(ACCOUNT, TOKEN, http_client=http_client), app)
    ringing(exchange).answer(PlannedCaller())
    exchange.close()
    http_client.session.close()
    numbers = [form["SequenceNumber"] for form in app.forms("/status")]
    assert numbers == ["3", "3", "2", "2", "1", "1", "0", "0"]


def test_a_document_may_come_with_the_order(exchange: Exchange, client: Client, app: App) -> None:
    order(client, app, url=None, twiml=response("<Say>Given</Say>"))
    caller = PlannedCaller()
    ringing(exchange).answer(caller)
    assert caller.texts == ["Given"]
    assert app.forms("/voice") == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "98123"}, 21211),
        ({"to": "+0123456789"}, 21211),
        ({"from_": ""}, 21213),
        ({"from_": "desk"}, 21212),
        ({"url": None}, 21205),
        ({"url": "/voice"}, 21205),
        ({"url": "ftp://example.com/x"}, 21205),
        ({"url": None, "twiml": "<Response><Sing/></Response>"}, 21200),
        ({"url": None, "twiml": response("<Say>" + "x" * 4000 + "</Say>")}, 21200),
        ({"method": "PUT"}, 21200),
        ({"status_callback": "here"}, 21200),
        ({"status_callback_event": ["sometimes"]}, 21200),
        ({"timeout": 700}, 21200),
    ],
)
def test_a_bad_order_is_refused_with_the_carriers_number(
    exchange: Exchange, client: Client, app: App, options: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        order(client, app, **options)
    assert (refused.value.status, refused.value.code) == (400, code)
    assert exchange.next_ring(0.01) is None


def test_a_wrong_password_is_20003(exchange: Exchange, app: App) -> None:
    http_client = LocalHttpClient(exchange.open())
    with pytest.raises(TwilioRestException) as refused:
        order(Client(ACCOUNT, "wrong", http_client=http_client), app)
    http_client.session.close()
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_no_password_is_20003_with_the_carriers_json(exchange: Exchange) -> None:
    address = exchange.open()
    answer = requests.get(f"{address}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", timeout=5)
    assert answer.status_code == 401
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


def test_a_call_nobody_ordered_is_20404(client: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        client.calls("CA" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_calls_are_listed_newest_first_and_filtered(
    exchange: Exchange, client: Client, app: App
) -> None:
    first = order(client, app)
    second = order(client, app, to="+919812345679")
    ringing(exchange).answer(PlannedCaller())
    assert [call.sid for call in client.calls.list()] == [second.sid, first.sid]
    assert [call.sid for call in client.calls.list(to="+919812345678")] == [first.sid]
    assert [call.sid for call in client.calls.list(status="queued")] == [second.sid]
    assert [call.sid for call in client.calls.list(limit=1)] == [second.sid]


def test_a_call_that_waits_can_be_canceled(exchange: Exchange, client: Client, app: App) -> None:
    call = order(client, app)
    assert client.calls(call.sid).update(status="canceled").status == "canceled"
    caller = PlannedCaller()
    ringing(exchange).answer(caller)
    assert caller.heard == []
    assert app.forms("/voice") == []
    assert app.forms("/status")[-1]["CallStatus"] == "canceled"


class MeddlingCaller(PlannedCaller):
    """Something is done to the call over REST while it is this caller's turn."""

    def __init__(self, meddle: Any) -> None:
        super().__init__([Speaks(("words that are lost",))])
        self._meddle = meddle

    def moves(self, listening: Listening) -> Move:
        done = threading.Thread(target=self._meddle)  # as from another process
        done.start()
        done.join()
        return super().moves(listening)


def test_a_live_call_can_be_ended(exchange: Exchange, client: Client, app: App) -> None:
    app.views["/voice"] = response('<Gather input="speech" action="/other"/>')
    call = order(client, app)
    caller = MeddlingCaller(lambda: client.calls(call.sid).update(status="completed"))
    ringing(exchange).answer(caller)
    assert app.forms("/other") == []
    assert client.calls(call.sid).fetch().status == "completed"


def test_a_live_call_can_be_sent_elsewhere(exchange: Exchange, client: Client, app: App) -> None:
    app.views["/voice"] = response('<Gather input="speech" action="/turn"/>')
    call = order(client, app)
    caller = MeddlingCaller(
        lambda: client.calls(call.sid).update(url=f"{app.url}/other", method="POST")
    )
    ringing(exchange).answer(caller)
    assert app.forms("/turn") == []
    assert caller.texts == ["Bye"]


def test_a_live_call_can_be_given_a_document(exchange: Exchange, client: Client, app: App) -> None:
    app.views["/voice"] = response('<Gather input="speech" action="/turn"/>')
    call = order(client, app)
    document = response("<Say>From REST</Say>")
    caller = MeddlingCaller(lambda: client.calls(call.sid).update(twiml=document))
    ringing(exchange).answer(caller)
    assert caller.texts == ["From REST"]


@pytest.mark.parametrize("change", [{"status": "completed"}, {"url": "https://x.example/"}])
def test_a_call_that_is_over_cannot_be_changed(
    exchange: Exchange, client: Client, app: App, change: dict[str, str]
) -> None:
    call = order(client, app)
    ringing(exchange).answer(PlannedCaller())
    with pytest.raises(TwilioRestException) as refused:
        client.calls(call.sid).update(**change)
    assert refused.value.code == 21220


def test_a_call_in_progress_cannot_be_canceled(
    exchange: Exchange, client: Client, app: App
) -> None:
    app.views["/voice"] = response('<Gather input="speech" action="/other"/>')
    call = order(client, app)
    refused: list[int] = []

    def cancel() -> None:
        try:
            client.calls(call.sid).update(status="canceled")
        except TwilioRestException as error:
            refused.append(error.code)

    ringing(exchange).answer(MeddlingCaller(cancel))
    assert refused == [21220]
    assert len(app.forms("/other")) == 1


def test_a_port_that_is_taken_is_an_error_and_not_the_end(exchange: Exchange) -> None:
    port = int(exchange.open().rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Exchange().open(port)
