"""Posts to addresses that customers chose, and to nothing else: no host of our own network.

The name is resolved once, every address it has must be public, and the connection goes to that
address: what the name says a moment later changes nothing. Redirects are not followed, and a
server that answers slowly, or without an end, is left after a while.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import certifi

# From the first byte out to the last one in.
TRY_S = 10.0
CONNECT_S = 5.0
# What is read of an answer; the rest does not interest us.
ANSWER_MOST_BYTES = 1000
ADDRESS_MOST = 500
# Addresses of one name that are tried.
ADDRESSES_MOST = 3
# Global unicast (RFC 4291 2.4), without what leads elsewhere: Teredo, 6to4, documentation.
_V6 = ipaddress.ip_network("2000::/3")
_V6_ELSEWHERE = [
    ipaddress.ip_network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
# Protocol assignments (RFC 6890 2.2.2): ipaddress knows all of them since 3.11.10 only.
_V4_ELSEWHERE = ipaddress.ip_network("192.0.0.0/24")

# A name: letters, digits, - and _; the last part begins with a letter, so that it is no number.
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
NAME_PATTERN = rf"({_LABEL}\.)*[A-Za-z]([A-Za-z0-9_-]{{0,61}}[A-Za-z0-9_])?"
_NAME = re.compile(NAME_PATTERN)

Resolve = Callable[[str, int], Sequence[str]]


class NotAllowed(ValueError):
    """An address that nothing is sent to. Worded for whoever wrote it."""


class NoAnswer(Exception):
    """It could not be reached, or did not answer in time. Worded for whoever owns it."""

    is_worded_by_us = True


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    text: str  # its beginning


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect to, and what to say there."""

    is_https: bool
    host: str
    port: int
    path: str


def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name. OSError when it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Outside:
    """The way out. `allows_here`: http, and private addresses, for trying it on one machine."""

    def __init__(
        self,
        allows_here: bool,
        context: ssl.SSLContext | None = None,
        resolving: Resolve = resolve,
        try_s: float = TRY_S,
    ) -> None:
        self._allows_here = allows_here
        self._context = context or ssl.create_default_context(cafile=certifi.where())
        self._resolve = resolving
        self._try_s = try_s

    def check(self, url: str) -> Target:
        """The parts of an address. NotAllowed says what is wrong with it; no name is looked up."""
        parts = _parts(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise NotAllowed("Write an address such as https://example.com/callwright.")
        if parts.scheme == "http" and not self._allows_here:
            raise NotAllowed("Write an address that begins with https: what is sent is private.")
        if parts.username is not None or parts.password is not None:
            raise NotAllowed("Leave the name and password out of the address.")
        if parts.fragment:
            raise NotAllowed("Leave out everything from # on.")
        if parts.port == 0:
            raise NotAllowed("Write another port than 0, which nobody listens at, or leave it out.")
        host = _ascii(parts.hostname)
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            literal = None
        if literal is None and not _NAME.fullmatch(host):
            # Resolvers take 2130706433, 0x7f.1 and 127.0.0.1. for addresses.
            raise NotAllowed("Write the host as a name, or as four numbers with dots.")
        is_within = _is_here(host) if literal is None else not is_public(str(literal))
        if is_within and not self._allows_here:
            raise NotAllowed("This is an address within a network: write a public one.")
        is_https = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(is_https, host, parts.port or (443 if is_https else 80), path)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send it once. NotAllowed, NoAnswer."""
        target = self.check(url)
        try:
            addresses = self._resolve(target.host, target.port)[:ADDRESSES_MOST]
        except (OSError, UnicodeError) as error:
            raise NoAnswer(f"The name {target.host} is not known.") from error
        if not self._allows_here and not all(map(is_public, addresses)):
            raise NotAllowed(f"{target.host} is an address within a network.")
        until_s = time.monotonic() + self._try_s
        connection = _Pinned(target, addresses, self._context, until_s)
        # A read waits for some bytes only: whoever sends one a second would never be left.
        alarm = threading.Timer(self._try_s, connection.cut)
        alarm.daemon = True
        alarm.start()
        try:
            connection.request("POST", target.path, body, dict(headers))
            answer = connection.getresponse()
            text = answer.read(ANSWER_MOST_BYTES).decode("utf-8", "replace")
            if connection.is_cut:  # which looks like the end of what is said
                raise TimeoutError
            return Answered(answer.status, text)
        except ssl.SSLCertVerificationError as error:
            raise NoAnswer(f"Its certificate is not valid: {error.verify_message}.") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            if connection.is_cut or isinstance(error, TimeoutError):
                raise NoAnswer("It did not answer in time.") from error
            raise NoAnswer(f"It could not be reached ({type(error).__name__}).") from error
        finally:
            alarm.cancel()
            connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were looked at, under the name that they were found by."""

    def __init__(
        self, target: Target, addresses: Sequence[str], context: ssl.SSLContext, until_s: float
    ) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_S)
        self._target, self._addresses, self._tls = target, addresses, context
        self._until_s = until_s  # of the clock that only goes on
        self._lock = threading.Lock()
        self.is_cut = False

    def connect(self) -> None:
        """Connect to the first address that takes it. OSError of the last."""
        failed: OSError | None = None
        for address in self._addresses:
            left_s = self._until_s - time.monotonic()
            if self.is_cut or left_s <= 0:
                break
            try:
                place = address, self._target.port
                plain = socket.create_connection(place, min(CONNECT_S, left_s))
            except OSError as error:
                failed = error
                continue
            self._hold(plain)
            if self._target.is_https:
                self._shake_hands(plain)
            return
        raise failed or TimeoutError()

    def _shake_hands(self, plain: socket.socket) -> None:
        # Held before anything is said: `cut` could not end what `plain` has been detached from.
        host = self._target.host
        tls = self._tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        self._hold(tls)
        tls.do_handshake()

    def cut(self) -> None:
        """End it, from another thread."""
        with self._lock:
            self.is_cut = True
            if self.sock is not None:
                _shut(self.sock)

    def _hold(self, sock: socket.socket) -> None:
        with self._lock:
            self.sock = sock
            sock.settimeout(TRY_S)
            if self.is_cut:
                _shut(sock)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and of no network behind it."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        is_elsewhere = ip.is_multicast or ip.is_reserved or ip in _V4_ELSEWHERE
        return ip.is_global and not is_elsewhere
    # That leaves out ::1, fc00::/7, fe80::/10, IPv4 in disguise (::ffff:…, 64:ff9b::/96).
    return ip in _V6 and not any(ip in one for one in _V6_ELSEWHERE)


def _is_here(name: str) -> bool:
    """Whether it is a name of this machine (RFC 6761 6.3)."""
    return f".{name.lower()}".endswith(".localhost")


def _parts(url: str) -> SplitResult:
    if len(url) > ADDRESS_MOST or any(ord(one) <= 32 or ord(one) == 127 for one in url):
        raise NotAllowed(f"Write an address of at most {ADDRESS_MOST} characters, without spaces.")
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError when it is none
        (parts.path + parts.query).encode("ascii")
    except ValueError as error:
        raise NotAllowed("Write an address such as https://example.com/callwright.") from error
    return parts


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise NotAllowed("The name in this address is none.") from error


def _shut(sock: socket.socket) -> None:
    try:
        # Not that of SSLSocket, which takes its encryption away under whoever reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        pass  # it is over already
