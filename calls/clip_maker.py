"""Has one clip made by the vendor and written, whatever the vendor does on the way."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Event

from audio_cache.files import CacheError, Claim
from audio_cache.forms import begins_as_audio, least_bytes
from providers.breaker import Breaker
from providers.errors import ContentRefused, ProviderError, ProviderUnavailable
from providers.tts.base import SpeechOrder, Synthesiser
from storage.records import ClipRecord

log = logging.getLogger(__name__)

# A vendor that failed this often in a row is left alone for the pause.
FAILURES_MOST = 3
PAUSE_S = 15.0
_TRIES = 2
_BUSY, _CLOSING = "429", "CLOSING"  # how the codes begin; the vendor's own word follows


class Making:
    """A clip that this process is making."""

    def __init__(self, record: ClipRecord, claim: Claim) -> None:
        self.record = record
        self.claim = claim
        self.settled = Event()  # sound is there, or there will be none
        self.has_begun = False  # sound is there
        self.is_kept = False  # and the clip is whole


class ClipMaker:
    """Makes clips, each in the thread that asks. For any number of threads."""

    def __init__(
        self,
        synthesiser: Synthesiser,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.synthesiser = synthesiser
        self._clock = clock
        self._breaker = Breaker(FAILURES_MOST, PAUSE_S, clock)
        self._is_closing = False
        self.last_failure = ""  # why the last clip that was not made was not

    def admits(self) -> bool:
        """Whether the vendor may be asked now. After a yes there must be one `make` or `drop`."""
        return self._breaker.admits()

    def drop(self, making: Making) -> None:
        """Give up what was admitted and claimed before anything was asked."""
        self._breaker.record(False)
        _give_up(making)

    def make(self, making: Making) -> None:
        """Ask the vendor and write what comes. All that goes wrong is logged, nothing is raised."""
        began_at = self._clock()
        works = False
        try:
            works = self._attempts(making, began_at)
        except CacheError as error:
            works = True
            log.error("a clip cannot be kept", extra={"reason": str(error)})
        finally:
            self._breaker.record(works)
            _give_up(making)

    def close(self) -> None:
        """Break off what is being made."""
        self._is_closing = True

    def _attempts(self, making: Making, began_at: float) -> bool:
        """Write the clip; whether the vendor can be said to work."""
        for number in range(1, _TRIES + 1):
            try:
                self._attempt(making)
            except ProviderError as error:
                self._report(making, error, began_at)
                if number == _TRIES or not self._is_worth_another(making, error):
                    return _is_no_outage(error)
            else:
                making.is_kept = True
                return True
        return False  # not reached

    def _attempt(self, making: Making) -> None:
        """One request. After an earlier one that broke off it goes on where that stopped."""
        record, claim = making.record, making.claim
        resumes_at = claim.size_bytes
        whole = bytearray()
        stream = self.synthesiser.stream(_order(record))
        try:
            for piece in stream:
                if not whole and not begins_as_audio(piece):
                    raise self._broken("what came is no sound", "NO_SOUND")
                whole += piece
                if len(whole) > claim.size_bytes:
                    claim.write(bytes(whole[claim.size_bytes :]))
                    making.has_begun = True
                    making.settled.set()
                if self._is_closing:
                    raise self._broken("the server ends", _CLOSING)
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()  # ends the request when we leave early
        if len(whole) < least_bytes(record.text, record.audio_format):
            raise self._broken("the sound is too short for its text", "SHORT")
        if resumes_at:
            claim.keep_instead(bytes(whole))
        else:
            claim.keep()

    def _is_worth_another(self, making: Making, error: ProviderError) -> bool:
        """A caller hears the clip already, or the failure was quick and may have been a hiccup."""
        if self._is_closing or error.permanent or error.code.startswith(_BUSY):
            return False
        return making.has_begun or isinstance(error, ProviderUnavailable)

    def _report(self, making: Making, error: ProviderError, began_at: float) -> None:
        self.last_failure = f"{type(error).__name__} {error.code}".rstrip()
        log.log(
            logging.ERROR if error.needs_a_person else logging.WARNING,
            "a clip was not made",
            extra={
                "provider": error.provider,
                "reason": type(error).__name__,
                "code": error.code,
                "permanent": error.permanent,
                "had_begun": making.has_begun,
                "elapsed_ms": round((self._clock() - began_at) * 1000),
                "clip": making.record.key,
            },
        )

    def _broken(self, message: str, code: str) -> ProviderError:
        return ProviderUnavailable("tts", self.synthesiser.name, message, code)


def _give_up(making: Making) -> None:
    """Nobody waits any longer; what was not kept is gone."""
    making.claim.abandon()
    making.settled.set()


def _is_no_outage(error: ProviderError) -> bool:
    """It is about this text, or the vendor is there and busy: both are told at once."""
    return isinstance(error, ContentRefused) or error.code.startswith((_BUSY, _CLOSING))


def _order(record: ClipRecord) -> SpeechOrder:
    options = {
        name: float(value)
        for name, value in record.options.items()
        if isinstance(value, (int, float))
    }
    return SpeechOrder(
        text=record.text,
        language=record.language,
        voice=record.voice,
        model=record.model,
        options=options,
        audio_format=record.audio_format,
    )
