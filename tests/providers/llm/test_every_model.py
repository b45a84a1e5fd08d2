"""What every model's client owes us, each against a server that speaks its vendor's wire format."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Barrier

import pytest

from agents.schema import Agent
from conversation.extraction import Extraction
from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.llm.base import Model
from providers.llm.gemini import Gemini
from providers.llm.openai import OpenAI
from providers.llm.transport import ANSWER_BYTES_MOST
from settings import Settings
from tests.conversation.casting import rates
from tests.providers.fake_vendor import Sent
from tests.providers.llm import fake_gemini, fake_openai
from tests.providers.llm.fake_gemini import FakeGemini, candidate
from tests.providers.llm.fake_model import CUT, DRIPPING_BODY, SLOW, Asked, written
from tests.providers.llm.fake_openai import FakeOpenAI, choice
from tests.providers.llm.readings import request

CHARGE = {"amount": 600, "currency": "INR"}
TEXT = written({"charge": CHARGE, "window": None})

Fake = FakeGemini | FakeOpenAI
Answer = Sent | str | Callable[[Asked], Sent]


@dataclass(frozen=True)
class Vendor:
    """A model's client, and the server that it is tried against."""

    name: str
    fake: Callable[[Answer], Fake]
    client: Callable[[Settings, float], Model]
    found: Sent
    faults: Mapping[str, Sent]
    # What each fault is for us. Everything else is a ProviderUnavailable, which may pass.
    kinds: Mapping[str, type[ProviderError]]
    # Faults that may be about the form of the request: it is sent in each form there is, once.
    requests: Mapping[str, int]


LATE = {"error 408": ProviderTimeout, "error 504": ProviderTimeout}
VENDORS = (
    Vendor(
        "gemini",
        FakeGemini,
        Gemini,
        candidate(TEXT),
        fake_gemini.FAULTS,
        {
            **LATE,
            **dict.fromkeys(["error 400", "error 401", "error 403", "error 404"], ProviderRefused),
            **dict.fromkeys(["SAFETY", "PROHIBITED_CONTENT", "blocked prompt"], ContentRefused),
        },
        {"error 400": 2},
    ),
    Vendor(
        "openai",
        FakeOpenAI,
        OpenAI,
        choice(TEXT),
        fake_openai.FAULTS,
        {
            **LATE,
            **dict.fromkeys(
                [
                    *(f"error {status}" for status in (400, 401, 403, 404, 409, 413, 422)),
                    "error in a text",
                    "error in a list",
                    "proxy page with 403",
                ],
                ProviderRefused,
            ),
            **dict.fromkeys(["refusal", "content_filter", "blocked words"], ContentRefused),
        },
        {"error 400": 3, "error 422": 3, "error in a list": 3},
    ),
)
FAULTS = [(vendor, fault) for vendor in VENDORS for fault in vendor.faults]

each = pytest.mark.parametrize("vendor", VENDORS, ids=[one.name for one in VENDORS])


@contextmanager
def asking(
    vendor: Vendor, answer: Answer, total_s: float = 20.0
) -> Iterator[tuple[Fake, Callable[..., Extraction]]]:
    """The server, and what asks it about an utterance."""

    def ask(agent: Agent | None = None) -> Extraction:
        return model.extract(agent or rates(), request("600 rupees", "charge"))

    with vendor.fake(answer) as fake:
        model = vendor.client(fake.settings(), total_s)
        yield fake, ask
        model.close()


@pytest.mark.parametrize(
    ("vendor", "fault"), FAULTS, ids=[f"{vendor.name}: {fault}" for vendor, fault in FAULTS]
)
def test_every_fault_is_an_error_of_ours(vendor: Vendor, fault: str) -> None:
    kind = vendor.kinds.get(fault, ProviderUnavailable)
    with asking(vendor, vendor.faults[fault]) as (fake, ask):
        with pytest.raises(ProviderError) as raised:
            ask()
    assert type(raised.value) is kind
    assert raised.value.permanent is issubclass(kind, ProviderRefused)
    assert (raised.value.role, raised.value.provider) == ("llm", vendor.name)
    assert raised.value.code
    assert len(fake.asked) == vendor.requests.get(fault, 1)  # the caller waits


@each
@pytest.mark.parametrize("fault", [SLOW, DRIPPING_BODY])
def test_an_answer_that_does_not_come_in_time_is_late(vendor: Vendor, fault: str) -> None:
    with asking(vendor, fault, 0.25) as (_, ask):
        began_s = time.monotonic()
        with pytest.raises(ProviderTimeout):
            ask()
        assert time.monotonic() - began_s < 10  # at its pace it takes a minute or thirty seconds


@each
def test_an_answer_that_breaks_off_is_unavailable(vendor: Vendor) -> None:
    with asking(vendor, CUT) as (_, ask), pytest.raises(ProviderUnavailable):
        ask()


@each
def test_a_server_that_is_not_there_is_unavailable(vendor: Vendor) -> None:
    with vendor.fake(vendor.found) as fake:
        settings = fake.settings()
    model = vendor.client(settings, 20.0)
    with pytest.raises(ProviderUnavailable) as raised:
        model.extract(rates(), request("600 rupees", "charge"))
    assert raised.value.code == "ConnectError"
    model.close()


@each
def test_an_answer_without_end_is_not_read_to_its_end(vendor: Vendor) -> None:
    endless = Sent(200, b" " * (ANSWER_BYTES_MOST + 1))
    with asking(vendor, endless) as (_, ask), pytest.raises(ProviderUnavailable):
        ask()


@each
def test_each_agent_has_its_own_instruction_and_a_changed_one_a_new_one(vendor: Vendor) -> None:
    goals = ["Collect a rate.", "Collect a rate.", "Another.", "Collect a rate."]
    agent = rates()
    with asking(vendor, vendor.found) as (fake, ask):
        for one in (agent, agent, rates(goal="Another."), rates(agent="second")):
            ask(one)
    told = [asked.instruction for asked in fake.asked]
    assert all(goal in text for goal, text in zip(goals, told, strict=True))


@each
def test_more_than_a_hundred_callers_are_asked_at_once(vendor: Vendor) -> None:
    callers = 120
    together = Barrier(callers, timeout=60)

    def all_here(asked: Asked) -> Sent:
        together.wait()
        return vendor.found

    with asking(vendor, all_here, 60.0) as (_, ask), ThreadPoolExecutor(callers) as pool:
        read = list(pool.map(lambda _: ask(), range(callers)))
    assert [one.values for one in read] == [{"charge": CHARGE}] * callers
