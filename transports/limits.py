"""How often one number may be rung: a limit on what a stolen token can cost."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from flask import Flask, g
from flask_limiter import Limiter, RateLimitExceeded
from limits import parse_many
from limits.errors import ConfigurationError

from settings import Settings, SettingsError
from transports.errors import ApiError


def number_limit(settings: Settings) -> Callable[[str], None]:
    """A check that counts one ring of a number; ApiError 429 when that is one too many.

    Counted in Redis for all processes when there is one, else in this process. SettingsError
    when the limit cannot be read: unread, it would let everything pass.
    """
    try:
        parse_many(settings.start_call_limit)
    except ValueError:
        message = (
            f"START_CALL_LIMIT: write a limit such as '3 per hour' (it is "
            f"{settings.start_call_limit!r})"
        )
        raise SettingsError(message) from None
    # On an application of its own: the limiter hooks into every request of its application, and
    # webhooks, which it has no business with, would pay for that as much as for all of Flask.
    try:
        limiter = Limiter(
            lambda: str(g.number_rung),
            app=Flask("limits", static_folder=None),
            storage_uri=settings.redis_url or "memory://",
            strategy="moving-window",
            in_memory_fallback_enabled=bool(settings.redis_url),
            key_prefix="callwright-ring",
        )
    except ConfigurationError as error:
        raise SettingsError(f"REDIS_URL: {error}") from error

    @limiter.limit(settings.start_call_limit)
    def count() -> None:
        pass

    def check(number: str) -> None:
        g.number_rung = number
        try:
            count()
        except RateLimitExceeded:
            breached = limiter.current_limit
            wait_s = max(1, math.ceil(breached.reset_at - time.time())) if breached else 60
            message = f"This number was rung often enough; try again in {wait_s} seconds."
            raise ApiError(
                429,
                "too_many_calls",
                message,
                details={"field": "phone_number", "retry_after_s": wait_s},
                headers={"Retry-After": str(wait_s)},
            ) from None

    return check
