"""The callers of the benchmarks, against a server that says exactly what they should meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from benchmarks.callers import Booth, Call, Manner, Met
from benchmarks.load import SCRIPT, BadAnswer, Target
from phone.vendors.wire import Asked, Listener

XML = "text/xml"
QUESTION = (
    '<Response><Gather action="/process-response?turn={turn}#rc=2" '
    'partialResultCallback="/partial?turn={turn}">'
    "<Play>https://x.example/audio/a{turn}.mp3</Play></Gather>"
    "<Redirect>/process-response?turn={turn}&amp;empty=1</Redirect></Response>"
)
WAIT = "<Response><Say>One moment.</Say><Redirect>/keep-waiting?turn=2#rc=2</Redirect></Response>"
GOODBYE = "<Response><Say>Goodbye.</Say><Hangup/></Response>"


class Agent:
    """Asks as many questions as the script has lines; `odd` answers a path in another way."""

    def __init__(self, odd: dict[str, Callable[[Asked], None]] | None = None) -> None:
        self.paths: list[str] = []
        self.partials: list[dict[str, list[str]]] = []
        self._odd = odd or {}
        self._turn = 0

    async def __call__(self, asked: Asked) -> None:
        self.paths.append(asked.path)
        odd = self._odd.pop(asked.path, None)
        if odd is not None:
            odd(asked)
        elif asked.path.startswith("/audio/"):
            asked.begin("audio/mpeg", {})
            asked.piece(b"\xff\xf3" + bytes(600))
            asked.end()
        elif asked.path == "/partial":
            self.partials.append(parse_qs(asked.body.decode()))
            asked.send(204, b"")
        else:
            self._turn += 1
            last = self._turn > len(SCRIPT)
            document = GOODBYE if last else QUESTION.format(turn=self._turn)
            asked.send(200, document.encode(), XML)


def call_with(agent: Agent, manner: Manner, calls: int = 1) -> Met:
    async def all_of_them() -> Met:
        listener = Listener(agent)
        await listener.open()
        met = Met()
        booth = Booth(Target(listener.port, "https://x.example", "secret"), manner, met)
        await booth.open()
        try:
            for number in range(calls):
                await Call(booth, number).whole()
        finally:
            booth.close()
            listener.close()
        return met

    return asyncio.run(all_of_them())


def test_a_caller_leads_a_call_to_its_end_and_fetches_every_clip() -> None:
    agent = Agent()

    met = call_with(agent, Manner(lambda _: 500))

    assert met.charges == {f"CA{0:032x}": 500}
    assert [turn.number for turn in met.turns] == [1, 2, 3, 4, 5, 6]
    assert met.clips == 6
    assert all(turn.sound_ms >= turn.ms for turn in met.turns)


def test_a_carrier_that_remembers_clips_fetches_each_once() -> None:
    agent = Agent()
    met = Met()
    met.known_clips.update(f"/audio/a{turn}.mp3" for turn in (1, 2))

    async def one() -> None:
        listener = Listener(agent)
        await listener.open()
        target = Target(listener.port, "https://x.example", "secret")
        booth = Booth(target, Manner(lambda _: 500, remembers=True), met)
        await booth.open()
        await Call(booth, 0).whole()
        booth.close()
        listener.close()

    asyncio.run(one())

    assert met.clips == 4


def test_unfinished_words_come_before_the_finished_ones() -> None:
    agent = Agent()

    call_with(agent, Manner(lambda _: 500, in_pieces=True))

    said = [
        (form.get("UnstableSpeechResult") or form["StableSpeechResult"])[0]
        for form in agent.partials[9:12]
    ]
    assert said == ["from 2 pm", "from 2 pm to 5 pm", "from 2 pm to 5 pm"]
    assert agent.paths.count("/partial") == 3 * len(SCRIPT)


def test_a_caller_who_is_told_to_wait_comes_back_for_the_answer() -> None:
    agent = Agent({"/process-response": lambda asked: asked.send(200, WAIT.encode(), XML)})

    met = call_with(agent, Manner(lambda _: 500))

    assert met.fillers == 1
    assert agent.paths.count("/keep-waiting") == 1


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        ("/process-response", lambda asked: asked.send(500, b"no")),
        ("/process-response", lambda asked: asked.send(200, GOODBYE.encode(), XML)),
        ("/process-response", Asked.reset),
        ("/audio/a2.mp3", lambda asked: asked.send(404, b"no")),
        ("/audio/a2.mp3", lambda asked: asked.send(200, b"<html>", "text/html")),
        ("/audio/a2.mp3", Asked.cut),
    ],
)
def test_whatever_goes_wrong_is_no_good_answer(path: str, odd: Callable[[Asked], None]) -> None:
    with pytest.raises(BadAnswer):
        call_with(Agent({path: odd}), Manner(lambda _: 500))
