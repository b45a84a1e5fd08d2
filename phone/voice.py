"""The sound of a recorded call: both sides spoken by this machine, or as tones where it cannot."""

from __future__ import annotations

import io
import math
import shutil
import subprocess
import sys
import wave
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from phone.mulaw import RATE_HZ, decode
from phone.tape import Piece, Side, Tape

LONGEST_S = 1800.0  # no call on this machine is longer; the rest is left out
_SPEAKER = "espeak-ng"
_SPEAKER_S = 10.0
_LOUD = 6000
# Two voices, so that they are told apart on one loudspeaker.
_VARIANTS = {Side.AGENT: "f3", Side.CALLER: "m3"}
_HUM_HZ = {Side.AGENT: 220.0, Side.CALLER: 330.0}
# Rows and columns of a keypad (ITU-T Q.23).
_ROWS, _COLUMNS = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0)
_KEYS = "123456789*0#"
_KEY_S = 0.2


def recording_of(tape: Tape) -> bytes:
    """A WAV file of two channels, the caller left and the agent right."""
    length = int(min(tape.length_s, LONGEST_S) * RATE_HZ)
    sound = array("h", bytes(4 * length))
    with ThreadPoolExecutor(2, thread_name_prefix="voice") as threads:
        for place, side in enumerate((Side.CALLER, Side.AGENT)):
            pieces = [piece for piece in tape.pieces if piece.side is side]
            spoken = threads.map(_sound, pieces)
            sound[place::2] = _laid_out(tape.began_at, pieces, list(spoken), length)
    if sys.byteorder == "big":
        sound.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes(sound.tobytes())
    return file.getvalue()


def _laid_out(
    began_at: datetime, pieces: Sequence[Piece], spoken: Sequence[array[int]], length: int
) -> array[int]:
    """One side: each piece where it began, ended by the next one."""
    track = array("h", bytes(2 * length))
    for piece, sound in zip(pieces, spoken, strict=True):
        at = max(0, int((piece.at - began_at).total_seconds() * RATE_HZ))
        room = max(0, min(len(sound), length - at))
        track[at : at + room] = sound[:room]
    return track


def _sound(piece: Piece) -> array[int]:
    if piece.sound:
        return decode(piece.sound)[: int(piece.length_s * RATE_HZ)]
    if piece.words.startswith("#"):
        return _keys(piece.words[1:])
    spoken = spoken_samples(piece.words, piece.language, piece.side)
    if spoken:
        most = int(piece.length_s * RATE_HZ * 1.5)  # estimates are short for some languages
        return spoken[:most]
    return _tone((_HUM_HZ[piece.side],), piece.length_s)


def spoken_samples(words: str, language: str, side: Side) -> array[int]:
    """Words as samples of 16 bits; none when nothing on this machine speaks that language."""
    if not words or not shutil.which(_SPEAKER):
        return array("h")
    try:
        return _spoken(words, language, side)
    except (OSError, subprocess.SubprocessError, wave.Error, EOFError):
        return array("h")


def _spoken(words: str, language: str, side: Side) -> array[int]:
    base = language.partition("-")[0] or "en"
    done = subprocess.run(
        [_SPEAKER, "-v", f"{base}+{_VARIANTS[side]}", "--stdin", "--stdout"],
        input=words.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_SPEAKER_S,
        check=True,
    )
    with wave.open(io.BytesIO(done.stdout)) as file:
        rate_hz = file.getframerate()
        frames = array("h", file.readframes(len(done.stdout)))
    if sys.byteorder == "big":
        frames.byteswap()
    step = rate_hz / RATE_HZ
    places = (int(n * step) for n in range(int((len(frames) - 3) / step)))
    return array("h", [(frames[k] + frames[k + 1] + frames[k + 2]) // 3 for k in places])


def _keys(keys: str) -> array[int]:
    sound = array("h")
    for key in keys:
        place = _KEYS.find(key)
        if place >= 0:
            sound += _tone((_ROWS[place // 3], _COLUMNS[place % 3]), _KEY_S)
            sound += array("h", bytes(int(_KEY_S * RATE_HZ)))
    return sound


def _tone(hertz: Sequence[float], seconds: float) -> array[int]:
    turns = [2 * math.pi * one / RATE_HZ for one in hertz]
    loud = _LOUD / len(turns)
    return array(
        "h",
        [
            int(loud * sum(math.sin(n * turn) for turn in turns))
            for n in range(int(seconds * RATE_HZ))
        ],
    )
