"""A machine in a call over a socket: our own redirection is no hang-up, and people overrule."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from calls.answering import Answering, Heard
from conversation.actions import HangUp, HangUpReason
from providers.errors import ProviderUnavailable
from providers.telephony.base import CallNotice, NoticeKind, Telephony
from providers.telephony.detection import Answerer, Verdict
from tests.transports.far_end import FarEnd, run
from tests.transports.stream_house import AGENT, CALL_SID, House, open_house

MESSAGE = "We wanted to count pieces. We ring you again."
TO = "https://calls.example/voice-message"
RECORDS = Verdict(Answerer.MACHINE, records=True)


@dataclass
class Moves:
    """A carrier that is told to end or move calls."""

    done: list[tuple[str, ...]] = field(default_factory=list)
    failures: int = 0  # that come first

    def redirect_call(self, carrier_id: str, to: str) -> None:
        """See `Telephony`."""
        if self.failures:
            self.failures -= 1
            raise ProviderUnavailable("telephony", "x", "away")
        self.done.append((carrier_id, to))

    def end_call(self, carrier_id: str) -> None:
        """See `Telephony`."""
        self.done.append((carrier_id,))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    one = open_house(tmp_path, agent=f"{AGENT}voicemail: {MESSAGE}\n")
    yield one
    one.close()


def told(house: House, moves: Moves, verdict: Verdict = RECORDS, leaves: bool = True) -> None:
    services = house.services
    answering = Answering(
        services.storage,
        cast(Telephony, moves),
        services.turns,
        services.progress,
        services.metrics,
        services.clock,
    )
    word = f"{verdict.by}:{verdict.records}"
    notice = CallNotice(CALL_SID, NoticeKind.AMD, word, 0, "", {"verdict": str(verdict.by)})
    answering.report(Heard(verdict, notice, leaves), house.call.call_id, TO)


def follows(house: House) -> list[str]:
    events = house.services.storage.events(house.call.call_id)
    return [one.data["followed"] for one in events if one.kind == "amd"]


def test_the_call_is_a_machines_and_not_one_that_was_hung_up(house: House) -> None:
    moves = Moves()

    async def test() -> None:
        async with house.call_on_line() as far:
            await asyncio.to_thread(told, house, moves)
            far.says(far.frames.stop())

    run(test())
    assert moves.done == [(CALL_SID, TO)]
    assert (house.call.outcome, house.moved, follows(house)) == ("machine", [], ["message"])
    last = house.services.turns.current(CALL_SID).actions
    assert house.said_last() == MESSAGE.replace(". ", ".|").split("|")
    assert last[-1] == HangUp(HangUpReason.MACHINE)
    assert house.turns[-1].heard is None


def test_words_that_were_on_their_way_are_no_answer_to_the_message(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await asyncio.to_thread(told, house, Moves())
            house.ears.say("twelve")
            await far.until(lambda: far.codes)

    run(test())
    assert house.call.outcome == "machine"
    assert house.turns[-1].agent == MESSAGE


def test_a_person_who_has_spoken_is_talked_to(house: House) -> None:
    moves = Moves()

    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.say("twelve")
            await house.until_asked(far, "is that right?")
            await asyncio.to_thread(told, house, moves)
            house.ears.say("yes")
            await far.until(lambda: far.codes)

    run(test())
    assert moves.done == []
    assert (house.call.outcome, follows(house)) == ("completed", ["overruled"])


def twice(house: House, first: Verdict, second: Verdict, moves: Moves) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await asyncio.to_thread(told, house, moves, first)
            await asyncio.to_thread(told, house, moves, second)
            far.says(far.frames.stop())

    run(test())


def test_a_word_that_comes_twice_moves_the_call_once(house: House) -> None:
    moves = Moves()
    twice(house, RECORDS, RECORDS, moves)
    assert (moves.done, follows(house)) == ([(CALL_SID, TO)], ["message"])


def test_a_word_that_contradicts_the_first_changes_nothing(house: House) -> None:
    moves = Moves()
    twice(house, Verdict(Answerer.HUMAN), RECORDS, moves)
    assert (moves.done, follows(house)) == ([], ["talks", "ignored"])
    assert house.call.outcome == "abandoned"


def test_the_message_waits_for_the_end_of_the_greeting(house: House) -> None:
    moves = Moves()
    twice(house, Verdict(Answerer.MACHINE), RECORDS, moves)
    assert (moves.done, follows(house)) == ([(CALL_SID, TO)], ["awaits", "message"])


def test_a_carrier_that_is_away_is_told_again_when_it_repeats_its_word(house: House) -> None:
    moves = Moves(failures=1)

    async def test(far: FarEnd) -> None:
        with pytest.raises(ProviderUnavailable):
            await asyncio.to_thread(told, house, moves)
        await asyncio.to_thread(told, house, moves)
        far.says(far.frames.stop())

    async def on_line() -> None:
        async with house.call_on_line() as far:
            await test(far)

    run(on_line())
    assert (moves.done, follows(house)) == ([(CALL_SID, TO)], ["message"])


def test_a_late_word_on_a_call_that_is_over_changes_nothing(house: House) -> None:
    moves = Moves()

    async def test() -> None:
        async with house.call_on_line() as far:
            far.says(far.frames.stop())
        await asyncio.to_thread(told, house, moves)

    run(test())
    assert (moves.done, follows(house)) == ([], ["ignored"])
    assert house.call.outcome == "abandoned"
