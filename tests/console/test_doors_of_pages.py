"""Sockets of pages: open to who is signed in, for as long as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from access.roles import Role
from app import app_of
from console.doors import Doors
from services import Services
from tests.console.visitors import Visitor, signed_in
from tests.transports.doors import SIGNED, scripted_services

COOKIE = "__Host-callwright"
LIVE, PHONE = "/console/live", "/console/phone/socket"
WORDS = "/console/live/call"
LIMIT_S = 20.0


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened, _ = scripted_services(tmp_path, SIGNED)
    yield opened
    opened.close()


@pytest.fixture
def app(services: Services) -> Flask:
    return app_of(services)


def scope(path: str, visitor: Visitor | None = None, origin: str = "https://calls.example") -> Any:
    """What the server knows of somebody who opens a socket."""
    cookie = visitor.cookies()[COOKIE] if visitor else ""
    headers = {"host": "calls.example", "origin": origin, "cookie": f"{COOKIE}={cookie}"}
    return {
        "type": "websocket",
        "path": path,
        "client": ("203.0.113.9", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


class Ends:
    """Both ends of a socket that somebody opens and then only listens to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_open = asyncio.Event()
        self._connects = True

    async def receive(self) -> Any:
        """What the browser sends: nothing after it has connected."""
        if self._connects:
            self._connects = False
            return {"type": "websocket.connect"}
        await asyncio.Event().wait()

    async def send(self, message: Any) -> None:
        """What the browser gets."""
        self.sent.append(f"{message['type']} {message.get('code', '')}".strip())
        self.is_open.set()


def opened(doors: Doors, asked: Any) -> list[str]:
    """What comes of opening a socket that is not let in."""

    async def run() -> list[str]:
        ends = Ends()
        await asyncio.wait_for(doors(asked, ends.receive, ends.send), LIMIT_S)
        return ends.sent

    return asyncio.run(run())


def test_whoever_may_not_look_hears_nothing(app: Flask, services: Services) -> None:
    doors = Doors(app, services)
    viewer = signed_in(app, services, Role.VIEWER)

    refused = [
        scope(LIVE),
        scope(LIVE, viewer, origin="https://evil.example"),
        scope(LIVE, viewer, origin=""),
        scope(PHONE, viewer),  # for operators
        scope(WORDS, viewer),  # for operators
    ]

    assert [opened(doors, asked) for asked in refused] == [["websocket.close 1008"]] * 5


def test_whoever_signs_out_hears_no_more(app: Flask, services: Services) -> None:
    doors = Doors(app, services, asked_again_s=0.02)
    viewer = signed_in(app, services, Role.VIEWER)

    async def run() -> list[str]:
        ends = Ends()
        listening = asyncio.ensure_future(doors(scope(LIVE, viewer), ends.receive, ends.send))
        await asyncio.wait_for(ends.is_open.wait(), LIMIT_S)
        await asyncio.to_thread(viewer.send, "/console/sign-out", {}, "/console/profile")
        await asyncio.wait_for(listening, LIMIT_S)
        return ends.sent

    # The first word to every listener is that the list may have changed.
    accepted, *told, closed = asyncio.run(run())
    assert (accepted, closed) == ("websocket.accept", "websocket.close 1008")
    assert told in ([], ["websocket.send"])
