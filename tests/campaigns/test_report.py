"""What came of a campaign adds up to the last lead and the last attempt, however it is split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import Campaign, CampaignRules, CampaignStatus
from campaigns.report import Dials, fates_of, report_of
from campaigns.standing import idle
from storage.leads import LeadStatus, Refusal, Result, Tally

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
RESULTS = ["", *Result]
CAMPAIGN = Campaign("c1", CampaignRules(name="A", agent="lead"), CampaignStatus.RUNNING, NOW, NOW)

tallies = st.lists(
    st.builds(
        Tally,
        attempt=st.integers(1, 10),
        local_hour=st.integers(0, 23),
        result=st.sampled_from(RESULTS),
        answered_by=st.sampled_from(["", "human", "machine", "fax", "unknown"]),
        spoke=st.booleans(),
        qualified=st.booleans(),
        count=st.integers(1, 1_000_000),
        seconds=st.integers(0, 10_000).map(float),
    ),
    max_size=40,
)
counts = st.dictionaries(
    st.tuples(
        st.sampled_from(list(LeadStatus)),
        st.sampled_from(RESULTS),
        st.sampled_from(["", "hours", "opted_out"]),
    ),
    st.integers(1, 1_000_000),
    max_size=30,
)


def figures(dials: Dials) -> tuple[float, ...]:
    """Everything of it that adds up."""
    return (
        dials.dialled, dials.answered, dials.human, dials.machine, dials.completed,
        dials.unanswered, dials.going_on, dials.not_placed, dials.qualified, dials.spoke,
        dials.seconds, sum(dials.verdicts.values()),
    )  # fmt: skip


@given(tallies)
def test_every_split_adds_up_to_the_whole(found: Sequence[Tally]) -> None:
    report = report_of(found)

    for split in (report.by_hour, report.by_attempt):
        sums = [sum(column) for column in zip(*map(figures, split.values()), strict=True)]
        assert sums == [] if not found else sums == list(figures(report.whole))
    whole = report.whole
    assert whole.dialled == whole.answered + whole.unanswered + whole.going_on
    assert whole.answered == whole.human + whole.machine
    assert whole.dialled + whole.not_placed == sum(one.count for one in found)


@given(counts)
def test_every_lead_has_one_fate(found: Mapping[tuple[str, str, str], int]) -> None:
    fates = fates_of(found)

    assert fates.total == sum(found.values()) == sum(fates.statuses.values())
    assert fates.fresh + fates.again == fates.statuses[LeadStatus.WAITING]
    for status in (LeadStatus.DONE, LeadStatus.GIVEN_UP):
        named = sum(number for (one, _), number in fates.results.items() if one is status)
        assert named == fates.statuses[status]
    assert sum(fates.refused.values()) == fates.statuses[LeadStatus.REFUSED]
    assert fates.matching(None, None, None) == fates.total


def test_attempts_that_were_not_placed_are_none() -> None:
    report = report_of([Tally(1, 10, Result.NOT_PLACED, "", False, False, 3, 0)])

    assert (report.whole.dialled, report.whole.not_placed) == (0, 3)


def test_an_idle_campaign_says_where_it_is_night() -> None:
    until = NOW + timedelta(hours=19)
    fates = fates_of({("waiting", "", "hours"): 40})
    held = Refusal("c1", "", NOW, "hours", until, 40, ("Asia/Kolkata",))

    told = idle(fates, until, [held, replace(held, at=NOW - timedelta(hours=1))], "Asia/Kolkata")

    assert told == (
        "Nobody is due before 21 Nov 2026, 09:30 (Asia/Kolkata). "
        "Asia/Kolkata: outside calling hours until 21 Nov 2026, 09:30 there."
    )


def test_what_held_people_back_under_other_rules_is_not_told() -> None:
    until = NOW + timedelta(hours=19)
    fates = fates_of({("waiting", "", "hours"): 40})
    old = Refusal("c1", "", NOW, "weekday", NOW + timedelta(days=2), 40, ("Asia/Kolkata",))

    assert "day of the week" not in idle(fates, until, [old], "UTC")


def test_an_idle_campaign_says_that_all_were_rung_once() -> None:
    fates = fates_of({("waiting", "busy", ""): 3, ("waiting", "no_answer", "do_not_call"): 1})

    told = idle(fates, NOW, [], "UTC")

    assert "1 held back: on a do-not-call list." in told
    assert told.endswith("those who were not reached are rung again then.")
