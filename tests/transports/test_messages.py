"""Text messages by the doors: sent once, taken in, ended by STOP in any of the languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from xml.etree import ElementTree

import pytest
import responses
from werkzeug.test import TestResponse

from app import app_of
from calls.message_book import PAGE, Message, MessageQuery
from calls.messages import BATCH
from conversation.state import new_state
from storage.do_not_call import DoNotCall, Source
from tests.transports.doors import (
    AGENT,
    NOW,
    SIGNED,
    Carrier,
    House,
    a_call,
    json_of,
    scripted_services,
)

REST = f"https://api.twilio.com/2010-04-01/Accounts/{SIGNED.twilio_account_sid}/Messages.json"
PERSON = "+919840010003"
ORDER = {"phone_number": PERSON, "text": "We come at ten."}
BEARER = {"Authorization": f"Bearer {SIGNED.api_token}"}


@pytest.fixture
def carrier() -> Iterator[responses.RequestsMock]:
    """The carrier's REST interface, which takes each order."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.post(REST, json={"sid": "SM1", "status": "queued"}, status=201)
        yield mock


def send(house: House, **order: Any) -> TestResponse:
    return house.carrier.client.post("/messages", json={**ORDER, **order}, headers=BEARER)


def listed(house: House, query: str = "") -> Any:
    return json_of(house.carrier.client.get(f"/messages{query}", headers=BEARER))


def writes(house: House, text: str, sid: str = "SM9", **more: str) -> str:
    """What somebody who writes to our number is answered."""
    form = {"MessageSid": [sid], "From": [PERSON], "To": ["+15005550006"], "Body": [text]}
    form |= {name: [value] for name, value in more.items()}
    answer = house.carrier.post_form("/messages/inbound", form)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    return "".join(ElementTree.fromstring(answer.data).itertext())


def reports(house: House, message_id: str, status: str, **more: str) -> int:
    form = {"MessageSid": ["SM1"], "MessageStatus": [status]}
    form |= {name: [value] for name, value in more.items()}
    path = f"/message-events/status?message_id={message_id}"
    return house.carrier.post_form(path, form).status_code


def is_barred(house: House) -> bool:
    return house.services.do_not_call.of(PERSON, "") is not None


def test_a_message_is_sent_and_followed_to_its_end(
    house: House, carrier: responses.RequestsMock
) -> None:
    answer = send(house)
    sent = json_of(answer)
    assert answer.status_code == 201
    assert (sent["status"], sent["carrier_id"], sent["direction"]) == (
        "accepted",
        "SM1",
        "outbound",
    )
    asked = carrier.calls[0].request.body
    assert f"message_id%3D{sent['message_id']}" in str(asked)
    assert reports(house, sent["message_id"], "delivered") == 204
    assert reports(house, sent["message_id"], "sent") == 204  # late
    assert reports(house, "", "undelivered", ErrorCode="30003") == 204  # later still
    page = listed(house, f"?number=%2B{PERSON[1:]}&status=delivered")
    assert (page["total"], page["messages"][0]["status"]) == (1, "delivered")
    one = house.carrier.client.get("/messages/SM1", headers=BEARER)
    assert json_of(one)["message_id"] == sent["message_id"]


def test_the_same_key_sends_once(house: House, carrier: responses.RequestsMock) -> None:
    first, second = send(house, key="order-7"), send(house, key="order-7")
    assert json_of(first)["message_id"] == json_of(second)["message_id"]
    assert len(carrier.calls) == 1


def test_a_key_is_of_one_message_and_of_whoever_sends_it(
    house: House, carrier: responses.RequestsMock
) -> None:
    assert send(house, key="order-7").status_code == 201
    other = send(house, key="order-7", text="We come at eleven.")
    assert (other.status_code, json_of(other)["error"]["code"]) == (409, "key_used")
    messages = house.services.messages
    mine = messages.send(PERSON, "From a form", "Ravi", "order-7")
    assert mine.text == "From a form"
    assert len(carrier.calls) == 2


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"phone_number": None}, 422, "missing_field"),
        ({"phone_number": "12"}, 422, "bad_number"),
        ({"phone_number": "+12025550123"}, 403, "number_not_allowed"),
        ({"text": None}, 422, "missing_field"),
        ({"text": " "}, 422, "bad_text"),
        ({"text": "x" * 1601}, 422, "bad_text"),
        ({"key": "two words"}, 422, "bad_key"),
    ],
)
def test_what_cannot_be_sent_is_said(
    house: House, carrier: responses.RequestsMock, order: Any, status: int, code: str
) -> None:
    answer = send(house, **order)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (status, code)
    assert len(carrier.calls) == 0


def test_one_number_is_sent_only_so_many(tmp_path: Path, carrier: responses.RequestsMock) -> None:
    services, turns = scripted_services(tmp_path, replace(SIGNED, message_limit="2 per hour"))
    app = app_of(services)
    house = House(app, services, turns, Carrier(app))

    assert [send(house, key="k1").status_code for _ in range(3)] == [201] * 3  # it is sent once
    assert send(house, text=" ").status_code == 422  # and this not at all
    assert send(house).status_code == 201
    refused = send(house, phone_number="98400 10003")

    assert (refused.status_code, json_of(refused)["error"]["code"]) == (429, "too_many_messages")
    assert 3_500 < int(refused.headers["Retry-After"]) <= 3_601
    assert re.search("try again in 6[01] minutes", json_of(refused)["error"]["message"])
    assert send(house, phone_number="+919840010004").status_code == 201
    assert send(house, key="k1").status_code == 201
    services.close()


def test_a_refusal_is_kept_and_told(house: House, carrier: responses.RequestsMock) -> None:
    carrier.replace(responses.POST, REST, json={"code": 21610, "message": "no"}, status=400)
    answer = send(house)
    assert (answer.status_code, json_of(answer)["error"]["code"]) == (403, "opted_out")
    kept = listed(house)["messages"][0]
    assert (kept["status"], kept["error"]) == ("failed", "21610")
    assert is_barred(house)  # they wrote STOP to the carrier


def test_a_carrier_that_is_away_is_told_of(house: House, carrier: responses.RequestsMock) -> None:
    carrier.replace(responses.POST, REST, json={}, status=503)
    answer = send(house)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert listed(house)["messages"][0]["status"] == "failed"


def test_the_same_key_sends_what_a_carrier_that_was_away_never_had(
    house: House, carrier: responses.RequestsMock
) -> None:
    carrier.replace(responses.POST, REST, json={}, status=503)
    assert send(house, key="order-7").status_code == 503
    assert send(house, key="order-7").status_code == 503
    carrier.replace(responses.POST, REST, json={"sid": "SM1", "status": "accepted"}, status=201)
    answers = [json_of(send(house, key="order-7")) for _ in range(2)]
    assert [one["status"] for one in answers] == ["accepted"] * 2
    assert (listed(house)["total"], len(carrier.calls)) == (1, 3)


def test_the_same_key_sends_nothing_again_that_the_carrier_refused(
    house: House, carrier: responses.RequestsMock
) -> None:
    carrier.replace(responses.POST, REST, json={"code": 21211, "message": "no"}, status=400)
    assert send(house, key="order-7").status_code == 400
    assert json_of(send(house, key="order-7"))["status"] == "failed"
    assert len(carrier.calls) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop.", "Unsubscribe", "please stop", "बंद करो", "நிறுத்துங்க", "நிறுத்து"),
        *("നിർത്തൂ", "don't call me again", "இனிமே கூப்பிடாதீங்க"),
        *("STOP STOP", "Stop texting me, thanks", "ＳＴＯＰ", "arrêt", "do not send me messages"),
        *("मुझे मैसेज मत भेजो", "தயவுசெய்து மெசேஜ் அனுப்ப வேண்டாம்", "മെസ്സേജ് അയക്കരുത്"),
    ],
)
def test_stop_ends_calls_and_messages(
    house: House, carrier: responses.RequestsMock, text: str
) -> None:
    assert writes(house, text) != ""
    kept = house.services.do_not_call.of(PERSON, "any campaign")
    assert kept is not None
    assert (kept.source, kept.words) == (Source.MESSAGE, text)
    assert json_of(send(house))["error"]["code"] == "opted_out"
    assert len(carrier.calls) == 0


@pytest.mark.parametrize("source", [Source.BY_HAND, Source.UPLOAD])
def test_who_was_put_on_the_list_is_not_said_to_have_asked_for_it(
    house: House, carrier: responses.RequestsMock, source: Source
) -> None:
    house.services.do_not_call.add([DoNotCall(PERSON, "", source, NOW)])
    answer = send(house)
    error = json_of(answer)["error"]
    assert (answer.status_code, error["code"]) == (403, "do_not_call")
    assert error["source"] == str(source)
    assert "is on the do-not-call list since" in error["message"]
    assert len(carrier.calls) == 0


def test_it_is_answered_in_the_script_it_was_written_in(house: House) -> None:
    assert "START" in writes(house, "STOP")
    assert "STOP" in writes(house, "start", "SM10")
    assert "அழைப்புகளோ" in writes(house, "நிறுத்து", "SM11")
    assert "STOP" in writes(house, "help", "SM12")


def test_stop_is_answered_once_or_two_machines_would_talk_for_ever(house: House) -> None:
    reply = "Thanks for your message. We are closed. Reply STOP to unsubscribe."
    assert "no more messages" in writes(house, reply, "SM10")
    assert [writes(house, reply, f"SM2{number}") for number in range(3)] == [""] * 3
    assert is_barred(house)


def test_start_takes_back_what_the_person_said_and_nothing_else(house: House) -> None:
    writes(house, "stop")
    assert "STOP" in writes(house, "START", "SM10")
    assert not is_barred(house)
    listed_by = DoNotCall(PERSON, "", Source.BY_HAND, NOW, "asked by letter")
    house.services.do_not_call.add([listed_by])
    assert writes(house, "start", "SM11") == ""
    assert is_barred(house)


def test_who_writes_stop_is_barred_by_their_own_wish_whoever_barred_them_before(
    house: House,
) -> None:
    lists = house.services.do_not_call
    lists.add([DoNotCall(PERSON, "", Source.UPLOAD, NOW, by="Ravi")])
    writes(house, "STOP", "SM10")
    barred = lists.of(PERSON, "")
    assert barred is not None
    assert (barred.source, barred.words) == (Source.MESSAGE, "STOP")
    assert writes(house, "START", "SM11") == ""  # but not by their own wish alone
    assert is_barred(house)


def test_who_takes_back_their_stop_stays_barred_by_who_barred_them_since(house: House) -> None:
    writes(house, "STOP", "SM10")
    house.services.do_not_call.add([DoNotCall(PERSON, "", Source.UPLOAD, NOW, by="Ravi")])
    assert writes(house, "START", "SM11") == ""
    assert is_barred(house)


def test_what_the_carrier_tells_again_undoes_no_later_wish(house: House) -> None:
    writes(house, "STOP", "SM10")
    writes(house, "START", "SM11")
    writes(house, "STOP", "SM10")
    assert not is_barred(house)
    writes(house, "STOP", "SM12")
    writes(house, "START", "SM11")
    assert is_barred(house)


def test_told_twice_it_is_kept_and_answered_once(house: House) -> None:
    assert writes(house, "STOP") != ""
    assert writes(house, "STOP") == ""
    assert listed(house, "?direction=inbound")["total"] == 1


def test_where_the_carrier_has_answered_we_do_not(house: House) -> None:
    assert writes(house, "Basta", OptOutType="STOP") == ""  # a word that only the carrier was told
    assert is_barred(house)


@pytest.mark.parametrize(
    "text",
    [
        *("When do you come?", "stop at the second house", "", "<b>"),
        *("please don't stop", "cancel my order", "no more, thanks", "मैसेज मिला", "செய்தி வந்தது"),
    ],
)
def test_anything_else_is_kept_and_not_answered(house: House, text: str) -> None:
    assert writes(house, text, NumMedia="1") == ""
    kept = listed(house)["messages"][0]
    assert (kept["text"], kept["wish"], kept["media"]) == (text, None, 1)
    assert not is_barred(house)


def test_nonsense_from_the_carrier_is_refused(house: House) -> None:
    assert house.carrier.post_form("/messages/inbound", {"Body": ["hi"]}).status_code == 400
    assert house.carrier.post_form("/message-events/status", {}).status_code == 400
    assert reports(house, "nobody", "sent") == 204


def test_a_call_is_followed_by_its_message_once(
    house: House, carrier: responses.RequestsMock
) -> None:
    messages = _messages_after_calls(house)
    ended = replace(
        a_call(),
        outcome="abandoned",
        caller_number=PERSON,
        state=new_state(AGENT, NOW, {"name": "Asha"}).to_dict(),
    )
    messages.call_ended(ended)
    messages.call_ended(ended)
    messages.work(Event())
    messages.work(Event())
    kept = listed(house, f"?call_id={ended.call_id}")
    assert kept["total"] == 1
    assert kept["messages"][0]["text"] == "Sorry Asha, we were cut off."
    assert kept["messages"][0]["status"] == "accepted"
    assert len(carrier.calls) == 1


@pytest.mark.parametrize("outcome", ["opted_out", "completed", None])
def test_who_opted_out_is_sent_nothing(house: House, outcome: str | None) -> None:
    ended = replace(a_call(), outcome=outcome, state=new_state(AGENT, NOW).to_dict())
    _messages_after_calls(house).call_ended(ended)
    assert listed(house)["total"] == 0


def test_what_waits_is_not_sent_to_who_opts_out_meanwhile(
    house: House, carrier: responses.RequestsMock
) -> None:
    messages = _messages_after_calls(house)
    ended = replace(a_call(), outcome="abandoned", state=new_state(AGENT, NOW).to_dict())
    messages.call_ended(replace(ended, caller_number=PERSON))
    writes(house, "STOP")
    messages.work(Event())
    assert listed(house, "?direction=outbound")["messages"][0]["error"] == "opted_out"
    assert len(carrier.calls) == 0


def test_what_follows_a_call_waits_for_a_carrier_that_is_away(
    house: House, carrier: responses.RequestsMock
) -> None:
    messages = _messages_after_calls(house)
    ended = replace(a_call(), outcome="abandoned", state=new_state(AGENT, NOW).to_dict())
    messages.call_ended(replace(ended, caller_number=PERSON))
    carrier.replace(responses.POST, REST, json={}, status=503)
    messages.work(Event())
    [kept] = messages.book.find(MessageQuery(call_id=ended.call_id))
    assert (kept.status, kept.tries) == ("queued", 1)
    assert kept.due_at > NOW.isoformat()


def test_after_an_outage_everything_that_waits_is_sent(
    house: House, carrier: responses.RequestsMock
) -> None:
    messages = _messages_after_calls(house)
    waits = Message("", "outbound", PERSON, "+914400000000", "Hello", "queued", NOW, NOW)
    for number in range(PAGE + BATCH + 2):
        on_hold = number < PAGE  # those were tried a while ago, and are not due
        due_at = NOW + timedelta(hours=4 if on_hold else 0)
        one = replace(waits, message_id=f"m{number:04}", call_id="call-1")
        one = replace(one, created_at=NOW + timedelta(seconds=number - 2 * PAGE))
        messages.book.add(replace(one, due_at=due_at.isoformat()))
    carrier.replace(responses.POST, REST, json={}, status=503)
    messages.work(Event())
    assert len(carrier.calls) == 1  # away is away: nobody else's text is put off for that
    carrier.replace(responses.POST, REST, json={"sid": "SM1", "status": "accepted"}, status=201)
    messages.work(Event())
    assert listed(house, "?status=accepted")["total"] == BATCH
    assert [one.message_id for one in messages.book.due(2)] == [f"m{PAGE + BATCH + 1:04}"]


def _messages_after_calls(house: House) -> Any:
    texts = {"abandoned": {"en-IN": "Sorry {name}, we were cut off."}}
    agent = AGENT.model_copy(update={"messages": texts, "variables": {"name": "you"}})
    return replace(house.services.messages, agents={agent.agent: agent})
