import pytest

from agents.schema import Agent, Answer, FieldSpec
from conversation.answers import asks_something, find_answer


def _agent(*answers: Answer) -> Agent:
    return Agent(
        agent="clinic",
        name="Clinic",
        goal="Book a visit.",
        languages=("en-IN",),
        say={},
        fields=(FieldSpec(name="reason", kind="text", ask={"en-IN": "Why?"}),),
        answers=answers,
    )


def _answer(about: str, *also: str) -> Answer:
    return Answer(about=about, also=also, say={"en-IN": about})


_AGENT = _agent(
    _answer("who is calling"),
    _answer("why do you need it", "what is my number used for"),
    _answer("how long does it take"),
    _answer("opening hours", "when are you open"),
    _answer("cancellation policy"),
    _answer("do you deliver on sundays"),
    _answer("where is the clinic"),
)


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("who is this?", "who is calling"),
        ("sorry, who's calling please", "who is calling"),
        ("where are you calling from", "who is calling"),
        ("आप कौन हैं", "who is calling"),
        ("நீங்க யாரு", "who is calling"),
        ("ആരാണ് വിളിക്കുന്നത്", "who is calling"),
        ("why are you asking", "why do you need it"),
        ("why do you need my number?", "why do you need it"),
        ("what's my number used for", "why do you need it"),
        ("எதுக்கு வேணும்", "why do you need it"),
        ("how much time will it take", "how long does it take"),
        ("what are your opening hours", "opening hours"),
        ("when do you open", "opening hours"),
        ("opening hours", "opening hours"),
        ("what is your cancelation policy", "cancellation policy"),
        ("do you deliver on Sunday?", "do you deliver on sundays"),
        ("where is your clinic located", "where is the clinic"),
        ("where's the clinc", "where is the clinic"),
    ],
)
def test_a_side_question_finds_its_answer(said: str, about: str) -> None:
    found = find_answer(_AGENT, said, "en-IN")

    assert found is not None
    assert found.about == about


@pytest.mark.parametrize(
    "said",
    ["", "?", "yes", "500 rupees", "I deliver on Sundays", "are you a robot", "between 2 and 5",
     "how much does it cost", "the person who is calling is my brother", "when is the clinic",
     "can I cancel", "where do I park at the clinic in the evening " + "and the day " * 10],
)  # fmt: skip
def test_no_answer_is_given_to_what_was_not_asked(said: str) -> None:
    assert find_answer(_AGENT, said, "en-IN") is None


def test_an_agent_without_answers_has_none() -> None:
    assert find_answer(_agent(), "who is this", "en-IN") is None


def test_a_heading_without_words_fits_nothing() -> None:
    assert find_answer(_agent(_answer("???")), "what is it", "en-IN") is None


def test_a_question_that_two_answers_fit_gets_neither() -> None:
    agent = _agent(_answer("parking fee"), _answer("parking price"))

    assert find_answer(agent, "what is the parking cost", "en-IN") is None


def test_a_better_answer_wins_whatever_the_order() -> None:
    loose, exact = _answer("do you have parking"), _answer("is there parking for bikes")

    for answers in ((loose, exact), (exact, loose)):
        assert find_answer(_agent(*answers), "is there parking for bikes?", "en-IN") == exact


def test_questions_are_recognised_here_too() -> None:
    assert asks_something("why do you ask", "en-IN")
