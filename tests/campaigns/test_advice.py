"""What whoever makes a campaign is told before anybody is rung."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from campaigns.advice import mistakes, notices
from campaigns.campaign import Consent, Hours, Weekday
from campaigns.rules import load_law
from tests.campaigns.gate_samples import EVERY_DAY, rules

LAW = load_law()
COUNTRIES = ("IN", "FR", "US")


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("19:00", "10:00"), ("10:00", "10:00"), ("24:00", "24:00"), ("22:00", "06:00")],
)
def test_hours_in_which_nobody_is_rung_are_not_accepted(opens: str, closes: str) -> None:
    with pytest.raises(ValidationError, match="nobody would ever be rung"):
        Hours(opens=opens, closes=closes)


@pytest.mark.parametrize("clock", ["9:00", "25:00", "24:01", "10:60", "noon", "", "10:00:00"])
def test_what_is_no_time_of_day_is_not_accepted(clock: str) -> None:
    with pytest.raises(ValidationError):
        Hours(opens=clock)


def test_days_are_kept_once_and_in_their_order() -> None:
    hours = Hours(days=(Weekday.FRI, Weekday.MON, Weekday.FRI))
    assert hours.days == (Weekday.MON, Weekday.FRI)


def test_usual_hours_are_no_mistake() -> None:
    assert mistakes(rules(), LAW, (*COUNTRIES, "RU", "ZZ")) == ()


def test_hours_that_a_law_closes_are_told_with_its_country_and_source() -> None:
    sundays = rules(Hours(opens="10:00", closes="19:00", days=(Weekday.SUN,)))
    (told,) = mistakes(sundays, LAW, COUNTRIES)
    assert "France (FR)" in told
    assert "mon-fri 10:00-13:00, 14:00-20:00" in told
    assert "2022-1313" in told
    assert "sun" in told
    nights = rules(Hours(opens="21:30", closes="24:00", days=EVERY_DAY))
    assert len(mistakes(nights, LAW, COUNTRIES)) == 3


def test_a_country_that_nobody_looked_up_says_so() -> None:
    nights = rules(Hours(opens="21:30", closes="24:00", days=EVERY_DAY))
    (told,) = mistakes(nights, LAW, ("RU",))
    assert "not looked up" in told


def test_a_campaign_that_lasts_a_weekend_on_which_nobody_is_rung_is_a_mistake() -> None:
    weekend = rules(
        starts_at=datetime(2026, 11, 21, 14, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
    )
    (told,) = mistakes(weekend, LAW, ("IN",))
    assert "starts_at" in told
    assert "India" in told
    longer = weekend.model_copy(update={"ends_at": datetime(2026, 11, 23, 5, 0, tzinfo=UTC)})
    assert mistakes(longer, LAW, ("IN",)) == ()


def test_what_the_law_cuts_is_told() -> None:
    told = "\n".join(notices(rules(), LAW, ("FR",)))
    assert "mon-fri 10:00-13:00, 14:00-19:00, sat none" in told
    assert "4 attempts" in told
    assert "consent" in told
    wants = "\n".join(notices(rules(consent=Consent(required=True)), LAW, ("FR",)))
    assert "consent" not in wants


def test_what_nobody_verified_is_told() -> None:
    assert any("lawyer" in line for line in notices(rules(), LAW, ("IN",)))
    assert not any("lawyer" in line for line in notices(rules(), LAW, ("AU",)))
    assert any("nobody looked up" in line for line in notices(rules(), LAW, ("RU",)))


def test_numbers_that_cannot_be_placed_are_told_beforehand() -> None:
    assert any("11 time zones" in line for line in notices(rules(), LAW, ("RU",)))
    longer = rules(Hours(opens="09:00", closes="20:00", days=EVERY_DAY))
    assert not any("time zones" in line for line in notices(longer, LAW, ("RU",)))
    assert not any("time zone" in line for line in notices(rules(), LAW, ("ES", "IN", "AU")))
    assert any("time zone is not known" in line for line in notices(rules(), LAW, ("001",)))


def test_days_that_do_not_follow_each_other_are_not_shown_as_if_they_did() -> None:
    hours = Hours(opens="08:00", closes="22:00", days=(Weekday.MON, Weekday.WED))
    told = "\n".join(notices(rules(hours), LAW, ("ES",)))
    assert "mon 09:00-21:00, wed 09:00-21:00" in told
