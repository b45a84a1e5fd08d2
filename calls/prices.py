"""What a turn, a clip and a minute cost: prices out of a YAML file, in US dollars.

Not here: adding up a call (`calls/ledger.py`).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import TypeVar

from agents.document import MAX_SIZE_BYTES, described, read_document
from agents.problems import Findings, KeyPath, Problem

log = logging.getLogger(__name__)

T = TypeVar("T")

OUR_FILE = Path(__file__).with_name("prices.yaml")
CURRENCY = "USD"

# Dollars. The least line item, one cached word, is a few millionths.
PRECISION = Decimal("0.000001")
PRICE_MOST = 10_000  # of anything; beyond it somebody mixed up a unit
COUNT_MOST = 10**12  # of anything in a record; beyond it the record is broken
# Names of unknown models that are remembered as told. Names come from settings: a few.
TOLD_MOST = 200

VOICE_KINDS = ("basic", "standard", "neural", "generative")
DIRECTIONS = ("inbound", "outbound")
TOKEN_KINDS = ("input", "output")

# The keys of the file, all of them needed: a section left out would make its costs vanish.
_SECTIONS = (
    "recognition_per_use",
    "recognition_per_minute",
    "carrier_speech_per_100_characters",
    "speech_per_1000_characters",
    "models_per_million_tokens",
    "line_per_minute",
)
_FORM = "see calls/prices.yaml for the form"
# gpt-x-2025-04-14, x-001, x-latest: the same model at the same price.
_REVISION = re.compile(r"-(\d{4}-\d\d-\d\d|\d{3,8}|latest)$")


class PricesError(Exception):
    """The file of prices cannot be used; the message names every mistake and what to write."""


class _Told:
    """What was said once and is not said again. Safe for use from many threads."""

    def __init__(self) -> None:
        self._names: set[tuple[str, str]] = set()
        self._lock = Lock()

    def is_new(self, item: str, name: str) -> bool:
        with self._lock:
            if (item, name) in self._names or len(self._names) >= TOLD_MOST:
                return False
            self._names.add((item, name))
            return True


@dataclass(frozen=True, slots=True)
class Prices:
    """What things cost. Never raises for what a record says: what it does not know is free."""

    per_recognition: Decimal
    per_minute_heard: Mapping[str, Mapping[str, Decimal]]  # of live calls: provider → model
    per_100_characters: Mapping[str, Decimal]  # of the carrier's voices, by kind
    per_1000_characters: Mapping[str, Mapping[str, Decimal]]  # of clips: provider → model
    per_million_tokens: Mapping[str, tuple[Decimal, Decimal]]  # model → read, written
    per_minute: Mapping[str, Decimal]  # of the line, by direction
    _told: _Told = field(default_factory=_Told, repr=False, compare=False)

    def cost(self, usage: Mapping[str, object]) -> dict[str, object]:
        """What a turn cost by what it used (TurnRecord.usage), each to six decimals.

        `total` is the sum of what is shown. A name without a price costs 0 and is logged once.
        """
        items = {
            "recognition": _count(usage.get("gathers")) * self.per_recognition + self._heard(usage),
            "speech_carrier": self._carrier(usage),
            "speech": sum((self._speech(*clips) for clips in clips_ordered(usage)), Decimal(0)),
            "model": self._model(usage),
        }
        rounded = {item: money.quantize(PRECISION) for item, money in items.items()}
        shown: dict[str, object] = {item: float(money) for item, money in rounded.items()}
        return {"currency": CURRENCY, **shown, "total": float(sum(rounded.values()))}

    def speech(self, provider: str, model: str, characters: int) -> float:
        """What making clips of that many characters costs."""
        return _rounded(self._speech(provider, model, _count(characters)))

    def line(self, direction: str, minutes: int) -> float:
        """What the carrier takes for a line of that many minutes."""
        price = self.per_minute.get(direction)
        if price is None:
            return float(self._unpriced("line", direction))
        return _rounded(_count(minutes) * price)

    def _heard(self, usage: Mapping[str, object]) -> Decimal:
        seconds = Decimal(str(measured(usage.get("stt_seconds"))))
        if not seconds:
            return Decimal(0)
        provider, model = _name(usage.get("stt_provider")), _name(usage.get("stt_model"))
        price = self.per_minute_heard.get(provider, {}).get(model)
        if price is None:
            return self._unpriced("recognition", f"{provider}: {model}")
        return seconds * price / 60

    def _carrier(self, usage: Mapping[str, object]) -> Decimal:
        characters = _count(usage.get("carrier_characters"))
        if not characters:
            return Decimal(0)
        kind = _name(usage.get("carrier_voice"))
        price = self.per_100_characters.get(kind)
        if price is None:
            return self._unpriced("speech_carrier", kind)
        return characters * price / 100

    def _speech(self, provider: str, model: str, characters: Decimal) -> Decimal:
        if not characters:
            return Decimal(0)
        price = self.per_1000_characters.get(provider, {}).get(model)
        if price is None:
            return self._unpriced("speech", f"{provider}: {model}")
        return characters * price / 1000

    def _model(self, usage: Mapping[str, object]) -> Decimal:
        model = _name(usage.get("model"))
        cost = self._tokens(
            model, _count(usage.get("input_tokens")), _count(usage.get("output_tokens"))
        )
        missed = usage.get("speculated_tokens")
        if isinstance(missed, Mapping):
            # Of rules that answered after all, only the speculation knows which model read.
            by = _name(missed.get("model")) or model
            cost += self._tokens(by, _count(missed.get("input")), _count(missed.get("output")))
        return cost

    def _tokens(self, model: str, read: Decimal, written: Decimal) -> Decimal:
        if not read and not written:
            return Decimal(0)
        for name in _names(model):
            price = self.per_million_tokens.get(name)
            if price is not None:
                return (read * price[0] + written * price[1]) / 1_000_000
        return self._unpriced("model", model)

    def _unpriced(self, item: str, name: str) -> Decimal:
        if self._told.is_new(item, name):
            log.warning("no price is known, counted as 0", extra={"item": item, "priced": name})
        return Decimal(0)


def load_prices(path: str | Path = "") -> Prices:
    """The prices in a file; "": our own. PricesError lists every mistake with key and remedy."""
    file = Path(path) if path else OUR_FILE
    findings = Findings(str(file))
    data = _read(file, findings)
    prices = None if findings.problems else _Reader(findings).prices(data)
    if prices is None or findings.problems:
        lines = "\n  ".join(map(str, sorted(map(_of_prices, findings.problems))))
        raise PricesError(f"PRICES_FILE: these prices cannot be used:\n  {lines}")
    return prices


def clips_ordered(usage: Mapping[str, object]) -> Iterator[tuple[str, str, Decimal]]:
    """Provider, model and characters of what was made into clips in a turn.

    By who spoke, and by vendors that were asked before and were late: those are paid as well.
    """
    late = usage.get("tts_late")
    spoke = {name: usage.get(f"tts_{name}") for name in ("provider", "model", "characters")}
    for one in (spoke, *(late if isinstance(late, list) else ())):
        characters = _count(one.get("characters")) if isinstance(one, Mapping) else None
        if characters:
            yield _name(one.get("provider")), _name(one.get("model")), characters


def measured(value: object) -> float:
    """A number above 0 out of a record; 0 for anything else, as another version may have kept."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 < value <= COUNT_MOST else 0.0


def _count(value: object) -> Decimal:
    return Decimal(int(measured(value)))


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(model: str) -> Iterator[str]:
    """A model's name as given, without its revision, and without the folder in front of it."""
    for name in (model, model.rpartition("/")[2]):
        yield name
        yield _REVISION.sub("", name)


def _rounded(money: Decimal) -> float:
    return float(money.quantize(PRECISION))


def _read(file: Path, findings: Findings) -> object:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_SIZE_BYTES + 1)
    except OSError as error:
        findings.add_line(0, f"cannot be read: {error.strerror}", "check its path and permissions")
        return None
    return read_document(content, findings)


def _of_prices(problem: Problem) -> Problem:
    """A mistake of form in the words of this file: the reader of YAML speaks of agents."""
    return replace(problem, remedy=_FORM) if "agent" in problem.remedy else problem


class _Reader:
    """Turns the data of a file into prices; notes every mistake."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def prices(self, data: object) -> Prices:
        """The prices; good only when nothing was noted."""
        top = self._mapping((), data)
        for key in top.keys() - set(_SECTIONS):
            self._findings.unknown((key,), _SECTIONS)
        recognition, heard, carrier, speech, models, line = (
            ((key,), top.get(key)) for key in _SECTIONS
        )
        tokens = self._named(*models, lambda at, one: self._closed(at, one, TOKEN_KINDS))
        return Prices(
            per_recognition=self._price(*recognition),
            per_minute_heard=self._named(*heard, lambda at, one: self._named(at, one, self._price)),
            per_100_characters=self._closed(*carrier, VOICE_KINDS),
            per_1000_characters=self._named(
                *speech, lambda at, one: self._named(at, one, self._price)
            ),
            per_million_tokens={
                name: (one["input"], one["output"]) for name, one in tokens.items()
            },
            per_minute=self._closed(*line, DIRECTIONS),
        )

    def _price(self, path: KeyPath, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float):
            wrong = "has no price" if value is None else f"is {described(value)}, not a price"
            self._findings.add(path, wrong, "write dollars such as 0.02, or 0")
        elif not 0 <= value <= PRICE_MOST:
            remedy = f"write dollars from 0 to {PRICE_MOST}"
            self._findings.add(path, f"is {self._findings.written[path]}", remedy)
        else:
            return Decimal(self._findings.written[path])  # as it was written, not as a float
        return Decimal(0)

    def _closed(self, path: KeyPath, value: object, keys: Sequence[str]) -> dict[str, Decimal]:
        """A price for each of `keys`, and for nothing else."""
        data = self._mapping(path, value)
        for key in data.keys() - set(keys):
            self._findings.unknown((*path, key), keys)
        if not isinstance(value, dict):  # which was noted: not again for each key
            return dict.fromkeys(keys, Decimal(0))
        return {key: self._price((*path, key), data.get(key)) for key in keys}

    def _named(
        self, path: KeyPath, value: object, read: Callable[[KeyPath, object], T]
    ) -> dict[str, T]:
        """What `read` makes of each value, under whatever name the file gives it."""
        return {key: read((*path, key), one) for key, one in self._mapping(path, value).items()}

    def _mapping(self, path: KeyPath, value: object) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        wrong = "is missing" if value is None else f"is {described(value)}, not a mapping"
        self._findings.add(path, wrong, _FORM)
        return {}
