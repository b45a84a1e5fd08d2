"""Why a call that is to be live is led by webhook: from its start, or from some moment on."""

from __future__ import annotations

from enum import StrEnum


class Why(StrEnum):
    """Kept with the call, logged and counted: docs/live.md says what each means."""

    # There is no room, now or here.
    OFF = "off"  # LIVE_CALLS_MOST is 0
    NO_SOCKETS = "no_sockets"  # this process does not serve any
    DRAINING = "draining"
    FULL = "full"
    LAGGING = "lagging"
    # Somebody whom it takes is not there.
    NO_HTTPS = "no_https"  # the carrier opens no socket that is not encrypted (31922)
    NO_RECOGNISER = "no_recogniser"
    NO_VOICE = "no_voice"
    REFUSED = "refused"  # the carrier did not take this agent's relay a while ago
    # It was live.
    SOCKET_LOST = "socket_lost"
    NOT_UNDERSTOOD = "not_understood"  # by the carrier, what we sent
    NONSENSE = "nonsense"  # sent by whoever has the socket
    TOO_LONG = "too_long"
    BROKEN = "broken"  # by a fault of ours, which is in the log
