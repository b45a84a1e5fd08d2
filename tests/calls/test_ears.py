"""A call's hearing, whoever listens: nothing that was said is lost, nobody waits for the dead."""

from __future__ import annotations

import asyncio

from calls.ears import PIECE, PIECE_MOST
from calls.heard import Away, Back, Gone
from providers.stt.base import Broken, SpeechStarted, TurnEnded, Words
from tests.calls.jumping_loop import run_at_once
from tests.calls.listeners import (
    AWAY,
    Ear,
    Listened,
    loud,
    passes,
    quiet,
)


def test_sound_goes_out_in_pieces_and_what_is_heard_comes_back() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.hears(loud(1) + loud(0.04))
        ear.last.tell(SpeechStarted())
        ear.last.understands_until(1.0, "six", is_final=True)
        ear.last.tell(TurnEnded())
        assert {len(one) for one in ear.last.pieces} == {PIECE}
        assert len(ear.last.sound) == 8000 + 320 - (8000 + 320) % PIECE
        assert call.told == [SpeechStarted(), Words("six", is_final=True), TurnEnded()]

    run_at_once(test())


def test_what_is_said_before_anybody_listens_is_heard() -> None:
    async def test() -> None:
        ear = Ear()
        ear.takes_s = 1.5
        call = Listened(ear)
        call.hears(loud(1.2))
        await passes(2)
        assert ear.last.sound == loud(1.2)
        assert call.told == []
        assert max(len(one) for one in ear.last.pieces) <= PIECE_MOST

    run_at_once(test())


def test_a_long_piece_is_cut_to_what_every_vendor_takes() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.ears.hear(loud(3))
        assert max(len(one) for one in ear.last.pieces) == PIECE_MOST
        assert ear.last.sound == loud(3)

    run_at_once(test())


def test_what_was_collected_goes_out_before_the_end_is_asked_for() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.ears.hear(loud(0.02))
        call.ears.finalise()
        call.ears.finalise()
        assert ear.last.pieces == [loud(0.02)]
        assert ear.last.notes == ["finalise", "finalise"]

    run_at_once(test())


def test_a_word_that_is_cut_in_two_by_a_loss_is_heard_whole() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.hears(quiet(1) + loud(0.4))
        ear.last.understands_until(1.04, "before", is_final=True)
        ear.last.understands_until(1.4, "six hun", is_final=False)
        ear.breaks()
        call.hears(loud(0.4))
        await passes(0.5)
        # From the last piece on that the final words did not reach.
        assert ear.last.sound == loud(0.8)[: len(ear.last.sound)]
        assert len(ear.last.sound) == 0.72 * 8000
        assert call.news == [Away(1), Back()]
        assert [one.text for one in call.told if isinstance(one, Words)] == ["before", "six hun"]

    run_at_once(test())


def test_tries_follow_at_once_and_after_1_2_and_4_seconds_and_then_it_is_over() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes(20)
        ear.errors = [AWAY] * 4
        ear.breaks()
        await passes(60)
        pauses = [
            round(b - a, 1)
            for a, b in zip([20.0, *ear.opened_at[1:]], ear.opened_at[1:], strict=False)
        ]
        for pause, least in zip(pauses, (0, 1, 2, 4), strict=True):
            assert least <= pause <= least + 0.3
        assert call.news == [Away(1), Away(2), Away(3), Away(4), Gone()]
        call.ears.hear(loud(1))
        call.ears.finalise()
        assert len(ear.opened) == 1

    run_at_once(test())


def test_the_last_unfinished_words_are_told_before_it_is_over() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.hears(loud(0.4))
        ear.last.understands_until(0.4, "six hundred", is_final=False)
        ear.errors = [AWAY] * 4
        ear.breaks()
        await passes(60)
        assert call.told[-2:] == [Words("six hundred", is_final=True), Gone()]

    run_at_once(test())


def test_of_a_long_speech_the_words_stand_for_the_sound_that_is_gone() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.hears(loud(20))
        ear.last.understands_until(18.0, "a long story", is_final=False)
        ear.breaks()
        await passes(1)
        assert call.told[1:] == [Words("a long story", is_final=True), Away(1), Back()]
        assert len(ear.last.sound) == 2 * 8000

    run_at_once(test())


def test_who_was_deaf_may_have_missed_words_of_which_the_caller_is_asked() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.hears(loud(20))
        ear.breaks(Broken("SILENT", is_deaf=True))
        await passes(1)
        assert call.news == [Away(1), Back(has_lost_words=True)]

    run_at_once(test())


def test_noise_in_which_nobody_found_words_is_not_missed() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.hears(loud(20))
        ear.breaks()
        await passes(1)
        assert call.news == [Away(1), Back()]

    run_at_once(test())


def test_more_than_is_kept_while_nobody_listens_is_lost_and_said_so() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        ear.errors = [AWAY] * 3
        ear.breaks()
        call.hears(loud(9))
        await passes(10)
        assert call.news[-1] == Back(has_lost_words=True)
        assert len(ear.last.sound) <= 8 * 8000

    run_at_once(test())


def test_what_the_caller_is_asked_to_say_again_is_not_heard_twice() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        ear.errors = [AWAY]
        ear.breaks()
        call.hears(loud(1))
        call.ears.forget()
        call.hears(loud(0.16))
        await passes(3)
        assert ear.last.sound == loud(0.16)

    run_at_once(test())


def test_a_connection_without_sound_is_kept() -> None:
    async def test() -> None:
        told, hears = Ear("told"), Ear("hears")
        hears.keeps = False
        for ear in (told, hears):
            call = Listened(ear)
            await passes()
            call.hears(loud(0.08))
            await passes(20)
            call.ears.close()
            assert len(ear.last.notes) >= 8
        assert told.last.sound == loud(0.08)
        assert hears.last.sound[:PIECE] == loud(0.08)
        assert set(hears.last.sound[PIECE:]) == {0xFF}

    run_at_once(test())


def test_what_was_sent_is_known_by_vendor_and_model_once() -> None:
    async def test() -> None:
        first, second = Ear("first"), Ear("second")
        call = Listened(first, second)
        await passes()
        call.hears(loud(0.8))
        first.breaks()
        await passes(1)
        used = {(one.provider, one.model): one.seconds for one in call.ears.used()}
        assert used == {("first", "model-en-IN"): 0.8, ("second", "model-en-IN"): 0.8}
        assert call.ears.used() == []

    run_at_once(test())


def test_after_the_end_nothing_is_told_and_nobody_listens() -> None:
    async def test() -> None:
        ear = Ear()
        ear.takes_s = 1
        late, early = Listened(ear), Listened(ear)
        late.ears.close()  # while somebody is asked
        await passes(2)
        early.ears.close()
        early.ears.close()
        ear.last.tell(Words("late", is_final=True))
        ear.breaks()
        await passes(60)
        assert late.told == early.told == []
        assert all(one.is_closed for one in ear.opened)
        assert len(asyncio.all_tasks()) == 1

    run_at_once(test())


def test_a_bug_of_a_recogniser_does_not_leave_the_caller_alone() -> None:
    class Buggy(Ear):
        async def open(self, *_: object) -> None:  # type: ignore[override]
            raise ZeroDivisionError

    async def test() -> None:
        call = Listened(Buggy())
        await passes()
        assert call.told == [Gone()]

    run_at_once(test())
