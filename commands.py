"""The command line: `flask talk | call | phone | demo-campaign | check-agents | prewarm-audio …`.

Those about people are in `console/commands.py`, those that ring in `console/call_commands.py`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
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
from console import forget_command, import_command
from console.call_commands import (
    call,
    exit_with,
    named_agent,
    phone,
    script_option,
    script_or_exit,
    settings_or_exit,
    text,
)
from console.campaign_commands import demo_campaign
from conversation.events import Direction, HandoverResult
from phone.caller import Caller, Dialling, HangsUp, Heard, Listening, PickUp, Presses, Speaks
from phone.script import Script, ScriptedCaller
from phone.terminal import (
    HELP,
    TypingCaller,
    reader,
    show_record,
)
from providers.llm.rules import RulesBrain
from settings import Settings
from storage.base import StorageError

_RESULTS = {
    PickUp.ANSWERED: HandoverResult.ANSWERED,
    PickUp.BUSY: HandoverResult.BUSY,
    PickUp.NO_ANSWER: HandoverResult.NO_ANSWER,
    PickUp.FAILED: HandoverResult.FAILED,
}


@click.command()
@click.argument("agent", required=False)
@script_option
def talk(agent: str | None, script_file: Path | None) -> None:
    """Talk to AGENT in this process: no server, no phone, nothing is kept.

    Type what the caller says; an empty line is silence, #123 presses keys, /help shows the rest.
    """
    settings = settings_or_exit()
    if script_file:
        script = script_or_exit(script_file)
        call = text_call(_agent(settings, script.agent), script)
        scripted = ScriptedCaller(script, call.record)
        play_text(call, scripted)
        verdict = scripted.verdict()
        for who, text in scripted.dialogue:
            click.echo(f"{who}: {text}")
        exit_with(script.name, verdict)
    call = text_call(_agent(settings, named_agent(agent)))
    click.echo(HELP)
    play_text(call, TypingCaller(reader(sys.stdin)))
    show_record(call.record())


@click.command("check-agents")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check_agents(folder: Path | None) -> None:
    """Check the agents in FOLDER (or AGENTS_DIR) and show every mistake in every file."""
    agents = _agents(folder or Path(settings_or_exit().agents_dir))
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
    settings = settings_or_exit()
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


@contextmanager
def serve(settings_of: Callable[[int], Settings], clock: Callable[[], datetime]) -> Iterator[str]:
    """The whole application in this process, on a port of its own; its address."""
    # Imported when it is wanted: other commands do without, and a second sooner.
    from app import served
    from services import build_services

    with served(lambda port: build_services(settings_of(port), clock=clock)) as (address, _):
        yield address


COMMANDS: list[click.Command] = [talk, call, phone, text, check_agents, agents_schema]
COMMANDS += [prewarm_audio, demo_campaign(serve)]
COMMANDS += [*people.COMMANDS, *forget_command.COMMANDS, *import_command.COMMANDS]


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
