"""Facts are made behind the calls, whatever happens to who makes them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from agents.schema import Agent
from calls.bookkeeping import Bookkeeping
from calls.insights import BATCH, Insights
from providers.errors import ContentRefused, ProviderTimeout, ProviderUnavailable
from providers.llm.summary import Summariser, Summary, Transcript
from storage.base import Storage, StorageError
from storage.facts import CallFact, Facts
from storage.records import CallRecord
from storage.sqlite import SqliteStorage
from storage.sqlite_facts import SqliteFacts
from tests.calls.test_insight import AGENT
from tests.storage.samples import NOON, a_call, a_collection, a_turn
from tests.waiting import wait_until

LATER = NOON + timedelta(hours=1)


@dataclass
class ScriptedModel:
    """A model that says what it is told to, and remembers what it was asked."""

    error: Exception | None = None
    name: str = "some-model"
    asked: list[Transcript] = field(default_factory=list)

    def summarise(self, transcript: Transcript) -> Summary:
        """What it was told to say."""
        self.asked.append(transcript)
        if self.error is not None:
            raise self.error
        return Summary("It went well.", 0.8, ("happy",), ("late truck",), "gpt-4.1-mini", 900, 60)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class House:
    """A store with calls in it, and who makes facts of them."""

    storage: Storage
    facts: Facts
    agents: dict[str, Agent] = field(default_factory=lambda: {"logistics": AGENT})

    def insights(self, model: ScriptedModel | None = None) -> Insights:
        """As a process would have it."""
        summariser = Summariser([model]) if model else None
        return Insights(
            self.storage, self.facts, self.agents, Bookkeeping(), summariser, lambda: LATER
        )

    def ended(self, call_id: str = "call-1", words: str = "this is terrible") -> None:
        """A call that has ended."""
        self.storage.create_call(a_call(call_id))
        call = self.storage.save_call(
            a_call(call_id), a_turn(0, call_id, caller="", caller_by="none", agent="Hello.")
        )
        call = self.storage.save_call(
            replace(call, state={"asking": "charge"}),
            a_turn(1, call_id, caller=words, accepted={}, agent="How much is it?"),
        )
        over = replace(call, outcome="completed", ended_at=NOON + timedelta(seconds=30))
        self.storage.save_call(over, None, a_collection(call_id))

    def fact(self, call_id: str = "call-1") -> CallFact:
        """The fact of a call, which is there."""
        found = self.facts.get(call_id)
        assert found is not None
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "calls.db"
    opened = House(SqliteStorage(path), SqliteFacts(path))
    yield opened
    opened.facts.close()
    opened.storage.close()


def test_every_ended_call_becomes_a_fact_and_its_day_is_added_up(house: House) -> None:
    for number in range(BATCH + 3):
        house.ended(f"call-{number}")
    house.storage.create_call(a_call("goes-on"))

    house.insights().work(Event())

    [part] = house.facts.days("2026-03-01", "2026-03-01").parts
    assert part.tallies["calls"] == BATCH + 3
    assert house.facts.stale_days(1) == []
    assert house.facts.get("goes-on") is None


def test_a_call_saved_again_after_its_fact_is_counted_anew_and_once(house: House) -> None:
    house.ended()
    insights = house.insights()
    insights.work(Event())
    call = house.storage.load_call("call-1")
    assert call is not None
    house.storage.save_call(replace(call, status="completed"))

    insights.work(Event())

    assert house.fact().call_version == call.version + 1
    assert house.facts.unread(LATER, 10) == []


def test_a_model_is_asked_once_and_paid_for(house: House) -> None:
    house.ended()
    model = ScriptedModel()
    insights = house.insights(model)
    insights.work(Event())
    call = house.storage.load_call("call-1")
    assert call is not None
    house.storage.save_call(replace(call, status="completed"))
    insights.work(Event())

    assert len(model.asked) == 1
    fact = house.fact()
    assert (fact.summary, fact.sentiment, fact.judged_by) == ("It went well.", 0.8, "gpt-4.1-mini")
    assert fact.cost["summary"] > 0


@pytest.mark.parametrize(
    "error",
    [
        ProviderTimeout("llm", "some-model", "late"),
        ProviderUnavailable("llm", "some-model", "down"),
        ContentRefused("llm", "some-model", "blocked", "SAFETY"),
    ],
)
def test_a_model_that_fails_is_not_asked_again_and_the_words_count(
    house: House, error: Exception
) -> None:
    house.ended()
    model = ScriptedModel(error)
    insights = house.insights(model)
    insights.work(Event())
    call = house.storage.load_call("call-1")
    assert call is not None
    house.storage.save_call(replace(call, status="completed"))
    insights.work(Event())

    assert len(model.asked) == 1
    fact = house.fact()
    assert (fact.judged_by, fact.summary, fact.has_asked) == ("lexicon", "", True)
    assert fact.sentiment is not None
    assert fact.sentiment < 0


def test_a_bug_in_a_vendors_part_costs_one_summary_and_no_other_call(house: House) -> None:
    house.ended("call-1")
    house.ended("call-2", words="")
    house.insights(ScriptedModel(RuntimeError("a bug"))).work(Event())

    assert house.fact("call-1").turns == 0  # what could not be read
    assert house.fact("call-2").turns == 2
    assert house.facts.unread(LATER, 10) == []


def test_a_call_in_which_nobody_spoke_asks_no_model(house: House) -> None:
    house.ended(words="")
    model = ScriptedModel()
    house.insights(model).work(Event())
    assert model.asked == []
    assert not house.fact().has_asked


def test_an_agent_that_names_another_model_asks_none(house: House) -> None:
    house.agents["logistics"] = AGENT.model_copy(update={"models": ("gemini",)})
    house.ended()
    model = ScriptedModel()
    house.insights(model).work(Event())
    assert model.asked == []


def test_a_model_is_told_nothing_that_names_the_caller(house: House) -> None:
    house.storage.create_call(a_call())
    call = house.storage.save_call(a_call(), a_turn(0, caller="", agent="What is your name?"))
    taken = {"caller_name": "Asha Rao"}
    call = house.storage.save_call(
        call, a_turn(1, caller="Asha Rao", accepted=taken, agent="Thank you, Asha Rao.")
    )
    house.storage.save_call(replace(call, outcome="completed", ended_at=NOON))
    model = ScriptedModel()
    house.insights(model).work(Event())

    [told] = model.asked
    assert not [line for line in told.lines if "Asha" in line.text]


def test_a_vendor_that_is_down_is_left_alone_after_a_few_calls(house: House) -> None:
    for number in range(20):
        house.ended(f"call-{number}")
    model = ScriptedModel(ProviderUnavailable("llm", "some-model", "down"))
    house.insights(model).work(Event())
    assert len(model.asked) < 20
    assert house.facts.unread(LATER, 10) == []


def test_told_to_stop_it_leaves_the_rest_to_the_next(house: House) -> None:
    house.ended()
    stop = Event()
    stop.set()
    house.insights().work(stop)
    assert house.facts.get("call-1") is None
    house.insights().work(Event())
    assert house.facts.get("call-1") is not None


def test_while_the_store_is_away_it_says_so_and_then_goes_on(house: House, tmp_path: Path) -> None:
    house.ended()
    insights = house.insights()
    house.facts.close()
    with pytest.raises(StorageError):
        insights.work(Event())
    insights.facts = house.facts = SqliteFacts(tmp_path / "calls.db")
    insights.work(Event())
    assert house.facts.get("call-1") is not None


def test_a_call_that_is_deleted_while_it_is_read_leaves_no_words(house: House) -> None:
    house.ended()

    class Meanwhile(ScriptedModel):
        """A model that takes so long that the call is deleted."""

        def summarise(self, transcript: Transcript) -> Summary:
            house.storage.delete_call("call-1")
            return super().summarise(transcript)

    house.insights(Meanwhile()).work(Event())

    assert (house.fact().summary, tuple(house.fact().phrases)) == ("", ())
    assert house.fact().outcome == "completed"


def test_two_at_once_do_each_other_no_harm(house: House) -> None:
    for number in range(40):
        house.ended(f"call-{number}")
    stop = Event()
    made = [house.insights()._made([f"call-{n}" for n in range(40)], stop) for _ in range(2)]
    for facts in made:
        house.facts.keep(facts)
    house.insights().work(stop)
    [part] = house.facts.days("2026-03-01", "2026-03-01").parts
    assert part.tallies["calls"] == 40


def test_killed_in_its_middle_another_process_makes_the_rest(house: House, tmp_path: Path) -> None:
    for number in range(400):
        house.ended(f"call-{number}")
    worker = subprocess.Popen([sys.executable, "-m", "tests.calls.insight_worker", str(tmp_path)])
    try:
        wait_until(lambda: len(house.facts.unread(LATER, 1000)) < 400, 30)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()

    insights = house.insights()
    while house.facts.unread(LATER, 1):
        insights.work(Event())
    while house.facts.stale_days(1):
        house.facts.add_up("2026-03-01")
    [part] = house.facts.days("2026-03-01", "2026-03-01").parts
    assert part.tallies["calls"] == 400


@pytest.mark.parametrize("error", [StorageError("says no"), ValueError("a bug")])
def test_one_call_whose_end_cannot_be_told_holds_up_no_other(
    house: House, error: Exception
) -> None:
    house.ended("call-1")
    house.ended("call-2")
    told: list[str] = []

    def tell(call: CallRecord) -> None:
        if call.call_id == "call-1":
            raise error
        told.append(call.call_id)

    insights = house.insights()
    everybody: list[str] = []
    insights.ended = (tell, lambda call: everybody.append(call.call_id))
    with suppress(StorageError):  # once it is the only one left
        insights.work(Event())

    assert told == ["call-2"]
    assert set(everybody) == {"call-1", "call-2"}  # whoever comes after is told all the same
    assert house.facts.get("call-2") is not None
    # After a bug the fact is made all the same; a store that says no is asked again.
    assert (house.facts.get("call-1") is None) is isinstance(error, StorageError)
