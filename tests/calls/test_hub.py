"""News of live calls: who hears what, slow listeners, several processes over a Redis that dies."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from functools import wraps

import pytest

from calls.hub import WAITING_MOST, Hub, Listening, News, open_hub
from calls.hub_link import RedisLink
from settings import Settings
from tests.redis_server import RedisServer
from tests.waiting import wait_until

PATIENCE_S = 20.0


def on_a_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """Run a test on an event loop of its own."""

    @wraps(test)
    def run(**fixtures: object) -> None:
        asyncio.run(test(**fixtures))

    return run


@contextmanager
def linked(url: str) -> Iterator[Hub]:
    """The hub of another process."""
    with closing(Hub(RedisLink(url))) as hub:
        yield hub


async def next_of(listening: Listening) -> News:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(listening)


async def publish_until_heard(hub: Hub, listening: Listening, text: str) -> None:
    """News are lost while Redis is away: they are told again until one arrives."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            hub.publish("c1", "words", text=text)
            try:
                async with asyncio.timeout(0.2):
                    while (await anext(listening)).data.get("text") != text:
                        pass
                return
            except TimeoutError:
                continue


@on_a_loop
async def test_news_go_to_who_listens_to_that_call_and_to_who_listens_to_all() -> None:
    hub = Hub()
    with hub.listen("c1") as one, hub.listen() as every:
        hub.publish("c2", "level", caller=0.5)
        hub.publish("c1", "words", text="hello")

        assert await next_of(one) == News("c1", "words", {"text": "hello"})
        assert await next_of(every) == News("c2", "level", {"caller": 0.5})
        assert await next_of(every) == News("c1", "words", {"text": "hello"})


@on_a_loop
async def test_it_is_known_of_which_calls_news_are_wanted() -> None:
    hub = Hub()
    assert not hub.is_wanted("c1")
    with hub.listen("c1"):
        assert hub.is_wanted("c1")
        assert not hub.is_wanted("c2")
        with hub.listen():
            assert hub.is_wanted("c2")
    assert not hub.is_wanted("c1")
    hub.publish("c1", "words", text="nobody hears")


@on_a_loop
async def test_who_is_slow_misses_the_oldest() -> None:
    hub = Hub()
    with hub.listen("c1") as listening:
        for number in range(WAITING_MOST + 10):
            hub.publish("c1", "level", caller=number)
        heard = [(await next_of(listening)).data["caller"] for _ in range(WAITING_MOST)]
    assert heard == list(range(10, WAITING_MOST + 10))


@on_a_loop
async def test_threads_publish_in_order_to_a_loop_that_sleeps() -> None:
    hub = Hub()

    def talk() -> None:
        for number in range(100):
            hub.publish("c1", "level", caller=number)

    with hub.listen("c1") as listening:
        waiting = asyncio.ensure_future(next_of(listening))
        await asyncio.sleep(0)
        thread = threading.Thread(target=talk)
        thread.start()
        first = await waiting
        rest = [await next_of(listening) for _ in range(99)]
        thread.join()
    assert [one.data["caller"] for one in (first, *rest)] == list(range(100))


def test_a_loop_that_was_closed_stops_nobody() -> None:
    hub = Hub()

    async def listen() -> Listening:
        return hub.listen("c1")

    listening = asyncio.run(listen())
    hub.publish("c1", "words", text="after the end")
    hub.leave(listening)
    assert not hub.is_wanted("c1")


def test_without_an_address_there_is_no_link() -> None:
    hub = open_hub(Settings())
    hub.close()
    hub.close()


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@on_a_loop
async def test_two_processes_hear_each_other_before_and_after_redis_was_killed(
    server: RedisServer,
) -> None:
    with linked(server.url) as here, linked(server.url) as there, there.listen("c1") as listening:
        await publish_until_heard(here, listening, "before")
        assert not here.is_wanted("c2")  # nobody listens to it: nothing of it is sent

        server.kill()
        for _ in range(5000):
            here.publish("c1", "level", caller=0.5)
        server.start()

        await publish_until_heard(here, listening, "after")


@on_a_loop
async def test_a_process_is_not_told_its_own_news_twice(server: RedisServer) -> None:
    with linked(server.url) as here, linked(server.url) as there, there.listen("c1") as elsewhere:
        with here.listen("c1") as listening:
            await publish_until_heard(here, elsewhere, "known")
            await publish_until_heard(there, listening, "known as well")
            here.publish("c1", "words", text="once")
            await publish_until_heard(here, elsewhere, "sent")
            await publish_until_heard(there, elsewhere, "in order")
            heard = [await next_of(listening)]
            here.publish("c1", "words", text="last")
            while heard[-1].data["text"] != "last":
                heard.append(await next_of(listening))
    assert [one.data["text"] for one in heard].count("once") == 1


@on_a_loop
async def test_who_listened_is_forgotten_when_gone(server: RedisServer) -> None:
    with linked(server.url) as here:
        with linked(server.url) as there, there.listen("c1") as listening:
            await publish_until_heard(here, listening, "there")
        await asyncio.to_thread(wait_until, lambda: not here.is_wanted("c1"), PATIENCE_S)


@on_a_loop
async def test_strange_messages_on_the_channel_are_passed_over(server: RedisServer) -> None:
    import redis

    with linked(server.url) as here, linked(server.url) as there, there.listen("c1") as listening:
        with redis.Redis(port=server.port) as stranger:
            for text in (b"\xff", b"[]", b"{}", b'{"from":"x","wants":5}', b'{"from":"x"}'):
                stranger.publish("callwright:0:live", text)
        await publish_until_heard(here, listening, "all the same")


def test_a_redis_that_never_answers_holds_up_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        hub = Hub(RedisLink(url))

        async def talk() -> object:
            with hub.listen("c1") as listening:
                for number in range(2000):
                    hub.publish("c1", "level", caller=number)
                return (await next_of(listening)).data["caller"]

        assert asyncio.run(talk()) == 2000 - WAITING_MOST
        hub.close()
