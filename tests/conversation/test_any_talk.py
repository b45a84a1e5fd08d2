"""Whatever happens in a live call, and in whatever order, turn taking keeps its promises."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation.turn_taking import (
    Cut,
    Decision,
    KeysEnd,
    Manner,
    NoAnswer,
    Resume,
    SpeechStarted,
    TurnEnded,
    TurnEnds,
    TurnResumed,
    TurnTaking,
    Words,
)
from conversation.turn_taking_words import tells_nothing
from tests.conversation.talk import ADDRESS, CHOICE, EMAIL, MONEY, NAME, PHONE, TIMES, YES_NO

EXPECTED = st.none() | st.sampled_from([ADDRESS, CHOICE, EMAIL, MONEY, NAME, PHONE, TIMES, YES_NO])
TEXT = st.sampled_from(
    "yes|no|okay|mhm|five hundred|98450|12345|um|it is|and|paneer|asha at gmail|dot com|सरी|".split(
        "|"
    )
) | st.text(max_size=20)
HEARD = st.builds(Words, TEXT, st.booleans(), st.none() | st.floats(0, 1)) | st.sampled_from(
    [SpeechStarted(), TurnEnded(), TurnEnded(is_eager=True), TurnResumed()]
)
CALLS = st.one_of(
    st.tuples(st.just("answer"), EXPECTED),
    st.tuples(st.just("plays"), st.booleans()),
    st.tuples(st.sampled_from(["played", "waits", "tick", "away", "back", "was_cut"])),
    st.tuples(st.just("hears"), HEARD),
    st.tuples(st.just("key"), st.sampled_from("0123456789*#Ax")),
)
STEPS = st.lists(st.tuples(st.floats(0, 8), CALLS), max_size=40)
MANNERS = st.builds(
    Manner,
    protect_greeting=st.booleans(),
    interruption_words=st.integers(1, 3),
    false_stop_s=st.floats(0.3, 3),
    end_silence_s=st.floats(0.2, 3),
)
ENDS = (TurnEnds, KeysEnd, NoAnswer)


def lead(taking: TurnTaking, steps: list[tuple[float, tuple[object, ...]]]) -> list[str | Decision]:
    """The methods called, with what was decided in between; `tick` whenever it is due."""
    at = 0.0
    story: list[str | Decision] = []
    for pause, (name, *arguments) in steps:
        at += pause
        while taking.due_at is not None and taking.due_at <= at:
            due_at = taking.due_at
            story += taking.tick(due_at)
            assert taking.due_at is None or taking.due_at > due_at
        story.append(str(name))
        story += getattr(taking, str(name))(*arguments, at=at)
        assert taking.due_at is None or taking.due_at > at
    return story


@settings(max_examples=300, deadline=None)
@given(MANNERS, st.booleans(), STEPS)
def test_no_turn_ends_twice_and_the_agent_stops_before_it_goes_on(
    manner: Manner, ends_turns: bool, steps: list[tuple[float, tuple[object, ...]]]
) -> None:
    owed = stopped = False
    for one in lead(TurnTaking(manner, ends_turns), steps):
        if one == "answer":
            owed, stopped = False, False
        elif one == "was_cut":
            stopped = True
        elif isinstance(one, ENDS):
            assert not owed
            owed = True
        elif isinstance(one, Cut):
            stopped = True
        elif isinstance(one, Resume):
            assert stopped
            stopped = False


@settings(max_examples=300, deadline=None)
@given(
    st.booleans(),
    st.lists(
        st.tuples(
            st.floats(0, 3),
            st.sampled_from("five hundred|98450|the red one|temple road|paneer".split("|")),
            st.sampled_from(["", "answer", "played", "ended"]),
        ),
        min_size=1,
        max_size=20,
    ),
)
def test_every_final_word_comes_to_be_in_one_turn(
    ends_turns: bool, said: list[tuple[float, str, str]]
) -> None:
    taking = TurnTaking(Manner(), ends_turns)
    at, turns = 0.0, list[str]()

    def take(decided: list[Decision]) -> None:
        turns.extend(one.text for one in decided if isinstance(one, TurnEnds))

    take(taking.answer(MONEY, at))
    for pause, text, then in said:
        at += pause
        take(taking.hears(Words(text, True), at))
        match then:
            case "answer":
                take(taking.answer(PHONE, at))
            case "played":
                take(taking.played(at))
            case "ended":
                take(taking.hears(TurnEnded(), at))
    for _ in range(3):
        take(taking.answer(MONEY, at))
        take(taking.played(at))
        at += 100
        take(taking.tick(at))

    assert " ".join(turns).split() == " ".join(text for _, text, _ in said).split()
    assert not any(tells_nothing(turn) for turn in turns)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=5000), max_size=30))
def test_garbage_takes_no_room(texts: list[str]) -> None:
    taking = TurnTaking(Manner())
    for number, text in enumerate(texts * 3):
        taking.hears(Words(text, number % 2 == 0), number)

    assert len(taking.unanswered) <= 4001
