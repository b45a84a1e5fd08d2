"""Who listens to a call: the other one when the first does not, another for another language."""

from __future__ import annotations

from calls.heard import Away, Back, Gone
from providers.stt.base import Broken, HearingOrder, Words
from tests.calls.jumping_loop import run_at_once
from tests.calls.listeners import (
    AWAY,
    ORDER,
    REFUSED,
    Ear,
    Listened,
    loud,
    passes,
)


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


def test_the_caller_is_asked_again_when_only_the_deaf_one_is_there() -> None:
    async def test() -> None:
        alone, first, second = Ear("alone"), Ear("first"), Ear("second")
        for ears, lost in (((alone,), True), ((first, second), False)):
            call = Listened(*ears)
            await passes(1)
            call.hears(loud(0.4))
            ears[0].breaks(Broken("SILENT", is_deaf=True))
            await passes(1)
            assert call.news == [Away(1), Back(has_lost_words=lost)]
            assert ears[-1].last.sound == loud(0.4)

    run_at_once(test())
