"""Fetches and deletes recordings at Twilio, which stores them under the address it told us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import requests

from providers.errors import (
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.telephony.twilio.client import (
    LOCAL_ACCOUNT,
    LOCAL_TOKEN,
    NAME,
    base_url_of,
    is_here,
)
from settings import Settings

# Seconds to connect, and between two pieces of a file that arrives.
PATIENCE_S = (5.0, 20.0)
PIECE_BYTES = 64 * 1024
REDIRECTS_MOST = 3  # Twilio may send us on to where the file lies

# https://www.twilio.com/docs/voice/api/recording: hosts of regions end so, too.
_HOST = re.compile(r"api(\.[a-z0-9-]+){0,2}\.twilio\.com")
_PATH = re.compile(r"/2010-04-01/Accounts/(\w{1,64})/(?:Calls/\w{1,64}/)?Recordings/\w{1,64}")


class RecordingsRest:
    """Recordings of one account. Safe to use from many threads."""

    def __init__(self, settings: Settings, patience_s: tuple[float, float] = PATIENCE_S) -> None:
        self._base = base_url_of(settings)
        self._phone_here = settings.local_mode and not settings.twilio_account_sid
        self._account = settings.twilio_account_sid or LOCAL_ACCOUNT
        self._secret = settings.twilio_auth_token or LOCAL_TOKEN
        self._patience_s = patience_s

    @contextmanager
    def fetch(self, url: str) -> Iterator[Iterator[bytes]]:
        """A recording as a WAV file, in pieces. ProviderError when that fails."""
        with self._asked("GET", f"{self._address(url)}.wav") as answer:
            yield self._pieces(answer)

    def delete(self, url: str) -> None:
        """Delete a recording, or find that it is gone. ProviderError when that fails."""
        try:
            with self._asked("DELETE", f"{self._address(url)}.json"):
                pass
        except ProviderRefused as error:
            if error.code != "404":
                raise

    def _address(self, url: str) -> str:
        """Where a recording is asked for. ProviderRefused when it is none of our account's."""
        try:
            parts = urlsplit(url)
            host, path = parts.hostname or "", _PATH.fullmatch(parts.path)
        except ValueError:
            host, path = "", None
        if path is not None and path[1] == self._account:
            if parts.scheme == "https" and _HOST.fullmatch(host):
                return f"{self._base}{parts.path}" if self._base else _plain(url)
            if self._base and _plain(url) == f"{self._base}{parts.path}":
                return _plain(url)
            # A phone on this machine lets a call's recording be fetched where that call is made.
            if self._phone_here and parts.scheme == "http" and is_here(url):
                return _plain(url)
        message = "The address of the recording is none of the carrier's for this account."
        raise ProviderRefused("telephony", NAME, message, "not_the_carriers")

    @contextmanager
    def _asked(self, method: str, address: str) -> Iterator[requests.Response]:
        with requests.Session() as session:
            session.auth = (self._account, self._secret)
            session.max_redirects = REDIRECTS_MOST
            session.trust_env = not is_here(address)
            with _explained():
                answer = session.request(method, address, timeout=self._patience_s, stream=True)
            with answer:
                _check(answer)
                yield answer

    def _pieces(self, answer: requests.Response) -> Iterator[bytes]:
        with _explained():
            yield from answer.iter_content(PIECE_BYTES)


def _plain(url: str) -> str:
    """The address without what could name somebody else or something else."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _check(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 429 or status >= 500:
        message = f"The carrier is overloaded or broken for now (HTTP {status})."
        raise ProviderUnavailable("telephony", NAME, message, str(status))
    if status in (401, 403):
        message = "The carrier does not let this account have the recording (HTTP {})."
        raise ProviderRefused("telephony", NAME, message.format(status), str(status))
    if status >= 300:
        message = f"The carrier has no such recording (HTTP {status})."
        raise ProviderRefused("telephony", NAME, message, str(status))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except requests.Timeout as error:
        raise ProviderTimeout("telephony", NAME, "The carrier does not answer.") from error
    except requests.TooManyRedirects as error:
        message = "The carrier sends us around in circles."
        raise ProviderUnavailable("telephony", NAME, message, "redirects") from error
    except (requests.RequestException, OSError) as error:
        message = f"The recording broke off ({type(error).__name__})."
        raise ProviderUnavailable("telephony", NAME, message, "broken_off") from error
