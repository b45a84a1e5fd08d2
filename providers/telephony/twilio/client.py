"""Places and ends calls through Twilio's REST interface. What is asked in a call is not here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from providers.errors import (
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    UnsupportedFeature,
)
from providers.telephony.base import (
    CallOrder,
    CallRefused,
    Refusal,
)
from providers.telephony.detection import MachineDetection
from providers.telephony.numbers import LineAddresses, OwnNumber
from providers.telephony.placed import PerhapsPlaced, PlacedCall
from providers.telephony.twilio.document import ASK_AGAIN, RECORDING_EVENTS, REPORT_AGAIN
from settings import Settings

NAME = "twilio"
# The library waits for ever by default. Twilio queues a call within a second or two.
TIMEOUT_S = 10.0
# For each address of its name until one answers.
CONNECT_S = 3.0
# Connections that are kept: one for each thread that rings, or each order pays for a new one.
KEPT_OPEN = 64
NUMBERS_MOST = 500  # of one account that are listed
FOUND_MOST = 50  # calls to one number that are looked through, the newest
# Account and line of the phone on this machine, which checks neither; the number is Twilio's own
# for tests (https://www.twilio.com/docs/iam/test-credentials).
LOCAL_ACCOUNT = "AC" + "0" * 32
LOCAL_TOKEN = "local"
LOCAL_NUMBER = "+15005550006"

STATUS_EVENTS = ("initiated", "ringing", "answered", "completed")
# Options an order may carry beyond the common ones.
OPTIONS = frozenset(
    {
        "machine_detection",
        "machine_detection_timeout",
        "async_amd",
        "async_amd_status_callback",
        "record",
        "recording_channels",
        "recording_status_callback",
        "time_limit",
    }
)

# https://www.twilio.com/docs/api/errors: what each refusal of a new call asks us to mend.
_REASONS = {
    Refusal.NUMBER: {13223, 13224, 21201, 21211, 21214, 21217, 21401, 21421},
    Refusal.NOT_ALLOWED: {13227, 21215, 21216, 21219, 21610, 32205, 10002},
    Refusal.ACCOUNT: {10001, 20003, 20005, 20008, 20404, 21202, 21203, 21210, 21212, 21213},
}
_REASON = {code: reason for reason, codes in _REASONS.items() for code in codes}
_MEND = {
    Refusal.NUMBER: "The carrier cannot ring this number.",
    Refusal.NOT_ALLOWED: "The carrier's account may not ring this number or country.",
    Refusal.ACCOUNT: (
        "The carrier does not accept this account: check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN "
        "and TWILIO_PHONE_NUMBER."
    ),
    Refusal.OTHER: "The carrier refused the call.",
}


class ElsewhereHttpClient(TwilioHttpClient):  # type: ignore[misc]  # has no types
    """Twilio's HTTP client with another address in place of api.twilio.com."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base_url)
        if self.session is not None and is_here(base_url):
            self.session.trust_env = False  # no proxy between a process and its own machine

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As the library's, at the other address."""
        asked = urlsplit(url)
        there = urlunsplit(
            (self._base.scheme, self._base.netloc, self._base.path + asked.path, asked.query, "")
        )
        return super().request(method, there, *args, **kwargs)


class Rest:
    """The REST interface with one account. Safe to use from many threads."""

    def __init__(self, settings: Settings, timeout_s: float = TIMEOUT_S) -> None:
        self._phone_here = settings.local_mode and not settings.twilio_account_sid
        base_url = base_url_of(settings)
        self._address = base_url or "https://api.twilio.com"
        here = is_here(self._address)
        account = settings.twilio_account_sid or (LOCAL_ACCOUNT if self._phone_here else "")
        token = settings.twilio_auth_token or (LOCAL_TOKEN if self._phone_here or here else "")
        self._line = settings.twilio_phone_number or (LOCAL_NUMBER if here else "")
        self._missing = [
            name
            for name, value in (
                ("TWILIO_ACCOUNT_SID", account),
                ("TWILIO_AUTH_TOKEN", token),
                ("TWILIO_PHONE_NUMBER", self._line),
            )
            if not value
        ]
        http_client = (
            ElsewhereHttpClient(base_url, timeout_s)
            if base_url
            else TwilioHttpClient(timeout=timeout_s)
        )
        http_client.timeout = (CONNECT_S, timeout_s)  # which requests takes
        if http_client.session is not None:
            for scheme in ("https://", "http://"):
                http_client.session.mount(scheme, HTTPAdapter(pool_maxsize=KEPT_OPEN))
        # A region or edge in the environment would silently send calls elsewhere; an empty
        # mapping makes the library read the environment after all.
        self._client = Client(
            account or LOCAL_ACCOUNT,
            token or LOCAL_TOKEN,
            http_client=http_client,
            environment={"TWILIO_REGION": ""},
        )

    @property
    def line_number(self) -> str:
        """The number that calls come from; "" when none is set."""
        return self._line

    def place_call(self, order: CallOrder) -> str:
        """Ring someone; the call's SID. ProviderError when that fails."""
        if self._missing:
            message = f"Calls cannot be placed yet: set {', '.join(self._missing)}."
            raise ProviderUnavailable("telephony", NAME, message, "not_set_up")
        unknown = sorted(set(order.options) - OPTIONS)
        if unknown:
            raise UnsupportedFeature("telephony", NAME, f"No such option: {', '.join(unknown)}.")
        options: dict[str, Any] = {**order.options, **_detection(order.detection)}
        try:
            call = self._client.calls.create(
                to=order.to,
                from_=self._line,
                url=order.voice + ASK_AGAIN,
                method="POST",
                fallback_url=order.fallback,
                fallback_method="POST",
                status_callback=order.status + REPORT_AGAIN,
                status_callback_event=list(STATUS_EVENTS),
                status_callback_method="POST",
                timeout=order.ring_s,
                **options,
            )
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise self._of_order(error) from error
        if not call.sid:
            raise PerhapsPlaced("telephony", NAME, "The carrier's answer names no call.")
        return str(call.sid)

    def find_calls(self, to: str, since: datetime) -> list[PlacedCall]:
        """Calls from our line to a number, created then or later. ProviderError as above.

        The list has the newest first. Its filter of times leaves out calls that are queued, which
        have no start yet, so it is not used.
        """
        self._need_account()
        try:
            found = self._client.calls.list(to=to, from_=self._line, limit=FOUND_MOST)
            placed = [_placed(one) for one in found]
        except (TwilioException, requests.RequestException, ValueError, KeyError) as error:
            raise self._translated(error) from error
        return [one for one in placed if one.created_at >= since]

    def call_status(self, call_sid: str) -> PlacedCall | None:
        """How a call stands; None when there is none. ProviderError when that fails."""
        self._need_account()
        try:
            return _placed(self._client.calls(call_sid).fetch())
        except (TwilioException, requests.RequestException, ValueError, KeyError) as error:
            if isinstance(error, TwilioRestException) and error.status == 404:
                return None
            raise self._translated(error) from error

    def end_call(self, call_sid: str) -> None:
        """Hang up. ProviderError when that fails."""
        try:
            self._client.calls(call_sid).update(status="completed")
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise self._translated(error) from error

    def redirect_call(self, call_sid: str, to: str) -> None:
        """Have a live call go on at `to`. ProviderError when that fails."""
        try:
            self._client.calls(call_sid).update(url=to + ASK_AGAIN, method="POST")
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise self._translated(error) from error

    def start_recording(self, call_sid: str, callback: str) -> str:
        """Record both sides from now on; the recording's SID. ProviderError when that fails."""
        try:
            recording = self._client.calls(call_sid).recordings.create(
                recording_channels="dual",
                recording_track="both",
                trim="do-not-trim",
                recording_status_callback=callback + REPORT_AGAIN,
                recording_status_callback_event=RECORDING_EVENTS.split(),
                recording_status_callback_method="POST",
            )
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise self._translated(error) from error
        return str(recording.sid)

    def numbers(self) -> list[OwnNumber]:
        """The account's numbers, at most NUMBERS_MOST. ProviderError when that fails."""
        self._need_account()
        try:
            found = self._client.incoming_phone_numbers.list(limit=NUMBERS_MOST)
        except (TwilioException, requests.RequestException, ValueError, KeyError) as error:
            raise self._translated(error) from error
        return [_own(one) for one in found]

    def assign_number(self, number_id: str, addresses: LineAddresses) -> None:
        """Let calls of a number come to these addresses. ProviderError when that fails."""
        self._need_account()
        try:
            self._client.incoming_phone_numbers(number_id).update(
                voice_url=addresses.voice + ASK_AGAIN,
                voice_method="POST",
                voice_fallback_url=addresses.fallback,
                voice_fallback_method="POST",
                status_callback=addresses.status + REPORT_AGAIN,
                status_callback_method="POST",
                # With one of these the carrier ignores the addresses.
                voice_application_sid="",
                trunk_sid="",
            )
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise self._translated(error) from error

    def _need_account(self) -> None:
        missing = [name for name in self._missing if name != "TWILIO_PHONE_NUMBER"]
        if missing:
            message = f"There is no account to ask for numbers: set {' and '.join(missing)}."
            raise ProviderUnavailable("telephony", NAME, message, "not_set_up")

    def _translated(self, error: Exception) -> ProviderError:
        match error:
            case TwilioRestException():
                return _answered(error)
            case requests.ConnectionError():
                return ProviderUnavailable("telephony", NAME, self._nobody(), "unreachable")
            case requests.Timeout():
                message = "The carrier did not answer in time; the call may ring all the same."
                return ProviderTimeout("telephony", NAME, message)
            case _:
                return ProviderUnavailable("telephony", NAME, "The carrier's answer is unreadable.")

    def _of_order(self, error: Exception) -> ProviderError:
        """What went wrong with an order, told apart by whether it may ring all the same."""
        translated = self._translated(error)
        is_plain = (
            not isinstance(translated, ProviderUnavailable)  # it says no, or we know nothing
            or (isinstance(error, TwilioRestException) and error.status == 429)
            or (isinstance(error, requests.ConnectionError) and _never_sent(error))
        )
        if is_plain:
            return translated
        return PerhapsPlaced("telephony", NAME, str(translated), translated.code)

    def _nobody(self) -> str:
        if self._phone_here:
            return (
                f"No phone answers at {self._address}: run `flask phone` in a second terminal, or "
                "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER to ring real "
                "ones."
            )
        return f"The carrier cannot be reached at {self._address}."


def _detection(wanted: MachineDetection | None) -> dict[str, Any]:
    """twilio.com/docs/voice/answering-machine-detection: the parameters of a new call."""
    if wanted is None:
        return {}
    options: dict[str, Any] = {
        "machine_detection": "DetectMessageEnd" if wanted.awaits_end else "Enable",
        "machine_detection_timeout": wanted.timeout_s,
        "machine_detection_speech_threshold": wanted.speech_threshold_ms,
        "machine_detection_speech_end_threshold": wanted.speech_end_threshold_ms,
        "machine_detection_silence_timeout": wanted.silence_timeout_ms,
    }
    if wanted.told_at:
        options |= {
            "async_amd": "true",  # a string, not a boolean
            "async_amd_status_callback": wanted.told_at + REPORT_AGAIN,
            "async_amd_status_callback_method": "POST",
        }
    return options


def _never_sent(error: requests.ConnectionError) -> bool:
    """Whether nobody was there to send it to, rather than lost on the way."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, NewConnectionError | ConnectTimeoutError
    )


def _placed(one: Any) -> PlacedCall:
    """A call as the library tells it. ValueError when it has no date."""
    if not isinstance(one.date_created, datetime):
        raise ValueError("a call of the carrier's list has no date")
    duration = str(one.duration or "0")
    return PlacedCall(
        carrier_id=str(one.sid),
        to=str(one.to or ""),
        status=str(one.status or ""),
        created_at=one.date_created,
        seconds=int(duration) if duration.isdecimal() else 0,
    )


def _own(one: Any) -> OwnNumber:
    """A number as the library tells it, its addresses without what speaks to the carrier."""
    instead = ("a SIP trunk" if one.trunk_sid else "") or (
        "an application of the account" if one.voice_application_sid else ""
    )
    addresses = LineAddresses(
        *(
            (url or "").partition("#")[0]
            for url in (one.voice_url, one.voice_fallback_url, one.status_callback)
        )
    )
    number = str(one.phone_number or "")
    return OwnNumber(str(one.sid), number, str(one.friendly_name or number), addresses, instead)


def _answered(error: TwilioRestException) -> ProviderError:
    code = int(error.code or 0)
    if error.status == 429 or error.status >= 500:
        message = f"The carrier is overloaded or broken for now (HTTP {error.status})."
        return ProviderUnavailable("telephony", NAME, message, str(code or error.status))
    unauthorised = error.status in (401, 403) and code not in _REASON
    reason = Refusal.ACCOUNT if unauthorised else _REASON.get(code, Refusal.OTHER)
    return CallRefused(NAME, _MEND[reason], str(code or error.status), reason)


def base_url_of(settings: Settings) -> str:
    """Where the REST interface is when it is not Twilio's; "" when it is."""
    if settings.twilio_base_url or not settings.local_mode or settings.twilio_account_sid:
        return settings.twilio_base_url
    return f"http://127.0.0.1:{settings.port + 1}"


def is_here(url: str) -> bool:
    """Whether an address is on this machine."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
