"""Quiet background sound while an answer is awaited, made by code: a room, somebody types."""

from __future__ import annotations

from functools import cache


@cache
def background() -> bytes:
    """A few seconds of μ-law at 8 kHz that may be played over and over; always the same."""
    raise NotImplementedError
