"""The commands that ring: `flask call | phone`, and what `flask talk` shares with them."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from phone import town
from phone.crowd import Crowd
from phone.exchange import Exchange, Habits, Ring
from phone.faults import WebhookFault
from phone.handset import CALLER_NUMBER, LINE_NUMBER, Handset, ServerAway
from phone.live_habits import Live
from phone.progress import Delivered
from phone.rehearsal import answer_ring, play_inbound, play_outbound
from phone.script import Script, ScriptError, load_script
from phone.terminal import (
    HELP,
    TypingCaller,
    reader,
    show_entry,
    show_event,
    show_record,
    show_verdict,
)
from phone.texting import Texting
from phone.transcript import Transcript
from phone.webhook import Way
from settings import Settings, SettingsError, load_settings

POLL_S = 0.5  # how soon Ctrl-C is seen while no phone rings

script_option = click.option(
    "--script",
    "script_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Play this call script instead of typing, and tell PASS or FAIL.",
)
_server_option = click.option(
    "--server", help="Where the server listens.  [default: http://127.0.0.1:PORT]"
)
_twice_option = click.option(
    "--twice", is_flag=True, help="Deliver every webhook twice and compare the answers."
)
_speed_option = click.option(
    "--speed",
    type=click.FloatRange(0.5, 20),
    default=1.0,
    show_default=True,
    help="Where agents are live: the line lets sound through so many times faster.",
)
_late_option = click.option(
    "--late", is_flag=True, help="Deliver status callbacks late and in reverse."
)


@click.command()
@click.argument("agent", required=False)
@script_option
@_server_option
@click.option("--from", "numbers", multiple=True, help=f"The caller.  [default: {CALLER_NUMBER}]")
@click.option("--to", default=LINE_NUMBER, show_default=True, help="The line that is rung.")
@_twice_option
@_late_option
@_speed_option
def call(
    agent: str | None,
    script_file: Path | None,
    server: str | None,
    numbers: Sequence[str],
    to: str,
    **habits: Any,
) -> None:
    """Ring AGENT on the running server, as the carrier would: a call in the terminal.

    Type what the caller says; an empty line is silence, #123 presses keys, /help shows the rest.
    At the end you see what the server kept. A script may be of an outbound call; then the server
    is asked to ring, and this phone answers on the port after the server's.
    """
    settings = settings_or_exit()
    with _handset(settings, server, habits) as handset:
        if script_file:
            _play(handset, settings, script_or_exit(script_file))
        caller = _at_keyboard(lambda: handset.last_words(line.call.leg.sid))
        number = numbers[-1] if numbers else CALLER_NUMBER
        line = handset.prepare(named_agent(agent), caller, Transcript(watch=show_event), number, to)
        click.echo(HELP)
        line.run_inbound()
        caller.show_clips()
        _show_kept(handset, line.call.leg.sid)


@click.command()
@click.option("--port", type=int, help="Where orders are taken.  [default: the server's + 1]")
@script_option
@_server_option
@click.option("--once", is_flag=True, help="Stop after the first call.")
@click.option("--town", is_flag=True, help="Everybody is answered for, many at once, by number.")
@_twice_option
@_late_option
@_speed_option
def phone(port: int | None, script_file: Path | None, server: str | None, **asked: Any) -> None:
    """Be the phone that the server rings: every POST /start-call rings here, until Ctrl-C.

    It stands where the carrier's REST interface would: a server without an account orders its
    calls here by itself, any other one with TWILIO_BASE_URL.
    """
    once = asked.pop("once")
    is_town = asked.pop("town")
    settings = settings_or_exit()
    script = script_or_exit(script_file) if script_file else None
    with _handset(settings, server, asked, needed=False) as handset:
        exchange = _open(handset.habits, port or settings.port + 1)
        exchange.texting.watch = lambda one: click.echo(f"text to {one.to_number}: {one.body}")
        if is_town:
            _populate(exchange)
            return
        failed = False
        try:
            for ring in _rings(exchange):
                failed = not _answered(handset, ring, script) or failed
                if once:
                    break
        except KeyboardInterrupt:
            click.echo()
        finally:
            exchange.close()
    sys.exit(int(failed))


@click.command("text")
@click.argument("words")
@_server_option
@click.option("--from", "number", default=CALLER_NUMBER, show_default=True, help="Who writes.")
@click.option("--to", default=LINE_NUMBER, show_default=True, help="The line that is written to.")
def text(words: str, server: str | None, number: str, to: str) -> None:
    """Write WORDS to the running server, as somebody's text message, and show the answer."""
    settings = settings_or_exit()
    with _handset(settings, server, {"twice": False, "late": False, "speed": 1.0}) as handset:
        texting = Texting(handset.habits.courier, f"{handset.public}/messages/inbound")
        try:
            answer = texting.write(number, to, words, handset.account)
        except WebhookFault as fault:
            raise click.ClickException(str(fault)) from fault
        click.echo(answer or "(kept, and not answered)")


def _play(handset: Handset, settings: Settings, script: Script) -> None:
    """Play a script over HTTP, whichever side rings, and end with its verdict."""
    if script.direction == "inbound":
        played = play_inbound(handset, script, show_entry)
    else:
        exchange = _open(handset.habits, settings.port + 1)
        try:
            played = play_outbound(handset, exchange, script, show_entry)
        finally:
            exchange.close()
    exit_with(script.name, played.failures)


def _populate(exchange: Exchange) -> None:
    """Let a whole town answer, until Ctrl-C."""
    click.echo("Everybody lives here. By the last digit of the number:")
    for line in town.legend():
        click.echo(line)
    crowd = Crowd(
        exchange,
        [],
        lambda: datetime.now(UTC),
        strangers=town.resident,
        tell=lambda rung: click.echo(town.told(rung)),
        rung=deque(maxlen=0),  # it runs for days, and each is told when it is over
    )
    crowd.open()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo()
    finally:
        crowd.close()
        exchange.close()


def _rings(exchange: Exchange) -> Iterator[Ring]:
    while True:
        ring = exchange.next_ring(POLL_S)
        if ring is not None:
            yield ring


def _answered(handset: Handset, ring: Ring, script: Script | None) -> bool:
    """Conduct one ordered call; False when it was not as its script says."""
    if script:
        played = answer_ring(handset, ring, script, show_entry)
        show_verdict(script.name, played.failures)
        return not played.failures
    click.echo(HELP)
    ring.transcript.watch = show_event
    caller = _at_keyboard(lambda: handset.last_words(ring.leg.sid))
    ring.answer(caller)
    caller.show_clips()
    try:
        _show_kept(handset, ring.leg.sid)
    except ServerAway as away:  # the next call may come all the same
        click.echo(f"Error: {away}", err=True)
    return True


def _at_keyboard(words: Callable[[], str]) -> TypingCaller:
    return TypingCaller(reader(sys.stdin), words, at_once=sys.stdin.isatty())


def _show_kept(handset: Handset, sid: str) -> None:
    click.echo("The call is over. The server kept:")
    show_record(handset.record(sid))


def exit_with(name: str, failures: Sequence[str]) -> None:
    """Show the verdict on a script, and end with it."""
    show_verdict(name, failures)
    sys.exit(int(bool(failures)))


@contextmanager
def _handset(
    settings: Settings, server: str | None, asked: Mapping[str, Any], needed: bool = True
) -> Iterator[Handset]:
    """A phone beside the server; says plainly when that is not there."""
    listens = (server or f"http://127.0.0.1:{settings.port}").rstrip("/")
    if not settings.local_mode and not settings.webhook_token:
        raise click.ClickException(
            "The phone signs with the account's token, not with shared keys."
        )
    public = "" if settings.local_mode else settings.public_base_url
    habits = Habits(
        token=settings.webhook_token,
        way=Way(public, listens) if public else Way(),
        twice=asked["twice"],
        delivered=Delivered.REVERSED if asked["late"] else Delivered.IN_ORDER,
        live=Live(asked["speed"], speaks=True),
    )
    handset = Handset(listens, habits, settings.api_token)
    try:
        if needed:
            handset.check()
        yield handset
    except ServerAway as away:
        raise click.ClickException(str(away)) from away
    finally:
        handset.close()


def _open(habits: Habits, port: int) -> Exchange:
    exchange = Exchange(habits)
    try:
        address = exchange.open(port)
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used: {error.strerror}") from error
    click.echo(f"Waiting for calls at {address}")
    return exchange


def named_agent(agent: str | None) -> str:
    """The agent that was named; says how when none was."""
    if not agent:
        raise click.UsageError("Name an agent, or give --script FILE.")
    return agent


def settings_or_exit() -> Settings:
    """The settings; says plainly what is wrong with them."""
    try:
        return load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def script_or_exit(path: Path) -> Script:
    """The script in a file; says plainly what is wrong with it."""
    try:
        return load_script(path)
    except ScriptError as error:
        raise click.ClickException(str(error)) from error
