"""How many calls may begin: by the second, at once, of one campaign and of the account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.slots import Limits, Pacing, share

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@settings(max_examples=40)
@given(
    rate=st.floats(0.1, 100),
    gaps=st.lists(st.floats(0.2, 20), min_size=1, max_size=60),
)
def test_no_more_calls_begin_than_the_pace_allows(rate: float, gaps: list[float]) -> None:
    limits, pacing, now, begun = Limits(rate, 5000), Pacing(), NOW, 0
    for gap in gaps:
        calls = pacing.free(now, limits)
        assert calls <= 1.25 * rate + 1  # never more than a second's at once
        pacing = pacing.spend(calls, now, limits) if calls else pacing
        begun += calls
        now += timedelta(seconds=gap)
    # Two seconds were saved up before the first tick.
    assert begun <= rate * (sum(gaps) + 2) + 2


@settings(max_examples=40)
@given(rate=st.floats(0.1, 60), late_ms=st.lists(st.integers(0, 300), min_size=30, max_size=60))
def test_ticks_that_are_a_little_late_cost_no_calls(rate: float, late_ms: list[int]) -> None:
    limits, pacing, begun = Limits(rate, 5000), Pacing(), 0
    for number, late in enumerate(late_ms):
        now = NOW + timedelta(seconds=number, milliseconds=late)
        calls = pacing.free(now, limits)
        pacing = pacing.spend(calls, now, limits) if calls else pacing
        begun += calls
    assert begun >= rate * (len(late_ms) - 2) - 2


def test_one_call_a_second_is_never_two() -> None:
    limits, pacing = Limits(1.0, 10), Pacing()
    for number in range(5):
        now = NOW + timedelta(seconds=2 * number)
        assert pacing.free(now, limits) == 1
        pacing = pacing.spend(1, now, limits)


def test_a_clock_that_was_put_back_makes_no_campaign_wait_for_it() -> None:
    limits = Limits(2.0, 10)
    pacing = Pacing(NOW + timedelta(days=1))
    assert pacing.free(NOW, limits) == 1
    pacing = pacing.spend(1, NOW, limits)
    assert pacing.free(NOW + timedelta(seconds=1), limits) == 2


counts = st.dictionaries(st.sampled_from("abcdef"), st.integers(-3, 40), max_size=6)


@given(wanted=counts, ringing=counts, free=st.integers(0, 60), live=st.integers(0, 60))
def test_campaigns_share_what_the_account_has_left(
    wanted: dict[str, int], ringing: dict[str, int], free: int, live: int
) -> None:
    ringing = {name: count for name, count in ringing.items() if count > 0}
    given_calls = share(wanted, ringing, free, live)
    left = max(0, min(free, live - sum(ringing.values())))
    assert sum(given_calls.values()) == min(left, sum(max(0, most) for most in wanted.values()))
    assert all(0 <= given_calls[name] <= max(0, most) for name, most in wanted.items())
    hungry = [given_calls[name] for name, most in wanted.items() if given_calls[name] < most]
    if hungry:  # nobody who wants more got much less than another
        assert max(given_calls.values()) - min(hungry) <= 1 or min(hungry) >= left // len(wanted)
