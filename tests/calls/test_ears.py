"""A call's hearing, whoever listens: nothing that was said is lost, nobody waits for the dead."""

from __future__ import annotations

import asyncio

from calls.ears import PIECE, PIECE_MOST
from calls.heard import Away, Back, Gone
from providers.stt.base import Broken, HearingOrder, SpeechStarted, TurnEnded, Words
from tests.calls.jumping_loop import run_at_once
from tests.calls.listeners import (
    AWAY,
    ORDER,
    REFUSED,
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


def test_the_other_recogniser_listens_when_the_first_does_not() -> None:
    async def test() -> None:
        first, second = Ear("first"), Ear("second")
        first.errors = [AWAY]
        call = Listened(first, second)
        call.hears(loud(0.4))
        await passes(1)
        assert second.last.sound == loud(0.4)
        assert (call.told, call.failures) == ([], ["first"])

    run_at_once(test())


def test_who_was_lost_soon_is_asked_after_the_other() -> None:
    async def test() -> None:
        first, second = Ear("first"), Ear("second")
        call = Listened(first, second)
        await passes(1)
        call.hears(loud(0.4))
        first.breaks()
        await passes(1)
        assert (len(first.opened), second.last.sound) == (1, loud(0.4))

    run_at_once(test())


def test_who_did_well_for_long_is_asked_again_first() -> None:
    async def test() -> None:
        first, second = Ear("first"), Ear("second")
        call = Listened(first, second)
        for _ in range(5):
            await passes(30)
            first.breaks()
            await passes(1)
        assert (len(first.opened), len(second.opened)) == (6, 0)
        assert call.news == [Away(1), Back()] * 5

    run_at_once(test())


def test_who_refuses_is_not_asked_again_and_without_another_it_is_over_at_once() -> None:
    async def test() -> None:
        ear = Ear()
        ear.errors = [REFUSED]
        call = Listened(ear)
        await passes()
        assert call.told == [Gone()]

    run_at_once(test())


def test_who_refuses_in_the_middle_leaves_it_to_the_other() -> None:
    async def test() -> None:
        first, second = Ear("first"), Ear("second")
        call = Listened(first, second)
        await passes(20)
        first.breaks(Broken("quota_exceeded", is_permanent=True))
        await passes(20)
        second.breaks()
        await passes(20)
        assert (len(first.opened), len(second.opened)) == (1, 2)
        assert call.news == [Away(1), Back(), Away(1), Back()]

    run_at_once(test())


def test_a_call_does_not_begin_with_a_vendor_that_is_known_to_be_away() -> None:
    async def test() -> None:
        first, second = Ear("first"), Ear("second")
        first.errors = [AWAY] * 2
        call = Listened(first, second)
        await passes(1)
        for _ in range(5):
            call.hearing.open(ORDER, call.told.append)
            await passes(1)
        assert (len(first.opened_at), len(second.opened)) == (2, 6)
        await passes(20)
        call.hearing.open(ORDER, call.told.append)
        await passes(1)
        assert len(first.opened) == 1  # it is tried again when the pause is over

    run_at_once(test())


def test_a_call_that_nobody_can_hear_is_left_before_anybody_waits() -> None:
    async def test() -> None:
        ear = Ear()
        ear.errors = [AWAY] * 5
        call = Listened(ear)
        await passes(10)
        assert call.told[-1] == Gone()
        later: list[object] = []
        call.hearing.open(ORDER, later.append)
        await passes()
        assert (later, len(ear.opened_at)) == ([Gone()], 5)

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


def test_another_language_is_listened_for_while_the_one_before_still_is() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        before = ear.last
        ear.takes_s = 0.5
        call.ears.change(HearingOrder("ta-IN"))
        call.hears(loud(0.16))
        assert (before.is_closed, before.sound) == (False, loud(0.16))
        await passes(1)
        assert (before.is_closed, ear.last.order.language) == (True, "ta-IN")
        assert ear.last.sound == loud(0.16)
        before.tell(Words("late", is_final=True))
        assert call.told == []

    run_at_once(test())


def test_other_words_alone_take_no_new_connection() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.ears.change(HearingOrder("en-IN", ("en-IN",), hints=("R123",)))
        call.ears.change(HearingOrder("en-IN", ("en-IN",), hints=("R123",)))
        await passes(1)
        assert (len(ear.opened), ear.last.notes) == (1, ["change"])

    run_at_once(test())


def test_a_language_chosen_while_a_connection_is_made_is_followed() -> None:
    async def test() -> None:
        ear = Ear()
        ear.takes_s = 1
        call = Listened(ear)
        await passes(0.5)
        call.ears.change(HearingOrder("ta-IN"))
        await passes(3)
        assert [one.order.language for one in ear.opened] == ["en-IN", "ta-IN"]
        assert [one.is_closed for one in ear.opened] == [True, False]

    run_at_once(test())


def test_a_language_that_nobody_understands_any_more_ends_the_hearing() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        call.ears.change(HearingOrder("ml-IN"))
        await passes(1)
        assert (call.told, ear.last.is_closed) == ([Gone()], True)

    run_at_once(test())


def test_a_loss_while_the_language_changes_is_made_good_by_the_new_one() -> None:
    async def test() -> None:
        ear = Ear()
        call = Listened(ear)
        await passes()
        ear.takes_s = 0.5
        call.ears.change(HearingOrder("ta-IN"))
        await passes(0.1)
        ear.breaks()
        call.hears(loud(0.08))
        await passes(3)
        assert call.news == [Away(1), Back()]
        assert (len(ear.opened), ear.last.sound) == (2, loud(0.08))

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
