"""What is counted and timed over all calls, for Prometheus. Not here: the route that shows it."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Generic, Literal, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    values,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from agents.schema import Transport
from calls.ledger import ITEMS, clips_of
from calls.prices import clips_ordered, measured
from conversation.state import Outcome
from providers.errors import (
    ContentRefused,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.stt.base import TIMEOUT, Broken
from storage.records import JsonObject, TurnRecord

log = logging.getLogger(__name__)

M = TypeVar("M", Counter, Histogram)
_Mode = Literal["livesum", "livemax", "livemostrecent"]

# From a turn of the rules to the carrier's patience. 4 s is what a caller may be left waiting.
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
PARTS = ("recognition", "find", "brain", "speech", "engine")
SAVE = "save"
# Of tokens: the label, the key in a record, the label of those that were spent in vain.
TOKENS = (
    ("input", "input_tokens", "speculated_input"),
    ("output", "output_tokens", "speculated_output"),
)
# Why a model failed, by the error that says so; what is none of them is "other".
REASONS: Mapping[type[BaseException], str] = {
    ProviderTimeout: "timeout",
    ContentRefused: "content",
    ProviderRefused: "refused",
    ProviderUnavailable: "unavailable",
}
# Combinations of labels that a metric keeps; what comes later counts as "other".
CHILDREN_MOST = 100
OTHER = "other"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
NOBODY = "none"  # read the utterance: a greeting, silence

# Of the files in which a process counts: what a hundred children of each metric take, and half
# as much again.
FILE_BYTES = {
    "counter": 128 * 1024,
    "histogram": 512 * 1024,
    "gauge_livesum": 16 * 1024,
    "gauge_livemax": 16 * 1024,
    "gauge_livemostrecent": 16 * 1024,
}

# A second series per metric, with the moment it was made: nobody looks at those.
disable_created_metrics()  # type: ignore[no-untyped-call]


class MetricsAway(Exception):
    """The files in which several processes count cannot be read now."""


class _Children(Generic[M]):
    """Children of a metric by label values, found in a dict; at most CHILDREN_MOST."""

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._known: dict[tuple[str, ...], M] = {}

    def of(self, *labels: str) -> M:
        """The child of these values, or the one of "other" when there are too many."""
        child = self._known.get(labels)
        if child is None:
            if len(self._known) >= CHILDREN_MOST:
                return self._metric.labels(*[OTHER for _ in labels])
            child = self._known[labels] = self._metric.labels(*labels)
        return child


class Metrics:
    """Counters and timings of one process, or of all that count in `folder`.

    Safe for use from many threads. Nothing here raises for what a record holds.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is settings.shared_metrics(), or None for a process that counts alone."""
        self._folder = folder if folder is not None and _can_share(folder) else None
        if self._folder is None:
            # The library may have been imported when there was a folder. On a full disk it would
            # write to pages that are not there, which kills a process.
            values.ValueClass = values.MutexValue
        self._registry = CollectorRegistry()
        self._turns = _Children(self._counter("turns", "Turns answered", "agent", "brain"))
        self._turn_seconds = _Children(
            self._histogram("turn_seconds", "Webhook to answer, save included", "agent", "brain")
        )
        parts = self._histogram("turn_part_seconds", "Parts of a turn", "part")
        self._parts = [(part, parts.labels(part)) for part in PARTS]
        self._save = parts.labels(SAVE)
        clips = self._counter("clips", "Sentences spoken, by where the sound came from", "source")
        self._clips = {source: clips.labels(source) for source in clips_of({})}
        self._characters = _Children(
            self._counter("tts_characters", "Characters made into clips", "provider", "model")
        )
        self._tokens = _Children(
            self._counter("model_tokens", "Tokens read and written by models", "model", "kind")
        )
        cost = self._counter("cost_usd", "Dollars spent, without the line", "item")
        self._cost = {item: cost.labels(item) for item in (*ITEMS, "prewarm", "summary")}
        speculations = self._counter("speculations", "Utterances read ahead of time", "result")
        self._speculations = {word: speculations.labels(word) for word in ("hit", "miss")}
        self._saved = self._counter(
            "speculation_saved_seconds", "Time that callers did not wait thanks to reading ahead"
        )
        self._fillers = self._counter("fillers", "Fillers played while a model was late")
        self._calls = _Children(self._counter("calls", "Calls ended", "agent", "outcome"))
        self._failures = _Children(
            self._counter("model_failures", "Answers a model owed", "provider", "reason")
        )
        self._deaf = _Children(
            self._counter("recogniser_failures", "Recognisers lost", "provider", "reason")
        )

        self._open = self._gauge(
            "calls_open", "Calls on a socket of ours now", "livesum", "transport"
        )
        self._lag = self._gauge("loop_lag_seconds", "Longest standstill of a loop", "livemax")
        self._refused = _Children(
            self._counter("sockets_refused", "Sockets of live calls not opened", "reason")
        )
        self._moved = _Children(
            self._counter("calls_moved", "Live calls that went on in turns", "transport", "reason")
        )
        self._count_dials()

    def _count_dials(self) -> None:
        self._dialed = _Children(
            self._counter("dials", "Leads whose turn it was, by what came of it", "result")
        )
        self._dialing = self._gauge(
            "dialing", "Campaigns that run, leads being rung", "livemostrecent", "what"
        )
        self._count_campaigns()

    def _count_campaigns(self) -> None:
        """What only calls of campaigns count."""
        self._verdicts = _Children(
            self._counter("verdicts", "Who answered, and what followed", "verdict", "followed")
        )
        self._answerers = _Children(
            self._counter(
                "answerers", "Calls by the verdict on who answered: did a person speak?",
                "verdict", "spoke",
            )
        )  # fmt: skip

    def live(self, open_calls: Mapping[Transport, int], lag_ms: float) -> None:
        """How busy this process is with live calls now."""
        for transport, count in open_calls.items():
            self._open.labels(str(transport)).set(count)
        self._lag.set(lag_ms / 1000)

    def socket_refused(self, reason: str) -> None:
        """A socket of a live call that was not opened, or whose call was not believed."""
        self._refused.of(reason).inc()

    def call_moved(self, transport: str, reason: str) -> None:
        """A call of that transport that goes on, or goes from the start, in turns."""
        self._moved.of(transport, reason).inc()

    def dialed(self, result: str) -> None:
        """A lead whose turn it was: placed, perhaps, refused or unavailable say how the carrier
        took it; any other word is the gate's."""
        self._dialed.of(result).inc()

    def dialing(self, campaigns: int, leads: int) -> None:
        """How many campaigns run, and leads are being rung or talk, on all machines."""
        self._dialing.labels("campaigns").set(campaigns)
        self._dialing.labels("leads").set(leads)

    def turn(self, agent_name: str, record: TurnRecord, save_ms: float) -> None:
        """A turn that was answered and saved, which took `save_ms`. Its fillers were counted."""
        timings, usage = record.timings_ms, record.usage
        brain = record.brain or NOBODY
        self._turns.of(agent_name, brain).inc()
        total_ms = measured(timings.get("total"))
        if total_ms:
            seconds = (total_ms + measured(save_ms)) / 1000
            self._turn_seconds.of(agent_name, brain).observe(seconds)
        for part, histogram in self._parts:
            ms = timings.get(part)
            if ms is not None:
                histogram.observe(measured(ms) / 1000)
        self._save.observe(measured(save_ms) / 1000)
        if usage:
            self._used(usage)

    def filler(self) -> None:
        """A filler that is played, whether its answer is still heard or not."""
        self._fillers.inc()

    def call_ended(self, agent_name: str, outcome: str) -> None:
        """A call that has ended, once."""
        known = outcome if outcome in _OUTCOMES else OTHER
        self._calls.of(agent_name, known).inc()

    def verdict(self, by: str, followed: str) -> None:
        """The carrier's word on who answered a call, once, and what it led to."""
        self._verdicts.of(by, followed).inc()

    def answerer(self, verdict: str, spoke: bool) -> None:
        """A call that is over, by the carrier's word on who answered and what was heard there."""
        self._answerers.of(verdict, "yes" if spoke else "no").inc()

    def model_failed(self, provider: str, error: BaseException) -> None:
        """A model that gave no usable answer, and why."""
        reason = next((word for kind, word in REASONS.items() if isinstance(error, kind)), OTHER)
        self._failures.of(provider, reason).inc()

    def recogniser_failed(self, provider: str, broken: Broken) -> None:
        """A recogniser that did not listen to a live call, or no longer, and why."""
        if broken.is_permanent:
            reason = "refused"
        elif broken.is_deaf:
            reason = "silent"
        else:
            reason = "timeout" if broken.reason == TIMEOUT else "unavailable"
        self._deaf.of(provider, reason).inc()

    def prewarmed(self, provider: str, model: str, characters: int, cost_usd: float) -> None:
        """A clip that was made before any caller needed it."""
        self._characters.of(provider, model).inc(measured(characters))
        self._cost["prewarm"].inc(measured(cost_usd))

    def summarised(self, usage: JsonObject, cost_usd: float) -> None:
        """A model summed up a call."""
        self._count_tokens(usage)
        self._cost["summary"].inc(measured(cost_usd))

    def exposition(self, accept: str = "") -> tuple[bytes, str]:
        """Everything counted, in the format that an Accept header asks for, and its type.

        Of all processes that count together. MetricsAway when their files cannot be read.
        """
        # The library falls over versions that are none, so it sees nothing of what was sent.
        encode, kind = choose_encoder(
            OPENMETRICS if "application/openmetrics-text" in accept else ""
        )
        if self._folder is None:
            return encode(self._registry), kind
        merged = CollectorRegistry()
        try:
            MultiProcessCollector(merged, path=str(self._folder))  # type: ignore[no-untyped-call]
            return encode(merged), kind
        except (OSError, ValueError, RuntimeError, struct.error) as error:
            raise MetricsAway(f"{self._folder} cannot be read") from error

    def _used(self, usage: JsonObject) -> None:
        for source, count in clips_of(usage).items():
            if count:
                self._clips[source].inc(count)
        for provider, model, characters in clips_ordered(usage):
            self._characters.of(provider or OTHER, model or OTHER).inc(float(characters))
        self._count_tokens(usage)
        cost = usage.get("cost")
        if isinstance(cost, Mapping):
            for item in ITEMS:
                money = measured(cost.get(item))
                if money:
                    self._cost[item].inc(money)
        speculation = usage.get("speculation")
        if isinstance(speculation, str) and speculation in self._speculations:
            self._speculations[speculation].inc()
            self._saved.inc(measured(usage.get("saved_ms")) / 1000)

    def _count_tokens(self, usage: JsonObject) -> None:
        missed = usage.get("speculated_tokens")
        if "model" not in usage and missed is None:
            return  # the rules read it, or nobody
        model = _word(usage, "model")
        for kind, key, _ in TOKENS:
            tokens = measured(usage.get(key))
            if tokens:
                self._tokens.of(model, kind).inc(tokens)
        if isinstance(missed, Mapping):
            model = _word(missed, "model") if "model" in missed else model
            for key, _, kind in TOKENS:
                tokens = measured(missed.get(key))
                if tokens:
                    self._tokens.of(model, kind).inc(tokens)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"callwright_{name}_total", about, labels, registry=self._registry)

    def _gauge(self, name: str, about: str, mode: _Mode, *labels: str) -> Gauge:
        # A process that has ended is not counted any more.
        return Gauge(
            f"callwright_{name}", about, labels, registry=self._registry, multiprocess_mode=mode
        )

    def _histogram(self, name: str, about: str, *labels: str) -> Histogram:
        return Histogram(
            f"callwright_{name}", about, labels, registry=self._registry, buckets=SECONDS
        )


_OUTCOMES = frozenset(map(str, Outcome))


def _word(usage: JsonObject, name: str) -> str:
    word = usage.get(name)
    return word if isinstance(word, str) and word else OTHER


def process_ended(folder: Path, pid: int) -> None:
    """A process that counted in `folder` is gone: what it counted stays, in no more than it needs.

    For the parent: processes may come and go for months.
    """
    mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
    for kind in FILE_BYTES:
        try:
            with (folder / f"{kind}_{pid}.db").open("r+b") as file:
                (used_bytes,) = struct.unpack("i", file.read(4))
                file.truncate(max(used_bytes, 8))
        except (OSError, struct.error):
            continue  # it never began to count


def _can_share(folder: Path) -> bool:
    """Prepare for counting in `folder`; False when this process must count alone."""
    try:
        _make_files(folder)
    except OSError as error:
        log.warning(
            "metrics cannot be shared, each process counts alone",
            extra={"folder": str(folder), "reason": error.strerror},
        )
        return False
    return True


def _make_files(folder: Path) -> None:
    """The files of this process, whole and filled, before the library maps them into memory.

    It would make them empty and grow them without filling: a process that is killed meanwhile
    leaves one that nobody can read, and on a full disk writing to such a page kills the process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for kind, size_bytes in FILE_BYTES.items():
        file = folder / f"{kind}_{os.getpid()}.db"
        if file.exists():  # of an earlier process with this number: it goes on from there
            continue
        fresh = file.with_suffix(".new")
        try:
            fresh.write_bytes(bytes(size_bytes))
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
