"""Clips before anybody calls."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from agents.loader import load_agents
from audio_cache.pruning import only_one
from calls.bookkeeping import Bookkeeping
from calls.prewarm import NoUpkeep, Upkeep, make_missing, open_upkeep, plan
from calls.speech import CarrierVoice, ClipSpeech
from conversation.actions import Part
from tests.calls.voices import KeptClips, an_agent, answer, as_storage
from tests.providers.tts.fake_elevenlabs import Asked, FakeElevenLabs, Spoken, error
from tests.waiting import wait_until

AGENTS = load_agents(Path(__file__).parents[2] / "agents")
SMALL = an_agent(
    languages=("en-IN",),
    say={one: {"en-IN": f"This is {one}."} for one in ("welcome", "thanks", "goodbye", "handover")},
)


def a_cent_each(provider: str, model: str, characters: int) -> float:
    return characters / 100


def test_everything_an_agent_says_is_made_once(fake: FakeElevenLabs, speech: ClipSpeech) -> None:
    planned = plan(speech, [SMALL])
    last = deque(make_missing(speech, planned, a_cent_each), maxlen=1)[0]
    assert (last.made, last.failed) == (len(planned.missing), 0)
    assert last.characters == planned.characters
    assert last.cost_usd == pytest.approx(planned.cost_usd(a_cent_each))
    assert last.cost_usd == pytest.approx(planned.characters / 100)
    assert sorted(fake.texts) == sorted(record.text for record in planned.missing)
    assert fake.most_at_once <= 3
    assert (plan(speech, [SMALL]).there, plan(speech, [SMALL]).missing) == (last.made, ())


def test_the_shipped_agents_have_much_to_say_in_every_language(speech: ClipSpeech) -> None:
    for agent in AGENTS.values():
        records = plan(speech, [agent]).missing
        assert {record.language for record in records} == set(agent.languages)
        assert {record.model for record in records if record.language == "ml-IN"} <= {"eleven_v3"}


def test_a_vendor_that_is_away_is_not_asked_for_everything(
    fake: FakeElevenLabs, speech: ClipSpeech
) -> None:
    fake.answer = error(503)
    planned = plan(speech, [SMALL])
    last = deque(make_missing(speech, planned, a_cent_each), maxlen=1)[0]
    assert (last.made, last.failed) == (0, len(planned.missing))
    assert len(fake.asked) <= 12


def test_it_stops_when_told_to(fake: FakeElevenLabs, speech: ClipSpeech) -> None:
    stop = Event()
    stop.set()
    last = deque(make_missing(speech, plan(speech, [SMALL]), a_cent_each, stop), maxlen=1)[0]
    assert (last.made, fake.asked) == (0, [])


def test_callers_come_first(fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech) -> None:
    is_busy_at: dict[str, bool] = {}

    def answered(asked: Asked) -> Spoken:
        is_busy_at[asked.text] = speech.is_busy
        return Spoken(first_s=0.3 if asked.text == "Now." else 0.0)

    fake.answer = answered
    planned = plan(speech, [SMALL])
    needed = speech.orders.record(SMALL, Part("Now.", "en-IN"))
    kept.keep_clip(needed)
    assert speech.remake(needed.key)
    deque(make_missing(speech, planned, a_cent_each), maxlen=0)
    assert is_busy_at == {"Now.": True, **{one.text: False for one in planned.missing}}


def until_stopped(upkeep: Upkeep | NoUpkeep, speech: ClipSpeech) -> None:
    wait_until(lambda: not plan(speech, [SMALL]).missing)
    upkeep.close()
    upkeep.close()


def test_a_server_makes_them_when_it_starts(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, tmp_path: Path
) -> None:
    settings = fake.settings(data_dir=str(tmp_path))
    upkeep = open_upkeep(settings, as_storage(kept), {"small": SMALL}, speech, Bookkeeping())
    until_stopped(upkeep, speech)
    assert len(kept.clips) == len(fake.asked)


def test_clips_that_could_not_be_made_are_a_warning(
    fake: FakeElevenLabs,
    kept: KeptClips,
    speech: ClipSpeech,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake.answer = error(401, "invalid_api_key")
    settings = fake.settings(data_dir=str(tmp_path))
    upkeep = open_upkeep(settings, as_storage(kept), {"small": SMALL}, speech, Bookkeeping())
    wait_until(lambda: any(one.name == "calls.prewarm" for one in caplog.records))
    upkeep.close()
    [told] = [one for one in caplog.records if one.name == "calls.prewarm"]
    assert (told.levelname, told.message) == ("WARNING", "clips are still missing")


def test_of_several_processes_one_makes_them(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, tmp_path: Path
) -> None:
    settings = fake.settings(data_dir=str(tmp_path))
    with only_one(speech.files.folder, "prewarm"):
        upkeep = open_upkeep(settings, as_storage(kept), {"small": SMALL}, speech, Bookkeeping())
        upkeep.close()
    assert fake.asked == []


def test_without_a_vendor_there_is_nothing_to_keep_up(tmp_path: Path, kept: KeptClips) -> None:
    with FakeElevenLabs() as fake:
        upkeep = open_upkeep(fake.settings(), as_storage(kept), {}, CarrierVoice(), Bookkeeping())
    upkeep.close()
    assert isinstance(upkeep, NoUpkeep)


def test_tidying_forgets_what_nobody_hears(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, tmp_path: Path
) -> None:
    record = speech.orders.record(SMALL, Part("Old.", "en-IN"))
    assert speech.make(record)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    kept.clips[record.key] = replace(record, created_at=long_ago)
    path = speech.files.folder / record.key[:2] / f"{record.key}.mp3"
    os.utime(path, (long_ago.timestamp(),) * 2)
    settings = fake.settings(data_dir=str(tmp_path), prewarm=False)
    upkeep = Upkeep(settings, as_storage(kept), {}, speech, Bookkeeping())
    upkeep.tidy()
    upkeep.close()
    assert (path.exists(), kept.clips) == (False, {})


def test_a_store_that_is_away_does_not_end_the_upkeep(
    fake: FakeElevenLabs, speech: ClipSpeech, tmp_path: Path
) -> None:
    settings = fake.settings(data_dir=str(tmp_path), prewarm=False)
    upkeep = Upkeep(settings, as_storage(KeptClips(fails=True)), {}, speech, Bookkeeping())
    upkeep.tidy()
    upkeep.close()
    assert not speech.prepare(SMALL, answer("Hello."), by_carrier=False).by_carrier
