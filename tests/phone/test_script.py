"""Call scripts: read strictly, played faithfully, judged on everything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from phone.caller import (
    Dialling,
    HangsUp,
    Heard,
    Listening,
    MakesNoise,
    PickUp,
    Presses,
    Speaks,
    StaysSilent,
)
from phone.live_call import Ear
from phone.script import Script, ScriptedCaller, ScriptError, load_script

LISTENING = Listening(True, True, "en-IN", (), 5, 0)
DESK = Dialling("Number", "+914400000000", 25, "")


def ear(speaks: bool = False, spoke_s: float = 0.5) -> Ear:
    return Ear((), speaks, spoke_s, 1.0, 1.0, is_over=False)


def written(folder: Path, text: str) -> Path:
    """A script file."""
    file = folder / "call.yaml"
    file.write_text(text, "utf-8")
    return file


def caller_of(folder: Path, text: str, record: Mapping[str, Any] | None = None) -> ScriptedCaller:
    """The caller of a script."""
    return ScriptedCaller(load_script(written(folder, text)), lambda: record or {})


def test_a_script_is_read_whole(tmp_path: Path) -> None:
    script = load_script(
        written(
            tmp_path,
            """
            about: everything once
            agent: lead
            direction: outbound
            from: "+919812345678"
            pick_up: busy
            variables: {name: Asha, visits: 3}
            steps:
              - hear: [hello, /na+me/]
              - stage: collecting
              - say: five hundred
              - say: [five, hundred]
              - keys: "12#"
              - silence
              - dial: no-answer
              - hangup
            expect: {stage: completed, data: {charge: {amount: 600, currency: INR}}}
            """,
        )
    )
    assert script.name == "call"
    assert (script.direction, script.from_number) == ("outbound", "+919812345678")
    assert script.pick_up is PickUp.BUSY
    assert script.variables == {"name": "Asha", "visits": "3"}
    assert [step for step in script.steps if isinstance(step, Speaks)] == [
        Speaks(("five hundred",)),
        Speaks(("five", "hundred")),
    ]
    assert Presses("12#") in script.steps
    assert StaysSilent() in script.steps
    assert HangsUp() in script.steps


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "agent: and steps:"),
        ("agent: x", "steps: a list"),
        ("agent: x\nsteps: []\nexpects: {}", "no such key: expects"),
        ("agent: x\nsteps: []\nexpect: {charge: 1}", "expect takes"),
        ("agent: x\nsteps: [shout: hello]", "step 1: shout"),
        ("agent: x\nsteps: [silence, keys: abc]", "step 2: keys"),
        ("agent: x\nsteps: [{say: a, hear: b}]", "step 1: write one"),
        ("agent: x\nsteps: [dial: maybe]", "write one of answered"),
        ("agent: x\nsteps: []\ndirection: sideways", "inbound or outbound"),
        ("agent: [", "call.yaml"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ScriptError, match=told):
        load_script(written(tmp_path, text))


def test_a_call_that_goes_as_written_passes_and_is_kept(tmp_path: Path) -> None:
    caller = caller_of(
        tmp_path,
        "{agent: x, steps: [hear: [charge, /na.e/], say: 500 rupees, dial: busy, hear: sorry]}",
    )
    caller.hears(Heard("What is your Name?", "en-IN"))
    caller.hears(Heard("And the  charge?", "en-IN"))
    assert caller.moves(LISTENING) == Speaks(("500 rupees",))
    caller.hears(Heard("One moment", "en-IN"))
    assert caller.is_put_through(DESK) is PickUp.BUSY
    caller.hears(Heard("Sorry", "en-IN"))
    assert caller.verdict() == []
    assert caller.dialogue == [
        ("agent", "What is your Name? And the charge?"),
        ("caller", "500 rupees"),
        ("agent", "One moment"),
        ("caller", "(dialled: busy)"),
        ("agent", "Sorry"),
    ]


def test_what_was_heard_before_the_last_move_does_not_count(tmp_path: Path) -> None:
    caller = caller_of(tmp_path, "{agent: x, steps: [say: hi, hear: welcome, say: bye]}")
    caller.hears(Heard("Welcome", "en-IN"))
    caller.moves(LISTENING)
    assert isinstance(caller.moves(LISTENING), HangsUp)
    assert "not heard: 'welcome'" in caller.verdict()[0]


def test_a_stage_is_looked_up_when_its_step_comes(tmp_path: Path) -> None:
    record = {"stage": "collecting"}
    caller = caller_of(tmp_path, "{agent: x, steps: [stage: confirming, say: yes]}", record)
    assert isinstance(caller.moves(LISTENING), HangsUp)
    assert caller.verdict() == ["the stage is collecting, not confirming"]


def test_an_agent_that_asks_on_after_the_script_fails_it(tmp_path: Path) -> None:
    caller = caller_of(tmp_path, "{agent: x, steps: [say: hi]}")
    caller.moves(LISTENING)
    assert isinstance(caller.moves(LISTENING), HangsUp)
    assert "the script is over" in caller.verdict()[0]


def test_an_agent_that_hangs_up_early_fails_it(tmp_path: Path) -> None:
    caller = caller_of(tmp_path, "{agent: x, steps: [say: hi, keys: '1', dial: busy]}")
    caller.moves(LISTENING)
    assert caller.verdict() == [
        "the call ended before: #1",
        "the call ended before: (dialled: busy)",
    ]


def test_somebody_dialled_out_of_turn_fails_it(tmp_path: Path) -> None:
    caller = caller_of(tmp_path, "{agent: x, steps: [say: hi]}")
    assert caller.is_put_through(DESK) is PickUp.FAILED
    assert "+914400000000 is dialled" in caller.verdict()[0]


def test_nobody_dialled_where_the_script_says_so_fails_it(tmp_path: Path) -> None:
    caller = caller_of(tmp_path, "{agent: x, steps: [dial: busy]}")
    assert isinstance(caller.moves(LISTENING), HangsUp)
    assert "nobody is dialled" in caller.verdict()[0]


@pytest.mark.parametrize(
    ("record", "failures"),
    [
        ({"stage": "completed", "data": {"n": {"amount": 600}, "more": 1}}, []),
        ({"stage": "handover", "data": {"n": {"amount": 600}}}, ["stage is 'handover'"]),
        ({"stage": "completed", "data": {"n": {"amount": 500}}}, ["data.n is {'amount': 500}"]),
        ({"stage": "completed"}, ["data.n is None"]),
    ],
)
def test_what_was_kept_is_compared_with_what_was_expected(
    tmp_path: Path, record: dict[str, Any], failures: list[str]
) -> None:
    text = "{agent: x, steps: [], expect: {stage: completed, data: {n: {amount: 600}}}}"
    told = caller_of(tmp_path, text, record).verdict()
    assert len(told) == len(failures)
    assert all(one.startswith(start) for one, start in zip(told, failures, strict=True))


def test_the_caller_picks_up_as_the_script_says() -> None:
    script = Script("a", "", "x", (), pick_up=PickUp.BUSY)
    assert ScriptedCaller(script, dict).picks_up("+15005550006") is PickUp.BUSY


def test_a_live_caller_acts_at_a_moment_while_the_agent_speaks(tmp_path: Path) -> None:
    caller = caller_of(
        tmp_path,
        """
        agent: lead
        steps:
          - hear: charge
          - {say: wait, after_s: 1.5}
          - hear: "yes?"
          - {noise: 0.3, after_s: 0}
          - {hangup: null, after_s: 2}
        """,
    )
    caller.overhears(["what", "do"])
    assert caller.attends(ear(speaks=True, spoke_s=2.0), has_finished=False) is None  # not heard
    caller.overhears(["you", "charge?"])
    assert caller.attends(ear(speaks=True, spoke_s=1.0), has_finished=False) is None  # too early
    move = caller.attends(ear(speaks=True, spoke_s=1.6), has_finished=False)
    assert move == Speaks(("wait",), after_s=1.5)
    caller.overhears(["yes?"])
    assert caller.attends(ear(speaks=True), has_finished=False) == MakesNoise(0.3, 0.0)
    assert caller.attends(ear(speaks=True, spoke_s=2.5), has_finished=False) == HangsUp(2.0)
    assert caller.verdict() == []
    assert caller.dialogue == [
        ("agent", "what do you charge?"),
        ("caller", "wait"),
        ("agent", "yes?"),
        ("caller", "(noise)"),
        ("caller", "(hangs up)"),
    ]


def test_a_live_caller_waits_on_for_what_is_to_be_heard(tmp_path: Path) -> None:
    caller = caller_of(tmp_path, "{agent: lead, steps: [{hear: charge}, {say: '500'}]}")
    caller.overhears(["One", "moment."])
    assert caller.attends(ear(), has_finished=True) is None
    caller.overhears(["What", "do", "you", "charge?"])
    assert caller.attends(ear(speaks=True), has_finished=False) is None
    assert caller.attends(ear(), has_finished=True) == Speaks(("500",))


@pytest.mark.parametrize(
    "step",
    [
        "{silence: null, after_s: 1}",
        "{say: hm, after_s: soon}",
        "{say: hm, after_s: -1}",
        "{hear: hm, after_s: 1}",
        "{after_s: 1}",
        "{noise: loud}",
        "{noise: 60}",
        "{noise: 0}",
    ],
)
def test_a_moment_or_noise_that_makes_no_sense_is_refused(tmp_path: Path, step: str) -> None:
    with pytest.raises(ScriptError, match="step 1"):
        load_script(written(tmp_path, f"{{agent: lead, steps: [{step}]}}"))
