"""The command line: `flask talk | call | phone | check-agents | agents-schema | prewarm-audio`.

Those about people are in `console/commands.py`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

from agents.json_schema import agent_json_schema
from agents.loader import AgentFileError, load_agents
from agents.schema import Agent
from calls.prices import Prices, PricesError, load_prices
from calls.text_call import Answer, TextCall
from calls.warming import NoVendor, Warming
from console import commands as people
from console import forget_command
from conversation.events import Direction, HandoverResult
from phone.caller import Caller, Dialling, HangsUp, Heard, Listening, PickUp, Presses, Speaks
from phone.exchange import Exchange, Habits, Ring
from phone.handset import CALLER_NUMBER, LINE_NUMBER, Handset, ServerAway
from phone.progress import Delivered
from phone.rehearsal import answer_ring, play_inbound, play_outbound
from phone.script import Script, ScriptedCaller, ScriptError, load_script
from phone.terminal import (
    HELP,
    TypingCaller,
    reader,
    show_entry,
    show_event,
    show_record,
    show_verdict,
)
from phone.transcript import Transcript
from phone.webhook import Way
from providers.llm.rules import RulesBrain
from settings import Settings, SettingsError, load_settings
from storage.base import StorageError

POLL_S = 0.5  # how soon Ctrl-C is seen while no phone rings

_RESULTS = {
    PickUp.ANSWERED: HandoverResult.ANSWERED,
    PickUp.BUSY: HandoverResult.BUSY,
    PickUp.NO_ANSWER: HandoverResult.NO_ANSWER,
    PickUp.FAILED: HandoverResult.FAILED,
}

_script_option = click.option(
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
_late_option = click.option(
    "--late", is_flag=True, help="Deliver status callbacks late and in reverse."
)


@click.command()
@click.argument("agent", required=False)
@_script_option
def talk(agent: str | None, script_file: Path | None) -> None:
    """Talk to AGENT in this process: no server, no phone, nothing is kept.

    Type what the caller says; an empty line is silence, #123 presses keys, /help shows the rest.
    """
    settings = _settings()
    if script_file:
        script = _script(script_file)
        call = text_call(_agent(settings, script.agent), script)
        scripted = ScriptedCaller(script, call.record)
        play_text(call, scripted)
        verdict = scripted.verdict()
        for who, text in scripted.dialogue:
            click.echo(f"{who}: {text}")
        _exit_with(script.name, verdict)
    call = text_call(_agent(settings, _named(agent)))
    click.echo(HELP)
    play_text(call, TypingCaller(reader(sys.stdin)))
    show_record(call.record())


@click.command()
@click.argument("agent", required=False)
@_script_option
@_server_option
@click.option("--from", "numbers", multiple=True, help=f"The caller.  [default: {CALLER_NUMBER}]")
@click.option("--to", default=LINE_NUMBER, show_default=True, help="The line that is rung.")
@_twice_option
@_late_option
def call(
    agent: str | None,
    script_file: Path | None,
    server: str | None,
    numbers: Sequence[str],
    to: str,
    **flags: bool,
) -> None:
    """Ring AGENT on the running server, as the carrier would: a call in the terminal.

    Type what the caller says; an empty line is silence, #123 presses keys, /help shows the rest.
    At the end you see what the server kept. A script may be of an outbound call; then the server
    is asked to ring, and this phone answers on the port after the server's.
    """
    settings = _settings()
    with _handset(settings, server, flags) as handset:
        if script_file:
            _play(handset, settings, _script(script_file))
        caller = TypingCaller(reader(sys.stdin), lambda: handset.last_words(line.call.leg.sid))
        number = numbers[-1] if numbers else CALLER_NUMBER
        line = handset.prepare(_named(agent), caller, Transcript(watch=show_event), number, to)
        click.echo(HELP)
        line.run_inbound()
        caller.show_clips()
        _show_kept(handset, line.call.leg.sid)


@click.command()
@click.option("--port", type=int, help="Where orders are taken.  [default: the server's + 1]")
@_script_option
@_server_option
@click.option("--once", is_flag=True, help="Stop after the first call.")
@_twice_option
@_late_option
def phone(
    port: int | None, script_file: Path | None, server: str | None, once: bool, **flags: bool
) -> None:
    """Be the phone that the server rings: every POST /start-call rings here, until Ctrl-C.

    It stands where the carrier's REST interface would: a server without an account orders its
    calls here by itself, any other one with TWILIO_BASE_URL.
    """
    settings = _settings()
    script = _script(script_file) if script_file else None
    with _handset(settings, server, flags, needed=False) as handset:
        exchange = _open(handset.habits, port or settings.port + 1)
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


@click.command("check-agents")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check_agents(folder: Path | None) -> None:
    """Check the agents in FOLDER (or AGENTS_DIR) and show every mistake in every file."""
    agents = _agents(folder or Path(_settings().agents_dir))
    noun = "agent is" if len(agents) == 1 else "agents are"
    click.echo(f"{len(agents)} {noun} fine: {', '.join(sorted(agents))}")


@click.command("agents-schema")
def agents_schema() -> None:
    """Print the JSON Schema of an agent's file, for editors."""
    click.echo(json.dumps(agent_json_schema(), indent=2, ensure_ascii=False))


@click.command("prewarm-audio")
@click.argument("agent", required=False)
@click.option("--dry-run", is_flag=True, help="Only say what there is to make and its cost.")
def prewarm_audio(agent: str | None, dry_run: bool) -> None:
    """Make the clips of everything AGENT (or every agent) can say, so that no caller waits."""
    settings = _settings()
    agents = _agents(Path(settings.agents_dir))
    chosen = [_agent(settings, agent)] if agent else list(agents.values())
    try:
        warming = Warming(settings, chosen, _prices(settings).speech)
    except (NoVendor, StorageError) as error:
        raise click.ClickException(str(error)) from error
    try:
        click.echo(warming.outlook())
        if dry_run or not warming.planned.missing:
            return
        with click.progressbar(length=len(warming.planned.missing), label="clips") as bar:
            for clips in warming.run():
                bar.update(clips)
        click.echo(warming.result())
        sys.exit(int(warming.has_failed))
    finally:
        warming.close()


COMMANDS: list[click.Command] = [talk, call, phone, check_agents, agents_schema, prewarm_audio]
COMMANDS += [*people.COMMANDS, *forget_command.COMMANDS]


def _prices(settings: Settings) -> Prices:
    try:
        return load_prices(settings.prices_file)
    except PricesError as error:
        raise click.ClickException(str(error)) from error


def create_app() -> Flask:
    """An application that has the commands and nothing else: what `flask` finds (.flaskenv).

    The service itself would open its storage first, and could not start to say what is wrong with
    an agent's file.
    """
    app = Flask("callwright-commands", static_folder=None)
    for command in COMMANDS:
        app.cli.add_command(command)
    return app


def text_call(agent: Agent, script: Script | None = None) -> TextCall:
    """A call to `agent` in this process, begun as `script` says."""
    return TextCall(
        agent,
        RulesBrain(),
        lambda: datetime.now(UTC),
        script.variables if script else None,
        Direction(script.direction) if script else Direction.INBOUND,
    )


def play_text(call: TextCall, caller: Caller) -> None:
    """Let `caller` talk to the engine, as the phone would let them over the wire."""
    answer = call.start()
    while True:
        for part in answer.said:
            caller.hears(Heard(part.text, part.language))
        if answer.hands_over is not None:
            target = answer.hands_over
            result = caller.is_put_through(Dialling("", target.to, target.timeout_s, ""))
            answer = call.put_through(_RESULTS[result])
        elif answer.listens is not None:
            moved = _moved(call, caller, answer)
            if moved is None:
                return
            answer = moved
        else:
            return


def _moved(call: TextCall, caller: Caller, answer: Answer) -> Answer | None:
    """The agent's answer to what the caller does; None when they hang up."""
    listens = answer.listens
    assert listens is not None
    move = caller.moves(
        Listening(True, True, listens.language, listens.hints, listens.timeout_s, 0.0)
    )
    match move:
        case Speaks():
            return call.say(move.text)
        case Presses():
            return call.press(move.keys)
        case HangsUp():
            call.hang_up()
            return None
        case _:
            return call.wait()


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
    _exit_with(script.name, played.failures)


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
    caller = TypingCaller(reader(sys.stdin), lambda: handset.last_words(ring.leg.sid))
    ring.answer(caller)
    caller.show_clips()
    try:
        _show_kept(handset, ring.leg.sid)
    except ServerAway as away:  # the next call may come all the same
        click.echo(f"Error: {away}", err=True)
    return True


def _show_kept(handset: Handset, sid: str) -> None:
    click.echo("The call is over. The server kept:")
    show_record(handset.record(sid))


def _exit_with(name: str, failures: Sequence[str]) -> None:
    show_verdict(name, failures)
    sys.exit(int(bool(failures)))


@contextmanager
def _handset(
    settings: Settings, server: str | None, flags: Mapping[str, bool], needed: bool = True
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
        twice=flags["twice"],
        delivered=Delivered.REVERSED if flags["late"] else Delivered.IN_ORDER,
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


def _named(agent: str | None) -> str:
    if not agent:
        raise click.UsageError("Name an agent, or give --script FILE.")
    return agent


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _script(path: Path) -> Script:
    try:
        return load_script(path)
    except ScriptError as error:
        raise click.ClickException(str(error)) from error


def _agents(folder: Path) -> Mapping[str, Agent]:
    try:
        return load_agents(folder)
    except AgentFileError as error:
        raise click.ClickException(str(error)) from error


def _agent(settings: Settings, name: str) -> Agent:
    agents = _agents(Path(settings.agents_dir))
    if name.lower() not in agents:
        raise click.ClickException(f"There is no agent {name}; there are: {', '.join(agents)}")
    return agents[name.lower()]
