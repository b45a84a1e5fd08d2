"""The vendors on this machine speak the wires of the real ones, at the pace they are told."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from agents.loader import load_agents
from agents.schema import Agent
from phone.media import length_s
from phone.vendors.process import VendorsProcess
from phone.webhook import Answer
from phone.word_track import WordReader
from providers.llm.answer import answer_schema
from providers.llm.gemini import Gemini
from settings import Settings
from tests.providers.llm.readings import request
from tests.sources import ROOT

TEXT = "I have a charge of 607 rupees, and delivery from 2 PM to 5 PM. Is that right?"
SPEECH = "/v1/text-to-speech/v1/stream?output_format=mp3_22050_32"


@pytest.fixture(scope="module")
def agent() -> Agent:
    return load_agents(ROOT / "agents")["logistics"]


def spoken(vendors: VendorsProcess, text: str = TEXT, path: str = SPEECH) -> requests.Response:
    return requests.post(
        vendors.addresses["elevenlabs"] + path,
        json={"text": text, "model_id": "m"},
        headers={"xi-api-key": "key"},
        timeout=20,
    )


def completed(vendors: VendorsProcess, agent: Agent, turn: Mapping[str, object]) -> dict[str, Any]:
    schema = {"name": "turn", "strict": True, "schema": answer_schema(agent)}
    told = requests.post(
        f"{vendors.addresses['openai']}/v1/chat/completions",
        json={
            "model": "some-model",
            "messages": [
                {"role": "system", "content": "read"},
                {"role": "user", "content": json.dumps(turn)},
            ],
            "response_format": {"type": "json_schema", "json_schema": schema},
        },
        headers={"Authorization": "Bearer key"},
        timeout=20,
    ).json()
    answer: dict[str, Any] = json.loads(told["choices"][0]["message"]["content"])
    return answer


@pytest.mark.parametrize(
    ("said", "asked", "values"),
    [
        ("607 rupees", "charge", {"charge": {"amount": 607, "currency": "INR"}}),
        ("from 2 pm to 5 pm", "window", {"window": {"start": "14:00", "end": "17:00"}}),
        ("between 9:30 and 11 am", "window", {"window": {"start": "09:30", "end": "11:00"}}),
        ("no, it's 12,500", None, {"charge": {"amount": 12500, "currency": "INR"}}),
        ("yes", None, {}),
        ("12 to 2", "window", {}),
        ("hmm", "charge", {}),
    ],
)
def test_a_model_reads_what_callers_of_the_benchmark_say(
    vendors: VendorsProcess, agent: Agent, said: str, asked: str | None, values: dict[str, object]
) -> None:
    settings = Settings(gemini_api_key="key", gemini_base_url=vendors.addresses["gemini"])
    brain = Gemini(settings, 10.0)
    try:
        extraction = brain.extract(agent, request(said, asked))
    finally:
        brain.close()

    assert extraction.values == values
    assert vendors.counts()["gemini"]["texts"] == {said: 1}


def test_the_second_model_answers_in_its_own_form(vendors: VendorsProcess, agent: Agent) -> None:
    turn = {"caller_said": "607 rupees", "asked": "charge", "confirming": False, "collected": {}}

    answer = completed(vendors, agent, turn)

    assert answer == {
        "fields": {"charge": {"amount": 607, "currency": "INR"}, "window": None},
        "reply": None,
        "language": None,
        "decision": "NEED_MORE_INFO",
    }


@pytest.mark.parametrize(
    ("said", "decision"),
    [("600 rupees", "THANK_YOU_RESPONSE"), ("a real person please", "HANDOVER_TO_HUMAN")],
)
def test_a_model_decides_as_it_was_told_to(
    vendors: VendorsProcess, agent: Agent, said: str, decision: str
) -> None:
    window = {"start": "14:00", "end": "17:00"}
    turn = {"caller_said": said, "asked": "charge", "collected": {"window": window}}

    assert completed(vendors, agent, turn)["decision"] == decision


@pytest.mark.parametrize("audio_format", ["mp3_22050_32", "mp3_24000_48", "mp3_44100_64"])
def test_a_clip_is_as_long_as_its_text_takes_to_say(
    vendors: VendorsProcess, audio_format: str
) -> None:
    response = spoken(vendors, path=f"/v1/text-to-speech/v1?output_format={audio_format}")

    kind = response.headers["content-type"]
    length = length_s(Answer("", 200, kind, response.content))
    assert kind == "audio/mpeg"
    assert length == pytest.approx(0.3 + len(TEXT) / 14, abs=0.05)
    assert response.headers["character-cost"] == str(len(TEXT))


def test_telephone_sound_has_the_words_in_it(vendors: VendorsProcess) -> None:
    response = spoken(vendors, path="/v1/text-to-speech/v1/stream?output_format=ulaw_8000")

    assert len(response.content) == pytest.approx((0.3 + len(TEXT) / 14) * 8000, abs=1)
    assert WordReader().read(response.content) == TEXT.split()


def test_every_frame_of_a_clip_follows_the_one_before(vendors: VendorsProcess) -> None:
    clip = spoken(vendors).content

    at = frames = 0
    while at < len(clip):
        assert clip[at : at + 2] == b"\xff\xf3"
        at += 104 + (clip[at + 2] >> 1 & 1)  # 72 * 32,000 / 22,050 bytes, and the padding
        frames += 1
    assert at == len(clip)
    assert at / frames == pytest.approx(72 * 32_000 / 22_050, abs=0.01)


def test_a_clip_comes_in_pieces_at_the_pace_that_was_planned(vendors: VendorsProcess) -> None:
    vendors.plan(elevenlabs={"first_byte_ms": 100, "last_byte_ms": 300})
    began_at = time.monotonic()

    with requests.post(
        vendors.addresses["elevenlabs"] + SPEECH,
        json={"text": TEXT},
        headers={"xi-api-key": "key"},
        stream=True,
        timeout=20,
    ) as response:
        moments = [time.monotonic() - began_at for _ in response.iter_content(None)]

    assert moments[0] >= 0.1
    assert moments[-1] >= 0.3
    assert len(moments) > 3


def test_vendors_count_what_they_are_asked_and_how_much_of_it_at_once(
    vendors: VendorsProcess,
) -> None:
    vendors.plan(elevenlabs={"first_byte_ms": 200})
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda text: spoken(vendors, text), ("one", "one", "two")))

    counts = vendors.counts()["elevenlabs"]

    assert counts["requests"] == 3
    assert counts["texts"] == {"one": 2, "two": 1}
    assert counts["most_at_once"] == 3


@pytest.mark.parametrize(
    ("vendor", "path", "status"),
    [
        ("gemini", "/v1beta/models/m:generateContent", 403),
        ("openai", "/chat/completions", 401),
        ("elevenlabs", SPEECH, 401),
        ("gemini", "/v1beta/models", 404),
        ("openai", "/models", 404),
        ("elevenlabs", "/v1/voices", 404),
    ],
)
def test_a_vendor_refuses_who_has_no_key_and_what_it_does_not_sell(
    vendors: VendorsProcess, vendor: str, path: str, status: int
) -> None:
    response = requests.post(vendors.addresses[vendor] + path, json={}, timeout=20)

    assert response.status_code == status
    assert vendors.counts()[vendor]["requests"] == 0


@pytest.mark.parametrize("body", ["", "{", "[]", '{"text": ""}'])
def test_a_request_that_is_none_gets_a_400(vendors: VendorsProcess, body: str) -> None:
    response = requests.post(
        vendors.addresses["elevenlabs"] + SPEECH,
        data=body,
        headers={"xi-api-key": "key"},
        timeout=20,
    )

    assert response.status_code == 400


def test_a_format_that_is_not_made_is_refused(vendors: VendorsProcess) -> None:
    assert (
        spoken(vendors, path="/v1/text-to-speech/v?output_format=opus_48000_32").status_code == 400
    )
