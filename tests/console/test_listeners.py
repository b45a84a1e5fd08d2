"""Listeners of news: one look for all, none without any; who is slow, and a store that is away."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from access.roles import LOCAL
from console.live import LISTENERS_MOST, WAITING_MOST, Live, Mark, Topic
from storage.base import StorageError

NEWS = {"kind": "call", "call_id": "call-1"}


class Store:
    """Something whose state is looked at; counts the looks."""

    def __init__(self) -> None:
        self.marks: dict[str, Mark] = {}
        self.looks = 0
        self.is_away = False

    def look(self) -> Mapping[str, Mark]:
        """How everything stands."""
        self.looks += 1
        if self.is_away:
            raise StorageError("away")
        return dict(self.marks)


class Browser:
    """One page at the socket, which takes a message whenever the test lets it."""

    def __init__(self, live: Live, is_quick: bool = True) -> None:
        self.heard: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self.may_take = asyncio.Event()
        self._leaving = asyncio.Event()
        if is_quick:
            self.may_take.set()
        self.serving = asyncio.create_task(live(LOCAL, {}, self._receive, self._send))

    async def leave(self) -> None:
        """Close the page, and wait until the server has noticed."""
        self._leaving.set()
        await self.serving

    async def _receive(self) -> dict[str, Any]:
        await self._leaving.wait()
        return {"type": "websocket.disconnect", "code": 1001}

    async def _send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.closed_with = message["code"]
            return
        await self.may_take.wait()
        self.heard.append(json.loads(message["text"]))


async def until(holds: Callable[[], object]) -> None:
    """Let others work until it holds."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


def run(story: Callable[[Store, Live], Awaitable[None]]) -> None:
    async def whole() -> None:
        store = Store()
        await story(store, Live([Topic("call", store.look)]))

    asyncio.run(whole())


def test_one_look_serves_all_and_nobody_looks_without_listeners() -> None:
    async def story(store: Store, live: Live) -> None:
        crowd = [Browser(live) for _ in range(50)]
        await until(lambda: store.looks >= 1)
        before = store.looks
        store.marks = {"call-1": Mark(1, True)}
        await until(lambda: all(NEWS in one.heard for one in crowd))
        assert store.looks - before < 10
        assert crowd[0].heard == [{"kind": "all"}, NEWS]

        for one in crowd:
            await one.leave()
        await until(lambda: live.is_idle)
        looks = store.looks
        again = Browser(live)
        await until(lambda: store.looks > looks)
        await again.leave()

    run(story)


def test_who_takes_nothing_holds_up_nobody_and_is_told_little_in_the_end() -> None:
    async def story(store: Store, live: Live) -> None:
        slow, quick = Browser(live, is_quick=False), Browser(live)
        await until(lambda: store.looks >= 1)
        calls = 2 * WAITING_MOST
        for number in range(3):
            store.marks = {f"call-{n}": Mark(number, True) for n in range(calls)}
            looks = store.looks
            await until(lambda looks=looks: store.looks > looks + 1)  # type: ignore[misc]
        await until(lambda: quick.heard)

        slow.may_take.set()
        await until(lambda: slow.heard)
        await slow.leave()
        await quick.leave()
        assert slow.heard[-1] == {"kind": "all"}
        assert len(slow.heard) <= 2

    run(story)


def test_a_store_that_is_away_is_told_once_and_news_go_on_after_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(store: Store, live: Live) -> None:
        browser = Browser(live)
        await until(lambda: store.looks >= 1)
        store.is_away = True
        looks = store.looks
        await until(lambda: store.looks >= looks + 2)
        store.marks = {"call-1": Mark(1)}
        store.is_away = False
        await until(lambda: NEWS in browser.heard)
        assert browser.heard == [{"kind": "all"}, NEWS]
        await browser.leave()

    with caplog.at_level(logging.WARNING):
        run(story)

    assert [one.message for one in caplog.records] == ["pages get no news: the store is away"]


def test_more_listeners_than_a_process_bears_are_sent_away() -> None:
    async def story(store: Store, live: Live) -> None:
        crowd = [Browser(live) for _ in range(LISTENERS_MOST)]
        await until(lambda: store.looks >= 1)
        late = Browser(live)
        await late.serving
        assert late.closed_with == 1013
        for one in crowd:
            await one.leave()

    run(story)
