"""What can go wrong at the socket of a call's sound: forged, doubled, late, huge, lost, leaving."""

from __future__ import annotations

import json

import pytest

from calls.moves import Why
from conversation.turn_taking import SpeechStarted, Words
from tests.transports.far_end import FarEnd, run
from tests.transports.stream_house import CALL_SID, House


def start_of(far: FarEnd, **form: object) -> str:
    told = json.loads(far.frames.start({"token": "the token of this call"}))
    told["start"]["mediaFormat"].update(form)
    return json.dumps(told)


def test_a_forged_token_gets_nothing(house: House) -> None:
    async def test() -> None:
        house.rings()
        async with house.line() as far:
            far.starts(token="forged")
            await far.until(lambda: far.code is not None)

            assert far.code == 1008
            assert far.claimed == [(CALL_SID, "forged")]
            assert far.heard == ""

    run(test())


def test_a_second_start_changes_nothing(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.starts()
            far.says(far.frames.dtmf("7"), far.frames.dtmf("#"))
            await far.until_heard("7 pieces")

        assert len(far.claimed) == 1

    run(test())


@pytest.mark.parametrize("form", [{"encoding": "audio/l16"}, {"sampleRate": 16000}])
def test_sound_in_another_form_is_left_to_turns(house: House, form: dict[str, object]) -> None:
    async def test() -> None:
        house.rings()
        async with house.line() as far:
            far.says(start_of(far, **form))
            await far.until(lambda: far.code is not None)

            assert (far.code, far.heard) == (1000, "")

    run(test())


def test_a_call_that_is_not_kept_is_closed(house: House) -> None:
    async def test() -> None:
        async with house.line() as far:
            far.starts()
            await far.until(lambda: far.code is not None)

            assert far.code == 1000

    run(test())


def test_what_comes_before_the_start_is_borne_for_a_while(house: House) -> None:
    async def test() -> None:
        house.rings()
        async with house.line() as far:
            far.says(
                far.frames.media(b"\xff" * 160, 0), far.frames.mark("m1"), far.frames.dtmf("1")
            )
            far.starts()
            await far.until_heard("do you want?")

    run(test())


@pytest.mark.parametrize("message", ["no JSON", b"\x00\x01", '{"event":"media"}', "x" * 100_000])
def test_who_sends_nothing_but_nonsense_is_shown_out(house: House, message: str | bytes) -> None:
    async def test() -> None:
        async with house.line() as far:
            far.says(*[message] * 10_000)
            await far.until(lambda: far.code is not None)

            assert far.code == 1008

    run(test())


def test_nonsense_within_a_call_moves_it_and_it_goes_on(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.says(*['{"event":"dtmf","dtmf":{"digit":"none"}}'] * 10_000)
            await far.until(lambda: far.code is not None)

        assert house.call.outcome is None
        assert house.moved == [Why.NONSENSE]

    run(test())


def test_marks_that_were_never_sent_mean_nothing(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.says(*(far.frames.mark(f"m{number}") for number in range(10_000, 10_050)))
            far.says(far.frames.mark("x" * 1000))
            far.plays = True
            far.hears()
            await far.until_heard("do you want?")

    run(test())


def test_who_does_not_read_is_cut_off_and_nothing_is_kept_for_them(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.takes_most = 0
            far.plays = False
            house.ears.say("twelve")
            await far.until_time_brings(lambda: house.turns[-1].turn == 1)

    run(test())


def test_a_caller_who_hangs_up_has_ended_the_call(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.hears(marks=5)
            far.says(far.frames.stop())
            await far.until(lambda: house.call.outcome)

        assert house.call.outcome == "abandoned"
        assert house.turns[0].heard is not None
        assert not house.desk.calls

    run(test())


def test_words_that_were_said_when_the_socket_was_lost_are_taken(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.tell(SpeechStarted(), Words("twelve", is_final=True))
            far.drops()
            await far.until(lambda: not house.desk.calls)

        assert house.turns[-1].accepted == {"count": 12}
        assert house.call.outcome is None
        assert house.moved == [Why.SOCKET_LOST]

    run(test())


def test_a_socket_that_is_lost_at_any_moment_leaves_a_call_that_can_go_on(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.say("twelve")  # which is being answered now
            far.drops()
            await far.until(lambda: not house.desk.calls)

        assert house.turns[-1].accepted == {"count": 12}
        assert any("12" in part for part in house.said_last())

    run(test())


# A process that ends


def test_a_draining_process_gives_its_answer_in_turns(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.desk.drain()
            assert far.code is None
            house.ears.say("twelve")
            await far.until(lambda: far.code is not None)

            assert "12 pieces" not in far.heard
        assert any("12" in part for part in house.said_last())
        assert house.turns[1].heard == ""
        assert house.turns[1].timings_ms["audio_heard"] == 0

    run(test())


def test_who_has_not_left_in_time_leaves_at_once(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.desk.drain()
            house.desk.leave_all()
            await far.until(lambda: far.code is not None)

            assert far.code == 1012
        assert house.moved == [Why.DRAINING]

    run(test())


def test_a_fault_of_ours_in_one_call_moves_that_call(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.services.storage.close()
            house.ears.say("twelve")
            await far.until(lambda: far.code is not None)

    run(test())


def test_a_fault_of_ours_before_the_first_word_closes_the_socket(house: House) -> None:
    async def test() -> None:
        house.rings()
        house.voice.forget()
        async with house.line() as far:
            far.starts()
            await far.until(lambda: far.code is not None)

            assert far.code == 1011
        assert house.moved == [Why.BROKEN]

    run(test())


def test_who_says_more_while_they_are_put_through_is_put_through(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.plays = False
            house.ears.say("I want to talk to a person please")
            await far.until(lambda: far.waiting)
            house.ears.tell(Words("thank you very much indeed", is_final=True))
            far.drops()
            await far.until(lambda: not house.desk.calls)

        assert [type(one).__name__ for one in house.left()][-1] == "HandOver"

    run(test())
