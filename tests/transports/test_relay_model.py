"""Calls over a relay with a model that takes its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from phone.vendors.process import VendorsProcess
from tests.transports.live_carrier import SIGNED, LiveCarrier, live_server
from tests.transports.relay_talk import Talk, ended, failed, talking
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def vendors() -> Iterator[VendorsProcess]:
    with VendorsProcess() as running:
        yield running


@pytest.fixture(scope="module")
def carrier(
    tmp_path_factory: pytest.TempPathFactory, vendors: VendorsProcess
) -> Iterator[LiveCarrier]:
    folder: Path = tmp_path_factory.mktemp("relay")
    settings = {
        **SIGNED,
        **vendors.settings("gemini"),
        "API_TOKEN": "api-secret",
        "LIVE_LAG_MS": "10000",
        "LIVE_FILLER_MS": "200",
    }
    with live_server(folder, "relay", "server:app", **settings) as server:
        yield LiveCarrier(server)


@pytest.fixture(autouse=True)
def _usual(vendors: VendorsProcess) -> None:
    vendors.reset()


def asked_pizza(talk: Talk) -> None:
    talk.hears()
    assert "Which pizza" in talk.asks("English")


@contextmanager
def thinking(carrier: LiveCarrier, vendors: VendorsProcess, **plan: object) -> Iterator[Talk]:
    """A caller has just named a pizza to a model that is planned so."""
    with talking(carrier) as talk:
        asked_pizza(talk)
        vendors.plan(gemini=plan)
        talk.says("a margherita please")
        yield talk


def ordered(carrier: LiveCarrier, talk: Talk) -> tuple[str, str]:
    """Pizza and size that were understood."""
    data = carrier.record(talk.sid)["data"]
    return data["pizza"], data["size"]


def test_a_late_model_is_bridged_by_words_that_its_answer_cuts(
    carrier: LiveCarrier, vendors: VendorsProcess
) -> None:
    with thinking(carrier, vendors, delay_ms=1200) as talk:
        before = len(talk.sent)
        filler = talk.hear()
        assert {one["preemptible"] for one in talk.sent[before:]} == {True}
        before = len(talk.sent)
        answer = talk.hear()
        while "What size" not in answer:
            assert answer == filler  # while it still takes
            before = len(talk.sent)
            answer = talk.hear()
        assert {one["preemptible"] for one in talk.sent[before:]} == {False}
        # What was heard of the filler comes late, and is no part of the answer.
        talk.tell(type="info", name="tokensPlayed", value=filler[:9])
        talk.tell(type="info", name="agentSpeaking", value="off")
        vendors.reset()
        talk.plays(answer)
        assert "How many" in talk.asks("large")
    record = carrier.record(talk.sid)
    assert [one["caller"] for one in record["turns"]][-2:] == ["a margherita please", "large"]
    assert not [one for one in record["turns"] if one.get("heard")]


def test_words_that_are_not_finished_are_read_ahead(
    carrier: LiveCarrier, vendors: VendorsProcess
) -> None:
    with talking(carrier) as talk:
        asked_pizza(talk)
        asked = vendors.counts()["gemini"]["requests"]
        for _ in range(2):  # recognisers say once more what they are sure of
            talk.says("I would like a margherita", last=False)
        wait_until(lambda: vendors.counts()["gemini"]["requests"] > asked)
        assert len(carrier.record(talk.sid)["turns"]) == 2
        talk.says("I would like a margherita")
        assert "What size" in talk.hears()
        assert vendors.counts()["gemini"]["requests"] == asked + 1
        usage = carrier.record(talk.sid)["turns"][-1]["usage"]
    assert usage["speculation"] == "hit"


def test_words_during_the_wait_are_answered_after_it(
    carrier: LiveCarrier, vendors: VendorsProcess
) -> None:
    with thinking(carrier, vendors, delay_ms=500) as talk:
        filler = talk.hear()
        talk.says("a large one please")
        answer = talk.hears()
        while answer == filler or "How many" not in answer:
            answer = talk.hears()
    assert ordered(carrier, talk) == ("margherita", "large")


def test_a_socket_lost_during_the_wait_costs_nothing(
    carrier: LiveCarrier, vendors: VendorsProcess
) -> None:
    with thinking(carrier, vendors, delay_ms=500) as talk:
        talk.hear()
        talk.drops()
    document = failed(carrier, talk.sid)
    while (again := document.find("Redirect")) is not None and document.find("Gather") is None:
        document = carrier.post((again.text or "").partition("#")[0], talk.sid)
    assert "What size" in "".join(document.itertext())
    assert carrier.record(talk.sid)["data"]["pizza"] == "margherita"


def test_words_said_during_the_wait_are_taken_when_the_call_leaves_its_socket(
    carrier: LiveCarrier, vendors: VendorsProcess
) -> None:
    with thinking(carrier, vendors, delay_ms=700) as talk:
        talk.hear()
        vendors.reset()
        talk.says("a large one please")
        for _ in range(3):
            talk.tell(type="error", description="Invalid message received, code: 64107")
        assert talk.closes() == {"reason": "moved"}
    document = ended(carrier, talk.sid)
    assert "How many" in "".join(document.itertext())
    assert ordered(carrier, talk) == ("margherita", "large")


def test_a_model_that_never_answers_is_replaced_by_the_rules(
    carrier: LiveCarrier, vendors: VendorsProcess
) -> None:
    with thinking(carrier, vendors, fault="slow") as talk:
        answer = talk.hears()
        while "What size" not in answer:
            answer = talk.hears()
    document = ended(carrier, talk.sid)
    assert "What size" in "".join(document.itertext())
