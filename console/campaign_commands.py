"""The commands about campaigns: `flask demo-campaign`."""

from __future__ import annotations

import logging
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from pathlib import Path

import click

from console.demo_campaign import BEGINS_AT, Demo, Door, Trouble
from console.demo_clock import SkippingClock
from console.demo_town import KINDS
from phone.clock import CallClock
from phone.exchange import Exchange, Habits
from settings import Settings, read_settings

# Serves an application on this machine: settings by the port, and the clock it goes by; where.
Serve = Callable[[Callable[[int], Settings], Callable[[], datetime]], AbstractContextManager[str]]
# Pairs of ports that are tried.
TRIES_MOST = 5


class PortTaken(Trouble):
    """Somebody else has the phone's port."""


def demo_campaign(serve: Serve) -> click.Command:
    """The command, with a server that is served by `serve(settings_of_port, clock)`."""

    @click.command("demo-campaign")
    @click.option(
        "--leads",
        type=click.IntRange(len(KINDS), 1000),
        default=200,
        show_default=True,
        help="How many people are in the file.",
    )
    def command(leads: int) -> None:
        """Ring a whole campaign on this machine, in fast time: nobody real, nothing kept.

        A server and a phone of its own, a file with some bad rows, people who answer, hang up, are
        busy, are machines, say no in Tamil, or sleep in New York. At the end the report is held
        against what the phones have seen; exit 1 when the two differ.
        """
        sys.exit(0 if run(serve, leads, click.echo) else 1)

    return command


def run(serve: Serve, leads: int, tell: Callable[[str], None]) -> bool:
    """The demo; whether it adds up. Everything it keeps is gone afterwards."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    clock = SkippingClock(BEGINS_AT)
    exchange = Exchange(Habits(clock=lambda: CallClock(clock())))
    try:
        with ExitStack() as at_end:
            folder = at_end.enter_context(tempfile.TemporaryDirectory(prefix="callwright-demo-"))
            address = _served(serve, Path(folder), exchange, clock, at_end)
            return Demo(Door(address), exchange, clock, leads, tell).run()
    except Trouble as trouble:
        tell(f"\nThe demo stopped. {trouble}")
        return False
    finally:
        exchange.close()
        root.setLevel(level)


def _served(
    serve: Serve, folder: Path, exchange: Exchange, clock: SkippingClock, at_end: ExitStack
) -> str:
    """Where the server is, until `at_end`; on other ports when somebody is faster at these."""
    tries = 1
    while True:
        try:
            return at_end.enter_context(
                serve(lambda port: _settings(port, folder, exchange), clock)
            )
        except PortTaken:
            if tries == TRIES_MOST:
                raise
            tries += 1


def _settings(port: int, folder: Path, exchange: Exchange) -> Settings:
    """Of a server without keys, which looks for its phone on the port after its own. PortTaken."""
    try:
        exchange.open(port + 1)
    except OSError as error:
        raise PortTaken(f"Port {port + 1} was just taken: start it again.") from error
    return read_settings(
        {
            "DATA_DIR": str(folder / "data"),
            "PORT": str(port),
            "START_CALL_COUNTRIES": "IN,US",
            "DIAL_CALLS_PER_SECOND": "25",
        }
    )
