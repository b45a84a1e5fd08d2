"""<Dial> and <Enqueue>: somebody is rung, and the app is told what became of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from phone.caller import PickUp
from tests.phone.fake_app import App
from tests.phone.planned import NOON, PlannedCaller, response, run

BYE = response("<Say>Bye</Say>")
DESK = "<Number>+914400000000</Number>"


@pytest.fixture
def app() -> Iterator[App]:
    with App({"/done": BYE, "/leg": "", "/status": ""}) as running:
        yield running


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (PickUp.ANSWERED, "completed"),
        (PickUp.BUSY, "busy"),
        (PickUp.NO_ANSWER, "no-answer"),
        (PickUp.FAILED, "failed"),
    ],
)
@pytest.mark.parametrize(
    ("noun", "target"),
    [
        (DESK, "+914400000000"),
        ("<Sip>sip:desk@example.com</Sip>", "sip:desk@example.com"),
        ("<Client>desk</Client>", "desk"),
        ("<Client><Identity>desk</Identity></Client>", "desk"),
        ("<Queue>support</Queue>", "support"),
        ("+914400000000", "+914400000000"),
    ],
)
def test_the_action_is_told_what_became_of_it(
    app: App, noun: str, target: str, result: PickUp, status: str
) -> None:
    caller = PlannedCaller(dialled=result)
    run(app, caller, f'<Dial action="/done">{noun}</Dial><Say>never</Say>')
    (form,) = app.forms("/done")
    assert form["DialCallStatus"] == status
    assert form["DialCallSid"].startswith("CA")
    assert form["DialCallSid"] != form["CallSid"]
    assert form["DialBridged"] == str(result is PickUp.ANSWERED).lower()
    assert ("DialCallDuration" in form) == (result is PickUp.ANSWERED)
    assert caller.diallings[0].target == target
    assert caller.texts == ["Bye"]


def test_without_an_action_the_next_verb_runs(app: App) -> None:
    caller = PlannedCaller(dialled=PickUp.BUSY)
    run(app, caller, f"<Dial>{DESK}</Dial><Say>Busy, sorry</Say>")
    assert caller.texts == ["Busy, sorry"]


def test_nobody_answering_takes_the_timeout(app: App) -> None:
    caller = PlannedCaller(dialled=PickUp.NO_ANSWER)
    line = run(app, caller, f'<Dial timeout="45" callerId="+15005550006">{DESK}</Dial>')
    assert (line.call.clock.now() - NOON).total_seconds() >= 45
    assert (caller.diallings[0].timeout_s, caller.diallings[0].caller_id) == (45, "+15005550006")


def test_a_conference_is_answered_not_completed(app: App) -> None:
    run(app, PlannedCaller(), '<Dial action="/done"><Conference>room</Conference></Dial>')
    assert app.forms("/done")[0]["DialCallStatus"] == "answered"


@pytest.mark.parametrize(
    ("result", "status"), [(PickUp.BUSY, "ringing"), (PickUp.ANSWERED, "in-progress")]
)
def test_answer_on_bridge_leaves_the_call_ringing_until_somebody_answers(
    app: App, result: PickUp, status: str
) -> None:
    run(
        app,
        PlannedCaller(dialled=result),
        f'<Dial answerOnBridge="true" action="/done">{DESK}</Dial>',
    )
    assert app.forms("/done")[0]["CallStatus"] == status


def test_without_answer_on_bridge_the_call_is_answered_at_once(app: App) -> None:
    run(app, PlannedCaller(dialled=PickUp.BUSY), f'<Dial action="/done">{DESK}</Dial>')
    assert app.forms("/done")[0]["CallStatus"] == "in-progress"


def test_the_rung_leg_reports_its_own_progress(app: App) -> None:
    noun = (
        '<Number statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
        "+914400000000</Number>"
    )
    run(app, PlannedCaller(), f'<Dial action="/done">{noun}</Dial>')
    forms = app.forms("/leg")
    assert [form["CallStatus"] for form in forms] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3"]
    assert {form["ParentCallSid"] for form in forms} == {app.forms("/voice")[0]["CallSid"]}
    assert {form["Direction"] for form in forms} == {"outbound-dial"}
    assert forms[-1]["CallDuration"] == app.forms("/done")[0]["DialCallDuration"]


def test_of_several_who_are_rung_the_first_answers_and_the_others_are_canceled(app: App) -> None:
    nouns = "".join(f'<Number statusCallback="/leg">+91440000000{n}</Number>' for n in (1, 2))
    run(app, PlannedCaller(), f'<Dial action="/done">{nouns}</Dial>')
    ends = {form["To"]: form["CallStatus"] for form in app.forms("/leg")}
    assert ends == {"+914400000001": "completed", "+914400000002": "canceled"}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (PickUp.ANSWERED, "bridged"),
        (PickUp.BUSY, "queue-full"),
        (PickUp.NO_ANSWER, "leave"),
        (PickUp.FAILED, "system-error"),
    ],
)
def test_a_queue_tells_how_it_was_left(app: App, result: PickUp, told: str) -> None:
    run(app, PlannedCaller(dialled=result), '<Enqueue action="/done">support</Enqueue>')
    (form,) = app.forms("/done")
    assert form["QueueResult"] == told
    assert form["QueueSid"].startswith("QU")
