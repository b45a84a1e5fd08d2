"""A call's timer rings once, however often it is put off, on the loop that the server runs."""

from __future__ import annotations

import asyncio

import uvloop

from transports.alarm import Alarm


async def rung(*times_s: float) -> list[float]:
    """When an alarm rings, in seconds from now, that is set to these times one after the other."""
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    rings: list[float] = []
    is_done = asyncio.Event()

    def ring() -> None:
        rings.append(loop.time() - began_at)
        is_done.set()

    alarm = Alarm(loop, ring)
    for seconds in times_s:
        alarm.set(began_at + seconds)
    alarm.set(None)
    async with asyncio.timeout(5):
        await is_done.wait()
    await asyncio.sleep(0)
    return rings


def test_an_alarm_for_a_moment_that_is_there_can_be_set_again() -> None:
    assert len(uvloop.run(rung(0.0, 0.0, 3.0, -1.0))) == 1


def test_the_earliest_of_its_times_counts() -> None:
    [at] = uvloop.run(rung(4.0, 0.01, 3.0))
    assert at < 3.0


def test_an_alarm_that_was_cancelled_does_not_ring() -> None:
    async def run() -> list[str]:
        rings: list[str] = []
        alarm = Alarm(asyncio.get_running_loop(), lambda: rings.append("rung"))
        alarm.set(asyncio.get_running_loop().time())
        alarm.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return rings

    assert uvloop.run(run()) == []
