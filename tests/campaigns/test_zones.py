"""Where the owner of a number may be, and what columns of a file say about it."""

from __future__ import annotations

import re

import phonenumbers
import pytest
import yaml
from phonenumbers import geocoder
from phonenumbers.tzdata import TIMEZONE_LONGEST_PREFIX

from campaigns.whereabouts import read_subdivision, read_zones
from campaigns.zones import (
    ZONE_DIGITS,
    states,
    subdivisions_of,
    zone,
    zones_of,
    zones_of_country,
)
from tests.sources import ROOT


@pytest.mark.parametrize(
    ("number", "country", "zones"),
    [
        ("+919876543210", "IN", {"Asia/Kolkata"}),
        ("+9779841234567", "NP", {"Asia/Kathmandu"}),
        ("+14155550123", "US", {"America/Los_Angeles"}),
        # An area code on the border of two zones.
        ("+18505550123", "US", {"America/Chicago", "America/New_York"}),
        ("+5511987654321", "BR", {"America/Sao_Paulo"}),
        ("+5592987654321", "BR", {"America/Manaus"}),
        ("+525512345678", "MX", {"America/Mexico_City"}),
        ("+74952345678", "RU", {"Europe/Moscow"}),
        ("+74012530000", "RU", {"Europe/Kaliningrad"}),
        ("+61236618300", "AU", {"Australia/Sydney"}),
        ("+62215551234", "ID", {"Asia/Jakarta"}),
        ("+8613912345678", "CN", {"Asia/Shanghai"}),
        ("+38349123456", "XK", {"Europe/Belgrade"}),
        ("+6827123456", "CK", {"Pacific/Rarotonga"}),
        # A mobile number may be anywhere in its country.
        ("+628123456789", "ID", {"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}),
        ("+34612345678", "ES", {"Europe/Madrid", "Atlantic/Canary"}),
        ("+6421123456", "NZ", {"Pacific/Auckland", "Pacific/Chatham"}),
        # Nobody knows.
        ("+870773111632", "", set()),
    ],
)
def test_a_number_has_the_zones_in_which_its_owner_may_be(
    number: str, country: str, zones: set[str]
) -> None:
    assert set(zones_of(number, country)) == zones


def test_a_russian_mobile_number_may_be_anywhere_from_kaliningrad_to_kamchatka() -> None:
    zones = zones_of("+79161234567", "RU")
    assert len(zones) == 11
    assert {"Europe/Kaliningrad", "Europe/Moscow", "Asia/Vladivostok"} <= set(zones)


def test_a_toll_free_number_may_ring_from_newfoundland_to_hawaii() -> None:
    zones = set(zones_of("+18005550199", "US"))
    assert {"America/St_Johns", "America/New_York", "Pacific/Honolulu"} <= zones
    assert "Pacific/Guam" not in zones


def test_a_state_or_a_zone_narrows_a_number_that_may_be_anywhere() -> None:
    assert zones_of("+61412345678", "AU", subdivision="WA") == (
        "Australia/Eucla",
        "Australia/Perth",
    )
    assert zones_of("+79161234567", "RU", subdivision="MOW") == ("Europe/Moscow",)
    assert zones_of("+628123456789", "ID", ["Asia/Makassar"]) == ("Asia/Makassar",)
    # By its clock, whatever it is called.
    assert zones_of("+919876543210", "IN", ["Asia/Calcutta"]) == ("Asia/Kolkata",)


def test_a_row_that_contradicts_the_number_leaves_both() -> None:
    both = ("America/Los_Angeles", "America/New_York")
    assert zones_of("+12125550123", "US", subdivision="CA") == both
    assert zones_of("+12125550123", "US", ["America/Los_Angeles"]) == both
    abroad = zones_of("+919876543210", "IN", ["America/New_York"])
    assert abroad == ("America/New_York", "Asia/Kolkata")


def test_the_column_is_all_there_is_for_a_number_of_no_country() -> None:
    assert zones_of("+870773111632", "", ["Atlantic/Azores"]) == ("Atlantic/Azores",)


def test_a_zone_or_a_state_that_nobody_knows_changes_nothing() -> None:
    assert zones_of("+919876543210", "IN", ["Moon/Tycho"], "XX") == ("Asia/Kolkata",)


@pytest.mark.parametrize("number", ["", "+", "+91", "nonsense", "+1" * 40, "+7916"])
def test_nonsense_has_the_zones_of_its_country(number: str) -> None:
    assert zones_of(number, "RU") == zones_of_country("RU")


def test_the_first_digits_and_the_length_decide() -> None:
    assert len("+") + TIMEZONE_LONGEST_PREFIX <= ZONE_DIGITS
    for number, country in (("+79161234567", "RU"), ("+5511987654321", "BR")):
        other = number[:ZONE_DIGITS] + "9" * (len(number) - ZONE_DIGITS)
        assert zones_of(number, country) == zones_of(other, country)


def test_every_country_that_has_telephones_has_a_zone() -> None:
    without = {one for one in phonenumbers.SUPPORTED_REGIONS if not zones_of_country(one)}
    assert without == set()


def test_the_law_of_the_area_code_holds_besides_that_of_the_row() -> None:
    assert subdivisions_of("+13055550123", "US") == {"FL"}
    assert subdivisions_of("+13055550123", "US", "NY") == {"FL", "NY"}
    assert subdivisions_of("+19025550123", "CA") == {"NS", "PE"}
    assert subdivisions_of("+919876543210", "IN", "KL") == {"KL"}
    assert subdivisions_of("+18005550123", "US") == set()


def test_area_codes_are_in_the_states_where_phonenumbers_has_their_towns() -> None:
    places = yaml.safe_load((ROOT / "campaigns/places.yaml").read_text(encoding="utf-8"))
    wrong = []
    for country in ("US", "CA"):
        for state, place in places[country].items():
            for code in place["codes"]:
                # 9000 is in no town's own block, so this is of the area code or of a town in it.
                told = geocoder.description_for_valid_number(
                    phonenumbers.PhoneNumber(1, int(f"{code}5559000")), "en"
                )
                town = re.search(r", (..)$", told)
                if town and town[1] != state and len(subdivisions_of(f"+1{code}", country)) == 1:
                    wrong.append((code, state, told))
    assert wrong == []


def test_every_zone_of_a_state_exists() -> None:
    for country in ("US", "CA", "AU", "BR", "MX", "ID", "RU", "ES", "PT", "CL", "EC", "NZ"):
        assert states(country), country
        for state, zones in states(country).items():
            assert all(zone(name) for name in zones), (country, state)


@pytest.mark.parametrize(
    ("written", "country", "name"),
    [
        ("Asia/Kolkata", "", "Asia/Kolkata"),
        (" america/new york ", "", "America/New_York"),
        ("EST", "US", "America/New_York"),
        ("Pacific Time", "US", "America/Los_Angeles"),
        ("IST", "IN", "Asia/Kolkata"),
        ("IST", "IL", "Asia/Jerusalem"),
    ],
)
def test_zones_are_read_as_people_write_them(written: str, country: str, name: str) -> None:
    assert read_zones(written, country) == (name,)


@pytest.mark.parametrize(
    ("number", "country", "written", "zones"),
    [
        ("+61412345678", "AU", "AEST", {"Australia/Brisbane", "Australia/Sydney"}),
        ("+61412345678", "AU", "AEDT", {"Australia/Sydney"}),
        ("+61412345678", "AU", "acst", {"Australia/Adelaide", "Australia/Darwin"}),
        ("+61290001234", "AU", "AEST", {"Australia/Sydney"}),
        ("+18005550199", "US", "MST", {"America/Boise", "America/Fort_Nelson"}),  # the same clocks
        ("+16025550123", "US", "MST", {"America/Phoenix"}),
    ],
)
def test_letters_of_two_clocks_mean_both_where_the_number_does_not_tell(
    number: str, country: str, written: str, zones: set[str]
) -> None:
    assert set(zones_of(number, country, read_zones(written, country))) == zones


@pytest.mark.parametrize(
    "written", ["", "EST", "IST", "UTC+5:30", "Etc/GMT+5", "Mars/Base", "x" * 999]
)
def test_what_is_no_zone_is_said_with_how_to_write_one(written: str) -> None:
    with pytest.raises(ValueError, match="Asia/Kolkata") as told:
        read_zones(written)
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("written", "country", "code"),
    [
        ("California", "US", "CA"),
        ("us-ca", "US", "CA"),
        ("São Paulo", "BR", "SP"),
        ("sao paulo", "BR", "SP"),
        ("Maharashtra", "IN", "MH"),
        ("mow", "RU", "MOW"),
        ("ROO", "MX", "ROO"),
    ],
)
def test_states_are_read_as_people_write_them(written: str, country: str, code: str) -> None:
    assert read_subdivision(written, country) == code


@pytest.mark.parametrize("country", ["US", "VA", "", "ZZ"])
def test_what_is_no_state_is_said(country: str) -> None:
    with pytest.raises(ValueError, match="Narnia"):
        read_subdivision("Narnia", country)
