"""The numbers of the account on this machine: told and changed as the carrier's REST side does.

Source: twilio.com/docs/phone-numbers/api/incomingphonenumber-resource.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime

from flask import Flask, Response, jsonify, request

from phone.faults import Refused
from phone.leg import API_VERSION
from phone.orders import read_address, read_method

# What may be changed: REST parameter → key of the resource.
_ADDRESSES = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "StatusCallback": "status_callback",
}
_METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}
_TEXTS = {
    "FriendlyName": "friendly_name",
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
}
PAGE_MOST = 1000


class Numbers:
    """The numbers of one account. For any number of threads."""

    def __init__(self, numbers: Iterable[str], now: datetime) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, dict[str, object]] = {}
        for number in numbers:
            resource = _resource(number, now)
            self._kept[str(resource["sid"])] = resource

    def add_to(self, app: Flask) -> None:
        """The routes of the numbers."""
        path = f"/{API_VERSION}/Accounts/<account>/IncomingPhoneNumbers"
        app.add_url_rule(f"{path}.json", "numbers", self._list, methods=["GET"])
        app.add_url_rule(f"{path}/<sid>.json", "number", self._fetch, methods=["GET"])
        app.add_url_rule(f"{path}/<sid>.json", "assign", self._change, methods=["POST"])

    def all(self) -> Sequence[Mapping[str, object]]:
        """Every number as it is."""
        with self._lock:
            return [dict(one) for one in self._kept.values()]

    def change(self, number: str, **changes: str) -> None:
        """Change a number from outside of the REST interface, by keys of its resource."""
        with self._lock:
            one = next(one for one in self._kept.values() if one["phone_number"] == number)
            one.update(changes)

    def _list(self, account: str) -> Response:
        raw_size, raw_page = request.args.get("PageSize", "50"), request.args.get("Page", "0")
        size = min(int(raw_size), PAGE_MOST) if raw_size.isdecimal() and int(raw_size) else 50
        page = int(raw_page) if raw_page.isdecimal() else 0
        found = [{**one, "account_sid": account} for one in self.all()]
        wanted = request.args.get("PhoneNumber")
        found = [one for one in found if not wanted or one["phone_number"] == wanted]
        first = page * size
        more = f"{request.path}?PageSize={size}&Page={page + 1}"
        return jsonify(
            {
                "incoming_phone_numbers": found[first : first + size],
                "page": page,
                "page_size": size,
                "start": first,
                "end": max(min(first + size, len(found)) - 1, 0),
                "uri": request.full_path.rstrip("?"),
                "first_page_uri": f"{request.path}?PageSize={size}&Page=0",
                "next_page_uri": more if first + size < len(found) else None,
                "previous_page_uri": None,
            }
        )

    def _fetch(self, account: str, sid: str) -> Response:
        with self._lock:
            return jsonify({**self._find(sid), "account_sid": account})

    def _change(self, account: str, sid: str) -> Response:
        form = request.form.to_dict(flat=False)
        changes: dict[str, object] = {}
        changes |= {
            key: read_address(form, name) for name, key in _ADDRESSES.items() if name in form
        }
        changes |= {key: read_method(form, name) for name, key in _METHODS.items() if name in form}
        changes |= {key: form[name][-1] or None for name, key in _TEXTS.items() if name in form}
        with self._lock:
            one = self._find(sid)
            one.update(changes)
            return jsonify({**one, "account_sid": account})

    def _find(self, sid: str) -> dict[str, object]:
        if sid not in self._kept:
            message = f"The requested resource {request.path} was not found"
            raise Refused(404, 20404, message)
        return self._kept[sid]


def _resource(number: str, now: datetime) -> dict[str, object]:
    sid = "PN" + hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()
    moment = format_datetime(now.replace(microsecond=0))
    return {
        "sid": sid,
        "account_sid": "",
        "friendly_name": number,
        "phone_number": number,
        "voice_url": "",
        "voice_method": "POST",
        "voice_fallback_url": "",
        "voice_fallback_method": "POST",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        "voice_application_sid": None,
        "trunk_sid": None,
        "status_callback": "",
        "status_callback_method": "POST",
        "sms_url": "",
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
        "sms_application_sid": None,
        "address_requirements": "none",
        "address_sid": None,
        "identity_sid": None,
        "bundle_sid": None,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "status": "in-use",
        "date_created": moment,
        "date_updated": moment,
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts//IncomingPhoneNumbers/{sid}.json",
        "subresource_uris": {},
    }
