"""The last word of a live call: who says over it, or after it, that they want no more calls."""

from __future__ import annotations

import pytest

from conversation.actions import HangUp, HangUpReason
from conversation.turn_taking import SpeechStarted, Words
from tests.transports.far_end import FarEnd, run
from tests.transports.stream_house import House

WISH = "never call me again"
GONE = "All right, we will not call this number again. Goodbye."


async def to_the_goodbye(house: House, far: FarEnd) -> None:
    """The call is complete, and its last word was sent and not heard yet."""
    house.ears.say("twelve")
    await house.until_asked(far, "is that right?")
    far.plays = False
    house.ears.say("yes")
    await far.until(lambda: far.waiting)
    assert house.call.outcome == "completed"


def is_barred(house: House) -> bool:
    """Whether the caller's number is on the list of all campaigns, with their words."""
    found = house.services.do_not_call.of(house.call.caller_number, "")
    return found is not None and (found.words, found.call_id) == (WISH, house.call.call_id)


def test_who_says_it_over_the_goodbye_is_told_that_it_was_heard(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_goodbye(house, far)
            house.ears.say(WISH)
            far.plays = True
            far.hears()
            await far.until(lambda: far.code is not None)

            assert far.heard.endswith(f"Thank you. Goodbye. {GONE}")
        assert house.left() == (HangUp(HangUpReason.OPTED_OUT),)

    run(test())
    assert house.turns[-1].caller == WISH
    assert is_barred(house)
    assert house.call.outcome == "completed"
    collected = house.services.storage.collected(house.call.call_id)
    assert collected is not None
    assert (collected.complete, collected.data) == (True, {"count": 12})


def test_who_is_in_the_middle_of_it_when_the_goodbye_ends_is_heard_out(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_goodbye(house, far)
            house.ears.tell(SpeechStarted(), Words("never call", is_final=False))
            far.plays = True
            far.hears()
            await far.until(lambda: not house.open_call.playout.is_going)
            assert far.code is None
            house.ears.tell(Words(WISH, is_final=True))
            await far.until_heard(GONE)

    run(test())
    assert is_barred(house)


@pytest.mark.parametrize("hangs_up", [True, False])
def test_who_says_it_and_is_gone_is_heard(house: House, hangs_up: bool) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_goodbye(house, far)
            house.ears.say(WISH)
            if hangs_up:
                far.says(far.frames.stop())

    run(test())
    assert is_barred(house)
    assert house.call.outcome == "completed"


def test_thanks_over_the_goodbye_are_nothing(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            await to_the_goodbye(house, far)
            house.ears.say("thank you, and never mind")
            far.plays = True
            far.hears()
            await far.until(lambda: far.code is not None)

            assert far.heard.endswith("Thank you. Goodbye.")

    run(test())
    assert house.turns[-1].caller == "yes"
    assert not is_barred(house)


def test_who_is_to_be_passed_on_and_wants_no_more_calls_is_let_go(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            far.plays = False
            house.ears.say("I want to talk to a person please")
            await far.until(lambda: far.waiting)
            house.ears.say(WISH)
            far.plays = True
            far.hears()
            await far.until(lambda: far.code is not None)

            assert far.heard.endswith(f"I connect you. {GONE}")
        assert house.left() == (HangUp(HangUpReason.OPTED_OUT),)

    run(test())
    assert house.call.outcome == "opted_out"
    assert is_barred(house)
