"""Leads, attempts, refusals, do-not-call entries and deliveries as rows and back. No connection.

Moments are whole microseconds since 1970: there are millions of them, and they are compared more
often than they are read by people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import orjson

from storage.base import StorageError
from storage.codec import Row, document_text
from storage.deliveries import Delivery, DeliveryStatus
from storage.do_not_call import DoNotCall, Source
from storage.leads import Attempt, Lead, LeadStatus, Refusal

# Columns are called and ordered like the fields of the record, where no other name is given.
LEAD_COLUMNS = tuple(one.name for one in fields(Lead))
# What a save may change: the rest is what the lead was added with.
LEAD_CHANGES = tuple(
    name
    for name in LEAD_COLUMNS
    if name not in {"lead_id", "campaign_id", "number", "line", "created_at"}
)
ATTEMPT_COLUMNS = tuple(one.name for one in fields(Attempt))
REFUSAL_COLUMNS = tuple(one.name for one in fields(Refusal))
ENTRY_COLUMNS = ("number", "campaign_id", "source", "at", "words", "who", "call_id")
DELIVERY_COLUMNS = (*(one.name for one in fields(Delivery)), "free_at", "call_id")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970. StorageError without a time zone, as with `codec.moment_text`."""
    if moment.tzinfo is None:
        raise StorageError("A moment without a time zone cannot be kept; use an aware one.")
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(number: int) -> datetime:
    """The moment so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=number)


def micros_or_none(moment: datetime | None) -> int | None:
    """`micros`, of a moment that may be missing."""
    return None if moment is None else micros(moment)


def _moment_or_none(number: int | None) -> datetime | None:
    return None if number is None else moment_of(number)


def zones_text(zones: Sequence[str]) -> str:
    """Zones in an order of their own, so that equal sets are equal texts. Names have no spaces."""
    return " ".join(sorted(zones))


def lead_row(lead: Lead) -> Row:
    """The values of LEAD_COLUMNS."""
    # New leads, of which there are millions, have one moment three times.
    created = lead.created_at
    at = micros(created)
    return (
        lead.lead_id,
        lead.campaign_id,
        lead.number,
        document_text(lead.variables),
        zones_text(lead.zones) if len(lead.zones) > 1 else "".join(lead.zones),
        lead.country,
        lead.subdivision,
        lead.line,
        at,
        at if lead.updated_at is created else micros(lead.updated_at),
        at if lead.due_at is created else micros(lead.due_at),
        lead.status.value,
        lead.attempts,
        str(lead.result),
        str(lead.reason),
        lead.consent_basis,
        micros_or_none(lead.consent_at),
        lead.lease,
        micros_or_none(lead.lease_until),
        lead.call_id,
        lead.version,
    )


def lead_of(row: Row) -> Lead:
    """The lead in a row of LEAD_COLUMNS."""
    lead_id, campaign_id, number, variables, zones, country, subdivision, line, *rest = row
    created, updated, due, status, attempts, result, reason, basis, consented, *last = rest
    lease, lease_until, call_id, version = last
    return Lead(
        lead_id,
        campaign_id,
        number,
        orjson.loads(variables),
        tuple(zones.split()),
        country,
        subdivision,
        line,
        moment_of(created),
        moment_of(updated),
        moment_of(due),
        LeadStatus(status),
        attempts,
        result,
        reason,
        basis,
        _moment_or_none(consented),
        lease,
        _moment_or_none(lease_until),
        call_id,
        version,
    )


def attempt_row(attempt: Attempt) -> Row:
    """The values of ATTEMPT_COLUMNS."""
    return (
        attempt.call_id,
        attempt.campaign_id,
        attempt.lead_id,
        attempt.number,
        attempt.attempt,
        micros(attempt.started_at),
        attempt.local_hour,
        attempt.carrier_id,
        micros_or_none(attempt.ended_at),
        str(attempt.result),
        attempt.answered_by,
        int(attempt.spoke),
        int(attempt.qualified),
        float(attempt.seconds),
        attempt.error,
    )


def attempt_of(row: Row) -> Attempt:
    """The attempt in a row of ATTEMPT_COLUMNS."""
    call_id, campaign_id, lead_id, number, attempt, started, hour, carrier_id, *rest = row
    ended, result, answered_by, spoke, qualified, seconds, error = rest
    return Attempt(
        call_id,
        campaign_id,
        lead_id,
        number,
        attempt,
        moment_of(started),
        hour,
        carrier_id,
        _moment_or_none(ended),
        result,
        answered_by,
        bool(spoke),
        bool(qualified),
        seconds,
        error,
    )


def refusal_row(refusal: Refusal) -> Row:
    """The values of REFUSAL_COLUMNS."""
    return (
        refusal.campaign_id,
        refusal.lead_id,
        micros(refusal.at),
        str(refusal.reason),
        micros_or_none(refusal.until),
        refusal.leads,
        zones_text(refusal.zones),
        refusal.detail,
        refusal.country,
    )


def refusal_of(row: Row) -> Refusal:
    """The refusal in a row of REFUSAL_COLUMNS."""
    campaign_id, lead_id, at, reason, until, leads, zones, *words = row
    moments = moment_of(at), _moment_or_none(until)
    zone_names = tuple(zones.split())
    return Refusal(campaign_id, lead_id, moments[0], reason, moments[1], leads, zone_names, *words)


def entry_row(entry: DoNotCall) -> Row:
    """The values of ENTRY_COLUMNS."""
    return (
        entry.number,
        entry.campaign_id,
        str(entry.source),
        micros(entry.at),
        entry.words,
        entry.by,
        entry.call_id,
    )


def entry_of(row: Row) -> DoNotCall:
    """The entry of a do-not-call list in a row of ENTRY_COLUMNS."""
    number, campaign_id, source, at, words, who, call_id = row
    return DoNotCall(number, campaign_id, Source(source), moment_of(at), words, who, call_id)


def delivery_row(delivery: Delivery) -> Row:
    """The values of DELIVERY_COLUMNS."""
    due = micros(delivery.due_at)
    lease_until = micros_or_none(delivery.lease_until)
    call_id = delivery.body.get("call_id")
    return (
        delivery.delivery_id,
        delivery.endpoint_id,
        delivery.event,
        document_text(delivery.body),
        micros(delivery.created_at),
        due,
        str(delivery.status),
        delivery.tries,
        delivery.answer,
        delivery.error,
        micros_or_none(delivery.tried_at),
        lease_until,
        due if lease_until is None else max(due, lease_until),
        call_id if isinstance(call_id, str) else "",
    )


def delivery_of(row: Row) -> Delivery:
    """The delivery in a row of DELIVERY_COLUMNS."""
    delivery_id, endpoint_id, event, body, created, due, status, tries, *rest = row
    answer, error, tried, lease_until, _, _ = rest
    return Delivery(
        delivery_id,
        endpoint_id,
        event,
        orjson.loads(body),
        moment_of(created),
        moment_of(due),
        DeliveryStatus(status),
        tries,
        answer,
        error,
        _moment_or_none(tried),
        _moment_or_none(lease_until),
    )
