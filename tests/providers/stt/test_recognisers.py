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


def names(**keys: str) -> list[str]:
    return [one.name for one in open_recognisers(read_settings(keys))]


def test_who_has_a_key_is_opened_in_order() -> None:
    assert names() == []
    assert names(ELEVENLABS_API_KEY="k") == ["elevenlabs"]
    assert names(ELEVENLABS_API_KEY="k", DEEPGRAM_API_KEY="k") == ["deepgram", "elevenlabs"]


def test_where_turns_are_followed_nova_still_hears_what_flux_does_not() -> None:
    settings = {"DEEPGRAM_API_KEY": "k", "DEEPGRAM_MODEL": "flux-general-en"}

    assert names(**settings) == ["deepgram-flux", "deepgram"]
    tamil = HearingOrder("ta-IN")
    nova = open_recognisers(read_settings(settings))[1]
    assert (nova.understands("ta-IN"), nova.model(tamil)) == (True, "nova-3")


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
        recogniser = open_recognisers(settings)[0]
        recognition = await recogniser.open(HearingOrder(language, hints=("R123",)), told)
        for _ in range(20):
            recognition.send(silence(0.08))
        recognition.finalise()
        recognition.close()
        assert told.events == []

    run(test())
