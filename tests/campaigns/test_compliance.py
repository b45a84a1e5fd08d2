"""The gate: who may be rung now, why not, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.campaign import CampaignStatus, Consent, Hours, Retries
from campaigns.compliance import (
    TODAY,
    Asked,
    Reason,
    Verdict,
    local_midnight,
    lookbacks,
    may_ring,
    never_rung,
)
from campaigns.rules import load_law
from storage.do_not_call import DoNotCall, Source
from storage.leads import Lead, Numbers
from tests.campaigns.gate_samples import EVERY_DAY, WEDNESDAY, lead, rules

LAW = load_law()
LISTED = DoNotCall("+919876543210", "", Source.HEARD, WEDNESDAY - timedelta(days=30))


def ask(one: Lead | None = None, now: datetime = WEDNESDAY, **changed: Any) -> Verdict:
    """The verdict on a lead of a number that nobody rang before."""
    one = one or lead()
    asked = Asked(one, rules(), never_rung(one, now, LAW))
    return may_ring(replace(asked, **changed), now, LAW)


def test_somebody_in_india_is_rung_in_the_afternoon() -> None:
    assert ask() == Verdict()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"do_not_call": LISTED}, Reason.OPTED_OUT),
        ({"do_not_call": replace(LISTED, source=Source.KEYS)}, Reason.OPTED_OUT),
        ({"do_not_call": replace(LISTED, source=Source.MESSAGE)}, Reason.OPTED_OUT),
        ({"do_not_call": replace(LISTED, source=Source.UPLOAD)}, Reason.DO_NOT_CALL),
        ({"do_not_call": replace(LISTED, source=Source.BY_HAND)}, Reason.DO_NOT_CALL),
        ({"countries": frozenset({"US"})}, Reason.COUNTRY_NOT_ALLOWED),
        ({"rules": rules(consent=Consent(required=True))}, Reason.NO_CONSENT),
        ({"lead": lead(attempts=3)}, Reason.ATTEMPTS_USED_UP),
        ({"lead": lead(zones=())}, Reason.UNKNOWN_ZONE),
        ({"lead": lead(zones=("Asia/Kolkata", "Moon/Tycho"))}, Reason.UNKNOWN_ZONE),
    ],
)
def test_what_no_waiting_changes_is_for_good(changed: dict[str, Any], reason: Reason) -> None:
    verdict = ask(**changed)
    assert (verdict.reason, verdict.until) == (reason, None)
    assert verdict.detail
    assert verdict.zones_until is None


@pytest.mark.parametrize("status", [one for one in CampaignStatus if one != "running"])
def test_a_campaign_that_does_not_run_rings_nobody_and_forgets_nobody(
    status: CampaignStatus,
) -> None:
    verdict = ask(status=status)
    assert verdict.reason is Reason.CAMPAIGN_NOT_RUNNING
    assert verdict.until == WEDNESDAY + timedelta(minutes=1)


def test_nobody_is_rung_before_the_start_nor_from_the_end_on() -> None:
    starts = WEDNESDAY + timedelta(hours=20)  # 10:30 on Thursday in India
    before = ask(rules=rules(starts_at=starts))
    assert (before.reason, before.until) == (Reason.BEFORE_START, starts)
    night = WEDNESDAY + timedelta(hours=12)  # 2:30
    opens = datetime(2026, 11, 19, 4, 30, tzinfo=UTC)  # 10:00
    assert ask(rules=rules(starts_at=night)).until == opens
    assert ask(rules=rules(starts_at=WEDNESDAY)).reason is None
    over = ask(rules=rules(ends_at=WEDNESDAY))
    assert over.reason is Reason.AFTER_END
    assert over.until is not None  # somebody may put the end off
    assert ask(rules=rules(ends_at=WEDNESDAY + timedelta(seconds=1))).reason is None


def test_consent_is_of_the_past_and_not_too_old() -> None:
    wants = rules(consent=Consent(required=True, days_most=90))

    def reason(basis: str, at: datetime | None) -> Reason | None:
        return ask(lead(consent_basis=basis, consent_at=at), rules=wants).reason

    assert reason("form", WEDNESDAY - timedelta(days=90)) is None
    assert reason("form", WEDNESDAY - timedelta(days=90, seconds=1)) is Reason.CONSENT_TOO_OLD
    assert reason("form", WEDNESDAY + timedelta(days=2)) is Reason.CONSENT_OF_THE_FUTURE
    # Today's date, where the day began long before.
    assert reason("form", WEDNESDAY + timedelta(hours=13)) is None
    assert reason("", WEDNESDAY) is Reason.NO_CONSENT
    assert reason("form", None) is Reason.NO_CONSENT
    assert ask(lead(consent_basis="", consent_at=None)).reason is None


@pytest.mark.parametrize(
    ("moment", "reason", "opens"),
    [
        # By the clock of India; the default hours are 10:00-19:00, no Sunday.
        ((2026, 11, 18, 9, 59), Reason.HOURS, (2026, 11, 18, 10, 0)),
        ((2026, 11, 18, 19, 0), Reason.HOURS, (2026, 11, 19, 10, 0)),
        ((2026, 11, 21, 19, 0), Reason.HOURS, (2026, 11, 23, 10, 0)),
        ((2026, 11, 22, 12, 0), Reason.WEEKDAY, (2026, 11, 23, 10, 0)),
        ((2027, 1, 26, 12, 0), Reason.HOLIDAY, (2027, 1, 27, 10, 0)),
    ],
)
def test_what_the_clock_closes_opens_again(
    moment: tuple[int, ...], reason: Reason, opens: tuple[int, ...]
) -> None:
    india = ZoneInfo("Asia/Kolkata")
    now, then = (datetime(*one, tzinfo=india) for one in (moment, opens))  # type: ignore[arg-type,misc]
    verdict = ask(now=now)
    assert (verdict.reason, verdict.until) == (reason, then)
    assert verdict.zones_until == then
    assert "Asia/Kolkata" in verdict.detail
    assert ask(now=then).reason is None


def test_nobody_is_rung_in_the_last_half_minute_as_it_would_ring_on_after_it() -> None:
    closes = datetime(2026, 11, 18, 13, 30, tzinfo=UTC)  # 19:00 in India
    assert ask(now=closes - timedelta(seconds=31)).reason is None
    verdict = ask(now=closes - timedelta(seconds=30))
    opens = datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert (verdict.reason, verdict.until, verdict.zones_until) == (Reason.HOURS, opens, opens)


def test_the_detail_names_whose_hours_they_are() -> None:
    assert "campaign rings 10:00-19:00" in ask(now=WEDNESDAY + timedelta(hours=6)).detail
    late = rules(Hours(opens="00:00", closes="24:00", days=EVERY_DAY))
    paris = lead("+33612345678", "FR")
    saturday = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert "the law of France allows none" in ask(paris, saturday, rules=late).detail
    republic_day = datetime(2027, 1, 26, 6, 30, tzinfo=UTC)
    assert "Republic Day" in ask(now=republic_day).detail


def test_a_state_that_opens_later_does_not_hold_back_its_neighbours() -> None:
    # 9:30 in New York and in Kentucky, whose law opens at 10:00.
    early = rules(Hours(opens="09:00", closes="19:00", days=EVERY_DAY))
    now = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
    kentucky = lead("+15025550123", "US", zones=("America/New_York",))
    verdict = ask(kentucky, now, rules=early)
    assert verdict.reason is Reason.HOURS
    assert verdict.until == now + timedelta(minutes=30)
    assert verdict.zones_until is None
    # At 8:00 nobody is open, and the neighbours are the first.
    verdict = ask(kentucky, now - timedelta(minutes=90), rules=early)
    assert verdict.until == now + timedelta(minutes=30)
    assert verdict.zones_until == now - timedelta(minutes=30)


def test_both_clocks_of_somebody_who_may_have_moved_must_be_open() -> None:
    moved = lead("+12125550123", "US", zones=("America/Los_Angeles", "America/New_York"))
    new_york_opens = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
    verdict = ask(moved, new_york_opens)
    assert verdict.until == new_york_opens + timedelta(hours=3)
    assert ask(moved, new_york_opens + timedelta(hours=3)).reason is None
    assert ask(moved, new_york_opens + timedelta(hours=9)).reason is Reason.HOURS


def test_a_number_whose_zones_are_never_open_together_is_refused_for_good_with_what_to_do() -> None:
    verdict = ask(lead("+79161234567", "RU"))
    assert (verdict.reason, verdict.until) == (Reason.NEVER_OPEN, None)
    assert "timezone or state column" in verdict.detail


def test_a_number_is_rung_no_more_often_a_day_than_the_campaign_wants() -> None:
    twice = {TODAY: Numbers(2, 2)}
    verdict = ask(rung=twice)
    assert verdict.reason is Reason.ATTEMPTS_OF_THE_DAY
    assert verdict.until == datetime(2026, 11, 19, 4, 30, tzinfo=UTC)
    assert ask(rung=twice, rules=rules(retries=Retries(per_day_most=3))).reason is None


def test_the_day_is_the_recipients() -> None:
    los_angeles = lead("+14155550123", "US")
    midnight = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
    assert lookbacks(los_angeles, WEDNESDAY, LAW)[TODAY] == midnight
    assert local_midnight(los_angeles.zones, midnight - timedelta(seconds=1)) < midnight


def test_the_caps_of_a_country_are_kept() -> None:
    paris = lead("+33612345678", "FR")
    noon = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
    month = 30 * 24
    assert lookbacks(paris, noon, LAW)[month] == noon - timedelta(days=30)
    three, four = ({TODAY: Numbers(0, 9), month: Numbers(n, 9)} for n in (3, 4))
    assert ask(paris, noon, rung=three).reason is None
    verdict = ask(paris, noon, rung=four)
    assert verdict.reason is Reason.ATTEMPTS_OF_THE_LAW
    assert "30 days" in verdict.detail
    assert verdict.until == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


def test_the_caps_of_the_area_codes_state_are_kept() -> None:
    miami = lead("+13055550123", "US")
    noon = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)
    wants = rules(retries=Retries(per_day_most=10, attempts_most=10))
    rung = {TODAY: Numbers(1, 3), 24: Numbers(3, 3)}
    assert ask(miami, noon, rung=rung, rules=wants).reason is Reason.ATTEMPTS_OF_THE_LAW


def test_attempts_that_nobody_counted_are_no_reason_to_ring() -> None:
    with pytest.raises(LookupError):
        ask(rung={})
    with pytest.raises(LookupError):
        ask(lead("+33612345678", "FR"), rung={TODAY: Numbers(0, 0)}, now=WEDNESDAY)


def test_a_lead_that_is_not_due_waits() -> None:
    due = WEDNESDAY + timedelta(hours=1)
    verdict = ask(lead(due_at=due))
    assert (verdict.reason, verdict.until) == (Reason.TOO_SOON, due)


def test_a_list_is_a_reason_before_all_others() -> None:
    verdict = ask(
        lead(attempts=9, zones=(), due_at=WEDNESDAY + timedelta(days=1)),
        do_not_call=LISTED,
        status=CampaignStatus.PAUSED,
    )
    assert verdict.reason is Reason.OPTED_OUT


NUMBERS = (
    ("+919876543210", "IN"), ("+12125550123", "US"), ("+18505550123", "US"), ("+33612345678", "FR"),
    ("+61412345678", "AU"), ("+18005550199", "US"), ("+79161234567", "RU"), ("+6421123456", "NZ"),
    ("+9779841234567", "NP"), ("+13055550123", "US"), ("+870773111632", ""),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(NUMBERS),
    st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["", "CA", "FL", "TX", "KL", "NSW"]),
    st.integers(0, 5),
)
def test_a_no_says_why_and_until_when_and_is_a_yes_by_then_or_another_no(
    number: tuple[str, str], now: datetime, state: str, attempts: int
) -> None:
    one = lead(*number, subdivision=state, attempts=attempts)
    verdict = ask(one, now)
    if verdict.reason is None:
        assert verdict == Verdict()
        for name in one.zones:
            for moment in (now, now + timedelta(seconds=30)):
                assert 10 <= moment.astimezone(ZoneInfo(name)).hour < 19
        return
    assert verdict.detail
    if verdict.until is None:
        return
    assert verdict.until > now
    assert ask(one, verdict.until).reason is None
    if verdict.zones_until is not None:
        assert now < verdict.zones_until <= verdict.until
        # Nobody of the same zones and country was open meanwhile, whatever their state.
        just_before = verdict.zones_until - timedelta(seconds=1)
        for neighbours in ("", "NY", "WA"):
            assert ask(replace(one, subdivision=neighbours), just_before).reason is not None
