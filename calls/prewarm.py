"""Makes clips before anybody calls, and forgets those that nobody hears any more."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from agents.schema import Agent, Transport
from audio_cache.files import ClipFiles
from audio_cache.pruning import only_one, prune
from calls.bookkeeping import Bookkeeping
from calls.live_voice import LiveVoice
from calls.speech import ClipSpeech, Speech
from settings import Settings
from storage.base import Storage, StorageError
from storage.records import ClipRecord

log = logging.getLogger(__name__)

# Provider, model, characters → US dollars.
Price = Callable[[str, str, int], float]

AT_ONCE = 3  # clips; the smallest plans of vendors take no more
TIDY_EVERY_S = 3600.0
WARM_AGAIN_S = 300.0  # after clips that could not be made: a vendor may be away when we start
_YIELD_S = 0.1  # how long the work ahead waits at a time while callers need the vendor
_GIVE_UP_AFTER = 5  # failures in a row: the vendor is away, or does not want us


class Voices:
    """Who makes clips ahead of time: the voice of live calls for agents that have those.

    Not both forms of a sentence: when a live call goes on in turns, the carrier plays the clips
    that were made for sockets (`calls/speech.py`), and each is paid once.
    """

    def __init__(
        self, turns: Speech, live: LiveVoice | None = None, makes_live: bool = True
    ) -> None:
        """`makes_live`: False where a voice of this machine speaks live, at once and for free."""
        self._turns = turns if isinstance(turns, ClipSpeech) else None
        self._makes_live = makes_live
        self._live = live
        of_live = live.voices if live else ()
        of_turns = (self._turns,) if self._turns else ()
        self._all: tuple[ClipSpeech, ...] = (*of_turns, *of_live)

    @property
    def files(self) -> ClipFiles | None:
        """The folder of the clips, which is one for all; None: nobody makes any."""
        return self._all[0].files if self._all else None

    @property
    def is_busy(self) -> bool:
        """Callers are waiting for clips."""
        return any(voice.is_busy for voice in self._all)

    @property
    def last_failure(self) -> str:
        """Why the last clip that was not made was not."""
        return next((one for voice in self._all if (one := voice.last_failure)), "")

    def of(self, agent: Agent) -> ClipSpeech | None:
        """Who makes the clips of an agent; None: the carrier speaks, and needs none."""
        if agent.transport is Transport.STREAM and self._live is not None and self._makes_live:
            live = self._live.first(agent)
            if live is not None:
                return live
        return self._turns

    def is_live(self, agent: Agent) -> bool:
        """Whether the clips of an agent are made for the sockets of live calls."""
        voice = self.of(agent)
        return voice is not None and voice is not self._turns

    def make(self, record: ClipRecord) -> bool:
        """Make a clip in this thread; whether it is there."""
        voice = next((one for one in self._all if one.orders.is_ours(record)), None)
        return voice is not None and voice.make(record)


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to make."""

    there: int
    missing: tuple[ClipRecord, ...]

    @property
    def characters(self) -> int:
        """Of all that is missing."""
        return sum(len(record.text) for record in self.missing)

    def cost_usd(self, price: Price) -> float:
        """What it costs to make what is missing."""
        return _cost_usd(self.missing, price)


@dataclass(frozen=True, slots=True)
class Report:
    """What was made."""

    made: int
    failed: int  # not made, or not tried any more
    characters: int  # in those that were made
    cost_usd: float  # of those
    seconds: float


def plan(voices: Voices, agents: Sequence[Agent]) -> Plan:
    """The clips of everything the agents are known to say, without those that are there."""
    wanted: dict[str, tuple[ClipFiles, ClipRecord]] = {}
    for agent in agents:
        voice = voices.of(agent)
        if voice is not None:
            wanted |= {one.key: (voice.files, one) for one in voice.orders.repertoire(agent)}
    # What agents say counts as used, whether a caller has come to it or not.
    missing = tuple(record for files, record in wanted.values() if not files.use(record.key))
    return Plan(len(wanted) - len(missing), missing)


def make_missing(
    voices: Voices,
    planned: Plan,
    price: Price,
    stop: Event | None = None,
    told: Callable[[ClipRecord], None] | None = None,
) -> Iterator[Report]:
    """Make what is missing, a few at a time; a report after each clip, the last one counts.

    `told` is called with each clip that was made. Waits while callers need the vendor. Ends early
    at `stop`, or when nothing succeeds any more.
    """
    stop = stop or Event()
    began_at = time.monotonic()
    made: list[ClipRecord] = []
    failed = in_a_row = 0

    def report(not_tried: int = 0) -> Report:
        return Report(
            made=len(made),
            failed=failed + not_tried,
            characters=sum(len(record.text) for record in made),
            cost_usd=_cost_usd(made, price),
            seconds=time.monotonic() - began_at,
        )

    def make(record: ClipRecord) -> bool:
        while voices.is_busy and not stop.is_set():
            stop.wait(_YIELD_S)
        return not stop.is_set() and voices.make(record)

    tried = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="prewarm") as threads:
        for batch in _batches(planned.missing):
            for record, is_there in zip(batch, threads.map(make, batch), strict=True):
                tried += 1
                if is_there:
                    made.append(record)
                    if told is not None:
                        told(record)
                    in_a_row = 0
                else:
                    failed += 1
                    in_a_row += 1
                yield report()
            if stop.is_set() or in_a_row >= _GIVE_UP_AFTER:
                break
    yield report(len(planned.missing) - tried)


class NoUpkeep:
    """Nothing to keep up: no vendor speaks."""

    def close(self) -> None:
        """Nothing runs."""


class Upkeep:
    """Tidies the clips at start and every hour, and sees that those of all agents are made.

    In a thread of its own; of a machine's processes one does each.
    """

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        agents: Mapping[str, Agent],
        voices: Voices,
        books: Bookkeeping,
    ) -> None:
        assert voices.files is not None
        self._folder = voices.files.folder
        self._books = books
        self._settings = settings
        self._storage = storage
        self._agents = agents
        self._voices = voices
        self._stop = Event()
        self._has_to_warm = settings.prewarm
        self._thread = Thread(target=self._run, name="clip-upkeep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait for what is being done: seconds. Safe to call twice."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.tidy()
            if self._has_to_warm:  # until all is there
                self._prewarm()
            self._stop.wait(WARM_AGAIN_S if self._has_to_warm else TIDY_EVERY_S)

    def tidy(self) -> None:
        """Forget old clips, unless another process does it. What goes wrong is logged."""
        days = self._settings.clip_days
        try:
            with only_one(self._folder, "tidy") as is_ours:
                if not is_ours:
                    return
                pruned = prune(
                    self._folder,
                    time.time(),
                    days * 86_400,
                    self._settings.clip_megabytes * 1_000_000,
                )
            forgotten = self._storage.forget_clips(datetime.now(UTC) - timedelta(days=days))
        except (OSError, StorageError):
            log.exception("clips were not tidied")
            return
        if pruned.files or forgotten:
            log.info(
                "old clips are gone",
                extra={
                    "files": pruned.files,
                    "freed_bytes": pruned.freed_bytes,
                    "left_bytes": pruned.left_bytes,
                    "records": forgotten,
                },
            )

    def _prewarm(self) -> None:
        try:
            with only_one(self._folder, "prewarm") as is_ours:
                if is_ours:
                    self._make()
        except OSError:
            log.exception("clips are not made ahead of time")

    def _count(self, clip: ClipRecord) -> None:
        characters = len(clip.text)
        cost_usd = self._books.prices.speech(clip.provider, clip.model, characters)
        self._books.metrics.prewarmed(clip.provider, clip.model, characters, cost_usd)

    def _make(self) -> None:
        self._has_to_warm = False
        planned = plan(self._voices, list(self._agents.values()))
        if not planned.missing:
            return
        price = self._books.prices.speech
        reports = make_missing(self._voices, planned, price, self._stop, self._count)
        last = deque(reports, maxlen=1)[0]
        self._has_to_warm = last.failed > 0
        # Those that a server at its end leaves are made by the next.
        lacks = self._has_to_warm and not self._stop.is_set()
        log.log(
            logging.WARNING if lacks else logging.INFO,
            "clips are still missing" if lacks else "clips were made ahead of time",
            extra={
                "there": planned.there,
                "made": last.made,
                "failed": last.failed,
                "characters": last.characters,
                "cost_usd": round(last.cost_usd, 4),
                "seconds": round(last.seconds, 1),
            },
        )


def open_upkeep(
    settings: Settings,
    storage: Storage,
    agents: Mapping[str, Agent],
    voices: Voices,
    books: Bookkeeping,
) -> Upkeep | NoUpkeep:
    """The upkeep of the clips; none where the carrier speaks."""
    if voices.files is None:
        return NoUpkeep()
    return Upkeep(settings, storage, agents, voices, books)


def _batches(records: Sequence[ClipRecord]) -> Iterator[Sequence[ClipRecord]]:
    for at in range(0, len(records), AT_ONCE):
        yield records[at : at + AT_ONCE]


def _cost_usd(records: Sequence[ClipRecord], price: Price) -> float:
    by_model: dict[tuple[str, str], int] = {}
    for record in records:
        model = (record.provider, record.model)
        by_model[model] = by_model.get(model, 0) + len(record.text)
    return sum(price(*model, characters) for model, characters in by_model.items())
