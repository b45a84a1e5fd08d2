"""Calls over a socket whose recogniser fails: what the caller says is heard all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from calls.hearing import open_hearing
from phone.spoken import silence, tones
from phone.tape import Side
from phone.vendors.plan import Fault, Plan
from phone.vendors.street import Street
from settings import read_settings
from tests.transports.far_end import FarEnd, run
from tests.transports.stream_house import House
from transports.duplex import Desk

FRAME = 160
# Faults are met when the caller speaks: those of opening too, as the connection breaks then.
FAULTS = (
    *(Fault.DOWN, Fault.SLOW, Fault.KEY, Fault.BUSY, Fault.BROKEN),
    *(Fault.DIES, Fault.GARBAGE, Fault.QUOTA, Fault.MUTE, Fault.DEAF),
)


@asynccontextmanager
async def a_street(house: House, *keys: str) -> AsyncIterator[Street]:
    """Vendors on this machine hear the calls of the house."""
    street = Street()
    await street.open()
    settings: dict[str, str] = {}
    for key in keys:
        settings |= {
            f"{key.upper()}_API_KEY": "k",
            f"{key.upper()}_BASE_URL": street.addresses[key],
        }
    live = house.services.live
    assert live is not None
    live = replace(live, hearing=open_hearing(read_settings(settings)))
    house.services = replace(house.services, live=live)
    house.desk.pool.shutdown()
    house.desk = Desk(house.services, live.stream_turns, ThreadPoolExecutor(4))
    try:
        yield street
    finally:
        street.close()


async def speaks(far: FarEnd, text: str) -> None:
    """Say it as fast as people do, for whom the waiting times are made; then be silent."""
    sound = tones(text, Side.CALLER)
    while True:
        for start in range(0, len(sound), FRAME):
            far.says(far.frames.media(sound[start : start + FRAME], start // 8))
            await asyncio.sleep(FRAME / 8000)
        sound = silence(1)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_other_vendor_hears_what_was_said(house: House, fault: Fault) -> None:
    async def test() -> None:
        async with a_street(house, "deepgram", "elevenlabs") as street:
            async with house.call_on_line() as far:
                listening = street.recognisers["deepgram"]
                await far.until(lambda: listening.at_once == 1)
                listening.plan = Plan(fault=fault)
                if fault in FAULTS[:5]:
                    listening.break_off()
                speaking = asyncio.create_task(speaks(far, "seven hundred pieces please"))
                await far.until_heard("700 pieces, is that right?")
                speaking.cancel()
            assert [turn.caller for turn in house.turns][-1:] == ["seven hundred pieces please"]

    run(test())


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.KEY, Fault.QUOTA])
def test_a_call_that_nobody_hears_any_more_goes_on_in_turns(house: House, fault: Fault) -> None:
    async def test() -> None:
        async with a_street(house, "deepgram") as street:
            async with house.call_on_line() as far:
                listening = street.recognisers["deepgram"]
                await far.until(lambda: listening.at_once == 1)
                listening.plan = Plan(fault=fault)
                if fault is not Fault.QUOTA:
                    listening.break_off()
                speaking = asyncio.create_task(speaks(far, "seven hundred pieces please"))
                await far.until(lambda: far.code is not None)
                speaking.cancel()
            assert far.code == 1000
            assert house.said_last()

    run(test())
