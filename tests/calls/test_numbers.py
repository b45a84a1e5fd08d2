"""Which numbers may be rung."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.numbers import NumberRefused, read_number


@pytest.mark.parametrize(
    "written",
    ["+919876543210", "98765 43210", "09876543210", "+91-98765-43210", " +91 (98765) 43210 "],
)
def test_a_number_is_read_as_people_write_it(written: str) -> None:
    assert read_number(written, ("IN", "US")) == "+919876543210"


def test_a_local_number_is_one_of_the_first_country() -> None:
    assert read_number("(415) 555-2671", ("US", "IN")) == "+14155552671"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hello",
        "+91",
        "12345",
        "+9198765432101234",
        "+919876543210 ext. 5",
        "+52 1 55 5512 3456 ext. 12",  # spelled as before 2019
        "9" * 500,
    ],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(NumberRefused) as refused:
        read_number(written, ("IN",))
    assert refused.value.allowed


@pytest.mark.parametrize(
    "written",
    [
        "+14155552671",  # another country
        "+18765551234",  # Jamaica, with the country code of the USA
        "+881612345678",  # satellite: of no country
    ],
)
def test_a_number_outside_the_countries_is_refused(written: str) -> None:
    with pytest.raises(NumberRefused) as refused:
        read_number(written, ("IN", "GB"))
    assert not refused.value.allowed


def test_a_country_that_shares_a_code_is_told_apart() -> None:
    with pytest.raises(NumberRefused):
        read_number("+18763123456", ("US",))


@pytest.mark.parametrize("written", ["+19002345678", "+449098790123", "+448431234567"])
def test_a_number_that_costs_extra_is_refused(written: str) -> None:
    with pytest.raises(NumberRefused, match="extra"):
        read_number(written, ("US", "GB"))


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_refused(written: str) -> None:
    try:
        number = read_number(written, ("IN",))
    except NumberRefused:
        return
    assert number.startswith("+91")
    assert number[1:].isdigit()
