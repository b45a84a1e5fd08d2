"""Which brain is opened, and that nobody pays for one that is not configured."""

from __future__ import annotations

import subprocess
import sys

from providers.llm import open_brain
from settings import Settings
from tests.conversation.casting import english
from tests.providers.llm.fake_gemini import FakeGemini, candidate, written
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


def test_a_vendors_library_is_imported_only_by_who_has_a_key() -> None:
    code = (
        "import sys; from providers.llm import open_brain; from settings import Settings;"
        "import services; open_brain(Settings()); print('google.genai' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
