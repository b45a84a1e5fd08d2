"""The house rules hold in every file, and each of them can fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from settings import read_settings, variables
from tests import house_rules
from tests.sources import NOT_OURS, ROOT, source_files

Rule = Callable[[Path, str], list[str]]

RULES: list[Rule] = [
    house_rules.too_large,
    house_rules.reads_environment,
    house_rules.names_a_vendor,
    house_rules.catches_everything,
    house_rules.prints,
    house_rules.has_a_vague_name,
    house_rules.patches,
    house_rules.logs_loosely,
]

# What may lie at the top of the house. Something new belongs into a room that is there.
TOP = {
    "app.py", "server.py", "worker.py", "services.py", "recurring.py", "commands.py", "logs.py",
    "settings.py", "setting_kinds.py",
    "Procfile", "Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml",
    "gunicorn.conf.py", "app.json", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
    "agents", "conversation", "providers", "storage", "audio_cache", "calls", "campaigns", "jobs",
    "access",
    "transports", "phone", "console", "templates", "static", "docs", "tests", "benchmarks",
}  # fmt: skip
ROLES = {"telephony", "stt", "tts", "llm"}


def name_of(rule: Rule) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_rule_holds_everywhere(rule: Rule) -> None:
    files = source_files()

    problems = [
        problem for path in files for problem in rule(path, (ROOT / path).read_text("utf-8"))
    ]

    assert problems == []
    assert len(files) > 20  # the house was found


BAD: list[tuple[Rule, str, str]] = [
    (house_rules.too_large, "calls/x.py", "x = 1\n" * 401),
    (house_rules.too_large, "tests/test_x.py", "x = 1\n" * 401),
    (house_rules.too_large, "calls/x.py", "def f():\n" + "    x = 1\n" * 60),
    (house_rules.too_large, "calls/x.py", "async def f():\n" + "    x = 1\n" * 60),
    (house_rules.too_large, "calls/x.py", "def f(a, b, c, d, e, f, g): ..."),
    (house_rules.too_large, "calls/x.py", "def f(a, b, c, /, d, *, e, f, g): ..."),
    (house_rules.too_large, "calls/x.py", "class A:\n    def f(self, a, b, c, d, e, f, g): ..."),
    (house_rules.reads_environment, "calls/x.py", "import os\nos.environ['PORT']"),
    (house_rules.reads_environment, "gunicorn.conf.py", "import os\nos.getenv('PORT')"),
    (house_rules.reads_environment, "calls/x.py", "from os import environ"),
    (house_rules.reads_environment, "calls/x.py", "from dotenv import load_dotenv"),
    (house_rules.reads_environment, "calls/x.py", "import dotenv"),
    (house_rules.names_a_vendor, "calls/x.py", "from twilio.rest import Client"),
    (house_rules.names_a_vendor, "calls/x.py", "def ask_gemini(): ..."),
    (house_rules.names_a_vendor, "services.py", "key = settings.elevenlabs_api_key"),
    (house_rules.names_a_vendor, "transports/x.py", "header = 'X-Twilio-Signature'"),
    (house_rules.names_a_vendor, "transports/x.py", "header = f'X-Twilio-{part}'"),
    (house_rules.names_a_vendor, "providers/tts/base.py", "class ElevenLabsVoice: ..."),
    (house_rules.names_a_vendor, "providers/tts/elevenlabs.py", "import openai"),
    (house_rules.names_a_vendor, "providers/telephony/twilio/x.py", "import deepgram"),
    (house_rules.catches_everything, "calls/x.py", "try:\n    x\nexcept Exception:\n    y"),
    (house_rules.catches_everything, "calls/x.py", "try:\n    x\nexcept:\n    y"),
    (
        house_rules.catches_everything,
        "calls/x.py",
        "try:\n    x\nexcept (A, BaseException):\n    y",
    ),
    (house_rules.catches_everything, "calls/x.py", "with contextlib.suppress(Exception):\n    x"),
    (house_rules.catches_everything, "tests/test_x.py", "try:\n    x\nexcept Exception:\n    y"),
    (house_rules.prints, "calls/x.py", "print('here')"),
    (house_rules.prints, "phone/call.py", "pprint.pprint(x)"),
    (house_rules.has_a_vague_name, "calls/utils.py", ""),
    (house_rules.has_a_vague_name, "common/calls.py", ""),
    (house_rules.has_a_vague_name, "calls/manager.py", ""),
    (house_rules.patches, "tests/test_x.py", "monkeypatch.setattr(calls, 'now', fake)"),
    (house_rules.patches, "tests/test_x.py", "from unittest.mock import patch"),
    (house_rules.patches, "tests/test_x.py", "from unittest import mock"),
    (house_rules.patches, "tests/test_x.py", "import unittest.mock"),
    (house_rules.patches, "tests/test_x.py", "def test_x(mocker): ..."),
    (house_rules.logs_loosely, "calls/x.py", "log.info('turn %d', turn)"),
    (house_rules.logs_loosely, "calls/x.py", "log.info(f'turn {turn}')"),
    (house_rules.logs_loosely, "calls/x.py", "self.logger.error('x' + y)"),
    (house_rules.logs_loosely, "calls/x.py", "log.info('heard', extra={'speech': speech})"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_broken_rule_is_found(rule: Rule, path: str, text: str) -> None:
    assert len(rule(Path(path), text)) == 1


def test_every_rule_is_shown_to_fail() -> None:
    assert {rule for rule, _, _ in BAD} == set(RULES)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (house_rules.too_large, "calls/x.py", "x = 1\n" * 400),
        (house_rules.too_large, "calls/x.py", "def f():\n" + "    x = 1\n" * 59),
        (house_rules.too_large, "calls/x.py", "class A:\n    def f(self, a, b, c, d, e, f): ..."),
        (house_rules.too_large, "tests/test_x.py", "def test_x(a, b, c, d, e, f, g): ..."),
        (house_rules.reads_environment, "settings.py", "import os\nos.environ"),
        (house_rules.reads_environment, "calls/x.py", "import os\nos.getpid()"),
        (house_rules.names_a_vendor, "calls/x.py", '"""As Twilio does."""\nx = 1  # Twilio too'),
        (house_rules.names_a_vendor, "providers/telephony/twilio/client.py", "import twilio"),
        (house_rules.names_a_vendor, "providers/tts/elevenlabs.py", "import elevenlabs"),
        (house_rules.names_a_vendor, "providers/telephony/__init__.py", "X = {'twilio': Twilio}"),
        (house_rules.names_a_vendor, "phone/signature.py", "'X-Twilio-Signature'"),
        (house_rules.catches_everything, "app.py", "try:\n    x\nexcept Exception:\n    y"),
        (house_rules.catches_everything, "calls/x.py", "try:\n    x\nexcept OSError:\n    y"),
        (house_rules.prints, "commands.py", "print('here')"),
        (house_rules.prints, "benchmarks/storage.py", "print('here')"),
        (house_rules.patches, "tests/test_x.py", "monkeypatch.setenv('PORT', '1')"),
        (house_rules.logs_loosely, "calls/x.py", "log.info('heard', extra={'pii_speech': x})"),
        (house_rules.logs_loosely, "calls/x.py", "math.log(x, 2)\nerrors.error(1, 2)"),
    ],
)
def test_what_is_right_is_left_alone(rule: Rule, path: str, text: str) -> None:
    assert rule(Path(path), text) == []


# The rooms


def test_nothing_lies_around_at_the_top() -> None:
    found = {
        entry.name
        for entry in ROOT.iterdir()
        if not entry.name.startswith(".") and entry.name not in NOT_OURS
    }

    assert found - TOP == set()


def test_providers_are_sorted_by_role() -> None:
    folders = {
        entry.name
        for entry in (ROOT / "providers").iterdir()
        if entry.is_dir() and entry.name not in NOT_OURS
    }

    assert folders - ROLES == set()


def test_every_role_and_store_has_its_contract() -> None:
    assert (ROOT / "storage" / "base.py").is_file()
    for folder in (ROOT / "providers").iterdir():
        if folder.name in ROLES:
            assert (folder / "base.py").is_file(), folder


# Settings are written down


def test_the_sample_env_file_explains_every_setting_and_changes_none() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()

    described = {
        line.removeprefix("#").partition("=")[0]: (lines[number - 1], line.partition("=")[2])
        for number, line in enumerate(lines)
        if "=" in line and not line.startswith("# ")
    }

    assert described == {name: (f"# {about}", default) for name, default, about, _ in variables()}
    # As it stands it sets nothing: who copies it starts with the defaults.
    assert not [line for line in lines if line and not line.startswith("#")]


def test_the_list_of_settings_is_complete_and_right() -> None:
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split(" | "))
        for line in (ROOT / "docs" / "settings.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
    ]

    assert rows == [
        (f"`{name}`", f"`{default}`" if default else "", about + (" (secret)" if secret else ""))
        for name, default, about, secret in variables()
    ]


def test_every_default_shown_can_be_set() -> None:
    shown = {name: default for name, default, _, _ in variables() if default}

    assert read_settings(shown) == read_settings({})
