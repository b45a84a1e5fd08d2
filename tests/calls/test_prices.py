"""What things cost, and what a file of prices may not say."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from calls.prices import DIRECTIONS, VOICE_KINDS, Prices, PricesError, load_prices, measured
from settings import Settings

FILE = """
recognition_per_use: 0.02
recognition_per_minute: {ears: {fine: 0.006}}
carrier_speech_per_100_characters: {basic: 0, standard: 0.0008, neural: 0.0032, generative: 0.013}
speech_per_1000_characters: {voices: {fast: 0.05}}
models_per_million_tokens:
  small: {input: 0.30, output: 2.50}
  small-plus: {input: 3, output: 25}
line_per_minute: {inbound: 0.0085, outbound: 0.014}
"""


@pytest.fixture
def prices(tmp_path: Path) -> Prices:
    return load(tmp_path, FILE)


def load(folder: Path, text: str) -> Prices:
    file = folder / "prices.yaml"
    file.write_text(text, encoding="utf-8")
    return load_prices(file)


def test_a_turn_costs_the_sum_of_what_it_used(prices: Prices) -> None:
    usage = {
        "gathers": 1,
        "carrier_characters": 250,
        "carrier_voice": "neural",
        "clips": 3,
        "clip_hits": 2,
        "tts_provider": "voices",
        "tts_model": "fast",
        "tts_characters": 40,
        "model": "small",
        "input_tokens": 1000,
        "output_tokens": 100,
    }
    assert prices.cost(usage) == {
        "currency": "USD",
        "recognition": 0.02,
        "speech_carrier": 0.008,
        "speech": 0.002,
        "model": 0.00055,
        "total": 0.03055,
    }


def test_the_sound_that_a_live_call_had_heard_is_charged_by_the_second(prices: Prices) -> None:
    usage = {"stt_provider": "ears", "stt_model": "fine", "stt_seconds": 12.5}

    assert prices.cost(usage)["recognition"] == 0.00125
    assert prices.cost({**usage, "stt_model": "unknown"})["recognition"] == 0.0


def test_a_turn_that_used_nothing_costs_nothing(prices: Prices) -> None:
    cost = prices.cost({})
    assert cost.pop("currency") == "USD"
    assert set(cost.values()) == {0.0}


def test_reading_ahead_in_vain_costs_too(prices: Prices) -> None:
    missed = {"input": 2000, "output": 0}
    usage = {"model": "small", "input_tokens": 1000, "speculated_tokens": missed}
    assert prices.cost(usage)["model"] == 0.0009


def test_reading_ahead_in_vain_is_charged_when_rules_answered(prices: Prices) -> None:
    usage = {"speculated_tokens": {"model": "small", "input": 1000, "output": 100}}
    assert prices.cost(usage)["model"] == 0.00055


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("small", 0.0003),
        ("small-plus", 0.003),
        ("small-2026-10-01", 0.0003),
        ("small-001", 0.0003),
        ("small-latest", 0.0003),
        ("models/small", 0.0003),
        ("vendor/small-plus-2026-10-01", 0.003),
        ("small-minus", 0.0),  # another model, whose price nobody knows
        ("smal", 0.0),
    ],
)
def test_a_model_is_found_by_its_name_without_the_revision(
    prices: Prices, model: str, cost: float
) -> None:
    assert prices.cost({"model": model, "input_tokens": 1000})["model"] == cost


def test_a_model_without_a_price_is_free_and_told_once(
    prices: Prices, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert prices.cost({"model": "new", "input_tokens": 9})["total"] == 0
    told = [record for record in caplog.records if record.name == "calls.prices"]
    assert [vars(record)["priced"] for record in told] == ["new"]


def test_a_thousand_unknown_models_do_not_fill_the_log(
    prices: Prices, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(1000):
        prices.cost({"model": f"m{number}", "input_tokens": 9})
    assert len(caplog.records) == 200


@pytest.mark.parametrize(
    "usage",
    [
        {"gathers": "1", "tts_characters": None, "input_tokens": [], "model": 3},
        {"gathers": -1, "carrier_characters": -100, "carrier_voice": "neural"},
        {"gathers": float("nan"), "input_tokens": float("inf"), "model": "small"},
        {"gathers": True, "speculated_tokens": 7},
        {"gathers": 10**400, "speculated_tokens": {"input": "x", "model": None}},
    ],
)
def test_a_broken_record_costs_nothing_and_breaks_nothing(
    prices: Prices, usage: Mapping[str, object]
) -> None:
    assert prices.cost(usage)["total"] == 0


def test_the_total_is_the_sum_of_what_is_shown(prices: Prices) -> None:
    usage = {"carrier_characters": 1, "carrier_voice": "generative", "tts_provider": "voices"}
    usage |= {"tts_model": "fast", "tts_characters": 1, "model": "small", "input_tokens": 7}
    cost = prices.cost(usage)
    shown = [Decimal(str(cost[item])) for item in ("speech_carrier", "speech", "model")]
    assert Decimal(str(cost["total"])) == sum(shown)


def test_clips_and_minutes_have_prices_of_their_own(prices: Prices) -> None:
    assert prices.speech("voices", "fast", 12_345) == 0.61725
    assert prices.speech("voices", "slow", 12_345) == 0
    assert prices.line("inbound", 3) == 0.0255
    assert prices.line("outbound", 0) == 0
    assert prices.line("sideways", 3) == 0


def test_our_own_file_prices_what_we_use_by_default() -> None:
    prices, settings = load_prices(), Settings()
    used = {"input_tokens": 1_000_000}
    assert prices.cost({"model": settings.gemini_model, **used})["model"] == 0.3
    assert prices.cost({"model": settings.openai_model, **used})["model"] == 0.4
    assert prices.speech("elevenlabs", settings.elevenlabs_model, 1000) == 0.05
    assert set(prices.per_100_characters) == set(VOICE_KINDS)
    assert all(prices.line(direction, 1) > 0 for direction in DIRECTIONS)


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("recognition_per_use: 0.02", "", "recognition_per_use: has no price"),
        ("recognition_per_use: 0.02", "recognition_per_use: cheap", "is text, not a price"),
        ("recognition_per_use: 0.02", "recognition_per_use: '0.02'", "is text, not a price"),
        ("recognition_per_use: 0.02", "recognition_per_use: true", "the truth value true"),
        ("recognition_per_use: 0.02", "recognition_per_use: -1", "is -1; write dollars from 0"),
        ("recognition_per_use: 0.02", "recognition_per_use: 1e999", "is 1e999; write dollars"),
        ("recognition_per_use: 0.02", "recognition_per_use: [1]", "is a list, not a price"),
        ("recognition_per_use", "recognition_per_us", "did you mean recognition_per_use?"),
        ("neural: 0.0032, ", "", "carrier_speech_per_100_characters.neural: has no price"),
        ("neural", "neurl", "did you mean neural?"),
        ("{voices: {fast: 0.05}}", "7", "speech_per_1000_characters: is a number, not a mapping"),
        ("{fast: 0.05}", "{fast: }", "speech_per_1000_characters.voices.fast: has no price"),
        ("output: 2.50", "", "models_per_million_tokens.small.output: has no price"),
        ("output: 2.50", "output: 2.50, cached: 1", "there is no key cached"),
        ("outbound: 0.014", "outbound: 25000", "line_per_minute.outbound: is 25000"),
        ("line_per_minute", "line_per_hour", "line_per_minute: is missing"),
        ("line_per_minute", "recognition_per_use", "was already written in line 2"),
        ("{fine: 0.006}", "{fine: }", "recognition_per_minute.ears.fine: has no price"),
        ("{inbound", "{{inbound", "is not YAML"),
        ("\n", "\n\x00", "control character"),
        (FILE, "", "is empty; see calls/prices.yaml"),
        (FILE, "[]", "is a list, not a mapping"),
        (FILE, f"{FILE}---\na: 1", "a second document begins here; see calls/prices.yaml"),
        (FILE, FILE + "#" * 200_000, "is larger than"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_remedy(
    tmp_path: Path, written: str, instead: str, told: str
) -> None:
    assert written in FILE
    with pytest.raises(PricesError) as refused:
        load(tmp_path, FILE.replace(written, instead, 1))
    assert told in str(refused.value)
    assert str(refused.value).startswith("PRICES_FILE: ")
    assert str(tmp_path / "prices.yaml") in str(refused.value)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PricesError) as refused:
        load(tmp_path, FILE.replace("0.02", "x").replace("0.05", "y").replace("0.014", "z"))
    assert str(refused.value).count("is text, not a price") == 3


@pytest.mark.parametrize("name", ["nowhere.yaml", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(PricesError, match="cannot be read"):
        load_prices(tmp_path / name)


def test_prices_are_exact_as_written(tmp_path: Path) -> None:
    prices = load(tmp_path, FILE.replace("0.02", "0.1000000000000000055"))
    assert prices.per_recognition == Decimal("0.1000000000000000055")


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3.0), (0.5, 0.5), (0, 0), (-1, 0), (True, 0), ("3", 0), (None, 0)]
)
def test_only_a_number_above_nought_is_measured(value: object, number: float) -> None:
    assert measured(value) == number
