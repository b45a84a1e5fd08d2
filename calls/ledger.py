"""Adds up a call from its turns: what it cost, how long the caller waited, what was saved. Pure.

Records may be those of another version: what is missing or of another form counts as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median

from calls.prices import CURRENCY, PRECISION, Prices, measured
from storage.records import CallEvent, CallRecord, TurnRecord

ITEMS = ("recognition", "speech_carrier", "speech", "model")
# In a record: how long the save of the turn before took. A turn cannot hold its own.
SAVE_BEFORE = "save_before"


def timings(turns: Sequence[TurnRecord]) -> list[dict[str, float]]:
    """The timings of each turn, in milliseconds, with the `save` that the next one knows of."""
    return [_timings(turn, after) for turn, after in pairwise([*turns, None]) if turn]


def call_cost(
    call: CallRecord, turns: Sequence[TurnRecord], events: Sequence[CallEvent], prices: Prices
) -> dict[str, object]:
    """What a call cost so far: its turns by item, and an estimate of its line.

    The line is an estimate because the carrier charges by country and from when it was picked up.
    """
    sums = {item: sum((_money(turn, item) for turn in turns), Decimal(0)) for item in ITEMS}
    minutes = math.ceil(line_s(call, turns, events) / 60)
    line = prices.line(call.direction, minutes)
    total = sum(sums.values(), Decimal(str(line))).quantize(PRECISION)
    return {
        "currency": CURRENCY,
        **{item: float(money.quantize(PRECISION)) for item, money in sums.items()},
        "line": line,
        "line_minutes": minutes,
        "line_is_estimate": True,
        "total": float(total),
    }


def latency(turns: Sequence[TurnRecord]) -> dict[str, object]:
    """How long answers took, and what reading ahead and kept clips did about it."""
    answers = [
        measured(one.get("total")) + measured(one.get("save"))
        for one in timings(turns)
        if measured(one.get("total"))
    ]
    words = [turn.usage.get("speculation") for turn in turns]
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
            source: sum(clips_of(turn.usage)[source] for turn in turns)
            for source in ("cache", "made", "carrier")
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
