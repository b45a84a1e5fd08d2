"""Recordings for those who have a link, and the record of a call with the link to its recording."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, request
from typing_extensions import TypedDict

from access.recording_links import ExpiredLink, ForgedLink
from access.scopes import Scope
from calls.recordings import Recording
from services import Services
from storage.records import CallRecord, TurnRecord
from transports.described import Door, Operation, Proof, Query, Tag, Text, described, shape
from transports.errors import ApiError, json_answer
from transports.guard import api_blueprint, called_address
from transports.sound import GONE, SOUND, answer_of

NAME, LOGS = "recordings", "call-logs"
# Its errors are pages for people, who click on links.
FOR_PEOPLE = f"{NAME}.recording"


class Signed(Query):
    """What makes a link one of ours."""

    expires: str = ""
    """Seconds since 1970 until which the link opens the recording."""
    signature: str = ""
    """Proves that the link was made here."""


@shape
class Said(TypedDict):
    """One turn of a transcript."""

    at: datetime
    caller: str
    agent: str
    heard: str | None
    """What of the agent's words had been played when the caller cut in; null: all."""


@shape
class RecordingOfCall(TypedDict):
    """One recording of a call."""

    recording_id: str
    status: str
    """running, waiting (to be fetched), kept, absent (nothing was recorded) or failed."""
    duration_s: float | None
    channels: int | None
    size_bytes: int | None
    download_url: str | None
    """Opens it for a while to whoever has the link; null while it cannot be heard."""


@shape
class CallLog(TypedDict):
    """The record of a call and where its recording is heard."""

    call_id: str
    agent_type: str
    phone_number: str
    direction: str
    language: str
    outcome: str | None
    created_at: datetime
    ended_at: datetime | None
    duration: float
    """Seconds, of the recording when there is one, else of the call."""
    download_url: str | None
    """Of the first recording that can be heard."""
    expires_in: int
    """Seconds for which download_url opens it."""
    recordings: list[RecordingOfCall]
    transcript: list[Said]


RECORDING = Operation(
    summary="Hear a recording by its signed link",
    tag=Tag.CALLS,
    answers={200: Text((SOUND,)), 206: Text((SOUND,)), 416: None},
    about="Links are made by /call-logs and by the console. A range may be asked for.",
    query=Signed,
    path={"recording_id": "Id of the recording, from its link."},
    errors={403: ("forged_link",), 404: ("no_recording",), 410: ("expired_link",)},
)
CALL_LOG = Operation(
    summary="The record of a call with a link to its recording",
    tag=Tag.CALLS,
    answers={200: CallLog},
    path={"call_id": "Our id of the call, or the carrier's."},
    errors={404: ("unknown_call",)},
)
CALL_SOUND = Operation(
    summary="The recording of a call",
    tag=Tag.CALLS,
    answers={200: Text((SOUND,)), 206: Text((SOUND,)), 416: None},
    about="The first one that can be heard. A range may be asked for.",
    path={"call_id": "Our id of the call, or the carrier's."},
    errors={404: ("unknown_call", "no_recording")},
)


def recordings_blueprint(services: Services) -> Blueprint:
    """/recordings/<id>, open to whoever has a link that was signed here."""
    blueprint = Door(NAME, __name__, Proof.NOTHING)
    recordings, links = services.recordings, services.recording_links

    @blueprint.get("/recordings/<recording_id>")
    @described(RECORDING)
    def recording(recording_id: str, query: Signed) -> Response:
        try:
            links.check(recording_id, query.expires, query.signature)
        except ForgedLink:
            message = "This link is not one of ours. Open the recording from its call's page."
            raise ApiError(403, "forged_link", message) from None
        except ExpiredLink:
            message = "This link has expired. Open the recording again from its call's page."
            raise ApiError(410, "expired_link", message) from None
        found = recordings.get(recording_id)
        if found is None:
            raise ApiError(404, "no_recording", GONE)
        return answer_of(recordings, found)

    return blueprint


def call_logs_blueprint(services: Services) -> Blueprint:
    """/call-logs/<call_id> and its recording, behind the token."""
    blueprint = api_blueprint(LOGS, services, Scope.CALLS_READ)
    storage, recordings = services.storage, services.recordings

    @blueprint.get("/call-logs/<call_id>")
    @described(CALL_LOG)
    def call_log(call_id: str) -> Response:
        call = _found(services, call_id)
        return json_answer(_log(services, call, storage.turns(call.call_id), _address(services)))

    @blueprint.get("/call-logs/<call_id>/recording")
    @described(CALL_SOUND)
    def call_sound(call_id: str) -> Response:
        call = _found(services, call_id)
        shown = recordings.shown_of_call(call.call_id)
        if not shown:
            raise ApiError(404, "no_recording", "This call was not recorded.")
        return answer_of(recordings, next((one for one in shown if one.is_audible), shown[0]))

    return blueprint


def _found(services: Services, call_id: str) -> CallRecord:
    call = services.storage.find_call(call_id) or services.storage.load_call(call_id)
    if call is None:
        raise ApiError(404, "unknown_call", "No call is kept under this id.")
    return call


def _address(services: Services) -> str:
    return services.address.configured or called_address(request)


def _log(
    services: Services, call: CallRecord, turns: Sequence[TurnRecord], address: str
) -> CallLog:
    shown = services.recordings.shown_of_call(call.call_id)
    told = [_told(services, one, address) for one in shown]
    heard = next((one for one in told if one["download_url"]), None)
    length = heard["duration_s"] if heard else None
    lasted = ((call.ended_at or call.updated_at) - call.created_at).total_seconds()
    return {
        "call_id": call.call_id,
        "agent_type": call.agent,
        "phone_number": call.caller_number,
        "direction": call.direction,
        "language": call.language,
        "outcome": call.outcome,
        "created_at": call.created_at,
        "ended_at": call.ended_at,
        "duration": round(lasted, 3) if length is None else length,
        "download_url": heard["download_url"] if heard else None,
        "expires_in": int(services.recording_links.lasts.total_seconds()),
        "recordings": told,
        "transcript": [
            {"at": turn.at, "caller": turn.caller, "agent": turn.agent, "heard": turn.heard}
            for turn in turns
        ],
    }


def _told(services: Services, one: Recording, address: str) -> RecordingOfCall:
    link = f"{address}{services.recording_links.path_to(one.recording_id)}"
    return {
        "recording_id": one.recording_id,
        "status": str(one.status),
        "duration_s": one.duration_s,
        "channels": one.channels,
        "size_bytes": one.size_bytes,
        "download_url": link if one.is_audible else None,
    }
