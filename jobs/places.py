"""Where a page of deliveries ends, as a text that asks for the next one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.deliveries import Delivery

PLACE_PATTERN = r"^[0-9]{1,17}~[A-Za-z0-9_]{1,80}$"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def place_of(delivery: Delivery) -> str:
    """Behind this delivery."""
    micros = (delivery.created_at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros}~{delivery.delivery_id}"


def read_place(text: str) -> tuple[datetime, str]:
    """A text of `place_of` read. ValueError says what to send."""
    micros, _, delivery_id = text.partition("~")
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), delivery_id
    except (ValueError, OverflowError) as error:
        raise ValueError("Send after as the page before gave it.") from error
