"""The recordings on a call's page: a player for operators, deleting for administrators."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, g, redirect, url_for

from access.pseudonyms import pseudonym
from access.roles import Role
from calls.forgetting import NotANumber
from calls.recordings import Recording, RecordingStatus
from console.pages import needs, page, page_blueprint, sent_to
from services import Services
from storage.records import CallRecord

# While one of these holds, the page looks again by itself.
_UNDER_WAY = frozenset({RecordingStatus.RUNNING, RecordingStatus.WAITING})


def recordings_blueprint(services: Services) -> Blueprint:
    """What the page of a call includes, and what its player and forms ask for."""
    blueprint = page_blueprint("recordings", services, Role.OPERATOR)

    @blueprint.get("/calls/<call_id>/recordings")
    def recordings(call_id: str) -> Response:
        call = services.storage.load_call(call_id)
        if call is None:
            abort(404, "No call is kept under this id.")
        shown = services.recordings.shown_of_call(call_id)
        # A recording may follow the end of its call by a while.
        is_open = call.outcome is None
        waits = is_open or any(one.status in _UNDER_WAY for one in shown)
        agent = services.agents.get(call.agent)
        return page(
            "call_recordings_list.html",
            call=call,
            recordings=shown,
            waits=waits,
            is_asked_for=agent is not None and agent.record is not None,
            calls_of_person=_calls_of_person(services, call) if g.person.may(Role.ADMIN) else 0,
        )

    @blueprint.get("/recordings/<recording_id>/sound")
    def sound(recording_id: str) -> Response:
        recording = _found(services, recording_id)
        services.audit.seen(g.person, "hear recording", recording.recording_id)
        return redirect(services.recording_links.path_to(recording.recording_id))  # type: ignore[return-value]

    @blueprint.post("/recordings/<recording_id>/delete")
    @needs(Role.ADMIN)
    def delete(recording_id: str) -> Response:
        recording = _found(services, recording_id)
        services.audit.note(g.person, "delete recording", recording.recording_id)
        services.recordings.erase(recording)
        to = url_for("console-calls.call", call_id=recording.call_id)
        return sent_to(to)

    _add_forgetting(blueprint, services)
    return blueprint


def _add_forgetting(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/calls/<call_id>/forget")
    @needs(Role.ADMIN)
    def forget(call_id: str) -> Response:
        """Remove the person of this call everywhere; a call without a number goes alone."""
        call = services.storage.load_call(call_id)
        if call is None:
            abort(404, "No call is kept under this id.")
        if call.ended_at is None:
            abort(409, "This call goes on. Hang it up first.")
        try:
            traces = services.forgetting.find(call.caller_number)
        except NotANumber:
            services.audit.note(g.person, "delete call", call_id)
            services.forgetting.erasing.erase(call_id)
            flash("The call was deleted.", "good")
        else:
            subject = pseudonym(services.secret, traces.numbers[0])
            services.audit.note(g.person, "forget person", subject, calls=len(traces.calls))
            deleted = services.forgetting.forget(traces)
            if traces.live:
                left = f"Left, with what campaigns know: {len(traces.live)} that go on."
                flash(f"{deleted} calls were deleted. {left} Forget the person after them.", "bad")
            else:
                flash(f"The person was forgotten: {deleted} calls deleted.", "good")
        return sent_to(url_for("console-calls.calls"))


def _calls_of_person(services: Services, call: CallRecord) -> int:
    """How many calls go with this one when its person is forgotten."""
    try:
        return services.forgetting.count_calls(call.caller_number)
    except NotANumber:
        return 1


def _found(services: Services, recording_id: str) -> Recording:
    recording = services.recordings.get(recording_id)
    if recording is None:
        abort(404, "This recording is not here any more.")
    return recording
