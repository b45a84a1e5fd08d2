"""Remembers for seconds what the register said, so that not every request asks it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from storage.base import StorageError

T = TypeVar("T")

# How long another process may go on with what was ended here.
KEPT_S = 3.0
# While the register is away nothing can be ended either, so what was known counts on; not for
# ever, because it may have been ended just before.
GRACE_S = 120.0
ENTRIES_MOST = 4_096


class Recent(Generic[T]):
    """What `load` returned for a key within the last KEPT_S. Safe for use from many threads."""

    def __init__(
        self, load: Callable[[str], T], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._load = load
        self._monotonic = monotonic
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, key: str) -> T:
        """What the register says of the key, or said a moment ago.

        StorageError when it is away and what it said is older than GRACE_S.
        """
        now = self._monotonic()
        with self._lock:
            known = self._known.get(key)
        if known is not None and now - known[0] < KEPT_S:
            return known[1]
        try:
            value = self._load(key)
        except StorageError:
            if known is not None and now - known[0] < GRACE_S:
                return known[1]
            raise
        with self._lock:
            self._known[key] = (now, value)
            self._known.move_to_end(key)
            if len(self._known) > ENTRIES_MOST:
                self._known.popitem(last=False)
        return value

    def forget(self, key: str) -> None:
        """Ask the register the next time: the key was changed by this process."""
        with self._lock:
            self._known.pop(key, None)
