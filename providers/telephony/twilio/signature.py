"""Checks the signatures of Twilio's webhooks. Which URL was signed is the caller's to know."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from providers.errors import BadSignature
from providers.telephony.base import Webhook

SIGNATURE = "x-twilio-signature"
# Sent with webhooks that are signed with a shared key: "key=<id>,algorithm=HMAC_SHA256".
SIGNATURE_SETTINGS = "x-twilio-webhooks-signature-settings"

# Of an address that names none.
_PORTS = {"https": 443, "wss": 443}


class Signatures:
    """The secrets of an account and the check made with them.

    One HMAC over strings known in advance: the library's validator parses the URL and hashes
    twice on every request, which costs nearly twenty times as much.
    """

    def __init__(self, auth_token: str, shared_keys: Mapping[str, str]) -> None:
        self._token = auth_token.encode()
        self._shared = {name: secret.encode() for name, secret in shared_keys.items()}

    def check(self, webhook: Webhook) -> None:
        """BadSignature, saying why, unless the webhook carries the right signature."""
        sent = webhook.headers.get(SIGNATURE)
        if not sent:
            raise BadSignature("no signature")
        secret, algorithm = self._secret(webhook.headers.get(SIGNATURE_SETTINGS, ""))
        if webhook.body and not webhook.form:
            _check_body(webhook)
        signature = sent.encode("utf-8", "replace")
        rest = _parameters(webhook.form)
        if _matches(secret, algorithm, webhook.url, rest, signature):
            return
        # Whether a port is part of what was signed differs between Twilio's own servers.
        if not _matches(secret, algorithm, _port_changed(webhook.url), rest, signature):
            raise BadSignature("the signature is not that of this URL and form")

    def _secret(self, settings: str) -> tuple[bytes, str]:
        named = dict(_pair(part) for part in settings.split(",")) if settings else {}
        algorithm = named.get("algorithm", "HMAC_SHA1").upper()
        if algorithm == "HMAC_SHA1":
            if not self._token:
                raise BadSignature("signed with the auth token, which is not set here")
            return self._token, "sha1"
        if algorithm != "HMAC_SHA256":
            raise BadSignature("signed with an algorithm that is not known")
        secret = self._shared.get(named.get("key", ""))
        if secret is None:
            raise BadSignature("signed with a shared key that is not known")
        return secret, "sha256"


def sign(secret: bytes, algorithm: str, url: str, form: Mapping[str, Sequence[str]]) -> str:
    """The signature that belongs to a URL and a form; `algorithm` is "sha1" or "sha256"."""
    return _mac(secret, algorithm, url, _parameters(form)).decode()


def _matches(secret: bytes, algorithm: str, url: str, rest: str, signature: bytes) -> bool:
    return hmac.compare_digest(_mac(secret, algorithm, url, rest), signature)


def _mac(secret: bytes, algorithm: str, url: str, rest: str) -> bytes:
    # Bytes that are not UTF-8 travel as lone surrogates and are signed as they were sent.
    signed = (url + rest).encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.digest(secret, signed, algorithm))


def _parameters(form: Mapping[str, Sequence[str]]) -> str:
    pieces: list[str] = []
    for name in sorted(form):
        values = form[name]
        for value in values if len(values) == 1 else sorted(set(values)):
            pieces.append(name)
            pieces.append(value)
    return "".join(pieces)


def _check_body(webhook: Webhook) -> None:
    # A body that is no form is not part of the signed text; the URL then holds its hash.
    hashes = parse_qs(urlsplit(webhook.url).query).get("bodySHA256", [""])
    found = hashlib.sha256(webhook.body).hexdigest()
    if not hmac.compare_digest(found.encode(), hashes[0].lower().encode("utf-8", "replace")):
        raise BadSignature("the body is not the one that was signed")


def _port_changed(url: str) -> str:
    """The URL without its port, or with the usual one when it names none."""
    scheme, rest = url.split("://", 1)
    netloc = urlsplit(url).netloc
    host, _, tail = netloc.rpartition(":")
    if host and tail.isdigit():
        return f"{scheme}://{host}{rest[len(netloc) :]}"
    return f"{scheme}://{netloc}:{_PORTS.get(scheme, 80)}{rest[len(netloc) :]}"


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()
