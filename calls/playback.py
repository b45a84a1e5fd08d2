"""What of an answer was planned, sent and heard: the ledger of one answer. Pure.

Sound is sent ahead of its time. Only a mark that comes back says that what lies before it was
played; one that comes back after what was sent was cleared says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

BYTES_A_MS = 8  # μ-law at 8 kHz
# Of a letter, where a part's length is not known yet: 15 letters a second.
LETTER_MS = 66
# How far before the cut a sentence is taken up again, at most and at least, and how finely a
# pause is looked for.
BACK_MOST_MS, BACK_LEAST_MS, FRAME_MS = 900, 100, 20

_WORD = re.compile(r"\S+")
# A sample's loudness as a byte that orders like its size, without its sign (G.711).
_LOUDNESS = bytes(~byte & 0x7F for byte in range(256))


@dataclass(frozen=True, slots=True)
class Played:
    """How far an answer got, in milliseconds of sound."""

    planned_ms: int  # all of it; estimated for what was not made yet
    sent_ms: int
    heard_ms: int


class Playback:
    """One answer. Its parts are sent one after the other, each from its start to its end."""

    __slots__ = ("_heard", "_pending", "_sent", "_sizes", "texts")

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        self._sizes: list[int | None] = [None] * len(
            self.texts
        )  # in bytes, of parts that are whole
        self._sent = (0, 0)  # part, and bytes of it
        self._heard = (0, 0)
        self._pending: dict[str, tuple[int, int]] = {}  # mark → what was sent before it, in order

    # What goes out

    def sent(self, part: int, upto: int, mark: str) -> None:
        """So many bytes of a part went out, and after them a mark of that name."""
        self._sent = (part, upto)
        self._pending[mark] = self._sent

    def ends(self, part: int, size: int) -> None:
        """A part is whole, and so long."""
        self._sizes[part] = size

    # What comes back

    def marked(self, name: str) -> bool:
        """A mark has come back; whether it proves that something was heard."""
        if name not in self._pending:
            return False
        for earlier, position in tuple(self._pending.items()):
            del self._pending[earlier]
            self._heard = position
            if earlier == name:
                break
        return True

    def cleared(self) -> None:
        """What was sent and not heard is played no more; its marks prove nothing."""
        self._pending.clear()

    def assumed(self) -> None:
        """Everything that was sent must have been heard by now, marks or none."""
        self._pending.clear()
        self._heard = self._sent

    def rewound(self, part: int, offset: int) -> None:
        """From here on it is sent again."""
        self._pending.clear()
        self._sent = self._heard = (part, offset)

    # How it stands

    @property
    def heard(self) -> tuple[int, int]:
        """Part, and bytes of it, that was heard last."""
        return self._heard

    @property
    def playing(self) -> int:
        """The part that is being heard, or would be next; the number of parts after the last."""
        part, offset = self._heard
        while part < len(self.texts) and (size := self._sizes[part]) is not None and offset >= size:
            part, offset = part + 1, 0
        return part

    @property
    def is_heard(self) -> bool:
        """All of it was."""
        return self.playing >= len(self.texts)

    @property
    def ahead_ms(self) -> int:
        """What was sent and is not known to be heard."""
        return (self._at(self._sent) - self._at(self._heard)) // BYTES_A_MS

    @property
    def played(self) -> Played:
        """How far it got."""
        planned = sum(self._size(part) for part in range(len(self.texts)))
        sent, heard = self._at(self._sent), self._at(self._heard)
        return Played(planned // BYTES_A_MS, sent // BYTES_A_MS, heard // BYTES_A_MS)

    @property
    def heard_text(self) -> str:
        """The words that were heard whole; of a part, as many as of its sound."""
        part, offset = self._heard
        whole = [text for text in self.texts[:part] if text]
        if part < len(self.texts) and offset:
            begun = words_within(self.texts[part], offset / self._size(part))
            whole += [begun] if begun else []
        return " ".join(whole)

    def _at(self, position: tuple[int, int]) -> int:
        part, offset = position
        return sum(self._size(one) for one in range(min(part, len(self.texts)))) + offset

    def _size(self, part: int) -> int:
        size = self._sizes[part]
        if size is not None:
            return size
        sent = self._sent[1] if self._sent[0] == part else 0
        return max(sent, len(self.texts[part]) * LETTER_MS * BYTES_A_MS, 1)


def words_within(text: str, share: float) -> str:
    """The words of `text` that end within its first `share` (0..1)."""
    if share >= 1:
        return text
    # A sound mostly ends in a little silence, and marks are 200 ms apart: half a letter is given.
    most = len(text) * share + 0.5
    end = 0
    for word in _WORD.finditer(text):
        if word.end() > most:
            break
        end = word.end()
    return text[:end]


def taken_up(sound: bytes, at: int) -> int:
    """Where to take up a sound that was cut at byte `at`: in the quietest place a little before.

    Words are not known by their place in the sound, pauses between them are. 0 near its start.
    """
    latest = at - BACK_LEAST_MS * BYTES_A_MS
    earliest = at - BACK_MOST_MS * BYTES_A_MS
    if earliest <= 0:
        return 0
    frame = FRAME_MS * BYTES_A_MS
    quietest, least = 0, 0
    for start in range(latest, earliest, -frame):
        loudness = sum(sound[start - frame : start : 4].translate(_LOUDNESS))
        if not quietest or loudness < least:
            quietest, least = start, loudness
    return quietest
