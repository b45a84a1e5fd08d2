import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.reading.corrections import retract

_TAKEN_BACK = [
    ("500, no sorry, 600", "600"),
    ("500 sorry 600", "600"),
    ("five hundred rupees sorry six hundred rupees", "six hundred rupees"),
    ("two hundred and fifty, no, three hundred", "three hundred"),
    ("not 500, 600", "600"),
    ("it's not 500 it's 600", "it's 600"),
    ("600 instead of 500", "600"),
    ("600, not 500", "600"),
    ("one make it two", "two"),
    ("2 pm, I mean 3 pm", "3 pm"),
    ("2 pm to 5 pm, no, 3 pm to 6 pm", "3 pm to 6 pm"),
    ("2 pm to 5 pm, no sorry, 6 pm", "2 pm to 6 pm"),
    ("2 pm, no, 3 pm to Chennai", "3 pm to Chennai"),
    ("between 2 and 5, no 6", "between 2 and 6"),
    ("Monday, sorry, Tuesday", "Tuesday"),
    ("Not on Monday but Tuesday", "Tuesday"),
    ("Monday, no, I mean on Tuesday", "on Tuesday"),
    ("checking, no sorry, savings", "savings"),
    ("not checking but savings", "savings"),
    ("not the checking, savings", "savings"),
    ("savings, not checking", "savings"),
    ("savings not checking", "savings"),
    ("family counselor, no, psychologist", "psychologist"),
    ("I need a psychiatrist no sorry psychologist", "I need a psychologist"),
    ("my name is John, no sorry, Joan", "my name is Joan"),
    ("the large one, no wait, the small one", "the the small one"),
    ("large, actually, small", "small"),
    ("no, it's 600", "it's 600"),
    ("no 600", "600"),
    ("no no 600 please", "600 please"),
    ("not english, tamil please", "tamil please"),
    ("not three four", "four"),
    ("not five hundred six hundred", "six hundred"),
    ("not Monday Tuesday", "Tuesday"),
    ("not 3 pm 4 pm", "4 pm"),
    ("not ten twelve", "twelve"),
    ("Saturday or no Sunday", "Sunday"),
    ("not 1:1 but 600", "600"),
    # Hindi
    ("500 nahi 600", "600"),
    ("500 नहीं, 600", "600"),
    ("पांच सौ नहीं छह सौ", "छह सौ"),
    ("500, सॉरी, 600", "600"),
    ("500 मेरा मतलब 600", "600"),
    ("checking nahi, savings", "savings"),
    ("नहीं, 600", "600"),
    # Tamil
    ("500 இல்ல 600", "600"),
    ("ஐநூறு இல்ல அறுநூறு", "அறுநூறு"),
    ("500 illa 600", "600"),
    ("500 சாரி 600", "600"),
    ("இல்லை, 600", "600"),
    # Malayalam
    ("500 അല്ല 600", "600"),
    ("500 സോറി 600", "600"),
    ("500 alla 600", "600"),
    ("ഇല്ല, 600", "600"),
]

_LEFT_ALONE = """
alcohol isn't important |
yes | no | no no no | no problem | no idea | no that's right | not sure | I'm not sure
| I don't know
I'm not interested | not really | 500 actually | actually 600 | sorry 600 | 2 people no pets
with no subtitles | not before 5 pm | not more than 500 | I do not want it | a wait of 5 minutes
one pizza make it large | sorry, can you repeat | okay, sorry, what was that | mujhe pata nahi
5 main street, no, 6 main street | I did not 500 | not | 500 no | 500, no sorry | I mean it
not at all | 500 rupees instead of | instead of | five, sorry, is that right
large, sorry, right | not a very long and winding name you know, Tamil | checking nahi
not one two three four five six but | नहीं | வேண்டாம் | not checking savings thing here, ok
the, sorry, small | savings, not green garden villa lake road | not john for mary
"""


@pytest.mark.parametrize(("said", "left"), _TAKEN_BACK)
def test_what_was_taken_back_is_blanked(said: str, left: str) -> None:
    kept = retract(said, "en-IN")

    assert len(kept) == len(said)
    assert kept.replace(",", " ").split() == left.split()


@pytest.mark.parametrize(
    "said", [case.strip() for case in _LEFT_ALONE.replace("\n", "|").split("|") if case.strip()]
)
def test_when_unsure_the_text_stays_as_it_is(said: str) -> None:
    assert retract(said, "en-IN") == said


def test_kept_words_stay_at_their_place() -> None:
    said = "500, no sorry, 600"

    assert retract(said, "en-IN").index("600") == said.index("600")


_PIECES = st.sampled_from(
    "500 600 no not sorry , instead of 2 pm to and a Tuesday but savings I mean नहीं illa ok".split()
)


@given(st.one_of(st.text(), st.lists(_PIECES, max_size=12).map(" ".join)))
def test_any_text_keeps_its_length_and_its_other_characters(text: str) -> None:
    kept = retract(text, "en-IN")

    assert len(kept) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, kept, strict=True))
