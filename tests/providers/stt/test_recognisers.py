"""Which recognisers there are, and what becomes of hints that a language does not take."""

from __future__ import annotations

import os

import pytest

from phone.spoken import silence
from providers.stt import open_recognisers
from providers.stt.base import HearingOrder
from providers.stt.deepgram.nova import Nova
from providers.stt.dialect import terms
from settings import read_settings
from tests.providers.stt.peer import Peer, Told, listening_at, run


def serving(order: HearingOrder, **settings: str) -> list[str]:
    """Who serves, with the model that would listen."""
    return [
        f"{one.name} {one.model(order)}"
        for one in open_recognisers(read_settings(settings))
        if one.serves(order)
    ]


KEYS = {"ELEVENLABS_API_KEY": "k", "DEEPGRAM_API_KEY": "k"}
NOVA, SCRIBE = "deepgram nova-3", "elevenlabs scribe_v2_realtime"
FLUX = "deepgram-flux flux-general-en"


def test_who_has_a_key_is_asked_in_order() -> None:
    assert serving(HearingOrder("en-IN")) == []
    assert serving(HearingOrder("en-IN"), ELEVENLABS_API_KEY="k") == [SCRIBE]
    assert serving(HearingOrder("en-IN"), **KEYS) == [NOVA, SCRIBE]
    assert serving(HearingOrder("ml-IN"), **KEYS) == [SCRIBE]


def test_where_turns_are_followed_nova_still_hears_what_flux_does_not() -> None:
    settings = {**KEYS, "DEEPGRAM_MODEL": "flux-general-en"}

    assert serving(HearingOrder("en-IN"), **settings) == [FLUX, NOVA, SCRIBE]
    assert serving(HearingOrder("hi-IN"), **settings) == [NOVA, SCRIBE]
    assert serving(HearingOrder("ta-IN"), **settings) == [NOVA, SCRIBE]


def test_an_agent_may_want_another_model_than_the_settings() -> None:
    flux = HearingOrder("en-IN", model="flux-general-en")
    nova = HearingOrder("en-IN", model="nova-2")

    assert serving(flux, **KEYS) == [FLUX, NOVA, SCRIBE]
    assert serving(nova, **KEYS, DEEPGRAM_MODEL="flux-general-en") == ["deepgram nova-2", SCRIBE]


def test_hints_that_a_language_does_not_take_are_left_out_from_then_on() -> None:
    async def test() -> None:
        peer = Peer()
        peer.refusal = (400, "")
        peer.refuses = lambda path: "keyterm" in path
        async with listening_at(peer):
            nova = Nova(peer.settings())
            order = HearingOrder("ta-IN", hints=("Kochi",))
            (await nova.open(order, Told())).close()
            (await nova.open(order, Told())).close()
        assert ["keyterm" in path for path in peer.paths] == [True, False, False]

    run(test())


def test_hints_are_sent_once_each_and_as_one_line() -> None:
    assert terms(["a  b", "a b", "", "c" * 9, "d"], 10, 8, 100) == ["a b", "d"]
    assert terms(["aaaa", "bbbb", "cc"], 10, 8, 9) == ["aaaa", "bbbb"]
    assert terms(["a", "b", "c"], 2, 8, 9) == ["a", "b"]


@pytest.mark.live
@pytest.mark.parametrize(
    ("key", "model", "language"),
    [
        ("DEEPGRAM_API_KEY", "nova-3", "en-IN"),
        ("DEEPGRAM_API_KEY", "nova-3", "ta-IN"),
        ("DEEPGRAM_API_KEY", "flux-general-en", "en-IN"),
        ("ELEVENLABS_API_KEY", "nova-3", "ml-IN"),
    ],
)
def test_the_real_vendor_listens(key: str, model: str, language: str) -> None:
    if not os.getenv(key):
        pytest.skip(f"needs {key}")

    async def test() -> None:
        told = Told()
        settings = read_settings({key: os.environ[key], "DEEPGRAM_MODEL": model})
        order = HearingOrder(language, hints=("R123",))
        recogniser = next(one for one in open_recognisers(settings) if one.serves(order))
        recognition = await recogniser.open(order, told)
        for _ in range(20):
            recognition.send(silence(0.08))
        recognition.finalise()
        recognition.close()
        assert told.events == []

    run(test())
