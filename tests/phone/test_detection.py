"""What the phone's carrier makes of who answers: the words, and when they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from phone.detection import HELLO, Detection, Greeting, Kind, read_wanted, word_on
from phone.faults import Refused
from phone.machines import GREETING, AnsweringMachine

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ENABLE = {"MachineDetection": "Enable"}
TO_THE_END = {"MachineDetection": "DetectMessageEnd"}
MEANWHILE = {"AsyncAmd": "true", "AsyncAmdStatusCallback": "https://x/amd"}
LONG = Greeting("Good morning, this is the Smith residence, Sam here, who is calling?")
SHORT_MACHINE = Greeting("Not here.", Kind.MACHINE, beeps=True)


@pytest.mark.parametrize(
    ("greeting", "options", "answered_by", "after_s"),
    [
        (HELLO, ENABLE, "human", 1.9),
        (HELLO, TO_THE_END, "human", 1.9),
        (LONG, ENABLE, "machine_start", 2.4),  # a person, and a mistake
        (LONG, ENABLE | {"MachineDetectionSpeechThreshold": "6000"}, "human", 6.4),
        (Greeting(GREETING, Kind.MACHINE, beeps=True), ENABLE, "machine_start", 2.4),
        (Greeting(GREETING, Kind.MACHINE, beeps=True), TO_THE_END, "machine_end_beep", 8.6),
        (Greeting(GREETING, Kind.MACHINE), TO_THE_END, "machine_end_silence", 9.4),
        (
            Greeting(GREETING, Kind.MACHINE),
            TO_THE_END | {"MachineDetectionTimeout": "5"},
            "unknown",
            5.0,
        ),
        (SHORT_MACHINE, ENABLE, "human", 2.1),  # the other mistake
        (Greeting(""), ENABLE, "unknown", 5.0),
        (Greeting(""), ENABLE | {"MachineDetectionSilenceTimeout": "2000"}, "unknown", 2.0),
        (Greeting("", Kind.FAX), TO_THE_END, "fax", 3.0),
    ],
)
def test_who_talks_longer_than_people_do_is_a_machine(
    greeting: Greeting, options: dict[str, str], answered_by: str, after_s: float
) -> None:
    wanted = read_wanted(options)
    assert wanted is not None
    word = word_on(greeting, wanted)
    assert (word.answered_by, round(word.after_s, 1)) == (answered_by, after_s)


@pytest.mark.parametrize(
    "wrong",
    [
        {"MachineDetection": "Always"},
        ENABLE | {"MachineDetectionTimeout": "60"},
        ENABLE | {"MachineDetectionTimeout": "2"},
        ENABLE | {"MachineDetectionSpeechThreshold": "2.4"},
        ENABLE | {"MachineDetectionSpeechEndThreshold": "-500"},
        ENABLE | {"MachineDetectionSilenceTimeout": "1999"},
    ],
)
def test_tuning_beyond_its_ranges_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        read_wanted(wrong)


def test_an_order_without_it_listens_to_nobody() -> None:
    assert read_wanted({}) is None
    assert Detection.of({}, AnsweringMachine()).begin(NOON) is None


def test_a_call_is_held_until_it_is_known() -> None:
    detection = Detection.of(ENABLE, object())
    word = detection.begin(NOON)
    assert word is not None
    assert (word.answered_by, detection.answered_by) == ("human", "human")
    assert detection.tick(NOON + timedelta(seconds=30)) is None


def test_a_call_that_goes_on_is_told_once_and_not_too_early() -> None:
    detection = Detection.of(ENABLE | MEANWHILE, AnsweringMachine())
    assert detection.begin(NOON) is None
    assert detection.tick(NOON + timedelta(seconds=2)) is None
    assert detection.answered_by == ""
    word = detection.tick(NOON + timedelta(seconds=3))
    assert word is not None
    assert word.answered_by == detection.answered_by == "machine_start"
    assert detection.tick(NOON + timedelta(seconds=4)) is None


def test_a_machine_records_from_its_beep_on_whether_anybody_listens_for_it_or_not() -> None:
    machine = AnsweringMachine()
    detection = Detection.of({}, machine)
    detection.begin(NOON)
    for second in (5, 8, 10):
        detection.tick(NOON + timedelta(seconds=second))
        assert machine.records is (second == 10)
