"""The faults of the fault run: what goes wrong, and when."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.fault_call import Plot
from benchmarks.fault_world import Setting, World

# Faults begin while the second turn is taken: the call has begun, and nothing is collected yet.
TURN, LATER = 2, 4
# How long a disk stays full that somebody looks after.
FULL_S = 2.0
CLIPS = "audio"  # folder of DATA_DIR
_DISK_KB = 4096


@dataclass(frozen=True)
class Row:
    """One fault. `disk` says that it needs a small disk of its own."""

    name: str
    setting: Setting = field(default_factory=Setting)
    plot: Plot = field(default_factory=Plot)

    @property
    def needs_disk(self) -> bool:
        """It can only be had where small disks can be made."""
        return bool(self.setting.disks)


def _model(fault: str) -> Row:
    plan = {"fault": fault}
    return Row(
        f"models: {fault}",
        Setting({"gemini": plan, "openai": plan}, models=("gemini", "openai")),
    )


def _voice(fault: str, name: str | None = None) -> Row:
    return Row(f"voice: {name or fault}", Setting({"elevenlabs": {"fault": fault}}))


def _slow_as_usual(**more: object) -> Mapping[str, Mapping[str, object]]:
    """Vendors as they are on a good day, so that a fault has a turn to fall into."""
    return {
        "gemini": {"delay_ms": 300, **more},
        "elevenlabs": {"first_byte_ms": 200, "last_byte_ms": 600},
    }


def _full_for_a_while(world: World) -> None:
    world.fill_disk()
    time.sleep(FULL_S)
    world.free_disk()


def _killed_and_started(world: World) -> None:
    world.kill_database()
    world.start_database()


def _everything(world: World) -> None:
    world.plan(gemini={"fault": "slow"}, openai={"fault": "500"}, elevenlabs={"fault": "slow"})
    world.pause_database()
    world.kill_server()


MODEL_ROWS = (
    *map(_model, ("down", "slow", "429", "500", "garbage", "shape", "blocked")),
    Row(
        "first model down, second there",
        Setting({"gemini": {"fault": "down"}}, models=("gemini", "openai")),
    ),
    Row(
        "first model slow, second there",
        Setting({"gemini": {"fault": "slow"}}, models=("gemini", "openai")),
    ),
    Row("model late (3.5 s)", Setting({"gemini": {"delay_ms": 3500}})),
)

VOICE_ROWS = (
    _voice("down"),
    _voice("slow", "slow first byte"),
    _voice("cut", "dies in a clip"),
    _voice("stall", "stalls in a clip"),
    _voice("empty", "empty 200"),
    _voice("html", "a page with 200"),
    _voice("429"),
    _voice("500"),
)

DATABASE_ROWS = (
    Row(
        "database killed before a turn",
        Setting(_slow_as_usual()),
        Plot(before={TURN: World.kill_database}, after=World.start_database),
    ),
    Row(
        "database killed during a turn",
        Setting(_slow_as_usual()),
        Plot(during={TURN: World.kill_database}, before={LATER: World.start_database}),
    ),
    Row(
        "database killed after the last turn",
        Setting(_slow_as_usual()),
        Plot(after=_killed_and_started),
    ),
    Row(
        "database paused, and back",
        Setting(_slow_as_usual()),
        Plot(before={TURN: World.pause_database, LATER: World.resume_database}),
    ),
    Row(
        "database away at the start",
        Setting(_slow_as_usual(), database_is_there=False),
        Plot(after=World.start_database),
    ),
)

DISK_ROWS = (
    Row(
        "disk of the clips full",
        Setting(_slow_as_usual(), disks={CLIPS: _DISK_KB}),
        Plot(before={1: lambda world: world.fill_disk(CLIPS)}),
    ),
    Row(
        "disk of the journal full for 2 s",
        Setting(_slow_as_usual(), disks={"": _DISK_KB}),
        Plot(during={TURN: _full_for_a_while}),
    ),
    Row(
        "disk of the journal full, for good",
        Setting(_slow_as_usual(), disks={"": _DISK_KB}),
        Plot(before={TURN: World.fill_disk}),
    ),
)

SERVER_ROWS = (
    Row(
        "server killed between journal and answer",
        Setting(_slow_as_usual()),
        Plot(during={TURN: World.kill_worker_at_save}),
    ),
    Row(
        # The only server, its master included: nobody is there until another has started, which is
        # two seconds of CPU. A second one covers that ("one of two servers killed").
        "the only server killed, and restarted",
        Setting(_slow_as_usual()),
        Plot(during={TURN: World.restart_server}),
    ),
    Row(
        "one of two processes killed",
        Setting(_slow_as_usual(), variables={"WEB_WORKERS": "2"}),
        Plot(during={TURN: World.kill_worker}),
    ),
    Row(
        "one of two servers killed",
        Setting(_slow_as_usual(), servers=2),
        Plot(during={TURN: World.kill_server}),
    ),
)

ALL_AT_ONCE = Row(
    "all at once",
    Setting(_slow_as_usual(), models=("gemini", "openai"), servers=2),
    Plot(before={TURN: _everything}, after=World.resume_database),
)

NOTHING = Row("nothing", Setting(_slow_as_usual()))

ROWS = (
    NOTHING,
    *MODEL_ROWS,
    *VOICE_ROWS,
    *DATABASE_ROWS,
    *DISK_ROWS,
    *SERVER_ROWS,
    ALL_AT_ONCE,
)
