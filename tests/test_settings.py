"""Which values of settings are refused, and how the refusal is worded."""

from __future__ import annotations

import pytest

from settings import SettingsError, read_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_BASE_URL", "https://calls.example:abc"),
        ("PUBLIC_BASE_URL", "https://calls.example:0"),
        ("PUBLIC_BASE_URL", "https://calls.example /line"),
        ("PUBLIC_BASE_URL", "https://calls.ex\nample"),
        ("PUBLIC_BASE_URL", "https://[::1"),
        ("PUBLIC_BASE_URL", "calls.example"),
        ("START_CALL_COUNTRIES", "UK"),  # that is GB
        ("START_CALL_COUNTRIES", "IN,XX"),
        ("START_CALL_COUNTRIES", "India"),
        ("START_CALL_COUNTRIES", ","),
        ("DEEPGRAM_MODEL", "flash-general-en"),  # would be heard by another, and nobody told
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_addresses_and_countries_are_read() -> None:
    settings = read_settings(
        {"PUBLIC_BASE_URL": "https://[::1]:8443/line/", "START_CALL_COUNTRIES": "in, gb"}
    )
    assert settings.public_base_url == "https://[::1]:8443/line"
    assert settings.start_call_countries == ("IN", "GB")
