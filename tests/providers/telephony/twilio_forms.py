"""Forms as Twilio sends them, for tests."""

from __future__ import annotations

CALL_SID = "CA" + "1" * 32


def call_form(**changes: str) -> dict[str, str]:
    """The parameters of an inbound call's webhook, with some changed or added."""
    form = {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "CallSid": CALL_SID,
        "CallStatus": "in-progress",
        "CallToken": "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D",
        "Called": "+914400000000",
        "CalledCity": "",
        "CalledCountry": "IN",
        "CalledState": "",
        "CalledZip": "",
        "Caller": "+919876543210",
        "CallerCity": "",
        "CallerCountry": "IN",
        "CallerState": "Tamil Nadu",
        "CallerZip": "",
        "Direction": "inbound",
        "From": "+919876543210",
        "FromCity": "",
        "FromCountry": "IN",
        "FromState": "Tamil Nadu",
        "FromZip": "",
        "StirVerstat": "TN-Validation-Passed-A",
        "To": "+914400000000",
        "ToCity": "",
        "ToCountry": "IN",
        "ToState": "",
        "ToZip": "",
    }
    return {**form, **changes}
