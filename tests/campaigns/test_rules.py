"""The law as data: every rule can be read, has a source, and the page shows it as it is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from campaigns.calendars import holiday_named, is_known
from campaigns.law_table import PAGE, law_table, shown
from campaigns.rules import (
    RULES_FILE,
    LawFileError,
    Rule,
    common,
    load_law,
    read_spans,
    show_spans,
)

LAW = load_law()
RULES = [
    *(rule for code, rule in LAW.countries.items() if code == rule.code),
    *(
        part
        for code, rule in LAW.countries.items()
        if code == rule.code
        for part in rule.parts.values()
    ),
]


def test_the_law_of_enough_countries_and_states_is_known() -> None:
    assert sum(code == rule.code for code, rule in LAW.countries.items()) >= 25
    assert len(LAW.countries["US"].parts) >= 25


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_a_rule_says_where_it_is_written_and_if_somebody_read_it(rule: Rule) -> None:
    assert rule.sources
    assert rule.verified == (rule.checked_on is not None)
    assert any(rule.week), "closed all week: say so in words, not as a rule"


@pytest.mark.parametrize("code", list(LAW.countries))
def test_a_country_that_closes_holidays_has_a_calendar(code: str) -> None:
    assert is_known(code)


def test_no_country_or_state_is_written_twice() -> None:
    text = RULES_FILE.read_text(encoding="utf-8")
    for indent in ("  ", "      "):
        codes = re.findall(rf'^{indent}"?([A-Z]{{2}})"?:$', text, re.MULTILINE)
        assert len(codes) == len(set(codes))


def test_the_page_shows_the_law_as_it_is() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == shown(page, LAW), "run what the docstring of campaigns/law_table.py says"
    for rule in RULES:
        assert rule.name in page
    assert "**no**: for a lawyer" in law_table(LAW)


def test_a_page_without_marks_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="law: generated"):
        shown("# Nothing here", LAW)


def test_a_country_that_nobody_looked_up_has_hours_on_the_safe_side() -> None:
    (rule,) = LAW.of("QQ")
    assert rule is LAW.elsewhere
    assert show_spans(rule.on(0, is_holiday=False)) == "09:00-20:00"
    assert rule.on(0, is_holiday=True) == ()
    assert rule.on(6, is_holiday=False) == ()


def test_the_rules_of_states_hold_besides_their_countrys() -> None:
    assert [rule.code for rule in LAW.of("US", {"FL", "TX", "VT"})] == ["US", "US-FL", "US-TX"]
    assert [rule.code for rule in LAW.of("IN", {"KL"})] == ["IN"]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("9:00-17:00", "HH:MM"),
        ("09:00", "HH:MM"),
        ("09:00-25:00", "HH:MM"),
        ("22:00-06:00", "same day"),
        ("10:00-10:00", "same day"),
        ("10:00-13:00, 13:00-20:00", "gap"),
        ("14:00-20:00, 10:00-13:00", "gap"),
    ],
)
def test_spans_that_make_no_sense_are_not_read(written: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_spans(written)


def test_places_under_another_countrys_law_have_its_rules() -> None:
    for code, of in (("RE", "FR"), ("PR", "US"), ("SJ", "NO"), ("CX", "AU")):
        assert LAW.of(code) == LAW.of(of)


def test_spans_are_shown_as_they_are_written() -> None:
    for written in ("none", "00:00-24:00", "10:00-13:00, 14:00-20:00"):
        assert show_spans(read_spans(written)) == written


def test_what_two_rules_leave_is_what_both_allow() -> None:
    left, right = read_spans("08:00-12:00, 13:00-21:00"), read_spans("10:00-18:00")
    assert show_spans(common(left, right)) == "10:00-12:00, 13:00-18:00"
    assert common(left, ()) == ()


def test_every_mistake_in_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "elsewhere: {name: x, verified: false}\n"
        "countries:\n"
        "  AA: {name: a, verified: true}\n"
        "  BB: {name: b, verified: false, hours: {mon-fri: 09:00-17:00}}\n"
        "  CC: {name: c, verified: false, hours: {funday: none}}\n"
        "  DD: {name: d, verified: false, hours: {mon-sun: none, sat: none}}\n"
        "  EE: {name: e, verified: false, houres: {}}\n"
        "  FF: {name: f, verified: false, holidays: 22:00-06:00}\n",
        encoding="utf-8",
    )
    with pytest.raises(LawFileError) as told:
        load_law(path)
    lines = str(told.value).splitlines()
    assert len(lines) == 6
    for line, words in zip(
        lines,
        ("sources", "sat, sun", "no days", "sat has hours twice", "houres", "same day"),
        strict=True,
    ):
        assert words in line


def test_a_countrys_no_is_no_word_of_yaml() -> None:
    assert "NO" in LAW.countries
    assert all(isinstance(code, str) for code in LAW.countries)


def test_holidays_have_names_that_people_here_can_read() -> None:
    assert holiday_named("IN", (), date(2027, 1, 26)) == "Republic Day"
    assert holiday_named("FR", (), date(2027, 7, 14)) == "National Day"
    assert holiday_named("US", ("MA",), date(2026, 4, 20)) == "Patriots' Day"
    assert holiday_named("ZZ", (), date(2027, 1, 1)) == ""
    assert holiday_named("IN", ("XX",), date(2027, 1, 27)) == ""
    assert holiday_named("IN", (), date(9999, 1, 1)) == ""
    assert holiday_named("GB", (), date(2026, 4, 6)) == "Easter Monday"
    assert holiday_named("GB", ("SCT",), date(2026, 4, 6)) == ""
