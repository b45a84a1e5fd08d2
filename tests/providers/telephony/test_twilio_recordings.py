"""Recordings fetched and deleted at the carrier, and addresses that are not the carrier's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
import responses

from providers.errors import ProviderRefused, ProviderTimeout, ProviderUnavailable
from providers.telephony.twilio.client import Rest
from providers.telephony.twilio.recordings import RecordingsRest
from settings import Settings
from tests.providers.telephony.carrier_rest import CarrierRest, running_carrier
from tests.providers.telephony.recordings_rest import (
    ACCOUNT,
    CarrierRecordings,
    running_recordings,
    wav,
)

REAL = Settings(twilio_account_sid=ACCOUNT, twilio_auth_token="secret")
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1"


@pytest.fixture
def carrier() -> Iterator[CarrierRecordings]:
    with running_recordings() as running:
        yield running


def at(carrier: CarrierRecordings, patience_s: tuple[float, float] = (2, 2)) -> RecordingsRest:
    there = replace(REAL, twilio_base_url=f"http://127.0.0.1:{carrier.port}")
    return RecordingsRest(there, patience_s)


def fetched(rest: RecordingsRest, url: str) -> bytes:
    with rest.fetch(url) as pieces:
        return b"".join(pieces)


def test_a_recording_arrives_whole_with_the_accounts_password(carrier: CarrierRecordings) -> None:
    sound = wav(3)
    assert fetched(at(carrier), carrier.add("RE1", sound)) == sound
    assert carrier.asked == [("GET", f"{PATH}.wav", f"{ACCOUNT}:secret")]


@pytest.mark.parametrize("host", ["api.twilio.com", "api.ie1.twilio.com", "api.x.au1.twilio.com"])
def test_the_carriers_own_address_is_asked_where_we_reach_it(
    carrier: CarrierRecordings, host: str
) -> None:
    carrier.add("RE1", b"x")
    assert fetched(at(carrier), f"https://{host}{PATH}") == b"x"


def test_without_another_address_the_carriers_own_is_asked() -> None:
    with responses.RequestsMock() as api:
        api.get(f"https://api.twilio.com{PATH}.wav", body=b"sound")
        assert fetched(RecordingsRest(REAL), f"https://api.twilio.com{PATH}") == b"sound"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/2010-04-01/Accounts/{account}/Recordings/RE1",
        "https://api.twilio.com.evil.example/2010-04-01/Accounts/{account}/Recordings/RE1",
        "https://evil-api.twilio.com/2010-04-01/Accounts/{account}/Recordings/RE1",
        "http://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/RE1",
        "https://api.twilio.com@evil.example/2010-04-01/Accounts/{account}/Recordings/RE1",
        "https://api.twilio.com/2010-04-01/Accounts/AC9/Recordings/RE1",
        "https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/../../Keys",
        "https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/RE1/../x",
        "https://api.twilio.com/latest/meta-data",
        "http://169.254.169.254/2010-04-01/Accounts/{account}/Recordings/RE1",
        "http://127.0.0.1:9/2010-04-01/Accounts/{account}/Recordings/RE1",
        "file:///etc/passwd",
        "https://[::1/x",
    ],
)
def test_our_password_goes_to_nobody_else(url: str) -> None:
    with responses.RequestsMock() as nobody:
        for do in (fetched, RecordingsRest.delete):
            with pytest.raises(ProviderRefused) as refusal:
                do(RecordingsRest(REAL), url.replace("{account}", ACCOUNT))
            assert refusal.value.code == "not_the_carriers"
        assert len(nobody.calls) == 0


def test_a_phone_on_this_machine_is_the_carrier_in_local_mode(carrier: CarrierRecordings) -> None:
    assert fetched(RecordingsRest(Settings()), carrier.add("RE1", b"x")) == b"x"
    url = carrier.add("RE1", b"x").replace("127.0.0.1", "192.0.2.1")
    with pytest.raises(ProviderRefused):
        fetched(RecordingsRest(Settings()), url)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (404, ProviderRefused, "404"),
        (401, ProviderRefused, "401"),
        (429, ProviderUnavailable, "429"),
        (503, ProviderUnavailable, "503"),
    ],
)
def test_what_the_carrier_says_instead_is_told_apart(
    carrier: CarrierRecordings, status: int, error: type[Exception], code: str
) -> None:
    carrier.statuses = [status]
    with pytest.raises(error) as raised:
        fetched(at(carrier), carrier.add("RE1", b"x"))
    assert getattr(raised.value, "code", "") == code


def test_a_line_that_breaks_is_no_whole_recording(carrier: CarrierRecordings) -> None:
    carrier.cut_after = 1000
    with pytest.raises(ProviderUnavailable):
        fetched(at(carrier), carrier.add("RE1", wav()))


def test_a_carrier_that_hangs_is_given_up(carrier: CarrierRecordings) -> None:
    carrier.hold, carrier.cut_after = threading.Event(), 1000
    with pytest.raises((ProviderTimeout, ProviderUnavailable)):
        fetched(at(carrier, (1, 0.2)), carrier.add("RE1", wav()))


def test_nobody_there_is_unavailable() -> None:
    with running_recordings() as gone:
        rest, url = at(gone), gone.add("RE1", b"x")
    with pytest.raises(ProviderUnavailable):
        fetched(rest, url)


def test_a_redirect_takes_the_password_nowhere_and_does_not_go_on_for_ever(
    carrier: CarrierRecordings,
) -> None:
    with running_recordings() as elsewhere:
        elsewhere.content["/media"] = b"sound"
        carrier.statuses = [302]
        carrier.redirect = f"http://localhost:{elsewhere.port}/media"
        assert fetched(at(carrier), carrier.add("RE1", b"")) == b"sound"
        assert elsewhere.asked == [("GET", "/media", "")]
    carrier.statuses, carrier.redirect = [302] * 9, carrier.add("RE1", b"")
    with pytest.raises(ProviderUnavailable):
        fetched(at(carrier), carrier.redirect)


def test_deleting_what_is_gone_already_is_done(carrier: CarrierRecordings) -> None:
    url = carrier.add("RE1", b"x")
    at(carrier).delete(url)
    at(carrier).delete(url)
    assert [method for method, _, _ in carrier.asked] == ["DELETE", "DELETE"]
    assert not carrier.content
    carrier.statuses = [500]
    with pytest.raises(ProviderUnavailable):
        at(carrier).delete(url)


def test_a_live_call_is_recorded_on_both_sides() -> None:
    carrier = CarrierRest(answer={"sid": "RE7", "status": "in-progress"})
    with running_carrier(carrier):
        rest = Rest(Settings(twilio_base_url=carrier.address))
        callback = "https://calls.example/call-events/recording?call_id=c1"
        assert rest.start_recording("CA1", callback) == "RE7"
    [(path, form)] = carrier.asked
    assert path.endswith("/Calls/CA1/Recordings.json")
    assert form == {
        "RecordingChannels": ["dual"],
        "RecordingTrack": ["both"],
        "Trim": ["do-not-trim"],
        "RecordingStatusCallback": [callback + "#ct=5000&rt=5000&rc=5&rp=ct,rt,5xx"],
        "RecordingStatusCallbackEvent": ["in-progress", "completed", "absent"],
        "RecordingStatusCallbackMethod": ["POST"],
    }
