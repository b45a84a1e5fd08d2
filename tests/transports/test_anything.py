"""Whatever strangers and the carrier send: never a 500, and a valid document when it is signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app import app_of
from providers.telephony.twilio.signature import sign
from settings import Settings
from tests.providers.telephony.carrier_rest import running_carrier
from tests.providers.telephony.twilio_forms import CALL_SID
from tests.transports.doors import (
    BASE,
    SIGNED,
    TOKEN,
    Carrier,
    House,
    document_of,
    scripted_services,
)

DOCUMENTS = ("/voice", "/process-response", "/voice-fallback", "/voice-resume", "/handover-result")
CALLBACKS = ("/call-events/status", "/call-events/amd", "/call-events/recording")
FORM = "application/x-www-form-urlencoded"

# Hypothesis calls a test many times within one fixture; the house keeps nothing that matters.
often = examples(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

raw = st.binary(max_size=40).map(lambda one: one.decode("utf-8", "surrogateescape"))
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.sampled_from(
    "CallSid From To Direction CallStatus SpeechResult Confidence Digits SequenceNumber "
    "DialCallStatus DialBridged ErrorCode AnsweredBy RecordingSid Timestamp msg".split()
)
values = st.one_of(
    text,
    raw,
    st.just(CALL_SID),
    st.sampled_from(["", "completed", "no-answer", "1e400", "nan", "-1", "\x00", "x" * 1_000_000]),
)
forms = st.dictionaries(names | text | raw, st.lists(values, max_size=3), max_size=10)
queries = st.lists(
    st.tuples(
        st.sampled_from(["agent_type", "turn", "call_id", "empty", "fault", "x"]),
        st.sampled_from(["LOGISTICS", "", "1", "-1", "9" * 30, "٣", "\x00", "call-1"]) | text,
    ),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    path: Path = tmp_path_factory.mktemp("anything")
    with running_carrier() as carrier:
        services, turns = scripted_services(path, _with_carrier(carrier.address))
        app = app_of(services)
        yield House(app, services, turns, Carrier(app))
        services.close()


@often
@given(path=st.sampled_from(DOCUMENTS), query=queries, form=forms)
def test_a_signed_webhook_gets_a_document_whatever_it_holds(
    house: House, path: str, query: str, form: dict[str, list[str]]
) -> None:
    document_of(house.carrier.post_form(f"{path}?{query}" if query else path, form))


@often
@given(path=st.sampled_from((*CALLBACKS, "/partial")), query=queries, form=forms)
def test_a_signed_callback_is_taken_or_refused(
    house: House, path: str, query: str, form: dict[str, list[str]]
) -> None:
    answer = house.carrier.post_form(f"{path}?{query}" if query else path, form)
    assert answer.status_code in (204, 400)


@often
@given(
    path=st.sampled_from((*DOCUMENTS, *CALLBACKS)),
    body=st.binary(max_size=200),
    kind=st.sampled_from(
        [
            FORM,
            FORM + "; charset=utf-16",
            "application/json",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "text/plain",
            "",
            "\x7f;;=",
        ]
    ),
    signature=st.sampled_from(["forged", ""]) | st.text(st.characters(max_codepoint=255)),
)
def test_an_unsigned_body_of_any_kind_is_refused(
    house: House, path: str, body: bytes, kind: str, signature: str
) -> None:
    headers = {"X-Twilio-Signature": signature.replace("\n", "").replace("\r", "")}
    before = len(house.turns.taken) + len(house.turns.arrivals)
    answer = house.carrier.client.post(path, data=body, content_type=kind, headers=headers)
    assert answer.status_code == 403
    assert len(house.turns.taken) + len(house.turns.arrivals) == before


@often
@given(body=st.binary(max_size=200))
def test_a_signed_form_of_broken_bytes_gets_a_document(house: House, body: bytes) -> None:
    # What the sender decodes from its own bytes is what it signs.
    path = "/process-response?turn=1"
    house.app.logger.disabled = True
    for pairs in ([], [("CallSid", CALL_SID)]):
        form = {name: [value] for name, value in pairs}
        speech = body.decode("utf-8", "surrogateescape")
        document_of(house.carrier.post_form(path, {**form, "SpeechResult": [speech]}))


def test_a_form_with_more_fields_than_anybody_sends_is_refused(house: House) -> None:
    body = "&".join(f"f{number}=1" for number in range(2_000))
    signature = sign(TOKEN.encode(), "sha1", BASE + "/voice", {})
    headers = {"X-Twilio-Signature": signature}
    answer = house.carrier.client.post("/voice", data=body, content_type=FORM, headers=headers)
    assert answer.status_code == 403


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


@often
@given(
    order=st.dictionaries(
        st.sampled_from(["agent_type", "phone_number", "variables"]) | text,
        json_values
        | st.sampled_from(["logistics", "LOGISTICS", "+919876543210", "x" * 1_000_000])
        | st.just({"name": "Asha"}),
        max_size=5,
    )
)
def test_any_json_order_is_answered_with_json(house: House, order: dict[str, object]) -> None:
    headers = {"Authorization": f"Bearer {SIGNED.api_token}"}
    answer = house.carrier.client.post("/start-call", json=order, headers=headers)
    assert answer.status_code in (201, 400, 403, 404, 422, 429)
    assert answer.content_type == "application/json"


@often
@given(body=st.binary(max_size=300), kind=st.sampled_from([FORM, "application/json", "text/xml"]))
def test_any_body_of_an_order_is_answered_with_json(house: House, body: bytes, kind: str) -> None:
    headers = {"Authorization": f"Bearer {SIGNED.api_token}"}
    answer = house.carrier.client.post("/start-call", data=body, content_type=kind, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/json"


@often
@given(call_id=text, query=queries)
def test_any_look_up_is_answered_with_json(house: House, call_id: str, query: str) -> None:
    headers = {"Authorization": f"Bearer {SIGNED.api_token}"}
    for path in (f"/call-status/{quote(call_id)}", f"/calls?{query}", f"/collected-data?{query}"):
        answer = house.carrier.client.get(path, headers=headers)
        assert answer.status_code in (200, 308, 404, 422)


def _with_carrier(address: str) -> Settings:
    return replace(SIGNED, twilio_base_url=address)
