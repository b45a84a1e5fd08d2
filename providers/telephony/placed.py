"""What the carrier tells, when asked, of calls it was to place: whether it did, how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from providers.errors import ProviderUnavailable


class PerhapsPlaced(ProviderUnavailable):
    """The carrier broke, or the line to it, while an order was on its way.

    It may ring all the same: only the carrier's list of calls says, a little later.
    """


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call that the carrier knows of."""

    carrier_id: str
    to: str  # E.164
    status: str  # queued, ringing, in-progress, or one of ENDED_STATUSES
    created_at: datetime  # by the carrier's clock, to the second
    seconds: int = 0  # that it lasted; 0 before its end
