"""Calls placed through the real library: against a recorded API and a fake on this machine."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
import responses

from providers.errors import (
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    UnsupportedFeature,
)
from providers.telephony.base import CallOrder, CallRefused, Refusal
from providers.telephony.detection import MachineDetection
from providers.telephony.twilio.client import LOCAL_NUMBER, Rest
from settings import Settings
from tests.providers.telephony.carrier_rest import CarrierRest, refusal, running_carrier

ACCOUNT = "AC" + "7" * 32
CALLS = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
REAL = Settings(
    public_base_url="https://calls.example",
    twilio_account_sid=ACCOUNT,
    twilio_auth_token="secret",
    twilio_phone_number="+14155550100",
)
ORDER = CallOrder(
    to="+919876543210",
    voice="https://calls.example/voice?agent_type=LOGISTICS&call_id=c1",
    fallback="https://calls.example/voice-fallback?call_id=c1",
    status="https://calls.example/call-events/status?call_id=c1",
)


def at(carrier: CarrierRest) -> Settings:
    return Settings(twilio_base_url=carrier.address)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_an_order_reaches_the_carrier_with_every_address() -> None:
    with responses.RequestsMock() as api:
        api.post(CALLS, json={"sid": "CA9", "status": "queued"}, status=201)
        assert Rest(REAL).place_call(ORDER) == "CA9"
        request = api.calls[0].request
    assert request.headers["Authorization"].startswith("Basic ")
    assert parse_qs(str(request.body)) == {
        "To": ["+919876543210"],
        "From": ["+14155550100"],
        "Url": [ORDER.voice + "#ct=2000&rt=7000&rc=2&rp=ct,rt,5xx"],
        "Method": ["POST"],
        "FallbackUrl": [ORDER.fallback],
        "FallbackMethod": ["POST"],
        "StatusCallback": [ORDER.status + "#ct=5000&rt=5000&rc=5&rp=ct,rt,5xx"],
        "StatusCallbackMethod": ["POST"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "Timeout": ["30"],
    }


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (21211, 400, Refusal.NUMBER),
        (21214, 400, Refusal.NUMBER),
        (21215, 400, Refusal.NOT_ALLOWED),
        (21219, 400, Refusal.NOT_ALLOWED),
        (20003, 401, Refusal.ACCOUNT),
        (21212, 400, Refusal.ACCOUNT),
        (99999, 401, Refusal.ACCOUNT),
        (99999, 400, Refusal.OTHER),
    ],
)
def test_a_refusal_says_what_to_mend(code: int, status: int, reason: Refusal) -> None:
    with running_carrier(refusal(code, status)) as carrier:
        with pytest.raises(CallRefused) as refused:
            Rest(at(carrier)).place_call(ORDER)
    assert (refused.value.reason, refused.value.code) == (reason, str(code))
    assert refused.value.permanent


@pytest.mark.parametrize(("code", "status"), [(20429, 429), (20500, 500), (20503, 503)])
def test_an_overloaded_carrier_may_work_later(code: int, status: int) -> None:
    with running_carrier(refusal(code, status)) as carrier:
        with pytest.raises(ProviderUnavailable) as failed:
            Rest(at(carrier)).place_call(ORDER)
    assert not failed.value.permanent


def test_a_carrier_that_does_not_answer_is_given_up() -> None:
    with running_carrier(CarrierRest(hold=threading.Event())) as carrier:
        with pytest.raises(ProviderTimeout):
            Rest(at(carrier), timeout_s=0.05).place_call(ORDER)


@pytest.mark.parametrize("answer", [{}, {"status": "queued"}])
def test_an_answer_that_names_no_call_is_no_success(answer: dict[str, object]) -> None:
    with running_carrier(CarrierRest(answer=answer)) as carrier:
        with pytest.raises(ProviderUnavailable):
            Rest(at(carrier)).place_call(ORDER)


def test_an_answer_that_is_not_json_is_no_success() -> None:
    with responses.RequestsMock() as api:
        api.post(CALLS, body="<html>", status=201)
        with pytest.raises(ProviderError):
            Rest(REAL).place_call(ORDER)


def test_without_an_account_the_phone_on_this_machine_is_rung() -> None:
    with running_carrier() as carrier:
        assert Rest(Settings(port=carrier.port - 1)).place_call(ORDER) == "CA1"
        path, form = carrier.asked[0]
    assert path == f"/2010-04-01/Accounts/AC{'0' * 32}/Calls.json"
    assert form["From"] == [LOCAL_NUMBER]


def test_when_no_phone_listens_the_error_says_how_to_start_one() -> None:
    with pytest.raises(ProviderUnavailable, match=r"flask phone.*TWILIO_ACCOUNT_SID"):
        Rest(Settings(port=free_port() - 1)).place_call(ORDER)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(twilio_auth_token="x", public_base_url="https://c.example"), "ACCOUNT_SID"),
        (Settings(twilio_account_sid=ACCOUNT, twilio_phone_number="+14155550100"), "AUTH_TOKEN"),
        (
            Settings(
                twilio_account_sid=ACCOUNT,
                twilio_auth_token="x",
                public_base_url="https://c.example",
            ),
            "PHONE_NUMBER",
        ),
    ],
)
def test_an_account_that_is_not_set_up_is_named_before_anything_is_sent(
    settings: Settings, missing: str
) -> None:
    with responses.RequestsMock(), pytest.raises(ProviderUnavailable, match=missing):
        Rest(settings).place_call(ORDER)


def test_a_region_in_the_environment_does_not_send_calls_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    with responses.RequestsMock() as api:
        api.post(CALLS, json={"sid": "CA9"}, status=201)
        assert Rest(REAL).place_call(ORDER) == "CA9"


def test_a_proxy_in_the_environment_is_not_asked_about_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "")
    with running_carrier() as carrier:
        assert Rest(at(carrier)).place_call(ORDER) == "CA1"


def test_an_option_the_carrier_does_not_have_is_refused() -> None:
    order = CallOrder(
        ORDER.to, ORDER.voice, ORDER.fallback, ORDER.status, options={"colour": "blue"}
    )
    with pytest.raises(UnsupportedFeature, match="colour"):
        Rest(REAL).place_call(order)


def test_an_option_the_carrier_has_is_passed_on() -> None:
    options = {"machine_detection": "Enable"}
    order = CallOrder(ORDER.to, ORDER.voice, ORDER.fallback, ORDER.status, options=options)
    with running_carrier() as carrier:
        Rest(at(carrier)).place_call(order)
    assert carrier.asked[0][1]["MachineDetection"] == ["Enable"]


LISTENS = MachineDetection(awaits_end=False, timeout_s=20, speech_threshold_ms=3000)


def test_machines_are_listened_for_while_the_call_is_held() -> None:
    with running_carrier() as carrier:
        Rest(at(carrier)).place_call(replace(ORDER, detection=LISTENS))
    form = carrier.asked[0][1]
    assert {name: form[name][0] for name in form if name.startswith("MachineDetection")} == {
        "MachineDetection": "Enable",
        "MachineDetectionTimeout": "20",
        "MachineDetectionSpeechThreshold": "3000",
        "MachineDetectionSpeechEndThreshold": "1200",
        "MachineDetectionSilenceTimeout": "5000",
    }
    assert "AsyncAmd" not in form


def test_the_verdict_on_a_call_that_goes_on_is_told_after_the_greeting() -> None:
    told_at = "https://calls.example/call-events/amd?call_id=c1"
    wanted = MachineDetection(awaits_end=True, told_at=told_at)
    with running_carrier() as carrier:
        Rest(at(carrier)).place_call(replace(ORDER, detection=wanted))
    form = carrier.asked[0][1]
    assert form["MachineDetection"] == ["DetectMessageEnd"]
    assert form["AsyncAmd"] == ["true"]
    assert form["AsyncAmdStatusCallback"][0].startswith(f"{told_at}#")
    assert form["AsyncAmdStatusCallbackMethod"] == ["POST"]


def test_a_live_call_is_sent_elsewhere() -> None:
    to = "https://calls.example/voice-message"
    with running_carrier(CarrierRest(status=200, answer={"sid": "CA5"})) as carrier:
        Rest(at(carrier)).redirect_call("CA5", to)
    path, form = carrier.asked[0]
    assert path.endswith("/Calls/CA5.json")
    assert (form["Url"][0].partition("#")[0], form["Method"]) == (to, ["POST"])


def test_a_live_call_is_ended() -> None:
    with running_carrier(CarrierRest(status=200, answer={"sid": "CA5"})) as carrier:
        Rest(at(carrier)).end_call("CA5")
    path, form = carrier.asked[0]
    assert path.endswith("/Calls/CA5.json")
    assert form["Status"] == ["completed"]


def test_a_call_that_cannot_be_ended_is_an_error() -> None:
    with running_carrier(refusal(20404, 404)) as carrier:
        with pytest.raises(ProviderError):
            Rest(at(carrier)).end_call("CA5")
