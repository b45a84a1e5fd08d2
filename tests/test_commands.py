"""The command line, as people use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from benchmarks.server_process import ROOT, ServerProcess, free_port
from commands import (
    COMMANDS,
    agents_schema,
    check_agents,
    create_app,
    prewarm_audio,
    talk,
)
from console.call_commands import call
from settings import variables
from tests.phone.fake_app import App, closed_port
from tests.phone.planned import response
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error

SCRIPTS = ROOT / "tests/call_scripts"
CLEAN = {name: "" for name, *_ in variables()} | {"AGENTS_DIR": str(ROOT / "agents")}


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner(env=CLEAN)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server as `make run` starts it: no keys, no account."""
    folder = tmp_path_factory.mktemp("server")
    with ServerProcess({"DATA_DIR": str(folder)}, folder / "log") as running:
        yield running


def failing_script(folder: Path) -> Path:
    """A script that no agent can satisfy."""
    script = folder / "impossible.yaml"
    script.write_text("{agent: clinic, steps: [hear: abracadabra, say: hello]}", "utf-8")
    return script


def test_every_command_says_what_it_does(runner: CliRunner) -> None:
    app = create_app()
    for command in COMMANDS:
        assert app.cli.commands[command.name or ""] is command
        shown = runner.invoke(command, ["--help"])
        assert shown.exit_code == 0
        assert command.help
        assert command.help.split()[0] in shown.output


def test_the_shipped_agents_are_fine(runner: CliRunner) -> None:
    result = runner.invoke(check_agents)
    assert result.exit_code == 0
    assert result.output == "5 agents are fine: clinic, lead, logistics, pizza, reminder\n"


def test_every_mistake_in_a_folder_is_shown_at_once(runner: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("agent: a\nlanguages: [xx]\n", "utf-8")
    (tmp_path / "b.yaml").write_text("agent: b\nnames: b\n", "utf-8")
    result = runner.invoke(check_agents, [str(tmp_path)])
    assert result.exit_code == 1
    assert "a.yaml:" in result.output
    assert "b.yaml:" in result.output
    assert "Traceback" not in result.output


def test_flask_finds_the_commands_even_when_an_agent_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("agent: a\n", "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "flask", "check-agents"],
        cwd=ROOT,
        env=os.environ | CLEAN | {"AGENTS_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    assert "a.yaml:1" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_schema_of_an_agents_file_is_a_schema(runner: CliRunner) -> None:
    result = runner.invoke(agents_schema)
    schema = json.loads(result.output)
    Draft202012Validator.check_schema(schema)
    assert "fields" in schema["properties"]


def test_talk_is_a_conversation_without_a_server(runner: CliRunner) -> None:
    typed = "#1\n500 rupees, 2 pm to 5 pm\nno, it's 600\nyes\n"
    result = runner.invoke(talk, ["LOGISTICS"], input=typed)
    assert result.exit_code == 0
    assert "you: no, it's 600" in result.output
    assert '"stage": "completed"' in result.output
    assert '"amount": 600' in result.output


def test_talk_ends_with_the_input(runner: CliRunner) -> None:
    result = runner.invoke(talk, ["clinic"], input="")
    assert result.exit_code == 0
    assert '"outcome": "abandoned"' in result.output


def test_talk_plays_a_script(runner: CliRunner) -> None:
    script = SCRIPTS / "logistics_desk_is_busy.yaml"
    result = runner.invoke(talk, ["--script", str(script)])
    assert result.exit_code == 0
    assert "caller: (dialled: busy)" in result.output
    assert result.output.endswith("PASS logistics_desk_is_busy\n")


def test_a_script_that_goes_wrong_is_exit_code_1(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(talk, ["--script", str(failing_script(tmp_path))])
    assert result.exit_code == 1
    assert "not heard: 'abracadabra'" in result.output
    assert result.output.endswith("FAIL impossible\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["nobody"],
            "There is no agent nobody; there are: clinic, lead, logistics, pizza, reminder",
        ),
        ([], "Name an agent"),
        (["--script", str(ROOT / "pyproject.toml")], "pyproject.toml"),
    ],
)
def test_talk_says_what_is_wrong(runner: CliRunner, arguments: list[str], told: str) -> None:
    result = runner.invoke(talk, arguments)
    assert result.exit_code != 0
    assert told in result.output
    assert "Traceback" not in result.output


def test_a_bad_setting_is_named(runner: CliRunner) -> None:
    result = runner.invoke(talk, ["clinic"], env={"PORT": "many"})
    assert result.exit_code == 1
    assert "PORT: write a whole number" in result.output


def test_a_server_that_does_not_run_is_said_plainly(runner: CliRunner) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    result = runner.invoke(call, ["logistics", "--server", address])
    assert result.exit_code == 1
    assert f"Nothing answers at {address}" in result.output
    assert "make run" in result.output


def test_a_typed_call_shows_what_the_server_kept(runner: CliRunner, server: ServerProcess) -> None:
    typed = "not English, Tamil\nEnglish\n500 rupees, 2 pm to 5 pm\nno, it's 600\nyes\n"
    env = {"PORT": str(server.port)}
    result = runner.invoke(call, ["logistics", "--from", "+919840099999"], input=typed, env=env)
    assert result.exit_code == 0
    assert "agent [ta-IN]: வணக்கம்" in result.output
    assert '"phone_number": "+919840099999"' in result.output
    kept = json.loads(result.output.partition("The server kept:\n")[2])
    assert (kept["stage"], kept["outcome"]) == ("completed", "completed")
    assert kept["data"] == {
        "charge": {"amount": 600, "currency": "INR"},
        "window": {"start": "14:00", "end": "17:00"},
    }


def test_a_scripted_call_tells_pass_or_fail(
    runner: CliRunner, server: ServerProcess, tmp_path: Path
) -> None:
    env = {"PORT": str(server.port)}
    script = str(SCRIPTS / "logistics_keys_only.yaml")
    good = runner.invoke(call, ["--script", script, "--twice", "--late"], env=env)
    assert (good.exit_code, good.output.splitlines()[-1]) == (0, "PASS logistics_keys_only")
    bad = runner.invoke(call, ["--script", str(failing_script(tmp_path))], env=env)
    assert (bad.exit_code, bad.output.splitlines()[-1]) == (1, "FAIL impossible")


def test_a_phone_rings_when_it_is_ordered_to_and_stops_after_one_call(tmp_path: Path) -> None:
    script = tmp_path / "hello.yaml"
    script.write_text("{agent: x, steps: [hear: Hello]}", "utf-8")
    document = response("<Say>Hello</Say>")
    with (
        App({"/voice": document}) as app,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "flask", "phone", "--once"),
                *("--port", str(free_port()), "--script", str(script)),
            ],
            cwd=ROOT,
            env=os.environ | CLEAN | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        ) as phone,
    ):
        assert phone.stdout is not None
        address = phone.stdout.readline().split()[-1]
        answer = requests.post(
            f"{address}/2010-04-01/Accounts/AC1/Calls.json",
            data={"To": "+919812345678", "From": "+15005550006", "Url": f"{app.url}/voice"},
            auth=("AC1", "any"),
            timeout=10,
        )
        shown = phone.stdout.read()
        assert phone.wait(30) == 0
    assert answer.status_code == 201
    assert "agent [en-US]: Hello" in shown
    assert shown.endswith("PASS hello\n")


# Clips ahead of time


def test_clips_are_made_by_hand(runner: CliRunner, tmp_path: Path) -> None:
    with FakeElevenLabs() as fake:
        env = {
            "DATA_DIR": str(tmp_path),
            "ELEVENLABS_API_KEY": "k",
            "ELEVENLABS_BASE_URL": fake.address,
        }
        dry = runner.invoke(prewarm_audio, ["clinic", "--dry-run"], env=env)
        assert (dry.exit_code, fake.asked) == (0, [])
        made = runner.invoke(prewarm_audio, ["CLINIC"], env=env)
        again = runner.invoke(prewarm_audio, ["clinic"], env=env)
    assert "0 clips are there" in dry.output
    assert made.exit_code == 0
    assert f"{len(fake.asked)} clips were made, 0 could not be" in made.output
    assert again.output.startswith(f"{len(fake.asked)} clips are there, 0 are missing")


def test_a_vendor_that_refuses_is_an_error(runner: CliRunner, tmp_path: Path) -> None:
    with FakeElevenLabs(error(401, "invalid_api_key")) as fake:
        env = {
            "DATA_DIR": str(tmp_path),
            "ELEVENLABS_API_KEY": "wrong",
            "ELEVENLABS_BASE_URL": fake.address,
        }
        result = runner.invoke(prewarm_audio, ["clinic"], env=env)
    assert result.exit_code == 1
    assert "0 clips were made" in result.output
    assert "The last failure: ProviderRefused 401 invalid_api_key." in result.output
    assert len(fake.asked) <= 6


def test_without_a_vendor_no_clips_are_made(runner: CliRunner, tmp_path: Path) -> None:
    result = runner.invoke(prewarm_audio, env={"DATA_DIR": str(tmp_path)})
    assert result.exit_code == 1
    assert "set ELEVENLABS_API_KEY" in result.output
