"""What the carrier says of messages: late, doubled, out of order, of others, forged; and who is
told that a message came in."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
import responses

from jobs.endpoints import EventName
from storage.deliveries import Delivery, DeliveryQuery
from tests.transports.doors import House
from tests.transports.test_messages import PERSON, listed, reports, send, writes
from tests.transports.test_messages import carrier as carrier  # a fixture


@pytest.fixture
def sent(house: House, carrier: responses.RequestsMock) -> str:
    """The id of a message that the carrier calls SM1."""
    answer = send(house).get_json()
    return str(answer["message_id"])


def kept(house: House, message_id: str) -> tuple[str, str]:
    message = house.services.messages.book.get(message_id)
    assert message is not None
    return message.status, message.error


def news(house: House, event: str = "") -> list[Delivery]:
    """What customers are told."""
    query = DeliveryQuery(event=event or None)
    return list(house.services.deliveries.find(query))


def test_in_whatever_order_words_come_the_last_one_counts(house: House, sent: str) -> None:
    book, words = house.services.messages.book, ("queued", "sending", "sent", "delivered")
    accepted = book.get(sent)
    assert accepted is not None
    for order in permutations(words):
        house.services.register.delete("message", sent)
        book.add(replace(accepted, version=0))
        for word in (*order, order[0]):  # the first is told twice
            assert reports(house, sent, word) == 204
        assert kept(house, sent) == ("delivered", "")


def test_what_was_delivered_has_no_error_of_a_late_word(house: House, sent: str) -> None:
    reports(house, sent, "delivered")
    reports(house, sent, "undelivered", ErrorCode="30003")
    assert kept(house, sent) == ("delivered", "")


def test_what_did_not_arrive_says_why_and_stays_so(house: House, sent: str) -> None:
    reports(house, sent, "undelivered", ErrorCode="30003")
    reports(house, sent, "sent")
    reports(house, sent, "failed", ErrorCode="30008")
    assert kept(house, sent) == ("undelivered", "30003")


def test_a_word_about_another_message_changes_nothing_of_this_one(house: House, sent: str) -> None:
    path = f"/message-events/status?message_id={sent}"
    form = {"MessageSid": ["SM2"], "MessageStatus": ["failed"], "ErrorCode": ["30001"]}
    assert house.carrier.post_form(path, form).status_code == 204
    assert kept(house, sent) == ("accepted", "")


def test_a_message_that_was_forgotten_does_not_come_back(house: House, sent: str) -> None:
    house.services.register.delete("message", sent)
    assert reports(house, sent, "delivered") == 204
    assert listed(house)["total"] == 0


def test_what_came_in_is_not_sent_whatever_is_said_of_it(house: House) -> None:
    writes(house, "hello", "SM1")
    (message,) = listed(house)["messages"]
    assert reports(house, message["message_id"], "failed") == 204
    assert listed(house)["messages"][0]["status"] == "received"


@pytest.mark.parametrize("path", ["/message-events/status?message_id=x", "/messages/inbound"])
@pytest.mark.parametrize("signature", [None, "", "bm90IGEgc2lnbmF0dXJl"])
def test_what_the_carrier_did_not_sign_is_not_read(
    house: House, sent: str, path: str, signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    person = {"From": PERSON, "To": "+15005550006", "Body": "STOP"}
    form = {"MessageSid": "SM1", "MessageStatus": "failed", **person}
    answer = house.carrier.client.post(path.replace("=x", f"={sent}"), data=form, headers=headers)
    assert answer.status_code == 403
    assert kept(house, sent) == ("accepted", "")
    assert house.services.do_not_call.of(PERSON, "") is None
    assert listed(house)["total"] == 1


def test_a_message_is_told_of_once_however_often_it_comes(house: House) -> None:
    house.services.webhooks.endpoints.add("https://shop.example/in", tuple(EventName), "", "")
    for _ in range(2):
        writes(house, "When do you come?", "SM7")
    for _ in range(2):
        writes(house, "STOP", "SM8")
    told = [one.body["data"] for one in news(house, "message.received")]
    assert sorted((one["text"], one["wish"]) for one in told) == [  # type: ignore[index]
        ("STOP", "stop"),
        ("When do you come?", ""),
    ]
    (left,) = news(house, "lead.opted_out")
    assert left.body["data"] == {
        "number": PERSON,
        "call_id": "",
        "campaign_id": "",
        "lead_id": "",
        "by": "message",
    }


def test_nobody_is_told_who_did_not_ask(house: House) -> None:
    writes(house, "hello")
    house.services.webhooks.endpoints.add("https://shop.example/in", ("call.completed",), "", "")
    writes(house, "STOP", "SM10")
    assert news(house) == []


def test_who_is_forgotten_is_in_no_message_and_no_news(house: House, sent: str) -> None:
    house.services.webhooks.endpoints.add("https://shop.example/in", tuple(EventName), "", "")
    writes(house, "STOP")
    forgetting = house.services.forgetting
    traces = forgetting.find(PERSON)
    assert (traces.messages, len(traces.news)) == (2, 2)
    forgetting.forget(traces)
    assert listed(house)["total"] == 0
    assert news(house) == []
    barred = house.services.do_not_call.of(PERSON, "")
    assert barred is not None  # so that nobody rings them
    assert barred.words == ""
