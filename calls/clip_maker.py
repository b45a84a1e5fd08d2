"""Has one clip made by the vendor and written, whatever the vendor does on the way."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from threading import Event

from audio_cache.files import CacheError, Claim
from audio_cache.forms import MULAW, begins_as_audio, least_bytes, suffix_of
from audio_cache.mulaw import from_onset
from calls.sounds import Source
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

    def __init__(self, record: ClipRecord, claim: Claim, source: Source | None = None) -> None:
        self.record = record
        self.claim = claim
        self.source = source  # where it is heard from memory; None: from its file only
        self.settled = Event()  # sound is there, or there will be none
        self.has_begun = False  # sound is there
        self.is_whole = False  # all of it
        self.is_kept = False  # and as a file
        self.size_bytes = 0
        self._unwritten: CacheError | None = None

    def add(self, data: bytes) -> None:
        """More of it is there. CacheError when it cannot be written and nobody hears it here."""
        self.size_bytes += len(data)
        if self.source is not None:
            self.source.add(data)
            self._begun()  # who hears it waits for no disk
        if self._unwritten is None:
            try:
                self.claim.write(data)
            except CacheError as error:
                if self.source is None:
                    raise
                self._unwritten = error
        self._begun()

    def end(self, whole: bytes, is_resumed: bool) -> None:
        """That was all. CacheError when it is not kept, whoever has heard it."""
        self.is_whole = True
        if self.source is not None:
            self.source.end(is_whole=True)  # before the disk, which takes its time
        if self._unwritten is not None:
            raise self._unwritten
        if is_resumed:
            self.claim.keep_instead(whole)
        else:
            self.claim.keep()
        self.is_kept = True

    def _begun(self) -> None:
        self.has_begun = True
        self.settled.set()


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
                return True
        return False  # not reached

    def _attempt(self, making: Making) -> None:
        """One request. After an earlier one that broke off it goes on where that stopped."""
        record = making.record
        is_resumed = making.size_bytes > 0
        whole = bytearray()
        stream = self.synthesiser.stream(_order(record))
        try:
            for piece in self._heard(stream, record.audio_format):
                whole += piece
                if len(whole) > making.size_bytes:
                    making.add(bytes(whole[making.size_bytes :]))
                if self._is_closing:
                    raise self._broken("the server ends", _CLOSING)
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()  # ends the request when we leave early
        if len(whole) < least_bytes(record.text, record.audio_format):
            raise self._broken("the sound is too short for its text", "SHORT")
        making.end(bytes(whole), is_resumed)

    def _heard(self, stream: Iterator[bytes], audio_format: str) -> Iterator[bytes]:
        """What is kept of what the vendor sends: of telephone sound no silence at its start."""
        sound = self._checked(stream, audio_format)
        return from_onset(sound) if suffix_of(audio_format) == MULAW else sound

    def _checked(self, stream: Iterator[bytes], audio_format: str) -> Iterator[bytes]:
        is_first = True
        for piece in stream:
            if is_first and not begins_as_audio(piece, audio_format):
                raise self._broken("what came is no sound", "NO_SOUND")
            is_first = False
            yield piece

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
