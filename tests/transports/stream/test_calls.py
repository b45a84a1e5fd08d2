"""Calls over a socket, from the first message to the last."""

from __future__ import annotations

import asyncio

from calls.hearing import Away, Back, Gone
from calls.moves import Why
from conversation.turn_taking import SpeechStarted, Words
from tests.transports.far_end import FarEnd, run, skip
from tests.transports.stream_house import House

GREETING = "Hello, this is the automated assistant. How many pieces do you want?"


async def to_the_confirmation(house: House, far: FarEnd) -> None:
    house.ears.say("twelve")
    await house.until_asked(far, "is that right?")


def test_a_call_is_greeted_asked_and_answered(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            assert far.heard == GREETING
            await to_the_confirmation(house, far)

        assert house.turns[-1].caller == "twelve"
        assert house.turns[-1].accepted == {"count": 12}
        # Of the greeting, which was known to be heard when the caller spoke.
        timings_ms = house.turns[0].timings_ms
        assert timings_ms["audio_planned"] == timings_ms["audio_sent"] > 3000
        assert timings_ms["audio_heard"] == timings_ms["audio_sent"]
        # Of its own words, and of the time until the line was lost.
        assert house.turns[1].usage["stt_seconds"] == 4.0

    run(test())


def test_the_goodbye_is_heard_before_the_socket_is_closed(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_confirmation(house, far)
            far.plays = False
            house.ears.say("yes")
            await far.until(lambda: far.waiting)
            far.hears(marks=3)
            assert not far.codes

            far.hears()
            await far.until(lambda: far.codes)
            assert far.codes == [1000]
            assert far.heard.endswith("Thank you. Goodbye.")
        assert house.call.outcome == "completed"
        assert not house.desk.calls

    run(test())


def test_a_goodbye_whose_marks_are_lost_does_not_hold_the_line_for_ever(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_confirmation(house, far)
            far.plays = False
            house.ears.say("yes")
            await far.until(lambda: far.waiting)

            await far.until_time_brings(lambda: far.code is not None)

    run(test())


def test_after_the_last_word_only_what_follows_is_left(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_confirmation(house, far)
            house.ears.say("yes")
            await far.until(lambda: far.code is not None)

        assert [type(one).__name__ for one in house.left()] == ["HangUp"]

    run(test())


def test_a_caller_who_asks_for_a_person_is_handed_over(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.say("I want to talk to a person please")
            await far.until(lambda: far.code is not None)

            assert far.heard.endswith("I connect you.")
        assert [type(one).__name__ for one in house.left()] == ["HandOver"]

    run(test())


def test_sound_reaches_the_ears_as_it_came(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            pieces = [bytes([number]) * 160 for number in range(20)]
            far.says(*(far.frames.media(piece, 0) for piece in pieces))
            await far.until(lambda: bytes(house.ears.audio) == b"".join(pieces))

    run(test())


def test_sound_that_comes_before_the_call_was_found_is_heard(house: House) -> None:
    async def test() -> None:
        house.rings()
        async with house.line() as far:
            far.starts()
            far.says(far.frames.media(b"\x01" * 160, 0))
            await far.until_heard("do you want?")

            assert bytes(house.ears.audio) == b"\x01" * 160

    run(test())


def test_keys_are_an_answer(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.says(*(far.frames.dtmf(digit) for digit in "12#"))
            await far.until_heard("is that right?")

        assert (house.turns[1].caller_by, house.turns[1].accepted) == ("keys", {"count": 12})

    run(test())


def test_silence_is_a_turn_counted_from_the_end_of_playback(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            heard = far.heard
            await far.until_time_brings(lambda: far.heard != heard)

        assert house.turns[1].caller_by == "silence"

    run(test())


def test_a_caller_who_never_says_anything_is_let_go(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await far.until_time_brings(lambda: far.code is not None)

        assert house.call.outcome in ("silent", "handed_over")

    run(test())


# Barge-in


def test_who_speaks_over_the_agent_silences_it_and_only_what_was_heard_is_kept(
    house: House,
) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.hears(marks=15)
            await far.until(lambda: "this is" in (house.open_call.heard or ""))
            house.ears.tell(SpeechStarted(), Words("twelve pieces", is_final=False))
            await far.until(lambda: far.clears)
            far.plays = True
            house.ears.say("twelve pieces please")
            await far.until_heard("is that right?")

        heard = house.turns[0].heard
        assert heard is not None
        assert heard.startswith("Hello, this is")
        assert "want?" not in heard

    run(test())


def test_a_cough_is_no_interruption_and_the_rest_is_said(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.hears(marks=8)
            await far.until(lambda: house.open_call.heard)
            house.ears.tell(SpeechStarted(), Words("um so", is_final=False))
            await far.until(lambda: far.clears)
            house.ears.tell(Words("", is_final=True))
            far.plays = True

            await far.until_time_brings(lambda: "do you want?" in far.heard)
        assert len(house.turns) == 1
        assert house.turns[0].heard is None

    run(test())


# A recogniser that is away


def test_who_was_not_heard_for_a_while_is_asked_again(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            for attempt in (1, 2, 3):
                house.ears.tell(Away(attempt))
            await far.until(lambda: far.heard.count("How many pieces") == 2)
            house.ears.tell(Back())

            await to_the_confirmation(house, far)

    run(test())


def test_who_said_more_than_was_kept_is_asked_again(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.tell(Away(1), Back(has_lost_words=True))

            await far.until(lambda: far.heard.count("How many pieces") == 2)
        assert house.ears.forgotten == 1

    run(test())


def test_who_answers_before_they_were_asked_again_to_the_end_answers_that_question(
    house: House,
) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_confirmation(house, far)
            far.plays = False
            house.ears.tell(Away(1), Back(has_lost_words=True))
            await far.until(lambda: len(far.waiting) > 8)
            far.hears(marks=4)
            await far.until(lambda: house.open_call.playout.ledger.heard_text)
            house.ears.say("no, eleven")
            far.plays = True
            await far.until_heard("11 pieces, is that right?")

        assert house.turns[1].heard is None

    run(test())


def test_while_nobody_listens_silence_is_not_the_callers(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.tell(Away(1))
            for _ in range(60):
                skip(1)
                await asyncio.sleep(0)
            house.ears.tell(Back())

            await to_the_confirmation(house, far)
        assert [turn.caller_by for turn in house.turns] == ["none", "speech"]

    run(test())


def test_without_a_recogniser_the_call_goes_on_in_turns(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.tell(Gone())
            await far.until(lambda: far.code is not None)

            assert far.code == 1000
        assert house.moved == [Why.NO_RECOGNISER]
        assert house.ears.is_closed

    run(test())


def test_a_call_that_nobody_could_hear_goes_on_in_turns_at_once(house: House) -> None:
    async def test() -> None:
        house.hearing.is_there = False
        house.rings()
        async with house.line() as far:
            far.starts()
            await far.until(lambda: far.code is not None)

            assert far.heard == ""
        assert house.moved == [Why.NO_RECOGNISER]

    run(test())


def test_an_answer_that_nobody_could_voice_is_given_in_turns(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.voice.is_mute = True
            house.ears.say("twelve")
            await far.until(lambda: far.code is not None)

            assert far.heard == GREETING
        assert house.turns[-1].accepted == {"count": 12}
        assert any("12" in part for part in house.said_last())
        assert house.moved == [Why.NO_VOICE]
        assert house.turns[-1].heard == ""

    run(test())
