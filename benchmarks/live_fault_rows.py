"""The faults of live calls: sockets, recognisers, voices, models, servers."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.fault_call import Plot
from benchmarks.fault_rows import Row
from benchmarks.fault_world import Setting, World
from phone.live_habits import Live
from phone.weather import FAIR, Moment, Weather

TURN, LATER = 1, 2  # of the caller: nothing is collected before the first
_USUAL: Mapping[str, Mapping[str, object]] = {
    "gemini": {"delay_ms": 300},
    "elevenlabs": {"first_byte_ms": 150, "last_byte_ms": 450},
    "deepgram": {"delay_ms": 150},
}


def _live(
    name: str, plot: Plot | None = None, weather: Weather = FAIR, **more: Mapping[str, object]
) -> Row:
    setting = Setting({**_USUAL, **more}, live=Live(weather=weather))
    return Row(f"stream: {name}", setting, plot or Plot())


def _with(row: Row, servers: int = 1, **variables: str) -> Row:
    setting = Setting(
        row.setting.vendors, variables=variables, servers=servers, live=row.setting.live
    )
    return Row(row.name, setting, row.plot)


def _deafens(fault: str) -> Plot:
    """The recogniser goes wrong in the middle of the call, and stays so."""

    def happens(world: World) -> None:
        world.plan(deepgram={"fault": fault})

    return Plot(before={LATER: happens})


def _stops_for_2_s(world: World) -> None:
    world.stop_the_loop(2.0)


SOCKET_ROWS = (
    *(
        _live(f"socket drops, {moment.value.replace('_', ' ')}", weather=Weather(drops=moment))
        for moment in Moment
    ),
    *(
        _live(
            f"socket drops, {moment.value.replace('_', ' ')} (2nd)",
            weather=Weather(drops=moment, times=2),
        )
        for moment in (Moment.AGENT_SPEAKS, Moment.CALLER_SPEAKS, Moment.CALLER_SPOKE)
    ),
    *(
        _live(
            f"socket hangs, {moment.value.replace('_', ' ')}",
            weather=Weather(freezes=moment, frozen_most_s=2.0),
        )
        for moment in (Moment.STARTED, Moment.AGENT_SPEAKS, Moment.CALLER_SPEAKS)
    ),
    _live("frames late by 300 ms, 2 % lost", weather=Weather(jitter_s=0.3, loss=0.02)),
)

EAR_FAULTS = ("down", "slow", "401", "429", "500", "quota", "mute", "deaf", "garbage", "dies")
EAR_ROWS = (
    *(_live(f"recogniser: {fault}", deepgram={"fault": fault}) for fault in EAR_FAULTS),
    *(
        _live(f"recogniser in mid-call: {fault}", _deafens(fault))
        for fault in ("down", "mute", "deaf", "garbage", "dies")
    ),
    _live(
        "recogniser breaks in every third word",
        deepgram={"fault": "dies", "share": 0.34, "delay_ms": 150},
    ),
)

VOICE_FAULTS = ("down", "slow", "429", "500", "cut", "empty", "html", "stall", "headers")
SPEECH_ROWS = (
    *(_live(f"voice: {fault}", elevenlabs={"fault": fault}) for fault in VOICE_FAULTS),
    _live(
        "both voices down",
        Plot(before={TURN: lambda world: world.plan(deepgram={"fault": "500"})}),
        elevenlabs={"fault": "down"},
    ),
    *(_live(f"model: {fault}", gemini={"fault": fault}) for fault in ("down", "slow", "garbage")),
    _live("model late (3.5 s)", gemini={"delay_ms": 3500}),
)

LIVE_SERVER_ROWS = (
    _live("loop stands still for 2 s", Plot(during={TURN: _stops_for_2_s})),
    _live(
        "database killed during a turn",
        Plot(during={TURN: World.kill_database}, after=World.start_database),
    ),
    _with(_live("server told to end", Plot(during={TURN: World.end_server})), servers=2),
    _with(_live("server killed", Plot(during={TURN: World.kill_server})), servers=2),
    _with(
        _live("one of two processes killed", Plot(during={TURN: World.kill_worker})),
        WEB_WORKERS="2",
    ),
    _with(_live("no room for live calls"), LIVE_CALLS_MOST="0"),
)

LIVE_ROWS = (_live("nothing"), *SOCKET_ROWS, *EAR_ROWS, *SPEECH_ROWS, *LIVE_SERVER_ROWS)
