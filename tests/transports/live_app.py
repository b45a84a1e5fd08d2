"""The server with live calls that only say back what they hear; run by the tests of its doors."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from wsgiref.types import WSGIApplication

import orjson
from flask import Flask

from agents.schema import Transport
from app import services_of
from conversation.events import Utterance
from server import Server, callwright
from transports.duplex import Desk
from transports.live_doors import LiveDoors, Serve
from transports.live_socket import LiveSocket, SocketGone
from transports.live_token import BadToken


async def say_back(socket: LiveSocket, desk: Desk) -> None:
    """The first message is [carrier_id, token]; then every one comes back, until it is "bye".

    Asked to move, it closes the socket. "hold" has it stay all the same. After "last words" the
    caller's turn is taken when the socket is lost.
    """
    first = await socket.receive()
    if not isinstance(first, str):
        return
    carrier_id, token = orjson.loads(first)
    try:
        socket.claim(carrier_id, token)
    except BadToken as error:
        await socket.send(str(error))
        await socket.close(1008)
        return
    await socket.send("claimed")
    holds = has_last_words = False
    moved = asyncio.Event()
    socket.on_move(moved.set)
    hearing = asyncio.ensure_future(socket.receive())
    moving = asyncio.ensure_future(moved.wait())
    try:
        while True:
            await asyncio.wait({hearing, moving}, return_when=asyncio.FIRST_COMPLETED)
            if moving.done() and not holds:
                return
            message = await hearing
            if message is None and has_last_words:
                said = Utterance("English", desk.now())
                await asyncio.to_thread(desk.turns.take, carrier_id, None, "last", said)
            if message is None or message == "bye":
                return
            has_last_words = has_last_words or message == "last words"
            holds = holds or message == "hold"
            await socket.send(str(message))
            hearing = asyncio.ensure_future(socket.receive())
    except SocketGone:
        return
    finally:
        hearing.cancel()
        moving.cancel()


SERVES: Mapping[Transport, Serve] = {Transport.STREAM: say_back, Transport.RELAY: say_back}


def doors(app: WSGIApplication) -> LiveDoors:
    """The doors of live calls with nobody behind them."""
    assert isinstance(app, Flask)
    return LiveDoors(services_of(app), SERVES)


app = Server(callwright, open_live=doors)
