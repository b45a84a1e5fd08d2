"""Adds up a call from its turns: what it cost, how long the caller waited, what was saved. Pure.

Records may be those of another version: what is missing or of another form counts as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from calls.prices import CURRENCY, PRECISION, Prices, measured
from storage.records import CallEvent, CallRecord, TurnRecord

ITEMS = ("recognition", "speech_carrier", "speech", "model")
# What people call them. The last two are not of single turns.
ITEM_NAMES = {
    "recognition": "Speech recognition",
    "speech_carrier": "The carrier's voice",
    "speech": "Synthetic voice",
    "model": "Model",
    "line": "Line",
    "summary": "Summary",
}
# In a record: how long the save of the turn before took. A turn cannot hold its own.
SAVE_BEFORE = "save_before"


# A string below a key says what the key means to who reads the interface.
_DESCRIBED = ConfigDict(use_attribute_docstrings=True)


class AnswerMs(TypedDict):
    """How long the caller waited for answers, in milliseconds."""

    turns: int
    p50: float | None
    max: float | None


class Speculation(TypedDict):
    """What reading utterances before they were finished came to."""

    hits: int
    misses: int
    hit_rate: float | None
    saved_ms: float


class Clips(TypedDict):
    """Where spoken sentences came from."""

    cache: int
    made: int
    carrier: int


class Latency(TypedDict):
    """How long answers took, and what was done about it."""

    answer_ms: AnswerMs
    speculation: Speculation
    clips: Clips


@with_config(_DESCRIBED)
class Cost(TypedDict):
    """What the call cost so far, by item."""

    currency: str
    recognition: float
    speech_carrier: float
    """The carrier's own voice."""
    speech: float
    model: float
    line: float
    line_minutes: int
    line_is_estimate: bool
    """The carrier charges by country and from when it was picked up."""
    total: float


def timings(turns: Sequence[TurnRecord]) -> list[dict[str, float]]:
    """The timings of each turn, in milliseconds, with the `save` that the next one knows of."""
    return [_timings(turn, after) for turn, after in pairwise([*turns, None]) if turn]


def call_cost(
    call: CallRecord, turns: Sequence[TurnRecord], events: Sequence[CallEvent], prices: Prices
) -> Cost:
    """What a call cost so far: its turns by item, and an estimate of its line.

    The line is an estimate because the carrier charges by country and from when it was picked up.
    """
    sums = {item: sum((_money(turn, item) for turn in turns), Decimal(0)) for item in ITEMS}
    minutes = math.ceil(line_s(call, turns, events) / 60)
    line = prices.line(call.direction, minutes)
    costs = {item: float(money.quantize(PRECISION)) for item, money in sums.items()}
    total = sum(sums.values(), Decimal(str(line))).quantize(PRECISION)
    return {
        "currency": CURRENCY,
        "recognition": costs["recognition"],
        "speech_carrier": costs["speech_carrier"],
        "speech": costs["speech"],
        "model": costs["model"],
        "line": line,
        "line_minutes": minutes,
        "line_is_estimate": True,
        "total": float(total),
    }


def latency(turns: Sequence[TurnRecord]) -> Latency:
    """How long answers took, and what reading ahead and kept clips did about it."""
    answers = [
        measured(one.get("total")) + measured(one.get("save"))
        for one in timings(turns)
        if measured(one.get("total"))
    ]
    words = [turn.usage.get("speculation") for turn in turns]
    clips = [clips_of(turn.usage) for turn in turns]
    hits, misses = words.count("hit"), words.count("miss")
    return {
        "answer_ms": {
            "turns": len(answers),
            "p50": round(median(answers), 3) if answers else None,
            "max": round(max(answers), 3) if answers else None,
        },
        "speculation": {
            "hits": hits,
            "misses": misses,
            "hit_rate": round(hits / (hits + misses), 3) if hits + misses else None,
            "saved_ms": round(sum(measured(turn.usage.get("saved_ms")) for turn in turns), 3),
        },
        "clips": {
            "cache": sum(one["cache"] for one in clips),
            "made": sum(one["made"] for one in clips),
            "carrier": sum(one["carrier"] for one in clips),
        },
    }


def line_s(call: CallRecord, turns: Sequence[TurnRecord], events: Sequence[CallEvent]) -> float:
    """How long the line was up: the carrier's word, or from the greeting until the last save."""
    for event in events:
        told = event.data.get("duration_s", "") if event.kind == "status" else ""
        if told.isascii() and told.isdigit():
            return int(told[:9])
    if not turns:
        return 0.0  # nobody answered
    until = call.ended_at or call.updated_at
    return max(0.0, (until - turns[0].at).total_seconds())


def clips_of(usage: Mapping[str, object]) -> dict[str, int]:
    """Where what was said in a turn came from.

    `carrier` counts sentences that the carrier's voice spoke (`carrier_parts`); without that
    number, an answer in which it spoke counts as one.
    """
    cache = _whole(usage, "clip_hits")
    made = _whole(usage, "clips_made") or max(_whole(usage, "clips") - cache, 0)
    spoke = 1 if _whole(usage, "carrier_characters") else 0
    return {"cache": cache, "made": made, "carrier": _whole(usage, "carrier_parts") or spoke}


def _timings(turn: TurnRecord, after: TurnRecord | None) -> dict[str, float]:
    shown = {name: ms for name, ms in turn.timings_ms.items() if name != SAVE_BEFORE}
    if after is not None and after.turn == turn.turn + 1 and SAVE_BEFORE in after.timings_ms:
        shown["save"] = after.timings_ms[SAVE_BEFORE]
    return shown


def _money(turn: TurnRecord, item: str) -> Decimal:
    cost = turn.usage.get("cost")
    money = measured(cost.get(item)) if isinstance(cost, Mapping) else 0.0
    return Decimal(str(money)) if money else Decimal(0)


def _whole(usage: Mapping[str, object], name: str) -> int:
    return int(measured(usage.get(name)))
