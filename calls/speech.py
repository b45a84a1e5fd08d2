"""Has what an agent says spoken in time: from clips that are there or grow, or by the carrier."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from agents.schema import Agent
from audio_cache.files import ClipFiles
from audio_cache.keys import instance_secret, is_key
from calls.clip_maker import ClipMaker, Making
from calls.clip_order import ClipOrders
from calls.makings import Makings
from calls.outages import BreakableVoice, Outages
from conversation.actions import Action, Part, Say
from providers.tts import open_synthesiser
from settings import Settings
from storage.base import Storage, StorageError
from storage.records import ClipRecord

log = logging.getLogger(__name__)

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
    others: tuple[Spoken, ...] = ()  # vendors that were asked before and were not there in time


class Speech(Protocol):
    """Who speaks. Safe for use from many threads."""

    @property
    def files(self) -> ClipFiles | None:
        """Where the clips are; None when there are none."""

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
        """The actions with a clip for every part, or all for the carrier's voice.

        Waits for the first sound of what is missing, for all together no longer than CLIP_WAIT_MS.
        `by_carrier`: the call has fallen back to the carrier's voice, and keeps it to its end.
        `former`: the call's last answer, for who keeps the voice that spoke it.
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

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
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
        orders: ClipOrders,
        makings: Makings,
        storage: Storage,
        wait_s: float,
        live: ClipSpeech | None = None,
    ) -> None:
        """`live`: the same voice in the form of live calls. The carrier plays its clips as well."""
        self.files = makings.files
        self.orders = orders
        self.name = makings.maker.synthesiser.name
        self._makings = makings
        self._storage = storage
        self._wait_s = wait_s
        self._live = live
        self._lock = Lock()
        self._kept: OrderedDict[str, float] = OrderedDict()

    @property
    def maker(self) -> ClipMaker:
        """Who asks the vendor."""
        return self._makings.maker

    @property
    def is_busy(self) -> bool:
        """Callers are waiting for clips: what is made ahead of time should wait too."""
        return self._makings.is_busy

    @property
    def last_failure(self) -> str:
        """Why the last clip that was not made was not; "" when there is none."""
        return self.maker.last_failure

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
        """See `Speech`."""
        if by_carrier:
            return Spoken(tuple(actions), by_carrier=True, provider=self.name)
        began_at = time.monotonic()
        composed = self.orders.composed(agent, actions)
        chosen = self._chosen(agent, composed)
        wanted = {record.key: record for record in chosen.values()}
        awaited = _Awaited(began_at + self._wait_s)
        missing = [record for record in wanted.values() if not self._is_there(record)]
        is_possible = all(self._is_obtained(record, awaited) for record in missing)
        for record in wanted.values():
            self._keep(record)
        is_ready = is_possible and self._have_begun(awaited)
        if is_ready:
            spoken = tuple(_with_clips(chosen, action) for action in composed)
        else:
            spoken = tuple(actions)
            log.warning("a voice is not there in time", extra={"provider": self.name})
        made = awaited.started
        return Spoken(
            actions=spoken,
            by_carrier=not is_ready,
            hits=len(wanted) - len(missing) + len(awaited.others),
            made=len(made),
            characters=sum(len(record.text) for record in made),
            provider=self.name,
            model=made[0].model if made else "",
            wait_ms=round((time.monotonic() - began_at) * 1000, 3),
        )

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        """See `Speech`."""
        wanted = self._chosen(agent, self.orders.composed(agent, actions))
        for record in wanted.values():
            if not self._is_there(record):
                self._makings.queue(record)

    def make(self, record: ClipRecord) -> bool:
        """Make a clip ahead of time in this thread, unless it is there; whether it is there now."""
        if self.files.use(record.key):
            return True
        self._keep(record)
        is_made = self._makings.make(record)
        return self.files.use(record.key) if is_made is None else is_made

    def remake(self, key: str) -> bool:
        """See `Speech`."""
        if not is_key(key):
            return False
        if self.files.use(key) or self._makings.get(key) or self.files.is_claimed(key):
            return True
        try:
            record = self._storage.load_clip(key)
        except StorageError:
            log.exception("a clip cannot be looked up", extra={"clip": key})
            return False
        if record is None or not self.orders.is_ours(record):
            return False
        self._makings.start(record)
        return True

    def close(self) -> None:
        """See `Speech`. Clips that are being made are broken off: seconds, when a vendor hangs."""
        self._makings.close()

    def _chosen(self, agent: Agent, composed: Sequence[Action]) -> dict[Part, ClipRecord]:
        """The clip of each part."""
        return {
            part: self._choice(agent, part)
            for action in composed
            if isinstance(action, Say)
            for part in action.parts
        }

    def _choice(self, agent: Agent, part: Part) -> ClipRecord:
        """A clip in our form; one that is there in the form of live calls is not made twice."""
        record = self.orders.record(agent, part)
        if self._live is None or self.files.use(record.key):
            return record
        live = self._live.orders.record(agent, part)
        return live if self._live.files.use(live.key) else record

    def _is_there(self, record: ClipRecord) -> bool:
        if self._live is not None and self._live.orders.is_ours(record):
            return True  # it was chosen because it is
        return self.files.use(record.key)

    def _is_obtained(self, record: ClipRecord, awaited: _Awaited) -> bool:
        """Whether the clip is being made now, by us or another; False: it cannot be."""
        making = self._makings.get(record.key)
        if making is not None:
            awaited.makings.append(making)
            awaited.others.append(record)
            return True
        making = self._makings.start(record)
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
            making = self._makings.get(record.key) or self._makings.start(record)
            left_s = awaited.ends_at - time.monotonic()
            if making is not None:
                making.settled.wait(max(left_s, 0.0))
                return making.has_begun
            if left_s <= 0:
                return False
            time.sleep(min(_POLL_S, left_s))

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


def _with_clips(chosen: Mapping[Part, ClipRecord], action: Action) -> Action:
    if not isinstance(action, Say):
        return action
    parts = [Part(one.text, one.language, one.fixed, chosen[one].key) for one in action.parts]
    return Say(tuple(parts), action.interruptible)


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
    live: Sequence[ClipSpeech] = (),
) -> Speech:
    """The voice that the settings ask for: a vendor's when its key is set, else the carrier's.

    `outages` may have the vendor fail. `live`: the voices of live calls, of which one may be the
    same: then both ask it together, and clips are made once.
    """
    synthesiser = open_synthesiser(settings)
    if synthesiser is None:
        return CarrierVoice()
    folder = Path(settings.data_dir)
    try:
        secret = instance_secret(settings.secret_key, folder)
    except OSError:
        log.exception("clips have no secret to be named with: the carrier's voice speaks")
        synthesiser.close()
        return CarrierVoice()
    same = next((one for one in live if one.name == synthesiser.name), None)
    if same is not None:
        synthesiser.close()
        maker = same.maker
    else:
        maker = ClipMaker(synthesiser if outages is None else BreakableVoice(synthesiser, outages))
    return ClipSpeech(
        orders=ClipOrders(
            maker.synthesiser,
            settings.audio_format,
            secret,
            clock or (lambda: datetime.now(UTC)),
        ),
        makings=Makings(ClipFiles(folder / "audio"), maker),
        storage=storage,
        wait_s=settings.clip_wait_ms / 1000,
        live=same,
    )
