"""Signatures against the vendor's own vector and validator."""

from __future__ import annotations

import pytest
from twilio.request_validator import RequestValidator

from phone.signature import sign

TOKEN = "12345"


def test_the_published_vector_is_met() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign(TOKEN, url, form.items()) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://example.com/voice?agent_type=LOGISTICS", {"SpeechResult": "ஐநூறு & 1"}),
        ("https://example.com/voice", {}),
        ("http://127.0.0.1:8000/process-response?turn=3&empty=1", {"b": "", "a": "x", "A": "y"}),
    ],
)
def test_the_vendors_validator_accepts_what_is_signed(url: str, form: dict[str, str]) -> None:
    signature = sign(TOKEN, url, form.items())
    assert RequestValidator(TOKEN).validate(url, form, signature)
    assert not RequestValidator("other").validate(url, form, signature)
    assert not RequestValidator(TOKEN).validate(url + "x", form, signature)
