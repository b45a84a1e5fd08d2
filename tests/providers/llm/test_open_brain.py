"""Which brain is opened, and that nobody pays for one that is not configured."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from providers.llm import REGISTRY, open_brain
from settings import MODEL_NAMES, Settings
from tests.conversation.casting import english
from tests.providers.llm.fake_gemini import FakeGemini, candidate, error
from tests.providers.llm.fake_model import written
from tests.providers.llm.fake_openai import FakeOpenAI, choice
from tests.providers.llm.readings import request

CHARGE = {"amount": 600, "currency": "INR"}


def test_without_a_key_the_rules_read() -> None:
    brain = open_brain(Settings())
    assert brain.name == "rules"
    brain.close()


def test_with_a_key_the_model_reads_and_the_rules_check() -> None:
    found = candidate(written({"charge": {"amount": 9, "currency": "INR"}, "window": None}))
    with FakeGemini(found) as fake:
        brain = open_brain(fake.settings())
        read = brain.extract(english(), request("600 rupees", "charge"))
        brain.close()
    assert (brain.name, read.brain) == ("gemini", "gemini")
    assert (read.values, read.doubtful) == ({"charge": CHARGE}, frozenset({"charge"}))


def test_with_two_keys_the_second_reads_what_the_first_cannot() -> None:
    found = choice(written({"charge": CHARGE, "window": None}))
    with FakeGemini(error(503)) as first, FakeOpenAI(found) as second:
        settings = replace(
            first.settings(),
            openai_api_key="key",
            openai_base_url=second.address,
            turn_deadline_ms=10_000,
        )
        brain = open_brain(settings)
        read = brain.extract(english(), request("600 rupees", "charge"))
        alone = brain.extract(english(models=("gemini",)), request("600 rupees", "charge"))
        nobody = brain.extract(english(models=("rules",)), request("600 rupees", "charge"))
        brain.close()
    assert brain.name == "gemini, openai"
    assert [one.brain for one in (read, alone, nobody)] == ["openai", "rules", "rules"]
    assert (len(first.asked), len(second.asked)) == (2, 1)


@pytest.mark.parametrize("key", ["", "key"])
def test_a_model_that_agents_name_and_that_has_no_key_is_told_of_once(
    caplog: pytest.LogCaptureFixture, key: str
) -> None:
    agents = [english(models=("openai", "gemini", "rules")), english(models=("openai",))]
    brain = open_brain(Settings(gemini_api_key=key), agents)
    brain.close()
    missing = ["openai"] if key else ["gemini", "openai"]
    assert [getattr(record, "model", None) for record in caplog.records] == missing


def test_every_model_has_a_key_in_the_settings_and_a_place_in_the_order() -> None:
    assert tuple(REGISTRY) == MODEL_NAMES
    keys = [f"{name}_api_key" for name in REGISTRY]
    assert [key for key in keys if not hasattr(Settings(), key)] == []


def test_an_answer_is_waited_for_a_little_longer_than_its_turn() -> None:
    found = candidate(written({"charge": CHARGE, "window": None}))
    with FakeGemini(found) as fake:
        brain = open_brain(fake.settings(turn_deadline_ms=10_000, turn_hard_limit_ms=6000))
        brain.extract(english(), request("600 rupees", "charge"))
        brain.close()
    assert fake.asked[0].headers["x-server-timeout"] == "14"


@pytest.mark.parametrize("library", ["google.genai", "openai"])
def test_a_vendors_library_is_imported_only_by_who_has_a_key(library: str) -> None:
    code = (
        "import sys; from providers.llm import open_brain; from settings import Settings;"
        f"import services; open_brain(Settings()); print('{library}' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
