"""The sound of a recording as an answer: whole, or the part that a player asks for."""

from __future__ import annotations

import re

from flask import Response, request

from calls.recordings import Recording, Recordings
from storage.objects import NoSuchObject
from transports.errors import ApiError

SOUND = "audio/wav"
GONE = "This recording is not here any more."
_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)")
_DIGITS_MOST = 18


def answer_of(recordings: Recordings, recording: Recording) -> Response:
    """The file, or one range of it (RFC 9110, 14). ApiError 404 when it cannot be heard."""
    size = recordings.size(recording) if recording.is_audible else None
    if size is None:
        raise ApiError(404, "no_recording", _why_not(recording))
    part = _part(request.headers.get("Range", ""), size)
    if part is None:
        answer = Response(status=416)
        answer.headers["Content-Range"] = f"bytes */{size}"
        return answer
    first, last = part
    try:
        content = recordings.read(recording, first, last)
    except NoSuchObject:
        raise ApiError(404, "no_recording", GONE) from None
    is_whole = (first, last) == (0, size - 1)
    answer = Response(content, 200 if is_whole else 206, content_type=SOUND)
    answer.headers["Content-Length"] = str(last - first + 1)
    answer.headers["Accept-Ranges"] = "bytes"
    if not is_whole:
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    answer.headers["Content-Disposition"] = f'inline; filename="{recording.recording_id}.wav"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    """First and last byte; all of it for what is no single range, None for one past the end."""
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not (found[1] or found[2]):
        return 0, size - 1
    first, last = (int(one[:_DIGITS_MOST]) if one else -1 for one in found.groups())
    if first < 0:
        return (max(size - last, 0), size - 1) if last else None
    if first >= size:
        return None
    if 0 <= last < first:
        return 0, size - 1
    return first, size - 1 if last < 0 else min(last, size - 1)


def _why_not(recording: Recording) -> str:
    return {
        "running": "The call is still being recorded.",
        "waiting": "The recording is being fetched from the carrier: try again in a minute.",
        "absent": "The carrier had nothing to record.",
        "failed": "The recording could not be fetched from the carrier.",
    }.get(str(recording.status), GONE)
