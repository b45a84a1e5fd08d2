"""Every fault that a vendor on this machine can be told to have."""

from __future__ import annotations

import json

import pytest
import requests

from phone.vendors.plan import EAR, MODEL, VOICE
from phone.vendors.process import VendorsProcess

TEXT = "Between what times can you deliver?"
KEYS = {"x-goog-api-key": "k", "Authorization": "Bearer k", "xi-api-key": "k"}
PATHS = {
    "gemini": "/v1beta/models/m:generateContent",
    "openai": "/chat/completions",
    "elevenlabs": "/v1/text-to-speech/v1/stream",
}
TURN = json.dumps({"caller_said": "yes"})
BODIES: dict[str, dict[str, object]] = {
    "gemini": {"contents": [{"parts": [{"text": TURN}]}]},
    "openai": {"messages": [{"role": "user", "content": TURN}]},
    "elevenlabs": {"text": TEXT},
}


def ask(vendors: VendorsProcess, name: str, timeout_s: float = 20.0) -> requests.Response:
    address = vendors.addresses[name] + PATHS[name]
    return requests.post(address, json=BODIES[name], headers=KEYS, timeout=timeout_s)


@pytest.mark.parametrize("name", PATHS)
def test_a_vendor_that_is_down_refuses_connections_until_it_is_back(
    vendors: VendorsProcess, name: str
) -> None:
    vendors.plan(**{name: {"fault": "down"}})
    with pytest.raises(requests.ConnectionError):
        ask(vendors, name)

    vendors.plan(**{name: {}})

    assert ask(vendors, name).ok


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("fault", ["429", "500"])
def test_a_vendor_answers_with_an_error(vendors: VendorsProcess, name: str, fault: str) -> None:
    vendors.plan(**{name: {"fault": fault}})

    response = ask(vendors, name)

    assert response.status_code == int(fault)
    assert response.json()


@pytest.mark.parametrize("name", PATHS)
def test_a_slow_vendor_sends_nothing(vendors: VendorsProcess, name: str) -> None:
    vendors.plan(**{name: {"fault": "slow"}})

    with pytest.raises(requests.ReadTimeout):
        ask(vendors, name, 0.3)


@pytest.mark.parametrize("name", ["gemini", "openai"])
def test_a_model_sends_what_is_no_answer(vendors: VendorsProcess, name: str) -> None:
    bodies = {}
    for fault in ("garbage", "shape", "blocked"):
        vendors.plan(**{name: {"fault": fault}})
        bodies[fault] = ask(vendors, name).text

    assert not _is_json(bodies["garbage"])
    assert "600" in bodies["shape"]
    assert "SAFETY" in bodies["blocked"] or "content_filter" in bodies["blocked"]


def test_a_clip_breaks_in_its_middle(vendors: VendorsProcess) -> None:
    vendors.plan(elevenlabs={"fault": "cut"})

    with pytest.raises(requests.RequestException):
        ask(vendors, "elevenlabs")


def test_a_clip_stops_in_its_middle(vendors: VendorsProcess) -> None:
    vendors.plan(elevenlabs={"fault": "stall"})

    with pytest.raises(requests.ConnectionError):
        ask(vendors, "elevenlabs", 0.3)


@pytest.mark.parametrize(("fault", "kind"), [("empty", "audio/mpeg"), ("html", "text/html")])
def test_a_clip_is_none(vendors: VendorsProcess, fault: str, kind: str) -> None:
    vendors.plan(elevenlabs={"fault": fault})

    response = ask(vendors, "elevenlabs")

    assert response.status_code == 200
    assert response.headers["content-type"] == kind
    assert b"\xff\xf3" not in response.content


def test_a_share_of_the_requests_goes_wrong(vendors: VendorsProcess) -> None:
    vendors.plan(gemini={"fault": "500", "share": 0.25})

    answers = [ask(vendors, "gemini").status_code for _ in range(8)]

    assert answers.count(500) == 2
    assert vendors.counts()["gemini"]["failed"] == 2


def test_a_share_of_the_connections_is_reset(vendors: VendorsProcess) -> None:
    vendors.plan(gemini={"fault": "down", "share": 0.5})

    assert ask(vendors, "gemini").ok
    with pytest.raises(requests.ConnectionError):
        ask(vendors, "gemini")


def test_everything_is_forgotten_at_a_reset(vendors: VendorsProcess) -> None:
    vendors.plan(gemini={"fault": "down"}, elevenlabs={"fault": "empty"})
    ask(vendors, "elevenlabs")

    vendors.reset()

    counts = vendors.counts()
    assert {one["requests"] for one in counts.values()} == {0}
    assert ask(vendors, "gemini").ok


@pytest.mark.parametrize(
    "plans",
    [
        {"acme": {}},
        {"gemini": []},
        {"gemini": {"dely_ms": 1}},
        {"gemini": {"fault": "cut"}},
        {"elevenlabs": {"fault": "blocked"}},
        {"deepgram": {"fault": "cut"}},
        {"scribe": {"fault": "shape"}},
        {"gemini": {"delay_ms": -1}},
        {"gemini": {"delay_ms": "1"}},
        {"gemini": {"share": True}},
    ],
)
def test_a_plan_that_no_vendor_can_follow_is_refused_and_changes_nothing(
    vendors: VendorsProcess, plans: dict[str, dict[str, object]]
) -> None:
    before = vendors.counts()

    with pytest.raises(ValueError, match=r"."):
        vendors.plan(**plans)

    assert vendors.counts() == before


def test_every_fault_has_a_vendor() -> None:
    assert {str(fault) for fault in MODEL | VOICE | EAR} == {
        *("down", "slow", "429", "500", "garbage", "shape", "blocked"),
        *("cut", "empty", "html", "stall", "headers"),
        *("401", "quota", "mute", "deaf", "dies"),
    }


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True
