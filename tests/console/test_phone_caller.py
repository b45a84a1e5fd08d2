"""The person in the browser as a caller: what is waited for, and what ends the waiting."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from console.phone_caller import WAITING_MOST, BrowserCaller, Full, Inbox
from console.phone_messages import Hears, IsSilent, PicksUp, Played, PutsThrough, Says
from phone.caller import Dialling, Heard, Listening, PickUp, Speaks, StaysSilent
from phone.execution import CallerHungUp


class Stage:
    """A caller, what the page was told, and the page's way in."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, object]] = []
        self.inbox = Inbox()
        self.pauses = 0
        self.caller = BrowserCaller(
            self.inbox, self.told.append, lambda url: ("Hello", "en-IN"), self._pause
        )

    def _pause(self) -> None:
        self.pauses += 1


def a_listening(timeout_s: float = 5, tells: list[str] | None = None) -> Listening:
    return Listening(
        speech=True,
        keys=True,
        language="en-IN",
        hints=(),
        timeout_s=timeout_s,
        prompt_s=0.0,
        tells=tells.append if tells is not None else None,
    )


def test_what_is_said_is_a_move() -> None:
    stage = Stage()
    stage.inbox.put(Says(1, "five hundred", 0.5, 0.8))
    assert stage.caller.moves(a_listening()) == Speaks(("five hundred",), 0.8, 0.5)
    assert stage.told[0]["type"] == "listening"
    assert stage.pauses == 1


def test_words_on_the_way_are_told_while_they_are_said() -> None:
    stage = Stage()
    told: list[str] = []
    stage.inbox.put(Hears(1, "five"))
    stage.inbox.put(Hears(2, "of another question"))
    stage.inbox.put(IsSilent(1))
    assert stage.caller.moves(a_listening(tells=told)) == StaysSilent()
    assert told == ["five"]


def test_a_clip_is_shown_with_its_words() -> None:
    stage = Stage()
    stage.caller.hears(Heard("https://calls.example/audio/k.mp3", "", played=True))
    assert stage.told[0] == {
        "type": "heard",
        "sound": 1,
        "words": "Hello",
        "language": "en-IN",
        "voice": "",
        "clip": "https://calls.example/audio/k.mp3",
    }


def test_a_sound_is_waited_for_until_the_page_has_played_the_last() -> None:
    stage = Stage()
    stage.caller.hears(Heard("One moment.", "en-IN"))
    stage.caller.hears(Heard("Nearly there.", "en-IN"))
    stage.inbox.put(Played(1))
    stage.inbox.put(Played(2))
    stage.inbox.put(Says(1, "later", None, 0.9))
    stage.caller.hears_out(30.0)
    assert stage.caller.moves(a_listening()) == Speaks(("later",), 0.9, None)


def test_a_pause_takes_its_seconds() -> None:
    stage = Stage()
    stage.caller.hears_out(0.01)  # nothing is played, nothing is told


def test_whoever_is_gone_is_not_waited_for() -> None:
    stage = Stage()
    ended = threading.Event()

    def listen() -> None:
        with pytest.raises(CallerHungUp):
            stage.caller.moves(a_listening(600))
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    stage.inbox.close()
    assert ended.wait(5)
    with pytest.raises(CallerHungUp):
        stage.caller.hears_out(600)
    assert stage.caller.picks_up("+914400000000") is PickUp.NO_ANSWER


def test_the_page_says_what_becomes_of_somebody_who_is_rung() -> None:
    stage = Stage()
    stage.inbox.put(PicksUp(PickUp.ANSWERED))  # not what was asked
    stage.inbox.put(PutsThrough(PickUp.BUSY))
    assert stage.caller.is_put_through(Dialling("Number", "+9144", 20, "+9198")) is PickUp.BUSY


def test_messages_that_wait_are_bounded() -> None:
    inbox = Inbox()
    for _ in range(WAITING_MOST):
        inbox.put(IsSilent(1))
    with pytest.raises(Full):
        inbox.put(IsSilent(1))
