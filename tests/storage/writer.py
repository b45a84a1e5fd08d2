"""A process that works on a store, for the contract; it finds the store by its environment.

create ID        keep a call, say "created"
race ID N COUNT  save COUNT turns of a kept call, numbered from N, in competition with others
stream ID        keep a call and save turn after turn for ever, saying each version that is kept
"""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import count

from settings import load_settings
from storage import open_storage
from storage.base import StaleCall, Storage
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


if __name__ == "__main__":
    orders = {"create": create, "race": race, "stream": stream}
    opened = open_storage(load_settings(env_file=None))
    orders[sys.argv[1]](opened, *sys.argv[2:])  # type: ignore[operator]
    opened.close()
