"""Turn taking on a line: who is listened to, what belongs together, what ends a turn."""

from __future__ import annotations

from conversation.state import CallState
from conversation.turn_taking import SpeechStarted, TurnEnded, Words
from tests.transports.far_end import run
from tests.transports.stream_house import House

QUESTION = "do you want?"


def test_who_only_listens_is_talked_to(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.hears(marks=8)
            await far.until(lambda: house.open_call.heard)
            house.ears.say("mhm okay")
            far.plays = True
            far.hears()
            await house.until_asked(far, QUESTION)
            assert far.clears == 0
            house.ears.say("twelve")
            await far.until_heard("is that right?")

        assert house.turns[0].heard is None
        assert [turn.caller for turn in house.turns] == ["", "twelve"]

    run(test())


def test_what_goes_on_while_it_is_answered_is_one_number(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await house.until_asked(far, QUESTION)
            house.ears.say("twelve")
            house.ears.tell(SpeechStarted(), Words("thousand pieces", True), TurnEnded())
            await far.until(lambda: len(house.turns) == 3)
            await far.until_heard("is that right?")

        assert house.turns[1].heard == ""
        assert "12 pieces" not in far.heard
        assert CallState.from_dict(house.call.state).values == {"count": 12_000}

    run(test())


def test_a_key_silences_the_agent_and_is_the_answer(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.hears(marks=2)
            await far.until(lambda: house.open_call.heard)
            far.says(far.frames.dtmf("7"), far.frames.dtmf("#"))
            await far.until(lambda: far.clears)
            far.plays = True
            await far.until_heard("7 pieces, is that right?")

        assert house.turns[1].caller == "7#"

    run(test())


def test_yes_to_the_last_word_of_the_question_is_the_answer(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await house.until_asked(far, QUESTION)
            house.ears.say("seven")
            far.plays = False
            await far.until(lambda: len(house.turns) == 2 and len(far.waiting) > 4)
            marks = sum(isinstance(one, str) for one in far.waiting)
            far.hears(marks=marks - 1)
            await far.until(lambda: "that" in (house.open_call.heard or ""))
            house.ears.say("yes")
            far.plays = True
            far.hears()
            await far.until_heard("Thank you. Goodbye.")

        assert house.call.outcome == "completed"

    run(test())
