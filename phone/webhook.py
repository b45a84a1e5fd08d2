"""Delivers webhooks the way the carrier does: signed, in time limits, retried, with cookies.

Sources: twilio.com/docs/usage/webhooks/webhooks-connection-overrides (limits, retries and the
`#rc=…` part of an address), twilio.com/docs/api/errors/11205 (15 s in all),
twilio.com/docs/usage/security (signature). General knowledge: cookies, redirects, and that a
connection which breaks after the request was sent counts as a read timeout.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError

from phone.clock import CallClock
from phone.faults import WebhookFault
from phone.signature import HEADER, sign
from phone.twiml import DOCUMENT_MOST_BYTES

IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"
REDIRECTS_MOST = 5
POLICIES = frozenset({"ct", "rt", "4xx", "5xx", "all"})
_TOKEN_VALUE = re.compile(rb'(?<=<Parameter name="token" value=)"[^"]*"')
_PAGE_OF_A_PROXY = b"<html><h1>Bad gateway</h1></html>"


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits and retries of one delivery; the defaults are the carrier's."""

    connect_ms: int = 5_000
    read_ms: int = 15_000  # also between two packets
    total_ms: int = 15_000  # all attempts together
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})  # the failures that are tried again

    def overridden(self, fragment: str, url: str) -> Limits:
        """With what the fragment of `url` asks for; out-of-range numbers become the nearest."""
        asked = dict(parse_qsl(fragment))
        policy = frozenset(asked["rp"].split(",")) if "rp" in asked else self.policy
        if not policy <= POLICIES:
            raise WebhookFault(11243, f"rp={asked['rp']}", url)

        def number(name: str, least: int, most: int, default: int) -> int:
            raw = asked.get(name, "")
            return min(max(int(raw), least), most) if raw.isdecimal() else default

        return Limits(
            number("ct", 100, 10_000, self.connect_ms),
            number("rt", 100, 15_000, self.read_ms),
            number("tt", 100, 15_000, self.total_ms),
            number("rc", 0, 5, self.retries),
            policy,
        )


class Mishap(StrEnum):
    """What can happen to one webhook on its way, by order."""

    TWICE = "twice"  # it is delivered a second time
    LATE = "late"  # the one before it is delivered once more, when this one has been answered
    LOST = "lost"  # the connection breaks after the request; the delivery is tried again
    SPOILT = "spoilt"  # something between puts a page of its own in place of the answer


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a webhook."""

    url: str  # where it came from in the end; relative addresses in it start there
    status: int
    content_type: str
    body: bytes


@dataclass(slots=True)
class Delivery:
    """One webhook, for the record: what was sent, how often, what came of it."""

    url: str
    form: Mapping[str, str]
    token: str  # the same in every attempt
    method: str = "POST"
    attempts: int = 0
    answer: Answer | None = None
    fault: WebhookFault | None = None
    mishap: Mishap | None = None  # that was ordered for it
    elapsed_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Way:
    """How the app is reached: its public address, and where it listens when that is elsewhere."""

    public: str = ""
    listens: str = ""

    def to(self, url: str) -> str:
        """The address to connect to for the public address `url`."""
        if self.public and self.listens and (url + "/").startswith(self.public + "/"):
            return self.listens + url.removeprefix(self.public)
        return url

    def to_socket(self, url: str) -> str:
        """The same for the address of a socket: wss: and ws: in place of https: and http:."""
        return "ws" + self.to("http" + url.removeprefix("ws")).removeprefix("http")


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a websocket is opened."""

    url: str  # ws:// or wss://, where it really listens
    headers: Mapping[str, str]


class _Failed(Exception):
    """One attempt brought no answer; `kind` is its name in a retry policy."""

    def __init__(self, kind: str, code: int, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.code = code


@dataclass
class Courier:
    """Sends the webhooks of one call. Not for use from several threads at once."""

    clock: CallClock
    token: str = ""  # signs; nothing is signed without one
    way: Way = Way()
    limits: Limits = Limits()
    twice: bool = False  # send every webhook a second time and compare the answers
    deliveries: list[Delivery] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)  # second answers unlike the first
    watch: Callable[[Delivery], None] | None = None  # told of each delivery when it is over
    mishap: Mishap | None = None  # of the next document; any thread may order one

    def __post_init__(self) -> None:
        self._session = requests.Session()  # one a call: the carrier keeps cookies that long
        self._session.trust_env = False
        self._recordings: dict[str, Answer] = {}
        self._asked: Delivery | None = None

    def ask(self, url: str, form: Mapping[str, str], method: str = "POST") -> Answer:
        """Deliver what is answered with a document. WebhookFault as `send`.

        The mishap that was ordered happens to it. A late webhook needs one before it, and waits
        until there is one.
        """
        mishap, earlier = self.mishap, self._asked
        if mishap is not Mishap.LATE or earlier is not None:
            self.mishap = None
        delivery, fragment = _new_delivery(url, form, method)
        delivery.mishap = None if mishap is Mishap.LATE else mishap
        self._asked = delivery
        answer = self._delivered(delivery, fragment)
        if mishap is Mishap.LATE and earlier is not None:
            self._deliver_late(earlier)
        return answer

    def send(self, url: str, form: Mapping[str, str], method: str = "POST") -> Answer:
        """Deliver; WebhookFault when no attempt brought a 2xx answer within the limits."""
        return self._delivered(*_new_delivery(url, form, method))

    def _delivered(self, delivery: Delivery, fragment: str) -> Answer:
        self.deliveries.append(delivery)
        started = time.monotonic()
        try:
            limits = self.limits.overridden(fragment, delivery.url)
            delivery.answer = self._attempts(delivery, limits)
            if self.twice or delivery.mishap is Mishap.TWICE:
                self._compare(delivery, limits)
        except WebhookFault as fault:
            delivery.fault = fault
            raise
        finally:
            elapsed_s = time.monotonic() - started
            self.clock.advance(elapsed_s)
            delivery.elapsed_ms = elapsed_s * 1000
            if self.watch is not None:
                self.watch(delivery)
        return delivery.answer

    def _deliver_late(self, earlier: Delivery) -> None:
        """The same webhook once more, long after its time; nobody uses the answer."""
        again = Delivery(earlier.url, earlier.form, earlier.token, earlier.method)
        again.mishap = Mishap.LATE
        try:
            self._delivered(again, "")
        except WebhookFault:
            return  # it is kept with the delivery

    def fetch(self, url: str) -> Answer:
        """A recording to be played, kept for the rest of the call. WebhookFault on failure."""
        if url in self._recordings:
            return self._recordings[url]
        limits = self.limits
        timeout = (limits.connect_ms / 1000, limits.read_ms / 1000)
        try:
            with self._session.get(self.way.to(url), timeout=timeout) as response:
                body = response.content
        except requests.RequestException as error:
            failed = _failure(error)
            raise WebhookFault(failed.code, str(failed), url) from error
        if not response.ok:
            raise WebhookFault(11200, f"the answer was {response.status_code}", url)
        content_type = response.headers.get("Content-Type", "")
        if not content_type.startswith("audio/"):
            raise WebhookFault(13420, content_type or "none", url)
        self._recordings[url] = Answer(url, response.status_code, content_type, body)
        return self._recordings[url]

    def handshake(self, url: str, client: str) -> Handshake:
        """How the websocket at `url` is opened; `client`: which part of the carrier does."""
        listens = self.way.to_socket(url)
        return Handshake(listens, {"User-Agent": client} | self._proof(url, listens, {}))

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _attempts(self, delivery: Delivery, limits: Limits) -> Answer:
        deadline = time.monotonic() + limits.total_ms / 1000
        while True:
            delivery.attempts += 1
            try:
                answer = self._attempt(delivery, limits, deadline)
                return self._on_its_way(delivery, answer)
            except _Failed as failed:
                again = failed.kind in limits.policy or "all" in limits.policy
                left = delivery.attempts <= limits.retries and time.monotonic() < deadline
                if not (again and left):
                    raise WebhookFault(failed.code, str(failed), delivery.url) from failed

    def _on_its_way(self, delivery: Delivery, answer: Answer) -> Answer:
        """What is left of an answer when what was ordered has happened to it."""
        if delivery.mishap is Mishap.LOST and delivery.attempts == 1:
            raise _Failed("rt", 11200, "the connection broke before the answer was there")
        if delivery.mishap is Mishap.SPOILT:
            return Answer(answer.url, answer.status, "text/html", _PAGE_OF_A_PROXY)
        return answer

    def _attempt(self, delivery: Delivery, limits: Limits, deadline: float) -> Answer:
        url, form, method = delivery.url, delivery.form, delivery.method
        if method == "GET":
            url, form = _with_query(url, form), {}
        for _ in range(REDIRECTS_MOST + 1):
            answer, location = self._exchange(method, url, form, delivery.token, (limits, deadline))
            if not location:
                return answer
            url = urljoin(url, location)
            if answer.status not in (307, 308):
                method, form = "GET", {}
        raise _Failed("", 11215, f"more than {REDIRECTS_MOST}")

    def _exchange(
        self,
        method: str,
        url: str,
        form: Mapping[str, str],
        token: str,
        bounds: tuple[Limits, float],
    ) -> tuple[Answer, str]:
        """One request; its answer, and where that sends us on to ("" when nowhere)."""
        limits, deadline = bounds
        left_s = max(deadline - time.monotonic(), 0.001)
        try:
            with self._session.request(
                method,
                self.way.to(url),
                data=dict(form) or None,
                headers=self._headers(url, form, token),
                timeout=(min(limits.connect_ms / 1000, left_s), min(limits.read_ms / 1000, left_s)),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, deadline)
        except (requests.RequestException, HTTPError) as error:
            raise _failure(error) from error
        content_type = response.headers.get("Content-Type", "")
        answer = Answer(url, response.status_code, content_type, body)
        if answer.status in (301, 302, 303, 307, 308):
            return answer, response.headers.get("Location", "")
        if not 200 <= answer.status < 300:
            kind = f"{answer.status // 100}xx"
            raise _Failed(kind, 11200, f"the answer was {answer.status}")
        return answer, ""

    def _headers(self, url: str, form: Mapping[str, str], token: str) -> dict[str, str]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            IDEMPOTENCY_HEADER: token,
        }
        return headers | self._proof(url, self.way.to(url), form)

    def _proof(self, url: str, listens: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers that tell an app which listens there who asks, and how."""
        headers = {}
        if self.token:
            headers[HEADER] = sign(self.token, url, form.items())
        if listens != url:  # the last proxy before the app tells it how it was asked
            headers["X-Forwarded-Proto"] = urlsplit(url).scheme.replace("ws", "http")
            headers["X-Forwarded-Host"] = urlsplit(url).netloc
        return headers

    def _compare(self, delivery: Delivery, limits: Limits) -> None:
        first = delivery.answer
        second = self._attempts(delivery, limits)
        if first is None or _without_token(second) != _without_token(first):
            self.differences.append(f"{delivery.url} answered the same delivery in two ways")


def _without_token(answer: Answer) -> Answer:
    """What must be the same every time: a socket's token may be good for a minute only."""
    return replace(answer, body=_TOKEN_VALUE.sub(b"", answer.body))


def _new_delivery(url: str, form: Mapping[str, str], method: str) -> tuple[Delivery, str]:
    """A delivery, and the part of its address that tells how to deliver it."""
    address, fragment = urldefrag(url)
    return Delivery(address, dict(form), str(uuid.uuid4()), method.upper()), fragment


def _with_query(url: str, form: Mapping[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(form)}"


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body, up to just over what a document may have."""
    body = b""
    while chunk := response.raw.read1(DOCUMENT_MOST_BYTES, decode_content=True):
        body += chunk
        if time.monotonic() > deadline:
            raise _Failed("rt", 11200, "the answer took too long")
        if len(body) > DOCUMENT_MOST_BYTES:
            break
    return body


def _failure(error: Exception) -> _Failed:
    inner = error.args[0] if error.args else None
    if isinstance(inner, MaxRetryError) and not isinstance(inner.reason, ReadTimeoutError):
        return _Failed("ct", 11205, str(inner.reason))
    if isinstance(error, requests.RequestException) and not isinstance(
        error, requests.ConnectionError | requests.Timeout
    ):
        return _Failed("", 11200, str(error))
    return _Failed("rt", 11200, f"no whole answer ({type(error).__name__})")
