"""The sockets of live calls at the real server: who is let in, with which proof, how many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from socket import SHUT_RDWR

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from agents.schema import Transport
from phone.signature import HEADER, sign
from tests.transports.live_carrier import SIGNED, TOKEN, LiveCarrier, live_server
from tests.waiting import wait_until
from transports.live_token import LiveTokens

SECRET = "one secret for all processes"
NOBODY_S = 5.0


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCarrier]:
    folder = tmp_path_factory.mktemp("live")
    settings = {**SIGNED, "API_TOKEN": "api-secret", "SECRET_KEY": SECRET}
    with live_server(folder, **settings) as process:
        yield LiveCarrier(process)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCarrier]:
    with live_server(tmp_path_factory.mktemp("local")) as process:
        yield LiveCarrier(process, token="")


def refusal_of(socket: object) -> str:
    """What a socket was told before it was closed."""
    assert hasattr(socket, "recv")
    text = str(socket.recv(NOBODY_S))
    with pytest.raises(ConnectionClosed):
        socket.recv(NOBODY_S)
    return text


def open_connections(process: int) -> int:
    """Sockets, pipes and the like; no files: each thread opens its database when it first asks."""
    held = 0
    for number in os.listdir(f"/proc/{process}/fd"):
        with suppress(FileNotFoundError):  # closed since it was listed
            held += not os.readlink(f"/proc/{process}/fd/{number}").startswith("/")
    return held


@pytest.mark.parametrize(
    ("path", "signed"),
    [
        ("/relay", "wss://calls.example/relay"),
        ("/relay", "wss://calls.example/relay/"),
        ("/relay", "wss://calls.example:443/relay"),
        ("/relay/", "wss://calls.example/relay"),
        ("/media", "wss://calls.example/media"),
    ],
)
def test_a_socket_opens_for_the_signature_of_its_address(
    carrier: LiveCarrier, path: str, signed: str
) -> None:
    with carrier.opens(path, signed):
        pass


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "bm90IGEgc2lnbmF0dXJl"},
        {HEADER: sign("another-secret", "wss://calls.example/relay")},
        {HEADER: sign(TOKEN, "wss://calls.example/media")},
        {HEADER: sign(TOKEN, "wss://elsewhere.example/relay")},
        {HEADER: sign(TOKEN, "https://calls.example/relay")},
    ],
)
def test_a_stranger_is_refused_before_the_socket_opens(
    carrier: LiveCarrier, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(carrier.url("/relay"), additional_headers=headers)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"CF-Connecting-IP": "127.0.0.1"},
    ],
)
def test_without_signatures_only_this_machine_opens_a_socket(
    local: LiveCarrier, headers: dict[str, str]
) -> None:
    with local.opens():
        pass
    status = raw_handshake(local, headers)
    assert status == 403


def raw_handshake(carrier: LiveCarrier, headers: dict[str, str]) -> int:
    connection = HTTPConnection("127.0.0.1", carrier.server.port, timeout=5)
    opening = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", **headers,
    }  # fmt: skip
    try:
        connection.request("GET", "/relay", headers=opening)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_ringing_call_is_connected_and_its_token_opens_its_socket(carrier: LiveCarrier) -> None:
    token = carrier.rings("CAright")
    with carrier.claims("CAright", token) as socket:
        assert socket.recv(NOBODY_S) == "claimed"
        socket.send("hello")
        assert socket.recv(NOBODY_S) == "hello"


def test_a_local_call_is_connected_to_this_machine(local: LiveCarrier) -> None:
    document = local.post("/voice?agent_type=pizza", "CAlocal")
    relay = document.find("Connect/ConversationRelay")
    assert relay is not None
    assert relay.attrib["url"] == local.url("/relay")


def test_a_token_is_for_its_own_call_and_door(carrier: LiveCarrier) -> None:
    token = carrier.rings("CAone")
    for sid, sent, path in [
        ("CAtwo", token, "/relay"),
        ("CAone", token, "/media"),
        ("CAone", token[:-1] + ("A" if token[-1] != "A" else "B"), "/relay"),
        ("CAone", "", "/relay"),
        ("CAone", "1." + "A" * 22, "/relay"),
        ("CAone", "x" * 10_000, "/relay"),
    ]:
        with carrier.claims(sid, sent, path) as socket:
            assert refusal_of(socket) != "claimed", (sid, sent[:60], path)
    with carrier.claims("CAone", token) as socket:  # none of that has used it up
        assert socket.recv(NOBODY_S) == "claimed"


@pytest.mark.parametrize("minutes", [-3, 3])
def test_a_token_of_another_time_opens_nothing(carrier: LiveCarrier, minutes: int) -> None:
    then = datetime.now(UTC) + timedelta(minutes=minutes)
    tokens = LiveTokens(SECRET.encode(), lambda: then)
    with carrier.claims("CAlate", tokens.of("CAlate", Transport.RELAY)) as socket:
        assert refusal_of(socket) == "too old"


def test_a_second_socket_of_a_call_is_refused_and_the_first_lives_on(carrier: LiveCarrier) -> None:
    token = carrier.rings("CAtwice")
    again = carrier.rings("CAtwice")  # the webhook came twice
    with carrier.claims("CAtwice", token) as first:
        assert first.recv(NOBODY_S) == "claimed"
        for one in (token, again):
            with carrier.claims("CAtwice", one) as second:
                assert refusal_of(second) == "the call has a socket already"
        first.send("still here")
        assert first.recv(NOBODY_S) == "still here"


def test_a_token_is_not_taken_again_after_its_call_was_done(carrier: LiveCarrier) -> None:
    token = carrier.rings("CAdone")
    with carrier.claims("CAdone", token) as socket:
        assert socket.recv(NOBODY_S) == "claimed"
        socket.send("bye")
        with pytest.raises(ConnectionClosed):
            socket.recv(NOBODY_S)
    with carrier.claims("CAdone", token) as socket:
        assert refusal_of(socket) == "used before"


def test_a_relay_that_lost_its_socket_may_open_it_again(carrier: LiveCarrier) -> None:
    token = carrier.rings("CAback")
    for _ in range(3):
        with carrier.claims("CAback", token) as socket:
            assert socket.recv(NOBODY_S) == "claimed"
            socket.close()
        wait_until(lambda: carrier.metric("callwright_calls_open") == 0)


def test_sockets_that_come_and_go_leave_nothing_behind(carrier: LiveCarrier) -> None:
    worker = carrier.server.workers()[0]
    with carrier.opens():
        pass
    before = open_connections(worker)
    for number in range(1000):
        with carrier.opens() as socket:
            if number % 2:
                socket.send('["CA1", "no token"]')
            elif number % 4:
                socket.socket.shutdown(SHUT_RDWR)  # gone without a word
    wait_until(lambda: open_connections(worker) <= before + 2, 30)
    wait_until(lambda: carrier.metric("callwright_calls_open") == 0, 30)


def test_a_message_that_is_too_long_ends_the_socket_and_nothing_else(carrier: LiveCarrier) -> None:
    token = carrier.rings("CAhuge")
    with carrier.claims("CAhuge", token) as socket:
        assert socket.recv(NOBODY_S) == "claimed"
        socket.send("x" * 1_000_000)
        with pytest.raises(ConnectionClosed):
            socket.recv(NOBODY_S)
    with carrier.opens():
        pass


@pytest.mark.parametrize(
    ("path", "back"), [("/media", "/voice-resume"), ("/relay", "/relay-ended")]
)
def test_a_call_that_goes_on_by_webhook_has_left_its_socket(
    carrier: LiveCarrier, path: str, back: str
) -> None:
    sid = f"CAreturns{path[1:]}"
    token = carrier.rings(sid) if path == "/relay" else made_here(sid)
    if path == "/media":
        carrier.rings(sid)
    with carrier.claims(sid, token, path) as socket:
        assert socket.recv(NOBODY_S) == "claimed"
        socket.send("last words")
        assert socket.recv(NOBODY_S) == "last words"

        document = carrier.post(back, sid)

        with pytest.raises(ConnectionClosed):
            socket.recv(NOBODY_S)
    gather = document.find("Gather")
    assert gather is not None, [child.tag for child in document]
    assert "turn=2" in gather.attrib["action"], "what was said last is answered"


def made_here(sid: str) -> str:
    return LiveTokens(SECRET.encode(), lambda: datetime.now(UTC)).of(sid, Transport.STREAM)
