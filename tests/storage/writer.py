"""A process that works on a store, for the contract; it finds the store by its environment.

open             open and close the store of each DATA_DIR that stdin names, saying "opened"
create ID        keep a call, say "created"
race ID N COUNT  save COUNT turns of a kept call, numbered from N, in competition with others
--bare ORDER …   the order, on MongoDB without the journal before it
fill ID COUNT    keep a call and save COUNT long turns where a file takes no more than a megabyte,
                 saying each version or error, then what the store says of itself
stream ID        keep a call and save turn after turn for ever, saying each version that is kept
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import count

from settings import load_settings, read_settings
from storage import open_storage
from storage.base import StaleCall, Storage, StorageError
from storage.mongo import MongoStorage
from tests.storage.samples import a_call, a_turn


def create(store: Storage, call_id: str) -> None:
    store.create_call(a_call(call_id))
    sys.stdout.write("created\n")


def race(store: Storage, call_id: str, first: str, saves: str) -> None:
    for turn in range(int(first), int(first) + int(saves)):
        kept = False
        while not kept:
            call = store.load_call(call_id)
            assert call is not None
            try:
                store.save_call(call, a_turn(turn, call_id))
                kept = True
            except StaleCall:
                pass


def stream(store: Storage, call_id: str) -> None:
    call = a_call(call_id)
    store.create_call(call)
    for turn in count():
        call = store.save_call(replace(call, state={"turn": turn}), a_turn(turn, call_id))
        sys.stdout.write(f"{call.version}\n")
        sys.stdout.flush()


def fill(store: Storage, call_id: str, saves: str) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As on a full disk, writes past it fail: Python ignores SIGXFSZ.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limit[1]))
    call = a_call(call_id)
    store.create_call(call)
    for turn in range(int(saves)):
        try:
            call = store.save_call(call, a_turn(turn, call_id, caller="word " * 10_000))
        except StorageError as error:
            sys.stdout.write(f"{error}\n")
        else:
            sys.stdout.write(f"{call.version}\n")
    try:
        condition: str = store.check()
    except StorageError as error:
        condition = str(error)
    sys.stdout.write(f"{condition}\n")
    sys.stdout.flush()
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def open_each() -> None:
    for line in sys.stdin:
        try:
            open_storage(read_settings({"DATA_DIR": line.strip()})).close()
        except StorageError as error:
            sys.stdout.write(f"{error}\n")
        else:
            sys.stdout.write("opened\n")
        sys.stdout.flush()


def open_bare() -> Storage:
    """MongoDB without the journal before it."""
    store = MongoStorage(load_settings(env_file=None).mongodb_uri)
    store.connect()
    return store


def main(order: str, *rest: str) -> None:
    if order == "open":
        open_each()
        return
    orders: dict[str, Callable[..., None]] = {
        "create": create,
        "race": race,
        "fill": fill,
        "stream": stream,
    }
    if order == "--bare":
        order, *arguments = rest
        opened = open_bare()
    else:
        arguments = list(rest)
        opened = open_storage(load_settings(env_file=None))
    with closing(opened) as store:
        orders[order](store, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
