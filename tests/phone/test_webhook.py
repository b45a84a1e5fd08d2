"""Deliveries: signed, in time, tried again, with one token and the call's cookies."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from twilio.request_validator import RequestValidator

from phone.clock import CallClock
from phone.faults import WebhookFault
from phone.webhook import IDEMPOTENCY_HEADER, Courier, Limits, Way
from tests.phone.fake_app import App, Got, Reply, closed_port, query_of
from tests.phone.planned import NOON, TOKEN

FORM = {"CallSid": "CA1", "SpeechResult": "ஐநூறு ரூபாய் & more"}


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/voice": "ok"}) as running:
        yield running


@pytest.fixture
def courier() -> Iterator[Courier]:
    one = Courier(CallClock(NOON), TOKEN)
    yield one
    one.close()


def failing(times: int, reply: Reply | None) -> tuple[list[int], object]:
    """A view that fails a number of times and then answers."""
    count = [0]

    def view(got: Got) -> Reply | str | None:
        count[0] += 1
        return reply if count[0] <= times else "ok"

    return count, view


def test_a_post_is_signed_over_address_and_form(app: App, courier: Courier) -> None:
    courier.send(f"{app.url}/voice?agent_type=x", FORM)

    (got,) = app.got
    assert got.form == FORM
    signature = got.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(app.url + got.target, dict(got.form), signature)


def test_a_get_carries_its_parameters_in_the_signed_address(app: App, courier: Courier) -> None:
    courier.send(f"{app.url}/voice?a=1", FORM, "GET")

    (got,) = app.got
    assert got.method == "GET"
    assert query_of(got) == {"a": ["1"]} | {name: [value] for name, value in FORM.items()}
    signature = got.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(app.url + got.target, {}, signature)


def test_without_a_token_nothing_is_signed(app: App) -> None:
    courier = Courier(CallClock(NOON))
    courier.send(f"{app.url}/voice", FORM)
    courier.close()
    assert "X-Twilio-Signature" not in app.got[0].headers


def test_the_public_address_is_signed_and_the_local_one_is_called(app: App) -> None:
    courier = Courier(CallClock(NOON), TOKEN, Way("https://calls.example/app", app.url))
    answer = courier.send("https://calls.example/app/voice?a=1", FORM)
    courier.close()

    (got,) = app.got
    assert got.target == "/voice?a=1"
    assert answer.url == "https://calls.example/app/voice?a=1"
    assert got.headers["X-Forwarded-Host"] == "calls.example"
    signature = got.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(answer.url, FORM, signature)


def test_another_host_that_begins_alike_is_not_the_apps(app: App) -> None:
    way = Way("https://calls.example", app.url)
    assert way.to("https://calls.example.evil/voice") == "https://calls.example.evil/voice"


def test_the_overrides_are_neither_sent_nor_signed(app: App, courier: Courier) -> None:
    courier.send(f"{app.url}/voice?a=1#rc=2&rp=all", FORM)

    (got,) = app.got
    assert got.target == "/voice?a=1"
    signature = got.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(f"{app.url}/voice?a=1", FORM, signature)


def test_a_server_error_is_not_tried_again_by_default(app: App, courier: Courier) -> None:
    count, app.views["/voice"] = failing(9, Reply(status=500))  # type: ignore[assignment]
    with pytest.raises(WebhookFault) as fault:
        courier.send(f"{app.url}/voice", FORM)
    assert (fault.value.code, fault.value.url, count) == (11200, f"{app.url}/voice", [1])


@pytest.mark.parametrize(
    ("policy", "reply", "attempts"),
    [
        ("5xx", Reply(status=503), 3),
        ("4xx", Reply(status=503), 1),
        ("4xx", Reply(status=404), 3),
        ("ct", Reply(status=404), 1),
        ("ct", None, 1),
        ("rt", None, 3),
        ("ct,rt,5xx", None, 3),
        ("all", Reply(status=418), 3),
    ],
)
def test_the_policy_says_what_is_tried_again(
    app: App, courier: Courier, policy: str, reply: Reply | None, attempts: int
) -> None:
    count, app.views["/voice"] = failing(2, reply)  # type: ignore[assignment]
    address = f"{app.url}/voice#rc=2&rp={policy}"
    if attempts == 3:
        assert courier.send(address, FORM).body == b"ok"
    else:
        with pytest.raises(WebhookFault):
            courier.send(address, FORM)
    assert count == [attempts]


def test_no_more_attempts_are_made_than_asked_for(app: App, courier: Courier) -> None:
    count, app.views["/voice"] = failing(9, Reply(status=503))  # type: ignore[assignment]
    with pytest.raises(WebhookFault):
        courier.send(f"{app.url}/voice#rc=1&rp=5xx", FORM)
    assert count == [2]


def test_every_attempt_carries_the_same_token_and_every_delivery_another(
    app: App, courier: Courier
) -> None:
    _, app.views["/voice"] = failing(2, Reply(status=503))  # type: ignore[assignment]
    courier.send(f"{app.url}/voice#rc=2&rp=5xx", FORM)
    courier.send(f"{app.url}/voice", FORM)

    tokens = [got.headers[IDEMPOTENCY_HEADER] for got in app.got]
    assert len(tokens) == 4
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]


def test_nobody_there_is_tried_twice_and_is_11205(courier: Courier) -> None:
    with pytest.raises(WebhookFault) as fault:
        courier.send(f"http://127.0.0.1:{closed_port()}/voice", FORM)
    assert fault.value.code == 11205
    assert courier.deliveries[0].attempts == 2


def test_an_answer_that_takes_too_long_is_11200(app: App, courier: Courier) -> None:
    released = threading.Event()

    def slow(got: Got) -> str:
        released.wait(10)
        return "late"

    app.views["/voice"] = slow
    with pytest.raises(WebhookFault) as fault:
        courier.send(f"{app.url}/voice#rt=100", FORM)
    released.set()
    assert fault.value.code == 11200


def test_the_total_time_covers_every_attempt(app: App, courier: Courier) -> None:
    released = threading.Event()
    count = [0]

    def slow(got: Got) -> str:
        count[0] += 1
        released.wait(10)
        return "late"

    app.views["/voice"] = slow
    with pytest.raises(WebhookFault):
        courier.send(f"{app.url}/voice#rt=150&tt=200&rc=5&rp=rt", FORM)
    released.set()
    assert count[0] <= 2


def test_an_unknown_policy_is_11243(app: App, courier: Courier) -> None:
    with pytest.raises(WebhookFault) as fault:
        courier.send(f"{app.url}/voice#rp=always", FORM)
    assert fault.value.code == 11243
    assert app.got == []


def test_out_of_range_overrides_become_the_nearest() -> None:
    limits = Limits().overridden("ct=1&rt=99999&tt=50&rc=9&rp=all", "")
    assert (limits.connect_ms, limits.read_ms, limits.total_ms) == (100, 15_000, 100)
    assert limits.retries == 5


def test_cookies_last_as_long_as_the_call(app: App, courier: Courier) -> None:
    app.views["/voice"] = Reply("ok", headers={"Set-Cookie": "seat=12; Path=/"})
    app.views["/turn"] = "ok"
    courier.send(f"{app.url}/voice", FORM)
    courier.send(f"{app.url}/turn", FORM)
    assert "Cookie" not in app.got[0].headers
    assert app.got[1].headers["Cookie"] == "seat=12"


def test_a_redirect_is_followed_with_get_and_signed_anew(app: App, courier: Courier) -> None:
    app.views["/voice"] = Reply(status=302, headers={"Location": "/other?b=2"})
    app.views["/other"] = "there"
    answer = courier.send(f"{app.url}/voice", FORM)

    assert (answer.body, answer.url) == (b"there", f"{app.url}/other?b=2")
    got = app.got[1]
    assert got.method == "GET"
    signature = got.headers["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(answer.url, {}, signature)


def test_redirects_in_a_circle_are_11215(app: App, courier: Courier) -> None:
    app.views["/voice"] = Reply(status=307, headers={"Location": "/voice"})
    with pytest.raises(WebhookFault) as fault:
        courier.send(f"{app.url}/voice", FORM)
    assert fault.value.code == 11215


def test_the_second_delivery_has_the_same_token_and_must_get_the_same_answer(app: App) -> None:
    courier = Courier(CallClock(NOON), TOKEN, twice=True)
    courier.send(f"{app.url}/voice", FORM)
    assert courier.differences == []
    assert app.got[0].form == app.got[1].form
    assert app.got[0].headers[IDEMPOTENCY_HEADER] == app.got[1].headers[IDEMPOTENCY_HEADER]

    answers = iter(["one", "two"])
    app.views["/voice"] = lambda got: next(answers)
    courier.send(f"{app.url}/voice", FORM)
    courier.close()
    assert len(courier.differences) == 1


def test_time_that_the_server_takes_passes_in_the_call(app: App, courier: Courier) -> None:
    courier.send(f"{app.url}/voice", FORM)
    passed = (courier.clock.now() - NOON).total_seconds()
    assert 0 < passed < 15
