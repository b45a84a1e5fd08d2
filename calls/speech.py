"""Has what an agent says spoken in time: from clips that are there or grow, or by the carrier."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Protocol

from agents.schema import Agent
from audio_cache.files import CacheError, ClipFiles
from audio_cache.keys import instance_secret, is_key
from calls.clip_maker import ClipMaker, Making
from calls.clip_order import ClipOrders
from calls.outages import BreakableVoice, Outages
from conversation.actions import Action, Part, Say
from providers.tts import open_synthesiser
from settings import Settings
from storage.base import Storage, StorageError
from storage.records import ClipRecord

log = logging.getLogger(__name__)

# Clips asked of the vendor at once for callers: more than any plan of a vendor takes.
CALLERS_MOST = 48
# The same ahead of time. More would be in callers' way at the vendor.
AHEAD_MOST = 3
# Clips that may wait to be made ahead of time; what comes then is made when it is needed.
QUEUED_MOST = 64
_POLL_S = 0.01  # how often one looks at a clip that another process makes
# A record may be forgotten while its clip is used: it is kept again when it was last this long ago.
_KEEP_AGAIN_S = 3600.0
_KEPT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer, ready to be spoken."""

    actions: tuple[Action, ...]  # every part of every Say has its clip; by the carrier, none has
    by_carrier: bool  # the carrier's voice speaks the whole answer
    hits: int = 0  # clips that were there, whole or growing
    made: int = 0  # clips asked of the vendor for this answer
    characters: int = 0  # in those
    provider: str = ""  # "": no vendor is set up
    model: str = ""  # of those clips
    wait_ms: float = 0.0


class Speech(Protocol):
    """Who speaks. Safe for use from many threads."""

    @property
    def files(self) -> ClipFiles | None:
        """Where the clips are; None when there are none."""

    def prepare(self, agent: Agent, actions: Sequence[Action], by_carrier: bool) -> Spoken:
        """The actions with a clip for every part, or all for the carrier's voice.

        Waits for the first sound of what is missing, for all together no longer than CLIP_WAIT_MS.
        `by_carrier`: the call has fallen back to the carrier's voice, and keeps it to its end.
        """

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        """Start making what is missing for an answer that may be given. Waits for nothing."""

    def remake(self, key: str) -> bool:
        """Start making a clip that another process named in an answer; False: nobody knows it."""

    def close(self) -> None:
        """Ask nothing more and let go of connections. Safe to call twice."""


class CarrierVoice:
    """Nobody but the carrier speaks."""

    files: ClipFiles | None = None

    def prepare(self, agent: Agent, actions: Sequence[Action], by_carrier: bool) -> Spoken:
        """The actions as they are."""
        return Spoken(tuple(actions), by_carrier=True)

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        """Nothing is missing."""

    def remake(self, key: str) -> bool:
        """There are no clips."""
        return False

    def close(self) -> None:
        """Nothing is open."""


class ClipSpeech:
    """A vendor's voice, from clips."""

    def __init__(
        self,
        files: ClipFiles,
        orders: ClipOrders,
        maker: ClipMaker,
        storage: Storage,
        wait_s: float,
    ) -> None:
        self.files = files
        self.orders = orders
        self._maker = maker
        self._storage = storage
        self._wait_s = wait_s
        self._name = maker.synthesiser.name
        self._lock = Lock()
        self._makings: dict[str, Making] = {}
        self._queued: set[str] = set()
        self._kept: OrderedDict[str, float] = OrderedDict()
        self._for_callers = 0
        self._callers = ThreadPoolExecutor(CALLERS_MOST, thread_name_prefix="clip")
        self._ahead = ThreadPoolExecutor(AHEAD_MOST, thread_name_prefix="clip-ahead")

    @property
    def is_busy(self) -> bool:
        """Callers are waiting for clips: what is made ahead of time should wait too."""
        return self._for_callers > 0

    @property
    def last_failure(self) -> str:
        """Why the last clip that was not made was not; "" when there is none."""
        return self._maker.last_failure

    def prepare(self, agent: Agent, actions: Sequence[Action], by_carrier: bool) -> Spoken:
        """See `Speech`."""
        if by_carrier:
            return Spoken(tuple(actions), by_carrier=True, provider=self._name)
        began_at = time.monotonic()
        composed = self.orders.composed(agent, actions)
        wanted = self._records(agent, composed)
        awaited = _Awaited(began_at + self._wait_s)
        missing = [record for record in wanted.values() if not self.files.use(record.key)]
        is_possible = all(self._is_obtained(record, awaited) for record in missing)
        for record in wanted.values():
            self._keep(record)
        is_ready = is_possible and self._have_begun(awaited)
        if is_ready:
            spoken = tuple(self._with_clips(agent, action) for action in composed)
        else:
            spoken = tuple(actions)
            log.warning("the carrier's voice stands in", extra={"provider": self._name})
        made = awaited.started
        return Spoken(
            actions=spoken,
            by_carrier=not is_ready,
            hits=len(wanted) - len(missing) + len(awaited.others),
            made=len(made),
            characters=sum(len(record.text) for record in made),
            provider=self._name,
            model=made[0].model if made else "",
            wait_ms=round((time.monotonic() - began_at) * 1000, 3),
        )

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        """See `Speech`."""
        wanted = self._records(agent, self.orders.composed(agent, actions))
        for record in wanted.values():
            if self.files.use(record.key):
                continue
            with self._lock:
                if record.key in self._queued or len(self._queued) >= QUEUED_MOST:
                    continue
                self._queued.add(record.key)
            try:
                future = self._ahead.submit(self.make, record)
            except RuntimeError:  # closed
                return
            future.add_done_callback(partial(self._unqueue, record.key))

    def make(self, record: ClipRecord) -> bool:
        """Make a clip ahead of time in this thread, unless it is there; whether it is there now."""
        if self.files.use(record.key):
            return True
        making = self._begun(record)
        if making is None:
            return self.files.use(record.key)
        try:
            self._keep(record)
            self._maker.make(making)
        finally:
            self._forget(making)
        return making.is_kept

    def remake(self, key: str) -> bool:
        """See `Speech`."""
        if not is_key(key):
            return False
        if self.files.use(key) or key in self._makings or self.files.is_claimed(key):
            return True
        try:
            record = self._storage.load_clip(key)
        except StorageError:
            log.exception("a clip cannot be looked up", extra={"clip": key})
            return False
        if record is None or record.provider != self._name:
            return False
        self._start(record)
        return True

    def close(self) -> None:
        """See `Speech`. Clips that are being made are broken off: seconds, when a vendor hangs."""
        self._maker.close()
        self._ahead.shutdown(cancel_futures=True)
        self._callers.shutdown(cancel_futures=True)
        self._maker.synthesiser.close()

    def _records(self, agent: Agent, composed: Sequence[Action]) -> dict[str, ClipRecord]:
        records = [
            self.orders.record(agent, part)
            for action in composed
            if isinstance(action, Say)
            for part in action.parts
        ]
        return {record.key: record for record in records}

    def _with_clips(self, agent: Agent, action: Action) -> Action:
        if not isinstance(action, Say):
            return action
        keys = [self.orders.record(agent, part).key for part in action.parts]
        parts = [
            Part(part.text, part.language, part.fixed, key)
            for part, key in zip(action.parts, keys, strict=True)
        ]
        return Say(tuple(parts), action.interruptible)

    def _is_obtained(self, record: ClipRecord, awaited: _Awaited) -> bool:
        """Whether the clip is being made now, by us or another; False: it cannot be."""
        making = self._makings.get(record.key)
        if making is not None:
            awaited.makings.append(making)
            awaited.others.append(record)
            return True
        making = self._start(record)
        if making is not None:
            awaited.makings.append(making)
            awaited.started.append(record)
            return True
        if self.files.use(record.key) or self.files.is_claimed(record.key):
            awaited.elsewhere.append(record)
            awaited.others.append(record)
            return True
        return False

    def _have_begun(self, awaited: _Awaited) -> bool:
        """Wait for the first sound of each; whether all have any."""
        for making in awaited.makings:
            making.settled.wait(max(awaited.ends_at - time.monotonic(), 0.0))
            if not making.has_begun:
                return False
        return all(self._begins_elsewhere(record, awaited) for record in awaited.elsewhere)

    def _begins_elsewhere(self, record: ClipRecord, awaited: _Awaited) -> bool:
        """The same for a clip that another process makes, or ours when that one dies."""
        while True:
            if self.files.use(record.key) or self.files.has_begun(record.key):
                return True
            making = self._makings.get(record.key) or self._start(record)
            left_s = awaited.ends_at - time.monotonic()
            if making is not None:
                making.settled.wait(max(left_s, 0.0))
                return making.has_begun
            if left_s <= 0:
                return False
            time.sleep(min(_POLL_S, left_s))

    def _start(self, record: ClipRecord) -> Making | None:
        """Have the clip made for a caller; None when it is not ours to make."""
        making = self._begun(record)
        if making is None:
            return None
        with self._lock:
            self._for_callers += 1
        try:
            future = self._callers.submit(self._maker.make, making)
        except RuntimeError:  # closed
            self._ended(making, None)
            return None
        future.add_done_callback(lambda done: self._ended(making, done))
        return making

    def _begun(self, record: ClipRecord) -> Making | None:
        """The clip as ours to make; None when another makes it, or nobody can."""
        try:
            claim = self.files.claim(record.key)
        except CacheError as error:
            log.error("no clip can be made", extra={"reason": str(error)})
            return None
        if claim is None:
            return None
        if not self._maker.admits():
            claim.abandon()
            return None
        making = Making(record, claim)
        with self._lock:
            self._makings[record.key] = making
        return making

    def _unqueue(self, key: str, done: Future[bool]) -> None:
        with self._lock:
            self._queued.discard(key)

    def _ended(self, making: Making, done: Future[None] | None) -> None:
        with self._lock:
            self._for_callers -= 1
        if done is None or done.cancelled():
            self._maker.drop(making)
        self._forget(making)

    def _forget(self, making: Making) -> None:
        with self._lock:
            if self._makings.get(making.record.key) is making:
                del self._makings[making.record.key]

    def _keep(self, record: ClipRecord) -> None:
        """Keep how the clip is made. A store that fails costs other machines the clip, not us."""
        now = time.monotonic()
        if now - self._kept.get(record.key, -_KEEP_AGAIN_S) < _KEEP_AGAIN_S:
            return
        try:
            self._storage.keep_clip(replace(record, created_at=datetime.now(UTC)))
        except StorageError:
            log.exception("how a clip is made was not kept", extra={"clip": record.key})
            return
        with self._lock:
            self._kept[record.key] = now
            self._kept.move_to_end(record.key)
            if len(self._kept) > _KEPT_MOST:
                self._kept.popitem(last=False)


class _Awaited:
    """What an answer waits for."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.makings: list[Making] = []  # in this process
        self.elsewhere: list[ClipRecord] = []  # in another
        self.started: list[ClipRecord] = []  # by this answer
        self.others: list[ClipRecord] = []  # before it


def open_speech(
    settings: Settings,
    storage: Storage,
    clock: Callable[[], datetime] | None = None,
    outages: Outages | None = None,
) -> Speech:
    """The voice that the settings ask for: a vendor's when its key is set, else the carrier's.

    `outages` may have the vendor fail.
    """
    synthesiser = open_synthesiser(settings)
    if synthesiser is None:
        return CarrierVoice()
    if outages is not None:
        synthesiser = BreakableVoice(synthesiser, outages)
    folder = Path(settings.data_dir)
    try:
        secret = instance_secret(settings.secret_key, folder)
    except OSError:
        log.exception("clips have no secret to be named with: the carrier's voice speaks")
        synthesiser.close()
        return CarrierVoice()
    orders = ClipOrders(
        synthesiser, settings.audio_format, secret, clock or (lambda: datetime.now(UTC))
    )
    return ClipSpeech(
        files=ClipFiles(folder / "audio"),
        orders=orders,
        maker=ClipMaker(synthesiser),
        storage=storage,
        wait_s=settings.clip_wait_ms / 1000,
    )
