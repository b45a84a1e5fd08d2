"""Plays a call script against a running server, over the carrier's wire, and judges it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from phone.exchange import Exchange, Ring
from phone.handset import CALLER_NUMBER, Handset, ServerAway
from phone.line import Line
from phone.script import Script, ScriptedCaller
from phone.transcript import Entry, Transcript

RING_WAIT_S = 15.0  # until the server that took an order has the carrier ring

Watch = Callable[[Entry], None]


@dataclass(frozen=True, slots=True)
class Played:
    """A script that was played: what went wrong, what was said, which call it was."""

    script: Script
    failures: tuple[str, ...]
    dialogue: tuple[tuple[str, str], ...]
    sid: str


def play_inbound(handset: Handset, script: Script, watch: Watch | None = None) -> Played:
    """The script's caller rings the server. ServerAway when that cannot be reached."""
    sids: list[str] = []
    caller = ScriptedCaller(script, lambda: handset.record(sids[0]))
    line = handset.prepare(script.agent, caller, Transcript(watch=watch), script.from_number)
    sids.append(line.call.leg.sid)
    line.run_inbound()
    return _judged(line, caller)


def play_outbound(
    handset: Handset,
    exchange: Exchange,
    script: Script,
    watch: Watch | None = None,
    ring_wait_s: float = RING_WAIT_S,
) -> Played:
    """The server is asked to ring the script's caller, who answers at `exchange`."""
    number = script.from_number or CALLER_NUMBER
    sid = handset.order(script.agent, number, script.variables)
    ring = exchange.next_ring(ring_wait_s)
    if ring is None or ring.leg.sid != sid:
        raise ServerAway("The server took the order, but its carrier is another than this phone.")
    return answer_ring(handset, ring, script, watch)


def answer_ring(handset: Handset, ring: Ring, script: Script, watch: Watch | None = None) -> Played:
    """The script's caller answers a call that the server has ordered."""
    caller = ScriptedCaller(script, lambda: handset.record(ring.leg.sid))
    ring.transcript.watch = watch
    return _judged(ring.answer(caller), caller)


def _judged(line: Line, caller: ScriptedCaller) -> Played:
    faults = (*line.call.transcript.faults, *line.call.courier.differences)
    return Played(
        caller.script,
        (*caller.verdict(), *faults),
        tuple(caller.dialogue),
        line.call.leg.sid,
    )
