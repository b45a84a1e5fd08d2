"""The date kind. Today is Wednesday, 4 March 2026."""

from __future__ import annotations

from datetime import date

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.schema import FieldSpec
from conversation.fields import KINDS
from conversation.fields.base import Context, Keypad, Problem
from tests.conversation.fields.specimens import (
    ANY_JSON,
    ANY_TEXT,
    LANGUAGES,
    TODAY,
    assert_in_text,
    assert_settles,
    context,
    heard,
    spec,
)

DATE = KINDS["date"]
DAY = spec("date")
COMING = spec("date", earliest="today", latest="+60d")
BIRTHDAY = spec("date", latest="today")
PICKUP = spec("date", name="pickup_date")
RETURN = spec("date", name="return_date")

STRONG, WEAK = True, False

READ = [
    ("today", ["2026-03-04"], STRONG),
    ("later today please", ["2026-03-04"], STRONG),
    ("tomorrow morning", ["2026-03-05"], STRONG),
    ("tonight", ["2026-03-04"], STRONG),
    ("the day after tomorrow", ["2026-03-06"], STRONG),
    ("yesterday", ["2026-03-03"], STRONG),
    ("the day before yesterday", ["2026-03-02"], STRONG),
    ("Friday", ["2026-03-06"], STRONG),
    ("this Friday", ["2026-03-06"], STRONG),
    ("this coming Friday", ["2026-03-06"], STRONG),
    ("this Wednesday", ["2026-03-04"], STRONG),
    ("this coming Wednesday", ["2026-03-11"], STRONG),
    ("5 th of March", ["2026-03-05"], STRONG),
    ("Wednesday", [], STRONG),
    ("next Monday", ["2026-03-09"], STRONG),
    ("next Wednesday", ["2026-03-11"], STRONG),
    ("last Friday", ["2026-02-27"], STRONG),
    ("last Wednesday", ["2026-02-25"], STRONG),
    ("Friday next week", ["2026-03-13"], STRONG),
    ("next week on Friday", ["2026-03-13"], STRONG),
    ("Sunday this week", ["2026-03-08"], STRONG),
    ("Monday of last week", ["2026-02-23"], STRONG),
    ("on the 14th", ["2026-03-14"], STRONG),
    ("the 1st", ["2026-04-01"], STRONG),
    ("the 31st", ["2026-03-31"], STRONG),
    ("on the fifth", ["2026-03-05"], STRONG),
    ("I come on the fifth", ["2026-03-05"], STRONG),
    ("fifth I come", [], STRONG),
    ("770 9th", [], STRONG),
    ("on the first", ["2026-04-01"], WEAK),
    ("14th", ["2026-03-14"], WEAK),
    ("14", ["2026-03-14"], WEAK),
    ("it's 14 please", ["2026-03-14"], WEAK),
    ("14th of this month", ["2026-03-14"], STRONG),
    ("the 2nd of this month", ["2026-03-02"], STRONG),
    ("the 2nd of the month", ["2026-04-02"], STRONG),
    ("5th of next month", ["2026-04-05"], STRONG),
    ("next month on the 5th", ["2026-04-05"], STRONG),
    ("31st of next month", [], STRONG),
    ("the 20th of last month", ["2026-02-20"], STRONG),
    ("5 March", ["2026-03-05"], STRONG),
    ("5th of March", ["2026-03-05"], STRONG),
    ("March the 5th", ["2026-03-05"], STRONG),
    ("March 2", ["2027-03-02"], STRONG),
    ("February 29", ["2028-02-29"], STRONG),
    ("March 5, 2027", ["2027-03-05"], STRONG),
    ("fifth of March twenty twenty seven", ["2027-03-05"], STRONG),
    ("March fifth two thousand twenty seven", ["2027-03-05"], STRONG),
    ("on March 5, 3 people", ["2026-03-05"], STRONG),
    ("march 32", [], STRONG),
    ("5.5 March", [], STRONG),
    ("2026-03-10", ["2026-03-10"], STRONG),
    ("10/4/2026", ["2026-04-10"], STRONG),
    ("4/25/2026", ["2026-04-25"], STRONG),
    ("10/4", ["2026-04-10"], WEAK),
    ("in three days", ["2026-03-07"], STRONG),
    ("in a couple of days", ["2026-03-06"], STRONG),
    ("in a week", ["2026-03-11"], STRONG),
    ("after 2 weeks", ["2026-03-18"], STRONG),
    ("in a month", ["2026-04-04"], STRONG),
    ("a week from today", ["2026-03-11"], STRONG),
    ("two weeks from Friday", ["2026-03-20"], STRONG),
    ("3 days from now", ["2026-03-07"], STRONG),
    ("two weeks ago", ["2026-02-18"], STRONG),
    ("in 5000 days", [], STRONG),
    ("at the end of the month", ["2026-03-31"], STRONG),
    ("the last day of next month", ["2026-04-30"], STRONG),
    ("Friday, the 6th", ["2026-03-06"], STRONG),
    ("Friday the 13th", ["2026-03-13"], STRONG),
    ("Tuesday 10 March", ["2026-03-10"], STRONG),
    ("Wednesday the 11th", ["2026-03-11"], STRONG),
    ("Monday the 10th", [], STRONG),
    ("today or tomorrow", [], WEAK),
    ("tomorrow, yes tomorrow", ["2026-03-05"], STRONG),
    ("the 28th and then the 3rd", [], WEAK),
    ("day after", ["2026-03-06"], WEAK),
    ("a cough since Monday", [], STRONG),
    ("come on twelfth", ["2026-03-12"], STRONG),
    ("in 3 hours", [], STRONG),
    ("I may be late", [], STRONG),
    ("next week", [], STRONG),
    ("at the weekend", [], STRONG),
    ("the second floor", [], STRONG),
    ("wait, first I ask you something", [], STRONG),
    ("on the second visit", [], STRONG),
    ("770 9th Avenue", [], STRONG),
    ("9th Avenue", [], STRONG),
    ("I have 3 kids", [], STRONG),
    ("40", [], STRONG),
    ("twentieth anniversary", [], STRONG),
    ("hello", [], STRONG),
]


@pytest.mark.parametrize(("text", "days", "strong"), READ)
def test_days_are_read(text: str, days: list[str], strong: bool) -> None:
    assert heard(DAY, text, context()) == [(day, strong) for day in days]


def test_next_friday_is_weak_while_this_week_has_one() -> None:
    assert heard(DAY, "next Friday", context()) == [("2026-03-13", WEAK)]


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [
        ("hi-IN", "आज", "2026-03-04"),
        ("hi-IN", "कल सुबह", "2026-03-05"),
        ("hi-IN", "परसों", "2026-03-06"),
        ("hi-IN", "शुक्रवार को", "2026-03-06"),
        ("hi-IN", "अगले सोमवार", "2026-03-09"),
        ("hi-IN", "10 मार्च", "2026-03-10"),
        ("hi-IN", "दस तारीख को", "2026-03-10"),
        ("hi-IN", "इस महीने की 20 तारीख", "2026-03-20"),
        ("hi-IN", "3 दिन बाद", "2026-03-07"),
        ("hi-IN", "kal", "2026-03-05"),
        ("ta-IN", "இன்னைக்கு", "2026-03-04"),
        ("ta-IN", "நாளைக்கு", "2026-03-05"),
        ("ta-IN", "நாளை மறுநாள்", "2026-03-06"),
        ("ta-IN", "வெள்ளிக்கிழமை", "2026-03-06"),
        ("ta-IN", "அடுத்த வாரம் திங்கள்", "2026-03-09"),
        ("ta-IN", "மார்ச் 10ஆம் தேதி", "2026-03-10"),
        ("ta-IN", "பத்தாம் தேதி", "2026-03-10"),
        ("ta-IN", "naalaikku", "2026-03-05"),
        ("ml-IN", "ഇന്ന്", "2026-03-04"),
        ("ml-IN", "നാളെ", "2026-03-05"),
        ("ml-IN", "മറ്റന്നാൾ", "2026-03-06"),
        ("ml-IN", "വെള്ളിയാഴ്ച", "2026-03-06"),
        ("ml-IN", "അടുത്ത തിങ്കളാഴ്ച", "2026-03-09"),
        ("ml-IN", "മാർച്ച് 10-ാം തീയതി", "2026-03-10"),
        ("ml-IN", "പത്താം തീയതി", "2026-03-10"),
        ("ml-IN", "naale", "2026-03-05"),
    ],
)
def test_days_are_read_in_the_caller_s_language(language: str, text: str, day: str) -> None:
    assert heard(DAY, text, context(language)) == [(day, STRONG)]


@pytest.mark.parametrize(
    ("text", "pickup", "back"),
    [
        ("from the 5th till the 7th", ["2026-03-05"], ["2026-03-07"]),
        ("March 28th until the 3rd", ["2026-03-28"], ["2026-04-03"]),
        ("back on the 11th, leaving on the 6th", ["2026-03-06"], ["2026-03-11"]),
        ("out on the 5th back on the 7th", ["2026-03-05"], ["2026-03-07"]),
        ("I get there on the 11th and leave on the 14th", ["2026-03-11"], ["2026-03-14"]),
        ("leaving on the 6th, arriving at night", ["2026-03-06"], []),
        ("5th of this month to 9th of this month", ["2026-03-05"], ["2026-03-09"]),
        ("pick it up tomorrow and bring it back on Friday", ["2026-03-05"], ["2026-03-06"]),
        ("I'll return it on Friday", [], ["2026-03-06"]),
        ("Friday is when I return it", [], ["2026-03-06"]),
        ("Friday. I return it.", ["2026-03-06"], ["2026-03-06"]),
        ("we leave on Friday", ["2026-03-06"], []),
        ("I won't need it until the 10th", ["2026-03-10"], []),
        ("Friday", ["2026-03-06"], ["2026-03-06"]),
        ("nothing", [], []),
    ],
)
def test_of_two_days_the_one_that_the_field_is_about(
    text: str, pickup: list[str], back: list[str]
) -> None:
    assert [day for day, _ in heard(PICKUP, text, context())] == pickup
    assert [day for day, _ in heard(RETURN, text, context())] == back


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("When will you return?", ["2026-03-07"]),
        ("From when?", []),
        ("When will you pick it up?", ["2026-03-05"]),
        ("Until when?", ["2026-03-07"]),
        ("When will you pick it up and return it?", []),
    ],
)
def test_the_question_tells_which_when_the_field_s_name_does_not(
    question: str, days: list[str]
) -> None:
    found = heard(DAY, "from the 5th till the 7th", context(agent_said=question))
    assert [day for day, _ in found] == days


def test_a_field_about_the_past_counts_backwards() -> None:
    for text, day in (
        ("the 14th", "2026-02-14"),
        ("5 March", "2025-03-05"),
        ("Friday", "2026-02-27"),
        ("5 March 1990", "1990-03-05"),
    ):
        assert [found for found, _ in heard(BIRTHDAY, text, context())] == [day]
    assert heard(BIRTHDAY, "कल", context("hi-IN")) == [("2026-03-03", STRONG)]


def test_the_month_goes_first_where_that_is_the_custom() -> None:
    assert heard(DAY, "3/5/2026", context("en-US")) == [("2026-03-05", STRONG)]
    assert heard(DAY, "3/5/2026", context("en-IN")) == [("2026-05-03", STRONG)]


def test_days_beyond_the_calendar_are_none() -> None:
    first_day = Context("en-IN", date.min)
    assert heard(BIRTHDAY, "Friday", first_day) == []
    assert heard(DAY, "two weeks ago", first_day) == []


ACCEPT = [
    (DAY, "2026-03-05", "2026-03-05"),
    (DAY, " 2026-03-05T10:00:00Z ", "2026-03-05"),
    (DAY, "tomorrow", "2026-03-05"),
    (DAY, "2026-02-30", Problem("not_valid")),
    (DAY, "soon", Problem("not_valid")),
    (DAY, "today or tomorrow", Problem("not_valid")),
    (DAY, "x" * 300, Problem("not_valid")),
    (DAY, 20260305, Problem("not_valid")),
    (DAY, None, Problem("not_valid")),
    (COMING, "2026-03-04", "2026-03-04"),
    (COMING, "2026-03-03", Problem("in_the_past")),
    (COMING, "2026-12-01", Problem("too_late", {"limit": "Sunday, 3 May"})),
    (
        spec("date", earliest="+3d"),
        "2026-03-05",
        Problem("too_early", {"limit": "Saturday, 7 March"}),
    ),
    (
        spec("date", earliest="2020-01-01"),
        "2019-05-05",
        Problem("too_early", {"limit": "Wednesday, 1 January"}),
    ),
    (BIRTHDAY, "2026-03-05", Problem("too_late", {"limit": "Wednesday, 4 March 2026"})),
    (BIRTHDAY, "1990-03-05", "1990-03-05"),
    (
        spec("date", earliest="tomorrow"),
        "2026-03-04",
        Problem("too_early", {"limit": "Thursday, 5 March"}),
    ),
]


@pytest.mark.parametrize(("field", "value", "accepted"), ACCEPT)
def test_values_are_validated(field: FieldSpec, value: object, accepted: object) -> None:
    assert DATE.accept(field, value, context()) == accepted


@pytest.mark.parametrize(
    ("digits", "day"),
    [
        ("0503", "2026-03-05"),
        ("0303", "2027-03-03"),
        ("05032019", "2019-03-05"),
        ("5*3", "2026-03-05"),
        ("5*3*2027", "2027-03-05"),
        ("14", "2026-03-14"),
        ("3", "2026-04-03"),
        ("3102", None),
        ("0", None),
        ("050", None),
        ("", None),
        ("*", None),
    ],
)
def test_days_are_typed_day_first(digits: str, day: str | None) -> None:
    assert DATE.read_keys(DAY, digits, context()) == day


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-IN", "Tuesday, 5 March"),
        ("hi-IN", "मंगलवार, 5 मार्च"),
        ("ta-IN", "மார்ச் 5, செவ்வாய்க்கிழமை"),
        ("ml-IN", "മാർച്ച് 5, ചൊവ്വാഴ്ച"),
        ("kn-IN", "Tuesday, 5 March"),
    ],
)
def test_days_are_said_back(language: str, said: str) -> None:
    assert DATE.say_back(COMING, "2019-03-05", language) == said
    assert DATE.say_back(BIRTHDAY, "2019-03-05", language) == f"{said} 2019"


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({}, 0),
        ({"earliest": "today", "latest": "+60d"}, 0),
        ({"earliest": "-3d", "latest": "yesterday"}, 0),
        ({"earliest": "2026-01-01", "latest": "2026-12-31"}, 0),
        ({"earliest": "today", "latest": "2026-12-31"}, 0),
        ({"earliest": "soon"}, 1),
        ({"earliest": "soon", "latest": "2026-02-30"}, 2),
        ({"earliest": "+9d", "latest": "+3d"}, 1),
        ({"earliest": "2026-12-31", "latest": "2026-01-01"}, 1),
    ],
)
def test_bad_limits_are_refused_with_a_sentence(options: dict[str, str], wrong: int) -> None:
    assert len(DATE.check(spec("date", **options))) == wrong


def test_the_schema_admits_what_is_accepted() -> None:
    schema = DATE.schema(DAY)
    assert schema["format"] == "date"
    jsonschema.validate("2026-03-05", schema)


def test_it_is_typed_to_the_hash_and_heard_at_once() -> None:
    assert DATE.keypad(DAY) == Keypad(None, "keypad_date")
    assert DATE.end_silence_s(DAY) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recogniser_gets_a_few_words(language: str) -> None:
    assert 19 <= len(DATE.hints(DAY, language)) <= 100


@given(ANY_JSON, st.sampled_from(LANGUAGES))
def test_whatever_a_model_says_settles(value: object, language: str) -> None:
    for field in (DAY, COMING, BIRTHDAY):
        assert_settles(field, value, context(language))


@given(
    ANY_TEXT,
    st.sampled_from(LANGUAGES),
    st.dates() | st.sampled_from([date.min, date.max, date(2024, 2, 29), TODAY]),
)
def test_any_text_can_be_read_on_any_day(text: str, language: str, today: date) -> None:
    for field in (DAY, BIRTHDAY, PICKUP):
        where = Context(language, today)
        readings = DATE.read(field, text, where)
        assert_in_text(readings, text)
        for reading in readings:
            assert_settles(field, reading.value, where)


@given(st.text("0123456789*", max_size=9))
def test_any_keys_can_be_typed(digits: str) -> None:
    value = DATE.read_keys(DAY, digits, context())
    assert value is None or DATE.accept(DAY, value, context()) == value
