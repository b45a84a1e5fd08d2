"""Twilio's text messages: what is asked of REST, what refusals mean, what webhooks say."""

from __future__ import annotations

import pytest

from providers.errors import ProviderUnavailable
from providers.telephony.base import Webhook
from providers.telephony.messaging import (
    MessageNotice,
    MessageOrder,
    MessageRefusal,
    MessageRefused,
    MessageStatus,
    MessageTurn,
)
from providers.telephony.twilio import Twilio
from settings import read_settings
from tests.providers.telephony.carrier_rest import CarrierRest, refusal, running_carrier

ORDER = MessageOrder("+919840010003", "நன்றி & bye", "https://calls.example/message-events/status")


def twilio(carrier: CarrierRest) -> Twilio:
    return Twilio(
        read_settings(
            {
                "TWILIO_ACCOUNT_SID": "AC" + "7" * 32,
                "TWILIO_AUTH_TOKEN": "secret",
                "TWILIO_PHONE_NUMBER": "+15005550006",
                "TWILIO_BASE_URL": carrier.address,
                "PUBLIC_BASE_URL": "https://calls.example",
            }
        )
    )


def webhook(**form: str) -> Webhook:
    return Webhook("https://calls.example/", {name: [one] for name, one in form.items()}, b"", {})


def test_a_message_is_ordered_with_where_to_report_it() -> None:
    with running_carrier(CarrierRest(answer={"sid": "SM1", "status": "queued"})) as carrier:
        assert twilio(carrier).send_message(ORDER) == "SM1"
        path, form = carrier.asked[0]
    assert path == f"/2010-04-01/Accounts/AC{'7' * 32}/Messages.json"
    assert form["To"] == ["+919840010003"]
    assert form["From"] == ["+15005550006"]
    assert form["Body"] == ["நன்றி & bye"]
    assert form["StatusCallback"][0].startswith(ORDER.status)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (21211, MessageRefusal.NUMBER),
        (21610, MessageRefusal.OPTED_OUT),
        (21408, MessageRefusal.NOT_ALLOWED),
        (20003, MessageRefusal.ACCOUNT),
        (21617, MessageRefusal.TEXT),
        (99999, MessageRefusal.OTHER),
    ],
)
def test_a_refusal_says_what_to_mend(code: int, reason: MessageRefusal) -> None:
    with running_carrier(refusal(code)) as carrier, pytest.raises(MessageRefused) as caught:
        twilio(carrier).send_message(ORDER)
    assert (caught.value.reason, caught.value.code) == (reason, str(code))


def test_an_overloaded_carrier_is_no_refusal() -> None:
    with (
        running_carrier(refusal(20429, 429)) as carrier,
        pytest.raises(ProviderUnavailable, match="overloaded"),
    ):
        twilio(carrier).send_message(ORDER)


def test_what_came_in_is_read() -> None:
    with running_carrier() as carrier:
        carrier_here = twilio(carrier)
    sent = {"MessageSid": "SM2", "From": "+919840010003", "To": "+15005550006"}
    assert carrier_here.read_message(webhook(**sent, Body="Stop", NumMedia="2")) == MessageTurn(
        "SM2", "+919840010003", "+15005550006", "Stop", media=2
    )
    assert carrier_here.read_message(webhook(**sent, OptOutType="STOP")).is_answered
    assert carrier_here.read_message(webhook(**sent, NumMedia="lots")).media == 0
    for missing in sent:
        with pytest.raises(ValueError, match="missing"):
            carrier_here.read_message(webhook(**{**sent, missing: ""}))


def test_what_became_of_one_is_read() -> None:
    with running_carrier() as carrier:
        carrier_here = twilio(carrier)
    told = webhook(SmsSid="SM1", MessageStatus="undelivered", ErrorCode="30003")
    assert carrier_here.read_message_status(told) == MessageNotice(
        "SM1", MessageStatus.UNDELIVERED, "30003"
    )
    for form in ({"MessageSid": "SM1"}, {"MessageStatus": "sent"}, {"MessageSid": "../x"}):
        with pytest.raises(ValueError, match="MessageS"):
            carrier_here.read_message_status(webhook(**form))


def test_an_answer_is_a_document() -> None:
    with running_carrier() as carrier:
        carrier_here = twilio(carrier)
    assert carrier_here.message_answer("a < b") == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Message>a &lt; b</Message></Response>'
    )
    assert carrier_here.message_answer("").endswith("<Response></Response>")
