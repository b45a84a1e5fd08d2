"""Clips from the page: price first, progress for everybody, an end, no voice, a lost process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, services_of
from calls.bookkeeping import Bookkeeping
from calls.prewarm import Voices
from calls.speech import CarrierVoice
from calls.warmups import KIND, RUNNING, AlreadyRuns, Run, Warmups
from settings import Settings
from storage.register import Entry
from storage.sqlite_register import SqliteRegister
from tests.console.pages import HERE, Reader
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs
from tests.waiting import wait_until

PART = {**HERE, "HX-Request": "true"}
CLIPS = "/console/agents/rates/clips"


@pytest.fixture
def fake() -> Iterator[FakeElevenLabs]:
    with FakeElevenLabs() as fake:
        yield fake


@pytest.fixture
def speaking(fake: FakeElevenLabs, folder: Path) -> Iterator[Flask]:
    """An application with a voice, and another process's view of it."""
    data = str(folder.parent / "data")
    settings: Settings = fake.settings(data_dir=data, agents_dir=str(folder), prewarm=False)
    made = create_app(settings)
    yield made
    services_of(made).close()


def part(reader: Reader) -> str:
    return reader.client.get(CLIPS, headers=PART).text


def order(reader: Reader, path: str = CLIPS) -> str:
    headers = {**reader._headers(), "HX-Request": "true"}
    return reader.client.post(path, headers=headers).text


def test_without_a_voice_the_page_says_what_to_set(reader: Reader) -> None:
    assert "ELEVENLABS_API_KEY" in part(reader)
    assert "ELEVENLABS_API_KEY" in order(reader)


def test_the_price_comes_before_the_clips(speaking: Flask, fake: FakeElevenLabs) -> None:
    shown = part(Reader(speaking))

    assert "USD" in shown
    assert "Make them now" in shown
    assert fake.texts == []


def test_an_agent_of_live_calls_has_telephone_sound_made(
    fake: FakeElevenLabs, folder: Path
) -> None:
    written = next(folder.glob("*.yaml"))
    written.write_text(written.read_text() + "transport: stream\n")
    data = str(folder.parent / "data")
    made = create_app(fake.settings(data_dir=data, agents_dir=str(folder), prewarm=False))
    reader = Reader(made)
    assert "telephone sound" in part(reader)
    order(reader)
    wait_until(lambda: "nobody waits for a voice" in part(reader))
    services_of(made).close()
    assert {asked.query["output_format"] for asked in fake.asked} == {"ulaw_8000"}


def test_clips_are_made_and_everybody_sees_how_far_it_is(
    speaking: Flask, fake: FakeElevenLabs
) -> None:
    reader = Reader(speaking)
    order(reader)
    wait_until(lambda: "nobody waits for a voice" in part(reader))

    assert "Hello, this is the rate desk." in fake.texts
    elsewhere = Warmups(
        services_of(speaking).register,
        Voices(CarrierVoice()),
        Bookkeeping(),
        lambda: datetime.now(UTC),
    )
    run = elsewhere.progress("rates")
    assert run is not None
    assert (run.state, run.made) == ("done", run.total)


def a_run(tmp_path: Path, age: timedelta) -> tuple[Warmups, SqliteRegister]:
    """A run of another process, which told of itself some time ago."""
    now = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
    register = SqliteRegister(tmp_path / "register.db")
    body = Run("rates", "v1", RUNNING, "Asha", total=10, made=3)
    told = {name: getattr(body, name) for name in Run.__dataclass_fields__}
    register.put(Entry(KIND, "rates", told, now - age, now - age))
    return Warmups(register, Voices(CarrierVoice()), Bookkeeping(), lambda: now), register


def test_a_process_that_died_does_not_run_for_ever(tmp_path: Path) -> None:
    warmups, register = a_run(tmp_path, timedelta(minutes=5))

    run = warmups.progress("rates")
    assert run is not None
    assert (run.state, run.made) == ("failed", 3)
    register.close()


def test_an_end_reaches_whichever_process_makes_them(tmp_path: Path) -> None:
    warmups, register = a_run(tmp_path, timedelta(seconds=1))
    warmups.cancel("rates")

    run = warmups.progress("rates")
    assert run is not None
    assert (run.state, run.wants_end) == ("running", True)
    register.close()


def test_what_runs_is_not_begun_twice(speaking: Flask) -> None:
    services = services_of(speaking)
    now = datetime.now(UTC)
    body = Run("rates", "v1", RUNNING, "Asha", total=10)
    told = {name: getattr(body, name) for name in Run.__dataclass_fields__}
    services.register.put(Entry(KIND, "rates", told, now, now))

    with pytest.raises(AlreadyRuns):
        services.warmups.begin(services.agents["rates"], "Ben")
    assert "0 of 10 made" in part(Reader(speaking))


def test_clips_of_nobody_are_not_there(reader: Reader) -> None:
    assert reader.client.get("/console/agents/nobody/clips", headers=PART).status_code == 404


def test_without_scripts_the_whole_page_follows(reader: Reader) -> None:
    assert reader.get(CLIPS).status_code == 303
