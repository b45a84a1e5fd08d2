"""How often each round is done, by its name; beat knows no more of them than this.

`services` says what is done in each; a test holds both alike.
"""

from __future__ import annotations

from collections.abc import Mapping

# Seconds.
TIMETABLE: Mapping[str, float] = {
    "insights": 2,
    "quiet calls": 60,
    "recordings": 2,
    "imports": 1,
    "dialer": 1,
    "attempts": 3,
    "retention": 600,
    "messages": 2,
    "webhooks": 1,
    "campaigns that are over": 5,
}
