"""A whole call: parameters, answering, falling back, ending."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twilio.request_validator import RequestValidator

from phone.caller import Presses, Speaks, StaysSilent
from phone.line import APPLICATION_ERROR, DOCUMENTS_MOST
from tests.phone.fake_app import App, Got, Reply, closed_port
from tests.phone.planned import TOKEN, PlannedCaller, a_line, response, run

BYE = response("<Say>Bye</Say><Hangup/>")
COMMON = (
    "CallSid AccountSid From To CallStatus ApiVersion Direction Caller Called FromCity FromState "
    "FromZip FromCountry ToCity ToState ToZip ToCountry CallerCity CallerState CallerZip "
    "CallerCountry CalledCity CalledState CalledZip CalledCountry"
).split()


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/status": ""}) as running:
        yield running


def test_the_first_webhook_carries_everything_the_carrier_sends(app: App) -> None:
    run(app, PlannedCaller(), "<Hangup/>")
    (form,) = app.forms("/voice")
    assert set(COMMON) <= form.keys()
    assert form["CallStatus"] == "ringing"
    assert form["Direction"] == "inbound"
    assert form["ApiVersion"] == "2010-04-01"
    assert (form["From"], form["Caller"], form["FromCountry"]) == (
        "+919812345678",
        "+919812345678",
        "IN",
    )
    assert form["StirVerstat"] == "TN-Validation-Passed-A"
    assert form["CallToken"]


def test_later_webhooks_are_in_progress_and_without_the_token(app: App) -> None:
    app.views["/next"] = BYE
    run(app, PlannedCaller(), "<Say>Hello</Say><Redirect>/next</Redirect>")
    (form,) = app.forms("/next")
    assert set(COMMON) <= form.keys()
    assert form["CallStatus"] == "in-progress"
    assert "CallToken" not in form
    assert "StirVerstat" not in form


def test_every_webhook_of_a_call_is_signed(app: App) -> None:
    app.views["/turn"] = BYE
    caller = PlannedCaller([Speaks(("yes",))])
    run(app, caller, '<Gather input="speech" action="/turn?n=1"/>')
    for got in app.got:
        signature = got.headers["X-Twilio-Signature"]
        url = app.url + got.target
        assert RequestValidator(TOKEN).validate(url, dict(got.form), signature), got.path
    assert [got.path for got in app.got] == ["/voice", "/turn", "/status"]


def test_relative_addresses_start_at_the_document_that_holds_them(app: App) -> None:
    app.views["/deep/two"] = response("<Redirect>three</Redirect>")
    app.views["/deep/three"] = response("<Redirect>/deep/four?x=1</Redirect>")
    app.views["/deep/four"] = BYE
    run(app, PlannedCaller(), "<Redirect>deep/two</Redirect>")
    paths = [got.path for got in app.got[:-1]]
    assert paths == ["/voice", "/deep/two", "/deep/three", "/deep/four"]


def test_nothing_after_a_redirect_runs(app: App) -> None:
    app.views["/next"] = BYE
    caller = PlannedCaller()
    run(app, caller, "<Redirect>/next</Redirect><Say>never</Say>")
    assert caller.texts == ["Bye"]


def test_the_end_of_a_document_ends_the_call_and_is_reported(app: App) -> None:
    line = run(app, PlannedCaller(), f"<Say>{'word ' * 100}</Say>")
    (form,) = app.forms("/status")
    assert line.call.leg.status == form["CallStatus"] == "completed"
    assert int(form["CallDuration"]) >= 30
    assert form["Duration"] == "1"
    assert form["CallbackSource"] == "call-progress-events"
    assert form["SequenceNumber"] == "0"
    assert form["Timestamp"].startswith("Fri, 20 Nov 2026 12:00:")
    assert form["Timestamp"].endswith(" +0000")


def test_a_call_takes_no_real_time(app: App) -> None:
    line = run(app, PlannedCaller(), "<Pause length='3600'/><Say>Hello</Say>")
    assert (line.call.clock.now().hour, line.call.leg.status) == (13, "completed")


@pytest.mark.parametrize(
    ("verbs", "status"),
    [
        ("<Reject/>", "no-answer"),
        ("<Reject reason='busy'/>", "busy"),
        ("<Pause length='2'/><Reject reason='busy'/>", "busy"),
        ("<Pause length='2'/>", "no-answer"),
        ("<Hangup/>", "completed"),
        ("<Say>Hello</Say><Reject/>", "completed"),
    ],
)
def test_only_what_is_spoken_to_is_answered(app: App, verbs: str, status: str) -> None:
    line = run(app, PlannedCaller(), verbs)
    (form,) = app.forms("/status")
    assert line.call.leg.status == form["CallStatus"] == status
    assert (form["CallDuration"] == "0") or status == "completed"


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (Reply(status=500), "11200"),
        (Reply(status=404), "11200"),
        (None, "11200"),
        (Reply("<Response><Sing/></Response>"), "12200"),
        (Reply("<Response>"), "12100"),
        (Reply(""), "11770"),
        (Reply(BYE, content_type="application/json"), "12300"),
        (Reply(response("x" * 70_000)), "11750"),
        (Reply(response("<Say>" + "x" * 5_000 + "</Say>")), "13520"),
    ],
)
def test_a_broken_document_goes_to_the_fallback_with_its_number(
    app: App, broken: Reply | None, code: str
) -> None:
    app.views["/voice"] = response("<Say>Hello</Say><Redirect>/turn?n=1</Redirect>")
    app.views["/turn"] = lambda got: broken
    app.views["/fallback"] = BYE
    caller = PlannedCaller()
    line = a_line(app, caller, fallback="/fallback")
    line.run_inbound()

    (form,) = app.forms("/fallback")
    assert form["ErrorCode"] == code
    assert form["ErrorUrl"] == f"{app.url}/turn?n=1"
    assert form["CallSid"] == line.call.leg.sid
    assert caller.texts == ["Hello", "Bye"]
    assert line.call.transcript.faults[0].startswith(code)


def test_without_a_fallback_the_carrier_apologises_and_hangs_up(app: App) -> None:
    app.views["/voice"] = Reply(status=500)
    caller = PlannedCaller()
    line = a_line(app, caller)
    line.run_inbound()
    assert caller.texts == [APPLICATION_ERROR]
    assert line.call.leg.status == "failed"


def test_a_fallback_that_fails_too_ends_the_call(app: App) -> None:
    app.views["/voice"] = Reply(status=500)
    app.views["/fallback"] = Reply(status=500)
    caller = PlannedCaller()
    a_line(app, caller, fallback="/fallback").run_inbound()
    assert caller.texts == [APPLICATION_ERROR]
    assert len(app.forms("/fallback")) == 1


def test_a_second_fault_after_a_fallback_falls_back_again(app: App) -> None:
    app.views["/voice"] = Reply(status=500)
    answers = iter([response("<Redirect>/gone</Redirect>"), BYE])
    app.views["/fallback"] = lambda got: next(answers)
    caller = PlannedCaller()
    a_line(app, caller, fallback="/fallback").run_inbound()
    assert [form["ErrorUrl"] for form in app.forms("/fallback")] == [
        f"{app.url}/voice",
        f"{app.url}/gone",
    ]
    assert caller.texts == ["Bye"]


def test_documents_that_redirect_for_ever_are_stopped(app: App) -> None:
    line = run(app, PlannedCaller(), "<Redirect>/voice</Redirect>")
    assert len(app.forms("/voice")) == DOCUMENTS_MOST
    assert "documents" in line.call.transcript.faults[-1]


def test_a_second_delivery_that_is_answered_differently_is_noticed(app: App) -> None:
    answers = iter([response("<Say>One</Say>"), response("<Say>Two</Say>")])
    app.views["/voice"] = lambda got: next(answers)
    line = a_line(app, PlannedCaller(), twice=True)
    line.run_inbound()
    assert len(line.call.courier.differences) == 1


def test_cookies_set_in_one_turn_come_back_in_the_next(app: App) -> None:
    app.views["/next"] = BYE
    app.views["/voice"] = Reply(
        response("<Redirect>/next</Redirect>"), headers={"Set-Cookie": "call=7; Path=/"}
    )
    a_line(app, PlannedCaller()).run_inbound()
    assert next(got for got in app.got if got.path == "/next").headers["Cookie"] == "call=7"


def test_a_recording_is_fetched_once_and_takes_its_time(app: App) -> None:
    app.views["/clip.mp3"] = Reply("x" * 16_000, content_type="audio/basic")
    caller = PlannedCaller()
    line = run(app, caller, "<Play>/clip.mp3</Play><Play loop='2'>/clip.mp3</Play>")
    assert [heard.text for heard in caller.heard] == [f"{app.url}/clip.mp3"] * 2
    assert all(heard.played for heard in caller.heard)
    assert len(app.forms("/clip.mp3")) == 1
    assert line.call.leg.duration_s == 6


@pytest.mark.parametrize(
    ("clip", "code"),
    [(Reply(status=404), "11200"), (Reply("{}", content_type="application/json"), "13420")],
)
def test_a_recording_that_is_not_there_is_silence_and_a_fault(
    app: App, clip: Reply, code: str
) -> None:
    app.views["/clip.mp3"] = clip
    caller = PlannedCaller()
    line = run(app, caller, "<Play>/clip.mp3</Play><Say>Go on</Say>")
    assert caller.texts[-1] == "Go on"
    assert [fault[:5] for fault in line.call.transcript.faults] == [code]


def test_music_without_end_ends_with_the_caller(app: App) -> None:
    line = run(app, PlannedCaller(), "<Say loop='0'>Hold</Say><Say>never</Say>")
    assert line.call.leg.status == "completed"
    assert "never" not in [entry.text for entry in line.call.transcript.entries]


def test_verbs_that_are_only_recorded_are_noted_and_passed(app: App) -> None:
    caller = PlannedCaller()
    verbs = (
        '<Start><Stream url="wss://e.example/m"/></Start>'
        "<Connect><Room>lobby</Room></Connect><Say>After</Say>"
    )
    line = run(app, caller, verbs)
    notes = [entry.text for entry in line.call.transcript.entries if entry.who == "event"]
    assert notes == [
        "<Start> <Stream> (recorded only)",
        "connects <Room>  (recorded only)",
    ]
    assert caller.texts == ["After"]


def test_a_connect_with_an_action_goes_there(app: App) -> None:
    app.views["/after"] = BYE
    away = f"ws://127.0.0.1:{closed_port()}/media"
    run(app, PlannedCaller(), f'<Connect action="/after"><Stream url="{away}"/></Connect>')
    assert len(app.forms("/after")) == 1


def test_a_message_is_recorded_and_its_address_posted(app: App) -> None:
    app.views["/message"] = BYE
    caller = PlannedCaller([Speaks(("call me back please",))])
    run(app, caller, '<Record action="/message" maxLength="30"/>')
    (form,) = app.forms("/message")
    assert form["RecordingUrl"].endswith(form["RecordingSid"])
    assert int(form["RecordingDuration"]) >= 1


def test_silence_in_a_recording_goes_on_to_the_next_verb(app: App) -> None:
    caller = PlannedCaller([StaysSilent()])
    run(app, caller, '<Record action="/message"/><Say>Nothing</Say>')
    assert caller.texts == ["Nothing"]


def test_a_recording_without_action_asks_the_document_again(app: App) -> None:
    caller = PlannedCaller([Speaks(("one",)), Presses("1")])
    run(app, caller, "<Record/>")
    assert len(app.forms("/voice")) == 2


def test_a_turn_may_see_what_the_caller_did_in_the_transcript(app: App) -> None:
    app.views["/turn"] = BYE
    caller = PlannedCaller([StaysSilent(), Presses("12#")])
    line = run(app, caller, '<Gather action="/turn"/><Gather action="/turn"><Say>A</Say></Gather>')
    told = [(entry.who.value, entry.text) for entry in line.call.transcript.entries]
    assert told == [
        ("caller", "(silence)"),
        ("agent", "A"),
        ("caller", "#12#"),
        ("agent", "Bye"),
    ]


def test_a_view_that_raises_late_does_not_repeat_a_turn(app: App) -> None:
    seen: list[Got] = []

    def turn(got: Got) -> str | None:
        seen.append(got)
        return None if len(seen) == 1 else BYE

    app.views["/turn"] = turn
    caller = PlannedCaller([Presses("1")])
    run(app, caller, '<Gather numDigits="1" action="/turn#rc=1&amp;rp=rt"/>')
    assert [got.form["Digits"] for got in seen] == ["1", "1"]
    tokens = {got.headers["I-Twilio-Idempotency-Token"] for got in seen}
    assert len(tokens) == 1
