"""What is counted over all calls, in one process. Several: tests/transports/test_metrics.py."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calls.metrics import CHILDREN_MOST, Metrics, MetricsAway, process_ended
from providers.errors import ContentRefused, ProviderTimeout
from providers.stt.base import Broken
from storage.records import TurnRecord
from tests.sources import ROOT

TURN = TurnRecord(
    call_id="call-1",
    turn=1,
    at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    stage="collecting",
    language="en-IN",
    caller="600 rupees",
    caller_by="speech",
    confidence=0.9,
    agent="Thank you.",
    brain="model",
    timings_ms={
        "recognition": 400.0,
        "find": 1.0,
        "brain": 300.0,
        "speech": 20.0,
        "engine": 2.0,
        "total": 325.0,
        "save_before": 9.0,
    },
    usage={
        "gathers": 1,
        "clips": 3,
        "clip_hits": 2,
        "clips_made": 1,
        "carrier_characters": 90,
        "tts_provider": "voices",
        "tts_model": "fast",
        "tts_characters": 40,
        "model": "small",
        "input_tokens": 1000,
        "output_tokens": 100,
        "speculation": "hit",
        "saved_ms": 250.0,
        "speculated_tokens": {"input": 900, "output": 50},
        "filler": 1,
        "cost": {"currency": "USD", "recognition": 0.02, "speech": 0.002, "model": 0.5, "total": 1},
    },
)


def counted(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Name and label values of every sample that is not 0 → its value."""
    body, _ = metrics.exposition()
    return {
        (sample.name.removeprefix("callwright_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
        if sample.value and not sample.name.endswith("_bucket")
    }


def test_a_turn_is_counted_and_timed_in_all_its_parts() -> None:
    metrics = Metrics()
    metrics.filler()
    metrics.turn("logistics", TURN, 5.0)
    assert counted(metrics) == {
        ("turns_total", "logistics", "model"): 1,
        ("turn_seconds_count", "logistics", "model"): 1,
        ("turn_seconds_sum", "logistics", "model"): 0.33,
        ("turn_part_seconds_count", "recognition"): 1,
        ("turn_part_seconds_sum", "recognition"): 0.4,
        ("turn_part_seconds_count", "find"): 1,
        ("turn_part_seconds_sum", "find"): 0.001,
        ("turn_part_seconds_count", "brain"): 1,
        ("turn_part_seconds_sum", "brain"): 0.3,
        ("turn_part_seconds_count", "speech"): 1,
        ("turn_part_seconds_sum", "speech"): 0.02,
        ("turn_part_seconds_count", "engine"): 1,
        ("turn_part_seconds_sum", "engine"): 0.002,
        ("turn_part_seconds_count", "save"): 1,
        ("turn_part_seconds_sum", "save"): 0.005,
        ("clips_total", "cache"): 2,
        ("clips_total", "made"): 1,
        ("clips_total", "carrier"): 1,
        ("tts_characters_total", "fast", "voices"): 40,
        ("model_tokens_total", "input", "small"): 1000,
        ("model_tokens_total", "output", "small"): 100,
        ("model_tokens_total", "speculated_input", "small"): 900,
        ("model_tokens_total", "speculated_output", "small"): 50,
        ("cost_usd_total", "recognition"): 0.02,
        ("cost_usd_total", "speech"): 0.002,
        ("cost_usd_total", "model"): 0.5,
        ("speculations_total", "hit"): 1,
        ("speculation_saved_seconds_total",): 0.25,
        ("fillers_total",): 1,
    }


def test_a_turn_falls_into_the_bucket_of_its_time() -> None:
    metrics = Metrics()
    metrics.turn("logistics", TURN, 5.0)
    body = metrics.exposition()[0].decode()
    for bound, count in (("0.25", "0.0"), ("0.5", "1.0"), ("15.0", "1.0"), ("+Inf", "1.0")):
        labels = f'agent="logistics",brain="model",le="{bound}"'
        assert f"callwright_turn_seconds_bucket{{{labels}}} {count}\n" in body


def test_a_greeting_that_nobody_read_is_a_turn_too() -> None:
    metrics = Metrics()
    metrics.turn("logistics", replace(TURN, brain=None, timings_ms={}, usage={}), 0.0)
    found = counted(metrics)
    assert found == {
        ("turns_total", "logistics", "none"): 1,
        ("turn_part_seconds_count", "save"): 1,
    }


@pytest.mark.parametrize(
    "usage",
    [
        {"tts_characters": -3, "filler": "yes", "speculation": ["hit"], "cost": 3},
        {"speculation": "maybe", "cost": {"model": float("nan")}, "speculated_tokens": "some"},
        {"input_tokens": float("inf"), "saved_ms": None, "clips": {}, "clip_hits": 10**400},
        {"speculated_tokens": {"input": None}, "cost": {"speech": "dear"}},
    ],
)
def test_a_broken_record_is_no_fault(usage: Mapping[str, object]) -> None:
    metrics = Metrics()
    timings = {"total": float("nan"), "brain": -1.0}
    metrics.turn("logistics", replace(TURN, usage=usage, timings_ms=timings), float("inf"))
    assert counted(metrics) == {
        ("turns_total", "logistics", "model"): 1,
        ("turn_part_seconds_count", "brain"): 1,
        ("turn_part_seconds_count", "save"): 1,
    }


def test_names_without_end_share_one_series() -> None:
    metrics = Metrics()
    for number in range(CHILDREN_MOST + 50):
        metrics.turn(f"agent-{number}", replace(TURN, usage={"model": "m" * number}), 0.0)
    found = counted(metrics)
    turns = {key: count for key, count in found.items() if key[0] == "turns_total"}
    assert len(turns) == CHILDREN_MOST + 1
    assert turns["turns_total", "other", "other"] == 50


def test_a_model_that_is_not_named_counts_as_other() -> None:
    metrics = Metrics()
    metrics.turn("logistics", replace(TURN, usage={"model": None, "input_tokens": 3}), 0.0)
    assert counted(metrics)["model_tokens_total", "input", "other"] == 3


def test_reading_ahead_in_vain_is_counted_with_the_model_that_did_it() -> None:
    metrics = Metrics()
    usage = {"speculation": "miss", "speculated_tokens": {"model": "small", "input": 900}}
    metrics.turn("logistics", replace(TURN, usage=usage), 0.0)
    found = counted(metrics)
    assert found["model_tokens_total", "speculated_input", "small"] == 900
    assert found["speculations_total", "miss"] == 1


def test_ends_failures_and_clips_made_ahead_are_counted() -> None:
    metrics = Metrics()
    metrics.call_ended("logistics", "completed")
    metrics.call_ended("logistics", "completed")
    metrics.call_ended("logistics", "exploded")
    metrics.model_failed("vendor", ProviderTimeout("llm", "vendor", "late"))
    metrics.model_failed("vendor", ContentRefused("llm", "vendor", "blocked"))
    metrics.model_failed("vendor", ZeroDivisionError())
    metrics.recogniser_failed("ears", Broken("TIMEOUT"))
    metrics.recogniser_failed("ears", Broken("1011"))
    metrics.recogniser_failed("ears", Broken("401 INVALID_AUTH", is_permanent=True))
    metrics.recogniser_failed("ears", Broken("SILENT", is_deaf=True))
    metrics.prewarmed("voices", "fast", 120, 0.006)
    assert counted(metrics) == {
        ("calls_total", "logistics", "completed"): 2,
        ("calls_total", "logistics", "other"): 1,
        ("model_failures_total", "vendor", "timeout"): 1,
        ("model_failures_total", "vendor", "content"): 1,
        ("model_failures_total", "vendor", "other"): 1,
        ("recogniser_failures_total", "ears", "timeout"): 1,
        ("recogniser_failures_total", "ears", "unavailable"): 1,
        ("recogniser_failures_total", "ears", "refused"): 1,
        ("recogniser_failures_total", "ears", "silent"): 1,
        ("tts_characters_total", "fast", "voices"): 120,
        ("cost_usd_total", "prewarm"): 0.006,
    }


def test_no_turn_is_lost_among_many_threads() -> None:
    metrics = Metrics()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: metrics.turn("logistics", TURN, 1.0), range(2000)))
    found = counted(metrics)
    assert found["turns_total", "logistics", "model"] == 2000
    assert found["model_tokens_total", "input", "small"] == 2_000_000


def test_the_guide_names_every_metric_and_no_other() -> None:
    guide = (ROOT / "docs" / "costs.md").read_text("utf-8")
    named = {name.removesuffix("_total") for name in re.findall(r"callwright_\w+", guide)}
    body, _ = Metrics().exposition()
    families = {family.name for family in text_string_to_metric_families(body.decode())}
    samples = {f"{name}_{kind}" for name in families for kind in ("bucket", "sum", "count")}
    assert families <= named <= families | samples


def test_two_applications_in_one_process_count_apart() -> None:
    first, second = Metrics(), Metrics()
    first.call_ended("logistics", "completed")
    assert counted(second) == {}


def test_files_that_are_gone_or_broken_are_said_to_be(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path / "metrics")
    assert metrics.exposition()[0].strip() == b""
    (tmp_path / "metrics" / "counter_1.db").write_bytes(b"")
    with pytest.raises(MetricsAway):
        metrics.exposition()
    shutil.rmtree(tmp_path / "metrics")
    with pytest.raises(MetricsAway):
        metrics.exposition()


def test_the_end_of_a_process_that_never_counted_is_no_fault(tmp_path: Path) -> None:
    metrics = Metrics(tmp_path)
    process_ended(tmp_path, 123_456)  # which has no files
    process_ended(tmp_path, os.getpid())
    assert metrics.exposition()[0].strip() == b""
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [8, 8]


def test_a_process_that_cannot_share_counts_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "metrics").touch()  # a file where the folder should be
    metrics = Metrics(tmp_path / "metrics")
    metrics.call_ended("logistics", "completed")
    assert counted(metrics) == {("calls_total", "logistics", "completed"): 1}
    assert "counts alone" in caplog.text
