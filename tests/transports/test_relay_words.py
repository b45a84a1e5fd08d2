"""When words of the caller are still to come in a relay."""

from __future__ import annotations

from transports.relay_words import WordsToCome


def test_a_sound_is_waited_for_until_its_words_are_there() -> None:
    to_come = WordsToCome()
    to_come.sound_begins(10)
    assert to_come.not_before(11) == 30
    to_come.sound_ends(12)
    assert to_come.not_before(12) == 13.5
    to_come.finished()
    assert to_come.not_before(12.2) == 12.2


def test_behind_the_last_word_no_sound_is_waited_for_longer_than_words_take() -> None:
    to_come = WordsToCome()
    to_come.sound_begins(10)
    to_come.last_word(10.5)
    assert to_come.not_before(10.5) == 13.5
    to_come.sound_begins(13)
    assert to_come.not_before(13.2) == 13.5
    assert to_come.not_before(14) == 14
    to_come.finished()
    assert to_come.not_before(10.6) == 10.6
