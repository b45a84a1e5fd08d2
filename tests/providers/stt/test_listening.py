"""The socket to a recogniser, against a peer that speaks by another library than ours."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.frames import CloseCode

from providers.errors import (
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.stt.base import Broken, HearingOrder, Reached, Recogniser, Words
from providers.stt.deepgram.flux import Flux
from providers.stt.deepgram.nova import Nova
from providers.stt.elevenlabs import Scribe
from providers.stt.listening import GARBAGE_MOST, WAITING_MOST_BYTES
from settings import read_settings
from tests.providers.stt.peer import Peer, Told, listening_at, run, until

ORDER = HearingOrder("en-IN")
YES = json.dumps(
    {
        "type": "Results",
        "start": 0,
        "duration": 1,
        "is_final": True,
        "channel": {"alternatives": [{"transcript": "yes", "confidence": 0.9}]},
    }
)
HEARD = [Reached(1.0), Words("yes", is_final=True, confidence=0.9)]


def after(*messages: str | bytes) -> Peer:
    """A peer that says this at once."""

    async def behave(socket: ServerConnection) -> None:
        for message in messages:
            await socket.send(message)

    return Peer(behave)


async def failure(recogniser: Recogniser) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await recogniser.open(ORDER, Told())
    return caught.value


def test_sound_goes_out_as_it_is_and_words_come_back() -> None:
    async def test() -> None:
        async with listening_at(after(YES)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            recognition.send(b"\xff" * 640)
            recognition.send(b"")
            recognition.finalise()
            assert recognition.keep_alive()
            await until(lambda: len(peer.received) == 3 and told.events)
            recognition.close()
            recognition.close()
            await until(lambda: peer.close_code)
        assert told.events == HEARD
        assert peer.received == [
            b"\xff" * 640,
            '{"type":"Finalize"}',
            '{"type":"KeepAlive"}',
            '{"type":"CloseStream"}',
        ]
        assert peer.close_code == CloseCode.NORMAL_CLOSURE
        assert peer.headers[0]["authorization"] == "Token dg-key"

    run(test())


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, '{"err_code": "INVALID_AUTH"}', ProviderRefused, "401 INVALID_AUTH"),
        (402, "no", ProviderRefused, "402"),
        (403, '{"detail": {"status": "quota_exceeded"}}', ProviderRefused, "403 quota_exceeded"),
        (429, '{"err_code": 7}', ProviderUnavailable, "429"),
        (500, "[]", ProviderUnavailable, "500"),
        (503, "", ProviderUnavailable, "503"),
    ],
)
def test_a_refused_handshake_says_why(
    status: int, body: str, kind: type[ProviderError], code: str
) -> None:
    async def test() -> None:
        peer = Peer()
        peer.refusal = (status, body)
        async with listening_at(peer):
            error = await failure(Nova(peer.settings()))
        assert (type(error), error.code) == (kind, code)
        assert error.needs_a_person is (kind is ProviderRefused)

    run(test())


def test_a_key_is_not_taken_elsewhere() -> None:
    async def test() -> None:
        peer = Peer()
        peer.refusal = (302, "")
        async with listening_at(peer):
            error = await failure(Nova(peer.settings()))
        assert (type(error), error.code) == (ProviderUnavailable, "302")
        assert len(peer.paths) == 1

    run(test())


def test_who_is_not_there_or_no_vendor_is_not_reached() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"220 mail ready\r\n\r\n")
        writer.close()

    async def test() -> None:
        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        nova = Nova(read_settings({"DEEPGRAM_BASE_URL": f"http://{host}:{port}"}))
        babbled = await failure(nova)
        server.close()
        await server.wait_closed()
        refused = await failure(nova)
        assert {type(babbled), type(refused)} == {ProviderUnavailable}
        assert refused.code == "ConnectionRefusedError"

    run(test())


def test_who_opens_and_does_not_listen_is_given_up_in_time() -> None:
    async def test() -> None:
        async with listening_at(Peer()) as peer:
            started_at = asyncio.get_running_loop().time()
            error = await failure(Flux(peer.settings(DEEPGRAM_MODEL="flux-general-en")))
            took_s = asyncio.get_running_loop().time() - started_at
            await until(lambda: peer.close_code)
        assert (type(error), error.code) == (ProviderTimeout, "TIMEOUT")
        assert took_s < 4

    run(test())


def test_who_refuses_with_its_first_words_does_not_listen() -> None:
    async def test() -> None:
        refusal = json.dumps({"message_type": "auth_error", "error": "no key"})
        async with listening_at(after(refusal)) as peer:
            error = await failure(Scribe(peer.settings()))
        assert (type(error), error.code) == (ProviderRefused, "auth_error")

    run(test())


def test_a_message_in_several_frames_is_one() -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send([YES[:10], YES[10:50], YES[50:]])

    async def test() -> None:
        async with listening_at(Peer(behave)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            await until(lambda: told.events)
            recognition.close()
        assert told.events == HEARD

    run(test())


def test_a_slip_is_passed_over() -> None:
    slips: list[str | bytes] = [
        "{",
        "[]",
        "null",
        b"\x00",
        '{"type": "Results"}',
        '{"type": "Results", "channel": 1}',
    ]

    async def test() -> None:
        async with listening_at(after(*slips[:GARBAGE_MOST], YES, *slips[:1], YES)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            await until(lambda: len(told.events) == 4)
            recognition.close()
        assert told.events == HEARD * 2

    run(test())


def test_who_says_nothing_but_garbage_is_broken() -> None:
    async def test() -> None:
        async with listening_at(after(*(["{"] * 1000), YES)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            await until(lambda: told.events and peer.close_code)
            recognition.send(b"\xff")
        assert told.events == [Broken("GARBAGE", is_deaf=True)]

    run(test())


def test_a_message_without_end_is_not_kept() -> None:
    async def test() -> None:
        async with listening_at(after("x" * 3_000_000)) as peer:
            told = Told()
            await Nova(peer.settings()).open(ORDER, told)
            await until(lambda: told.events)
        assert isinstance(told.events[0], Broken)

    run(test())


@pytest.mark.parametrize(
    ("code", "reason", "broken"),
    [
        (1011, "NET-0001", Broken("1011 NET-0001")),
        (1008, "DATA-0000", Broken("1008 DATA-0000", is_permanent=True)),
        (1000, "", Broken("1000")),
        (4001, "busy", Broken("4001 busy")),
    ],
)
def test_a_vendor_that_closes_says_why(code: int, reason: str, broken: Broken) -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.close(code, reason)

    async def test() -> None:
        async with listening_at(Peer(behave)) as peer:
            told = Told()
            await Nova(peer.settings()).open(ORDER, told)
            await until(lambda: told.events)
        assert told.events == [broken]

    run(test())


def test_a_connection_that_breaks_is_told_once() -> None:
    async def behave(socket: ServerConnection) -> None:
        await socket.send(YES)
        await asyncio.sleep(0)
        socket.transport.abort()

    async def test() -> None:
        async with listening_at(Peer(behave)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            await until(lambda: Broken("1006") in told.events)
            recognition.close()
        assert told.events == [*HEARD, Broken("1006")]

    run(test())


def test_nothing_is_told_after_it_was_closed() -> None:
    async def behave(socket: ServerConnection) -> None:
        async for _ in socket:
            for _ in range(20):
                await socket.send(YES)

    async def test() -> None:
        async with listening_at(Peer(behave)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            recognition.send(b"\xff" * 80)
            recognition.close()
            recognition.send(b"\xff" * 80)
            await until(lambda: peer.paths)
        assert told.events == []

    run(test())


def test_a_vendor_that_does_not_read_is_broken_and_not_buffered_for_ever() -> None:
    gone = asyncio.Event()

    async def behave(socket: ServerConnection) -> None:
        socket.transport.pause_reading()
        await gone.wait()

    async def test() -> None:
        async with listening_at(Peer(behave)) as peer:
            told = Told()
            recognition = await Nova(peer.settings()).open(ORDER, told)
            sent = 0
            while not told.events and sent < 100 * WAITING_MOST_BYTES:
                recognition.send(b"\xff" * 64_000)
                sent += 64_000
                await asyncio.sleep(0)
            gone.set()
        assert told.events == [Broken("STUCK", is_deaf=True)]

    run(test())
