"""Signatures as Twilio makes them: checked against its own library and its published example."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from providers.errors import BadSignature
from providers.telephony.base import Webhook
from providers.telephony.twilio.signature import Signatures, sign
from tests.providers.telephony.twilio_forms import call_form

TOKEN = "12345"
URL = "https://calls.example/process-response?turn=3"
SHARED = {"webhooks_sharedkey_1": "a-shared-secret"}
SIGNATURES = Signatures(TOKEN, SHARED)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
forms = st.dictionaries(text, st.lists(text, min_size=1, max_size=3), max_size=8)
urls = st.sampled_from(
    [
        "https://calls.example/voice?agent_type=LOGISTICS",
        "https://calls.example:8443/voice",
        "https://calls.example:443/a/b?x=1&y=",
        "http://127.0.0.1:8000/voice",
        "http://calls.example/voice?agent_type=%E0%AE%A4+x",
    ]
)


def webhook(
    url: str = URL,
    form: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Webhook:
    form = {} if form is None else form
    pairs = [(name, value) for name, values in form.items() for value in values]
    encoded = urlencode(pairs, errors="surrogateescape").encode()
    return Webhook(url, form, encoded if body is None else body, headers or {})


def signed_by_the_library(
    url: str, form: Mapping[str, Sequence[str]], secret: str = TOKEN, algorithm: str | None = None
) -> str:
    pairs = MultiDict([(name, value) for name, values in form.items() for value in values])
    return str(RequestValidator(secret).compute_signature(url, pairs, algorithm))


def test_the_published_example_is_accepted() -> None:
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+12349013030"],
        "Digits": ["1234"],
        "From": ["+12349013030"],
        "To": ["+18005551212"],
    }
    headers = {"x-twilio-signature": "0/KCTR6DLpKmkAf8muzZqo1nDgQ="}
    SIGNATURES.check(webhook("https://mycompany.com/myapp.php?foo=1&bar=2", form, headers))


@given(url=urls, form=forms)
def test_we_sign_what_the_library_signs(url: str, form: dict[str, list[str]]) -> None:
    assert sign(TOKEN.encode(), "sha1", url, form) == signed_by_the_library(url, form)


@given(url=urls, form=forms, with_port=st.booleans())
def test_what_the_library_accepts_is_accepted(
    url: str, form: dict[str, list[str]], with_port: bool
) -> None:
    host = url.split("/")[2]
    bare = host.split(":")[0]
    port = 443 if url.startswith("https") else 80
    other = url.replace(host, bare if ":" in host else f"{bare}:{port}") if with_port else url
    signature = signed_by_the_library(other, form)
    pairs = MultiDict([(name, value) for name, values in form.items() for value in values])
    assert RequestValidator(TOKEN).validate(url, pairs, signature)
    SIGNATURES.check(webhook(url, form, {"x-twilio-signature": signature}))


@given(form=forms, name=text, value=text)
def test_a_form_that_was_changed_is_refused(
    form: dict[str, list[str]], name: str, value: str
) -> None:
    signature = signed_by_the_library(URL, form)
    changed = {**form, name: [*form.get(name, []), value]}
    pairs = MultiDict([(key, one) for key, values in changed.items() for one in values])
    if RequestValidator(TOKEN).validate(URL, pairs, signature):
        return  # a repeated value or an empty pair leaves the signed text as it was
    with pytest.raises(BadSignature):
        SIGNATURES.check(webhook(URL, changed, {"x-twilio-signature": signature}))


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL.replace("turn=3", "turn=4"),
        URL.replace("calls.example", "calls.example.evil"),
        URL + "&x=1",
        URL.replace("calls.example", "calls.example:8443"),
    ],
)
def test_a_signature_of_another_address_is_refused(url: str) -> None:
    form = {name: [value] for name, value in call_form().items()}
    signature = signed_by_the_library(url, form)
    with pytest.raises(BadSignature):
        SIGNATURES.check(webhook(URL, form, {"x-twilio-signature": signature}))


@pytest.mark.parametrize("signature", ["", "x", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", "\xff\xfe", "தமிழ்"])
def test_a_missing_or_invented_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        SIGNATURES.check(webhook(URL, {"CallSid": ["CA1"]}, {"x-twilio-signature": signature}))


def test_a_webhook_without_the_header_is_refused() -> None:
    with pytest.raises(BadSignature, match="no signature"):
        SIGNATURES.check(webhook(URL, {"CallSid": ["CA1"]}))


def test_a_signature_made_with_a_former_token_is_refused() -> None:
    form = {"CallSid": ["CA1"]}
    signature = signed_by_the_library(URL, form, secret="the former token")
    with pytest.raises(BadSignature):
        SIGNATURES.check(webhook(URL, form, {"x-twilio-signature": signature}))


@given(form=forms)
def test_a_shared_key_signs_with_sha256(form: dict[str, list[str]]) -> None:
    secret = SHARED["webhooks_sharedkey_1"]
    headers = {
        "x-twilio-signature": signed_by_the_library(URL, form, secret, "HMAC_SHA256"),
        "x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256",
    }
    SIGNATURES.check(webhook(URL, form, headers))


@pytest.mark.parametrize(
    "settings",
    [
        "key=webhooks_sharedkey_2,algorithm=HMAC_SHA256",
        "algorithm=HMAC_SHA256",
        "key=webhooks_sharedkey_1,algorithm=HMAC_MD5",
        "key=webhooks_sharedkey_1,algorithm=none",
        "key=webhooks_sharedkey_1",
        ",,=,",
    ],
)
def test_a_shared_key_signature_under_other_settings_is_refused(settings: str) -> None:
    secret = SHARED["webhooks_sharedkey_1"]
    headers = {
        "x-twilio-signature": signed_by_the_library(URL, {}, secret, "HMAC_SHA256"),
        "x-twilio-webhooks-signature-settings": settings,
    }
    with pytest.raises(BadSignature):
        SIGNATURES.check(webhook(URL, {}, headers))


def test_nothing_signed_with_the_token_passes_where_only_shared_keys_are_set() -> None:
    headers = {"x-twilio-signature": signed_by_the_library(URL, {}, secret="")}
    with pytest.raises(BadSignature):
        Signatures("", SHARED).check(webhook(URL, {}, headers))


@given(body=st.text(min_size=1, max_size=200))
def test_a_json_body_is_held_to_its_hash(body: str) -> None:
    raw = body.encode("utf-8", "replace")
    url = f"{URL}&bodySHA256={hashlib.sha256(raw).hexdigest()}"
    headers = {"x-twilio-signature": signed_by_the_library(url, {})}
    SIGNATURES.check(webhook(url, {}, headers, raw))
    with pytest.raises(BadSignature, match="body"):
        SIGNATURES.check(webhook(url, {}, headers, raw + b" "))


def test_a_json_body_without_a_hash_is_refused() -> None:
    headers = {"x-twilio-signature": signed_by_the_library(URL, {})}
    with pytest.raises(BadSignature, match="body"):
        SIGNATURES.check(webhook(URL, {}, headers, b'{"CallSid": "CA1"}'))


def test_bytes_that_are_no_text_are_signed_as_they_came() -> None:
    form = {"SpeechResult": [b"caf\xe9".decode("utf-8", "surrogateescape")]}
    signature = sign(TOKEN.encode(), "sha1", URL, form)
    SIGNATURES.check(webhook(URL, form, {"x-twilio-signature": signature}))
