"""How often one number may be rung or written to: a limit on what a stolen token can cost."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, g
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse_many
from limits.errors import ConfigurationError

from settings import Settings, SettingsError
from transports.errors import ApiError


@dataclass(frozen=True, slots=True)
class _Counted:
    """What is done with a number, and how often that may be."""

    variable: str  # the setting that says so
    limit: str
    name: str  # of the count in Redis
    code: str
    told: str


def number_limit(settings: Settings) -> Callable[[str], None]:
    """A check that counts one ring of a number; ApiError 429 when that is one too many.

    Counted in Redis for all processes when there is one, else in this process. SettingsError
    when the limit cannot be read: unread, it would let everything pass.
    """
    rings = _Counted(
        variable="START_CALL_LIMIT",
        limit=settings.start_call_limit,
        name="ring",
        code="too_many_calls",
        told="This number was rung often enough",
    )
    return _limit(settings, rings)


def message_limit(settings: Settings) -> Callable[[str], None]:
    """The same for one message to a number."""
    messages = _Counted(
        variable="MESSAGE_LIMIT",
        limit=settings.message_limit,
        name="message",
        code="too_many_messages",
        told="This number was sent messages often enough",
    )
    return _limit(settings, messages)


def _limit(settings: Settings, counted: _Counted) -> Callable[[str], None]:
    try:
        parse_many(counted.limit)
    except ValueError:
        message = (
            f"{counted.variable}: write a limit such as '3 per hour' (it is {counted.limit!r})"
        )
        raise SettingsError(message) from None
    # On an application of its own: the limiter hooks into every request of its application, and
    # webhooks, which it has no business with, would pay for that as much as for all of Flask.
    try:
        limiter = Limiter(
            lambda: str(g.number_counted),
            app=Flask("limits", static_folder=None),
            storage_uri=settings.redis_url or "memory://",
            strategy="moving-window",
            in_memory_fallback_enabled=bool(settings.redis_url),
            key_prefix=f"callwright-{counted.name}",
        )
    except ConfigurationError as error:
        raise SettingsError(f"REDIS_URL: {error}") from error

    @limiter.shared_limit(counted.limit, scope=counted.name)  # or each route would count for itself
    def count() -> None:
        pass

    def check(number: str) -> None:
        g.number_counted = number
        try:
            count()
        except RateLimitExceeded:
            breached = limiter.current_limit
            wait_s = max(1, math.ceil(breached.reset_at - time.time())) if breached else 60
            raise ApiError(
                429,
                counted.code,
                f"{counted.told}; try again in {_span(wait_s)}.",
                details={"field": "phone_number", "retry_after_s": wait_s},
                headers={"Retry-After": str(wait_s)},
            ) from None

    return check


def _span(seconds: int) -> str:
    """Seconds in words; never shorter than they are."""
    if seconds < 120:
        return "a second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
