"""Carriers by name. One folder each; the contract is in `base`."""

from __future__ import annotations

from collections.abc import Callable

from providers.telephony.base import Telephony
from providers.telephony.twilio import Twilio
from providers.telephony.twilio.elevenlabs_deepgram import ElevenLabsDeepgram
from settings import Settings

# The first is used unless another is named.
REGISTRY: dict[str, Callable[[Settings], Telephony]] = {
    "twilio": lambda settings: Twilio(settings, ElevenLabsDeepgram(settings)),
}


def open_telephony(settings: Settings, name: str | None = None) -> Telephony:
    """The carrier called `name`, or the first of the registry. KeyError for an unknown one."""
    return REGISTRY[name or next(iter(REGISTRY))](settings)
