"""Many calls that need the same new clip in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from benchmarks.callers import Booth, Call, Manner, Met
from benchmarks.load import Target
from phone.vendors.process import VendorsProcess

CALLS = 100
CHARGE = 97_531
_BEFORE = 3  # turns of the script until the charge is said back
_AT = 4


async def same_clip_at_once(
    target: Target, vendors: VendorsProcess, plans: Mapping[str, Mapping[str, object]]
) -> dict[str, int]:
    """How many texts were new, and how often the voice was asked for the same one at most."""
    met = Met()
    manner = Manner(lambda _: CHARGE, remembers=False)
    booths = [Booth(target, manner, met) for _ in range(CALLS)]
    calls = [Call(booth, number) for number, booth in enumerate(booths)]
    await asyncio.gather(*(booth.open() for booth in booths))
    for call in calls:  # in turns: what is said up to here is there when the moment comes
        await call.ring()
        for number in range(1, _BEFORE + 1):
            await call.say(number)
        await call.heard()
    vendors.plan(**plans)
    known = vendors.counts()["elevenlabs"]["texts"]
    await asyncio.gather(*(call.say(_AT) for call in calls))
    await asyncio.gather(*(call.heard() for call in calls))
    for booth in booths:
        booth.close()
    texts = vendors.counts()["elevenlabs"]["texts"]
    new = [texts[text] for text in texts.keys() - known.keys()]
    return {"calls": CALLS, "texts": len(new), "most": max(new, default=0), "clips": met.clips}
