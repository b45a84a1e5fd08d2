"""Calls over a socket, from the first message to the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conversation.turn_taking import SpeechStarted, Words
from tests.transports.far_end import run, skip
from tests.transports.stream_house import CALL_SID, House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = open_house(tmp_path)
    yield house
    house.desk.pool.shutdown()
    house.services.close()


def test_a_call_is_greeted_asked_and_answered(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            assert (
                far.heard == "Hello, this is the automated assistant. How many pieces do you want?"
            )
            house.ears.say("twelve")
            await far.until_heard("is that right?")

        assert house.turns[-1].caller == "twelve"
        assert house.turns[-1].accepted == {"count": 12}

    run(test())


def test_the_goodbye_is_heard_before_the_socket_is_closed(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            house.ears.say("twelve")
            await far.until_heard("is that right?")
            house.ears.say("yes")
            await far.until(lambda: far.code is not None)

            assert far.code == 1000
            assert far.heard.endswith("Thank you. Goodbye.")
        assert house.call.outcome == "completed"

    run(test())


def test_sound_reaches_the_ears_as_it_came(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            pieces = [bytes([number]) * 160 for number in range(20)]
            far.says(*(far.frames.media(piece, 0) for piece in pieces))
            await far.until(lambda: bytes(house.ears.audio) == b"".join(pieces))

    run(test())


def test_who_speaks_over_the_agent_silences_it(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line(plays=False) as far:
            far.hears(marks=15)  # 3 s
            await far.until(lambda: "assistant." in far.heard)
            house.ears.tell(SpeechStarted(), Words("twelve pieces", is_final=False))
            await far.until(lambda: far.clears)
            far.plays = True
            house.ears.say("twelve pieces please")
            await far.until_heard("is that right?")

        first = house.turns[0]
        assert first.agent.startswith("Hello")

    run(test())


def test_silence_is_a_turn(house: House) -> None:
    async def test() -> None:
        async with house.call_on_line() as far:
            heard = far.heard
            await far.until(lambda: not house.desk.pool._work_queue.qsize())
            skip(30)
            await far.until(lambda: far.heard != heard)

        assert house.turns[1].caller_by == "silence"

    run(test())


def test_a_forged_token_gets_nothing(house: House) -> None:
    async def test() -> None:
        house.rings()
        async with house.line() as far:
            far.starts(token="forged")
            await far.until(lambda: far.code is not None)
            assert far.code == 1008
            assert far.claimed == [(CALL_SID, "forged")]
            assert not far.audio

    run(test())
