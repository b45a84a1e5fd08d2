"""Numbers of the account, and where the carrier goes with their calls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineAddresses:
    """Where the carrier goes for calls of one of our numbers. Absolute; "" for none."""

    voice: str
    fallback: str
    status: str


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A number of the account."""

    number_id: str  # the carrier's
    number: str  # E.164
    name: str
    addresses: LineAddresses
    # What takes its calls in place of the addresses ("a SIP trunk"); "" when they count.
    instead: str = ""
