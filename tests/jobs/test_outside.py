"""The way out: to addresses of the internet alone, and never for long."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from jobs.outside import NoAnswer, NotAllowed, Outside, is_public
from tests.jobs.certificate import certificate_for
from tests.jobs.customer import Customer


@pytest.fixture(scope="module")
def customer() -> Iterator[Customer]:
    with Customer() as opened:
        yield opened


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "192.0.0.192", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1",
        "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::",
        "2001::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "nonsense",
    ],
)  # fmt: skip
def test_no_address_within_a_network_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "2a00::1"])
def test_addresses_of_the_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://", "https:///x", "example.com",
        "https://user:secret@example.com/", "https://example.com/#part", "https://127.0.0.1/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/",
        "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://example.com/" + "x" * 500, "https://[::1/", "https://" + "a" * 64 + ".com/",
        "https://example.com/ü", "https://10.0.0.1/", "", "https://localhost/",
        "https://app.localhost/", "https://example.com./", "https://2130706433/",
        "https://0x7f.1/", "https://0x7f000001/",
        "https://127.1/", "https://127.0.0.1./", "https://0177.0.0.1/", "https://017700000001/",
        "https://１２７.0.0.1/", "https://example.com.1/", "https://0x/",
        "https://exam*ple.com/", "https://-a.com/", "https://example.com:0/",
    ],
)  # fmt: skip
def test_an_address_that_nothing_is_sent_to_is_refused_at_once(url: str) -> None:
    with pytest.raises(NotAllowed):
        Outside(allows_here=False).check(url)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"]])
def test_a_name_that_leads_into_a_network_is_not_followed(
    customer: Customer, found: list[str]
) -> None:
    outside = Outside(allows_here=False, resolving=lambda host, port: found)

    with pytest.raises(NotAllowed):
        outside.post(f"https://example.com:{customer.port}/", b"{}", {})

    assert customer.told == []


def test_a_number_is_no_name_on_this_machine_either() -> None:
    here = Outside(allows_here=True)

    assert here.check("http://127.0.0.1:8000/hook").host == "127.0.0.1"
    assert here.check("http://[::1]:8000/hook").host == "::1"
    assert here.check("http://localhost/").port == 80
    assert here.check("http://1e100.example/").host == "1e100.example"
    with pytest.raises(NotAllowed, match="as a name"):
        here.check("http://2130706433/")


def test_a_name_is_resolved_once(customer: Customer) -> None:
    asked: list[str] = []

    def resolving(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    outside = Outside(allows_here=True, resolving=resolving)
    answer = outside.post(f"http://hooks.example:{customer.port}/once", b"{}", {})

    assert (asked, answer.status, answer.text) == (["hooks.example"], 200, "noted")
    assert customer.of("/once")[0].headers["Host"] == f"hooks.example:{customer.port}"


def test_a_redirect_is_an_answer_and_not_followed(customer: Customer) -> None:
    answer = Outside(allows_here=True).post(customer.url("/302"), b"{}", {})

    assert answer.status == 302
    assert customer.of("/elsewhere") == []


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_who_answers_slowly_or_without_an_end_is_left(path: str) -> None:
    with Customer() as customer, pytest.raises(NoAnswer, match="in time"):
        Outside(allows_here=True, try_s=0.2).post(customer.url(path), b"{}", {})


def test_who_never_ends_the_handshake_of_tls_is_left() -> None:
    left = threading.Event()

    def drip(listening: socket.socket) -> None:
        plain, _ = listening.accept()
        with plain, suppress(OSError):  # who asked has left
            plain.sendall(b"\x16\x03\x03\x40\x00")  # 16 kB of a handshake are to come
            while not left.wait(0.02):
                plain.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=drip, args=(listening,), daemon=True)
        server.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(NoAnswer, match="in time"):
            Outside(allows_here=True, try_s=0.2).post(url, b"{}", {})
        server.join(5)
        is_over = not server.is_alive()
        left.set()
    assert is_over


def test_nobody_there_is_said_so(customer: Customer) -> None:
    outside = Outside(allows_here=True, resolving=lambda host, port: [])

    with pytest.raises(NoAnswer):
        outside.post("http://127.0.0.1:9/", b"{}", {})
    with pytest.raises(NoAnswer):
        Outside(allows_here=True).post("http://127.0.0.1:9/", b"{}", {})


def test_https_wants_a_certificate_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    authority, certificate = certificate_for("hooks.example", tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(authority))
    with Customer(serving) as customer:
        outside = Outside(True, trusting, resolving=lambda host, port: ["127.0.0.1"])

        answer = outside.post(f"https://hooks.example:{customer.port}/", b"{}", {})
        with pytest.raises(NoAnswer, match="certificate"):
            outside.post(f"https://other.example:{customer.port}/", b"{}", {})

    assert (answer.status, len(customer.told)) == (200, 1)
