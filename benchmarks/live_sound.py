"""What the callers of the live benchmarks say: sound whose last samples tell who said what.

A recogniser of the benchmark needs no ear: it reads the note at the end of an utterance, and is as
quick as it is told to be. So what is measured is the server and not the recogniser.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import lru_cache

from phone.word_track import samples_of, write_words

FRAME_BYTES = 160  # of μ-law at 8 kHz: 20 ms
FRAME_S = 0.02
_TONE = bytes((0x20, 0x18, 0x20, 0x9F, 0x98, 0xA0, 0xFE, 0x7E))  # loud, of no meaning
SILENT_FRAME = base64.b64encode(b"\xff" * FRAME_BYTES)


@dataclass(frozen=True, slots=True)
class Note:
    """What the recogniser is told in the sound itself."""

    caller: int
    turn: int
    text: str
    is_final: bool  # the caller has finished; else: has begun

    def written(self) -> str:
        """The note as one word."""
        return f"{self.caller}|{self.turn}|{int(self.is_final)}|{self.text}"


def read_note(word: str) -> Note | None:
    """The note that a word holds; None for any other word."""
    caller, _, rest = word.partition("|")
    turn, _, rest = rest.partition("|")
    final, _, text = rest.partition("|")
    if not (caller.isdigit() and turn.isdigit() and final in ("0", "1")):
        return None
    return Note(int(caller), int(turn), text, final == "1")


def utterance(note: Note, seconds: float, tells_begin: bool = False) -> list[bytes]:
    """The frames of an utterance, base64: its last two hold the note.

    With `tells_begin` the first two hold it too, as one that has begun.
    """
    audio = _tone(max(6, round(seconds / FRAME_S)))
    word = note.written()
    words = [(len(audio) - samples_of(word), word)]
    if tells_begin:
        words.insert(0, (0, Note(note.caller, note.turn, note.text, False).written()))
    spoken = write_words(audio, words)
    return [
        base64.b64encode(spoken[at : at + FRAME_BYTES]) for at in range(0, len(spoken), FRAME_BYTES)
    ]


@lru_cache
def _tone(frames: int) -> bytes:
    return _TONE * (frames * FRAME_BYTES // len(_TONE))
