"""Whole calls over HTTP with a model behind them: understood, faulty in every way, and dead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import create_app, services_of
from conversation.state import CallState
from tests.providers.fake_vendor import Sent
from tests.providers.llm.fake_gemini import FAULTS, FakeGemini, candidate
from tests.providers.llm.fake_model import SLOW, TIMED, Asked, written
from tests.providers.telephony.twilio_forms import CALL_SID
from tests.transports.doors import Carrier, document_of, real_settings

CHARGE = {"amount": 500, "currency": "INR"}
WINDOW = {"start": "14:00", "end": "17:00"}
DEADLINE_MS = 200
HARD_LIMIT_MS = 500


def understands(asked: Asked) -> Sent:
    """A model that reads what the rules cannot."""
    said = asked.turn["caller_said"]
    charge = CHARGE if "five hundred" in said else None
    window = WINDOW if "after lunch" in said else None
    reply = "It goes to the north." if "where" in said else None
    return candidate(written({"charge": charge, "window": window}, reply=reply))


@contextmanager
def called(fake: FakeGemini, folder: Path) -> Iterator[Call]:
    model = fake.settings()
    settings = replace(
        real_settings(folder),
        gemini_api_key=model.gemini_api_key,
        gemini_base_url=model.gemini_base_url,
        turn_deadline_ms=DEADLINE_MS,
        turn_hard_limit_ms=HARD_LIMIT_MS,
    )
    app = create_app(settings)
    try:
        yield Call(app)
    finally:
        fake.release()
        services_of(app).close()


class Call:
    """One call in English."""

    def __init__(self, app: Any) -> None:
        self._carrier = Carrier(app)
        self._storage = services_of(app).storage
        self._path = ""
        self._post("/voice?agent_type=LOGISTICS", {})
        self._post(self._path, {"Digits": "1"})

    def say(self, words: str) -> str:
        """What the agent answers."""
        return self._post(self._path, {"SpeechResult": words})

    def _post(self, path: str, form: dict[str, str]) -> str:
        root = document_of(self._carrier.post(path, form))
        waits = root.find("Redirect")
        if waits is not None and "/keep-waiting" in (waits.text or ""):
            heard = (root.findtext("Say") or "").strip()
            return f"{heard} {self._post((waits.text or '').partition('#')[0], {})}"
        gather = root.find("Gather")
        self._path = "" if gather is None else (gather.get("action") or "").partition("#")[0]
        return " ".join(text.strip() for text in root.itertext() if text.strip())

    @property
    def state(self) -> CallState:
        record = self._storage.find_call(CALL_SID)
        assert record is not None
        return CallState.from_dict(record.state)

    @property
    def brains(self) -> list[str | None]:
        """Who read each turn; None: nobody had to."""
        record = self._storage.find_call(CALL_SID)
        assert record is not None
        return [turn.brain for turn in self._storage.turns(record.call_id)][2:]


def test_a_model_understands_what_the_rules_cannot(tmp_path: Path) -> None:
    with FakeGemini(understands) as fake, called(fake, tmp_path) as call:
        assert "north" in call.say("where does it go")
        call.say("I would do it for five hundred")
        assert "2 pm" in call.say("some time after lunch until five, 2 pm to 5 pm that is")
        call.say("yes")
        assert call.state.values == {"charge": CHARGE, "window": WINDOW}
        assert call.state.outcome == "completed"
        assert call.brains == ["gemini", "gemini", "gemini", None]


@pytest.mark.parametrize("fault", [*FAULTS, *TIMED])
def test_a_call_completes_whatever_is_wrong_with_the_model(tmp_path: Path, fault: str) -> None:
    answer = FAULTS.get(fault, fault)
    with FakeGemini(answer) as fake, called(fake, tmp_path) as call:
        began_s = time.monotonic()
        call.say("500 rupees")
        call.say("2 pm to 5 pm")
        assert time.monotonic() - began_s < 4
        call.say("yes")
        assert call.state.values == {"charge": CHARGE, "window": WINDOW}
        assert call.state.outcome == "completed"
        assert call.brains == ["rules", "rules", None]
        assert fake.asked


def test_a_dead_model_is_waited_for_by_the_first_callers_only(tmp_path: Path) -> None:
    with FakeGemini(SLOW) as fake, called(fake, tmp_path) as call:
        for _ in range(3):
            call.say("hmm, what route")
        asked = len(fake.asked)
        call.say("500 rupees, 2 pm to 5 pm")
        assert (asked, len(fake.asked)) == (3, 3)
        assert call.state.values == {"charge": CHARGE, "window": WINDOW}
