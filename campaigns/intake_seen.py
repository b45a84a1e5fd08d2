"""Which numbers a file had before, and where: a million in some 25 MB, where a dict takes 130.

Not here: which the campaign has (`storage/leads.py`).
"""

from __future__ import annotations

from array import array

_FIRST_SLOTS = 1 << 12
# Of the slots that are taken before there are twice as many.
_FULL = 0.6
# Spreads numbers that follow each other (Fibonacci hashing, Knuth 6.4).
_SPREAD = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


class SeenNumbers:
    """E.164 numbers and the lines that had them first."""

    def __init__(self) -> None:
        self._make(_FIRST_SLOTS)

    def __len__(self) -> int:
        return self._count

    def put(self, number: str, line: int) -> int:
        """The line that had the number before; 0, and it is put down, when none had."""
        key = int(number)  # int() takes the +
        keys, mask = self._keys, self._slots - 1
        place = (key * _SPREAD & _MASK) >> self._shift
        while found := keys[place]:
            if found == key:
                return self._lines[place]
            place = (place + 1) & mask
        keys[place] = key
        self._lines[place] = line
        self._count += 1
        if self._count > self._most:
            self._grow()
        return 0

    def _make(self, slots: int) -> None:
        self._slots = slots
        self._shift = 64 - (slots.bit_length() - 1)
        self._most = int(slots * _FULL)
        self._count = 0
        self._keys = array("Q", bytes(8 * slots))
        self._lines = array("I", bytes(4 * slots))

    def _grow(self) -> None:
        keys, lines = self._keys, self._lines
        self._make(self._slots * 2)
        shift, mask = self._shift, self._slots - 1
        for key, line in zip(keys, lines, strict=True):
            if key:
                place = (key * _SPREAD & _MASK) >> shift
                while self._keys[place]:
                    place = (place + 1) & mask
                self._keys[place], self._lines[place] = key, line
                self._count += 1
