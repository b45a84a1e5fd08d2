"""What of an answer was heard: cut in, hung up, moved to another door, spoken by another voice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agents.schema import Agent
from calls.hub import News
from calls.moves import Why
from calls.session import Measures, Parts, Patience
from calls.speech import CarrierVoice, Spoken
from calls.turns import Arrival, Reply, Turns
from conversation.actions import Action, HangUp, KeepWaiting, Say
from conversation.events import Digits, Utterance
from providers.telephony.base import PartialTurn
from storage.records import CallRecord, TurnRecord
from storage.sqlite import SqliteStorage
from tests.calls.readers import Clock, HeldBrain
from tests.conversation.casting import NOON, english
from tests.storage.samples import at_once

ARRIVAL = Arrival("RATES", "CA1", "+919876543210", "+914400000000", "inbound", transport="stream")


class ClipVoice(CarrierVoice):
    """Speaks everything from clips of its own form."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.is_silent = False

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
        if by_carrier or self.is_silent:
            return Spoken(tuple(actions), by_carrier=True)
        return Spoken(tuple(map(self._spoken, actions)), by_carrier=False)

    def _spoken(self, action: Action) -> Action:
        if not isinstance(action, Say):
            return action
        return Say(tuple(replace(one, clip=f"{self.form}-clip") for one in action.parts))


class Line:
    """A call over a stream, and the webhooks of the same call."""

    def __init__(self, storage: SqliteStorage) -> None:
        self.storage = storage
        self.clock = Clock()
        self.brain = HeldBrain(self.clock, ready=True)
        self.live_voice = ClipVoice("ulaw")
        parts = Parts(storage, self.brain, self.clock, speech=ClipVoice("mp3"))
        agent = english()
        self.webhooks = Turns(parts, {agent.agent: agent})
        self.parts = parts
        self.turns = self.webhooks.for_door(self.live_voice, Patience(1.0, 6.0))
        self.first = self.turns.start(ARRIVAL)

    def say(self, text: str, heard: str | None = None, measures: Measures | None = None) -> Reply:
        turn = self.state_turn + 1
        event = Utterance(text, NOON, 0.9)
        return self.turns.take("CA1", turn, f"d{turn}", event, heard, measures or Measures())

    @property
    def call(self) -> CallRecord:
        call = self.storage.find_call("CA1")
        assert call is not None
        return call

    @property
    def state_turn(self) -> int:
        turn = self.call.state["turn"]
        assert isinstance(turn, int)
        return turn

    @property
    def records(self) -> list[TurnRecord]:
        return list(self.storage.turns(self.call.call_id))

    @property
    def agent_lines(self) -> list[str]:
        history = self.call.state["history"]
        assert isinstance(history, list)
        return [text for role, text in history if role == "agent"]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with_storage = SqliteStorage(tmp_path / "calls.db")
    yield Line(with_storage)
    with_storage.close()


def clips(reply: Reply) -> set[str]:
    return {part.clip for one in reply.actions if isinstance(one, Say) for part in one.parts}


def said(reply: Reply) -> str:
    return " ".join(one.text for one in reply.actions if isinstance(one, Say))


def test_what_was_heard_is_kept_with_the_turn_that_cut_in(line: Line) -> None:
    assert (line.call.transport, line.call.version) == ("stream", 1)

    line.say("five hundred", heard="Welcome to Rate")

    assert line.call.version == 2
    assert [one.heard for one in line.records] == ["Welcome to Rate", None]
    assert line.agent_lines[0] == "Welcome to Rate"


@pytest.mark.parametrize(
    ("heard", "kept"),
    [
        (None, None),
        ("Welcome to Rate line. What do you charge?", None),
        ("", ""),
        ("welcome to RATE", "Welcome to Rate"),
        ("a b c d e f g h i j k", None),
        ("  ", ""),
    ],
)
def test_what_was_heard_is_the_beginning_of_what_was_said(
    line: Line, heard: str | None, kept: str | None
) -> None:
    line.say("five hundred", heard=heard)
    assert line.records[0].heard == kept


def test_a_filler_counts_as_heard_when_the_answer_after_it_is_cut_off(line: Line) -> None:
    line.brain.ready = False
    held = line.say("five hundred")
    assert held.actions[-1] == KeepWaiting()
    line.brain.inquiries[-1].answer = line.brain.inquiries[-1].by_rules
    line.brain.ready = True
    answer = line.turns.keep_waiting("CA1", "wait-1")
    assert said(answer) == "Between what times?"

    line.say("nine to five", heard="Between what")

    assert line.records[1].agent == f"{said(held)} Between what times?"
    assert line.records[1].heard == f"{said(held)} Between what"
    assert line.agent_lines[1] == "Between what"


def test_the_caller_who_hangs_up_in_the_middle_has_heard_the_beginning(line: Line) -> None:
    line.turns.end("CA1", NOON, "completed", "Welcome to")

    assert line.call.outcome == "abandoned"
    assert [one.heard for one in line.records] == ["Welcome to"]


def test_what_was_heard_may_come_after_the_carriers_last_word_and_twice(line: Line) -> None:
    line.webhooks.end("CA1", NOON, "completed")
    assert [one.heard for one in line.records] == [None]
    line.turns.end("CA1", NOON, "completed", "Welcome to")
    version = line.call.version
    line.turns.end("CA1", NOON, "completed", "Welcome to")
    line.webhooks.end("CA1", NOON, "completed")

    assert line.records[0].heard == "Welcome to"
    assert line.call.version == version


def test_of_a_goodbye_that_was_spoken_only_the_end_is_left(line: Line) -> None:
    line.say("five hundred")
    line.turns.take("CA1", 2, "d2", Digits("14001700", NOON))
    last = line.say("yes")
    assert [type(one) for one in last.actions][-2:] == [Say, HangUp]

    line.turns.spoken("CA1")
    line.turns.spoken("CA1")

    assert line.webhooks.current("CA1").actions == last.actions[-1:]
    line.turns.end("CA1", NOON, "completed", "Thank")
    assert line.records[-1].heard is None


def test_the_caller_who_hangs_up_in_the_goodbye_has_not_heard_all_of_it(line: Line) -> None:
    line.say("five hundred")
    line.turns.take("CA1", 2, "d2", Digits("14001700", NOON))
    last = line.say("yes")
    beginning = said(last).split()[0]

    line.turns.end("CA1", NOON, "completed", beginning)

    assert line.call.outcome == "completed"
    assert line.records[-1].heard == beginning


def test_another_door_speaks_the_last_answer_by_its_own_voice(line: Line) -> None:
    assert clips(line.first) == {"ulaw-clip"}
    version = line.call.version

    again = line.webhooks.current("CA1")

    assert clips(again) == clips(line.webhooks.current("CA1")) == {"mp3-clip"}
    assert (said(again), again.turn) == (said(line.first), 1)
    assert clips(line.turns.current("CA1")) == {"ulaw-clip"}
    assert line.call.version == version


def test_a_turn_that_the_stream_has_answered_is_spoken_anew_for_the_webhook(line: Line) -> None:
    answer = line.say("five hundred")
    again = line.webhooks.take("CA1", 1, "webhook", Utterance("five hundred", NOON))

    assert clips(again) == {"mp3-clip"}
    assert (said(again), again.turn) == (said(answer), 2)


def test_a_live_voice_that_failed_does_not_silence_the_other(line: Line) -> None:
    line.live_voice.is_silent = True
    assert clips(line.say("five hundred")) == {""}

    assert clips(line.webhooks.current("CA1")) == {"mp3-clip"}


def test_a_voice_that_fails_here_too_names_no_clip_of_the_other_form(line: Line) -> None:
    mute = ClipVoice("mp3")
    mute.is_silent = True
    assert clips(line.webhooks.for_door(mute, Patience(), "gather").current("CA1")) == {""}


def test_a_call_moves_once_and_the_reason_is_kept(line: Line) -> None:
    line.turns.moved("CA1", NOON, Why.DRAINING, "Welcome to")
    line.webhooks.moved("CA1", NOON, Why.SOCKET_LOST)

    [event] = line.storage.events(line.call.call_id)
    assert (event.kind, dict(event.data)) == (
        "moved",
        {"from": "stream", "to": "gather", "reason": "draining"},
    )
    assert line.call.transport == "stream"
    assert line.records[0].heard == "Welcome to"


def test_an_answer_that_was_spoken_again_was_heard_after_all(line: Line) -> None:
    line.turns.moved("CA1", NOON, Why.DRAINING, "Welcome to")
    line.webhooks.take("CA1", 1, "webhook", Utterance("five hundred", NOON))
    assert line.records[0].heard is None


def test_who_hangs_up_after_the_move_has_heard_what_was_heard_before_it(line: Line) -> None:
    line.turns.moved("CA1", NOON, Why.SOCKET_LOST, "Welcome to")
    line.webhooks.end("CA1", NOON, "completed")
    assert line.records[0].heard == "Welcome to"


def test_a_call_whose_agent_asks_for_a_stream_may_begin_without(line: Line) -> None:
    line.webhooks.start(replace(ARRIVAL, carrier_id="CA2", transport="gather"))
    line.webhooks.moved("CA2", NOON, Why.FULL)

    call = line.storage.find_call("CA2")
    assert call is not None
    assert call.transport == "gather"
    [event] = line.storage.events(call.call_id)
    assert event.data["from"] == str(english().transport)


def test_an_unknown_transport_is_refused() -> None:
    with pytest.raises(ValueError, match="pigeon"):
        replace(ARRIVAL, transport="pigeon")


def test_measures_go_to_the_turns_that_they_are_about(line: Line) -> None:
    line.say("five hundred", measures=Measures({"first_audio": 12.5}, {"stt_seconds": 2.0}))
    line.turns.end("CA1", NOON, "completed", measures=Measures({"late": 1.0}, {"stt_seconds": 3.0}))

    first, second = line.records
    assert first.timings_ms["first_audio"] == 12.5
    assert "stt_seconds" not in first.usage
    assert second.usage["stt_seconds"] == 5.0
    assert second.timings_ms["late"] == 1.0
    assert "cost" in second.usage


def test_turns_over_a_socket_are_no_gathers_of_the_carrier(line: Line) -> None:
    assert "gathers" not in line.records[0].usage
    line.webhooks.take("CA1", 1, "webhook", Utterance("five hundred", NOON))
    assert line.records[1].usage["gathers"] == 1


def test_nothing_is_remembered_of_a_call_that_ended_elsewhere(line: Line) -> None:
    elsewhere = Turns(Parts(line.storage, line.brain, line.clock), {english().agent: english()})
    elsewhere.end("CA1", NOON, "completed")
    assert line.parts.last_saved.of("CA1") is not None

    line.turns.end("CA1", NOON, "completed")

    assert line.parts.last_saved.of("CA1") is None
    assert line.parts.notes.save_ms(line.call.call_id) is None


def test_a_stream_and_a_webhook_that_answer_the_same_turn_at_once_count_once(line: Line) -> None:
    for turn in range(1, 9):

        def take(turns: Turns, name: str, turn: int = turn) -> Reply:
            return turns.take("CA1", turn, f"{name}-{turn}", Digits("5", NOON), "W")

        replies = at_once([partial(take, line.turns, "s"), partial(take, line.webhooks, "w")])

        assert all(isinstance(one, Reply) for one in replies), replies
        first, second = (one for one in replies if isinstance(one, Reply))
        assert said(first) == said(second)
        if line.call.outcome is not None:
            break
        assert first.turn == second.turn == turn + 1
        assert clips(first) == {"ulaw-clip"}
        assert clips(second) == {"mp3-clip"}
        assert [one.turn for one in line.records] == list(range(turn + 1))


def test_who_looks_on_is_told_what_a_turn_came_to(line: Line) -> None:
    async def listen() -> list[News]:
        with line.parts.hub.listen(line.call.call_id) as news:
            await asyncio.to_thread(line.say, "five hundred")
            await asyncio.to_thread(line.turns.moved, "CA1", NOON, Why.DRAINING)
            await asyncio.to_thread(line.turns.end, "CA1", NOON, "completed")
            return [await anext(news) for _ in range(4)]

    said_, stage, moved, ended = asyncio.run(listen())
    assert said_.data == {"turn": 1, "caller": "five hundred", "agent": "Between what times?"}
    assert stage.data == {"stage": "collecting", "language": "en-IN"}
    assert moved.data == {"to": "gather", "reason": "draining"}
    assert (ended.kind, ended.data) == ("ended", {"outcome": "abandoned"})


def test_words_are_passed_on_to_nobody_when_nothing_is_read_ahead(line: Line) -> None:
    line.turns.hear(PartialTurn("CA1", "five", True, 1), 1)
