"""Status callbacks: which, in what order, with what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from phone.clock import CallClock
from phone.leg import Leg
from phone.progress import Delivered, Progress
from phone.webhook import Courier
from tests.phone.fake_app import App, Reply
from tests.phone.planned import NOON, TOKEN

STATUSES = ("initiated", "ringing", "in-progress", "completed")


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/status": ""}) as running:
        yield running


def progress(app: App, delivered: Delivered = Delivered.IN_ORDER, *events: str) -> Progress:
    """The callbacks of one outbound call."""
    leg = Leg("AC1", "+15005550006", "+919812345678", "outbound-api")
    courier = Courier(CallClock(NOON), TOKEN)
    return Progress(courier, leg, f"{app.url}/status", events or ("completed",), "POST", delivered)


def told(app: App) -> list[tuple[str, str]]:
    """Number and status of every callback, as they arrived."""
    return [(form["SequenceNumber"], form["CallStatus"]) for form in app.forms("/status")]


def test_only_what_was_asked_for_is_told_but_everything_is_counted(app: App) -> None:
    reporting = progress(app, Delivered.IN_ORDER, "answered", "completed")
    for status in STATUSES:
        reporting.reach(status)
    reporting.courier.close()
    assert told(app) == [("2", "in-progress"), ("3", "completed")]


def test_callbacks_can_arrive_late_and_in_reverse(app: App) -> None:
    events = ("initiated", "ringing", "answered", "completed")
    reporting = progress(app, Delivered.REVERSED, *events)
    for status in STATUSES:
        reporting.reach(status)
    reporting.courier.close()
    assert told(app) == [
        ("3", "completed"),
        ("2", "in-progress"),
        ("1", "ringing"),
        ("0", "initiated"),
    ]


@pytest.mark.parametrize(("status", "sip"), [("busy", "486"), ("completed", "200")])
def test_the_last_callback_carries_duration_and_the_lines_answer(
    app: App, status: str, sip: str
) -> None:
    reporting = progress(app)
    reporting.leg.duration_s = 61
    reporting.reach(status)
    reporting.courier.close()
    (form,) = app.forms("/status")
    assert (form["CallDuration"], form["Duration"], form["SipResponseCode"]) == ("61", "2", sip)


def test_a_call_ends_once(app: App) -> None:
    reporting = progress(app)
    reporting.reach("completed")
    reporting.reach("failed")
    reporting.courier.close()
    assert told(app) == [("0", "completed")]


def test_a_callback_that_fails_is_recorded_and_hurts_nothing(app: App) -> None:
    app.views["/status"] = Reply(status=500)
    reporting = progress(app)
    reporting.reach("completed")
    reporting.courier.close()
    (delivery,) = reporting.courier.deliveries
    assert delivery.fault is not None
    assert delivery.fault.code == 11200
