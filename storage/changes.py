"""One write to a store as a value that can be kept, sent, and sent again. No connection."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

import orjson

from storage import codec
from storage.base import StorageError
from storage.records import CallEvent, CallRecord, ClipRecord, CollectedRecord, TurnRecord


def _new_token() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Change:
    """A call that is new, saved or deleted, a callback, or a clip; as rows of `codec`.

    The token makes it safe to apply twice: a store that knows it has had the change.
    """

    kind: str  # create | save | delete | event | clip
    call_id: str  # changes of one are sent in order; of a clip, what no call is called
    row: codec.Row  # of the call, the callback or the clip; empty for a call that is deleted
    turn: codec.Row | None = None
    collected: codec.Row | None = None
    token: str = field(default_factory=_new_token)
    at_ns: int = field(default_factory=time.time_ns)  # since 1970; the order of arrival


def creation(call: CallRecord) -> Change:
    """A new call."""
    return Change("create", call.call_id, codec.call_row(call))


def saving(saved: CallRecord, turn: TurnRecord | None, collected: CollectedRecord | None) -> Change:
    """A call, with its next version already, and what is kept with it."""
    return Change(
        "save",
        saved.call_id,
        codec.call_row(saved),
        None if turn is None else codec.turn_row(turn),
        None if collected is None else codec.collected_row(collected),
    )


def deletion(call_id: str) -> Change:
    """A call that is to be forgotten, with everything that belongs to it."""
    return Change("delete", call_id, ())


def arrival(event: CallEvent) -> Change:
    """A callback of the carrier."""
    return Change("event", event.call_id, codec.event_row(event))


def clip_change(clip: ClipRecord) -> Change:
    """How a clip is made."""
    return Change("clip", f"clip:{clip.key}", codec.clip_row(clip))


def change_text(change: Change) -> str:
    """The change as JSON. The rows are of texts, numbers, booleans and None, as `codec` makes.

    StorageError for half a character, or a number of more than 64 bits.
    """
    try:
        return orjson.dumps(change).decode()
    except orjson.JSONEncodeError as error:
        raise StorageError(f"A value cannot be kept: {error}.") from error


def read_change(text: str) -> Change:
    """The change that `change_text` wrote, of this version of the program or of one before."""
    raw = orjson.loads(text)
    for name in ("row", "turn", "collected"):
        raw[name] = None if raw[name] is None else tuple(raw[name])
    if raw["kind"] in {"create", "save"}:
        raw["row"] = codec.whole_call_row(raw["row"])
    if raw["turn"] is not None:
        raw["turn"] = codec.whole_turn_row(raw["turn"])
    return Change(**raw)
