"""Ringing a server: what it is asked, and what is said when it is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from phone.exchange import Exchange, Habits
from phone.handset import Handset, ServerAway
from phone.rehearsal import play_inbound, play_outbound
from phone.script import Script
from phone.transcript import Transcript
from phone.webhook import Way
from tests.phone.fake_app import App, Reply, closed_port
from tests.phone.planned import PlannedCaller, response

BYE = response("<Say>Bye</Say>")


@pytest.fixture
def app() -> Iterator[App]:
    views = {"/health": "{}", "/voice": BYE, "/call-events/status": ""}
    with App(views) as running:
        yield running


@pytest.fixture
def handset(app: App) -> Iterator[Handset]:
    one = Handset(app.url, api_token="secret")
    yield one
    one.close()


def test_a_call_rings_the_servers_doors(app: App, handset: Handset) -> None:
    handset.prepare("logistics", PlannedCaller(), Transcript(), "+919800000001").run_inbound()
    assert [got.target for got in app.got] == [
        "/voice?agent_type=logistics",
        "/call-events/status",
    ]
    assert app.got[0].form["From"] == "+919800000001"
    assert app.got[1].form["CallStatus"] == "completed"


def test_a_fault_goes_to_the_servers_fallback(app: App, handset: Handset) -> None:
    app.views["/voice"] = Reply(status=500)
    app.views["/voice-fallback"] = BYE
    caller = PlannedCaller()
    handset.prepare("logistics", caller, Transcript()).run_inbound()
    assert caller.texts == ["Bye"]
    assert app.forms("/voice-fallback")[0]["ErrorCode"] == "11200"


def test_a_server_with_a_public_address_is_rung_under_it(app: App) -> None:
    habits = Habits("12345", Way("https://calls.example", app.url))
    handset = Handset(app.url, habits)
    line = handset.prepare("logistics", PlannedCaller(), Transcript())
    line.run_inbound()
    handset.close()
    assert line.addresses.voice == "https://calls.example/voice?agent_type=logistics"
    assert app.got[0].headers["X-Forwarded-Host"] == "calls.example"


def test_the_token_is_shown_when_the_record_is_asked_for(app: App, handset: Handset) -> None:
    app.views["/call-status/CA1"] = Reply('{"stage": "completed"}', content_type="application/json")
    assert handset.record("CA1") == {"stage": "completed"}
    assert app.got[0].headers["Authorization"] == "Bearer secret"


def test_an_order_is_sent_as_json(app: App, handset: Handset) -> None:
    app.views["/start-call"] = Reply('{"call_sid": "CA7"}', 201, "application/json")
    assert handset.order("lead", "+919800000001", {"name": "Asha"}) == "CA7"
    assert app.got[0].method == "POST"


def test_nobody_there_says_how_to_start_the_server() -> None:
    handset = Handset(f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(ServerAway, match="make run"):
        handset.check()
    handset.close()


def test_a_server_that_is_away_is_apologised_for_and_the_call_ends() -> None:
    handset = Handset(f"http://127.0.0.1:{closed_port()}")
    line = handset.prepare("logistics", PlannedCaller(), Transcript())
    line.run_inbound()
    handset.close()
    assert [fault[:5] for fault in line.call.transcript.faults] == ["11205", "11205"]
    assert line.call.leg.status == "failed"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(json.dumps({"error": {"message": "No such agent."}}), 404), "No such agent"),
        (Reply("", 401), "Set API_TOKEN"),
        (Reply("<html>", 500), "answered with 500"),
        (Reply("[]", 200), "answered with 200"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(
    app: App, handset: Handset, reply: Reply, told: str
) -> None:
    app.views["/call-status/CA1"] = reply
    with pytest.raises(ServerAway, match=told):
        handset.record("CA1")


def test_a_fault_on_the_line_fails_a_script(app: App, handset: Handset) -> None:
    app.views["/voice"] = response("<Play>/gone.mp3</Play><Say>Bye</Say>")
    played = play_inbound(handset, Script("a", "", "logistics", ()))
    assert [failure[:5] for failure in played.failures] == ["11200"]


def test_an_order_that_another_carrier_took_is_noticed(app: App, handset: Handset) -> None:
    app.views["/start-call"] = Reply('{"call_sid": "CA7"}', 201, "application/json")
    exchange = Exchange()
    exchange.open()
    with pytest.raises(ServerAway, match="another"):
        play_outbound(handset, exchange, Script("a", "", "lead", ()), ring_wait_s=0.01)
    exchange.close()
