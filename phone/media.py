"""Fetches recordings that are played into a call and says how long they take."""

from __future__ import annotations

import struct

from phone.webhook import Answer, Courier

# Kilobits a second by index in the header of an MPEG audio frame, layer III (ISO 11172-3, 13818-3).
_MPEG1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_TELEPHONE_BYTES_A_SECOND = 8_000  # mu-law, 8 kHz


def fetch_recording(courier: Courier, url: str) -> float:
    """Seconds that the recording at `url` plays. WebhookFault when there is none."""
    return length_s(courier.fetch(url))


def length_s(recording: Answer) -> float:
    """Seconds, from the header of a WAV or MP3; other bytes count as telephone audio."""
    body = recording.body
    if body[:4] == b"RIFF" and len(body) >= 32:
        (bytes_a_second,) = struct.unpack_from("<I", body, 28)
        return max(len(body) - 44, 0) / (bytes_a_second or _TELEPHONE_BYTES_A_SECOND)
    kbps = _mp3_kbps(body)
    if kbps:
        return len(body) * 8 / (kbps * 1000)
    return len(body) / _TELEPHONE_BYTES_A_SECOND


def _mp3_kbps(body: bytes) -> int:
    """The bit rate of the first frame of an MP3; 0 when it is none."""
    start = 0
    if body[:3] == b"ID3" and len(body) > 10:
        size = 0
        for byte in body[6:10]:  # seven bits a byte
            size = size << 7 | byte & 0x7F
        start = 10 + size
    frame = body[start : start + 4]
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE6 != 0xE2:
        return 0
    rates = _MPEG1_KBPS if frame[1] & 0x18 == 0x18 else _MPEG2_KBPS
    return rates[frame[2] >> 4]
