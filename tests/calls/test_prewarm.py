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
from agents.schema import Transport
from audio_cache.pruning import only_one
from calls.bookkeeping import Bookkeeping
from calls.prewarm import NoUpkeep, Upkeep, Voices, make_missing, open_upkeep, plan
from calls.speech import CarrierVoice, ClipSpeech, open_speech
from conversation.actions import Part
from tests.calls.live_voices import live
from tests.calls.voices import KeptClips, an_agent, answer, as_storage, clips_of, speaking
from tests.providers.tts.fake_aura import FakeAura
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error
from tests.providers.tts.fake_voice import Asked, Spoken
from tests.waiting import wait_until

AGENTS = load_agents(Path(__file__).parents[2] / "agents")
SMALL = an_agent(
    languages=("en-IN",),
    say={one: {"en-IN": f"This is {one}."} for one in ("welcome", "thanks", "goodbye", "handover")},
)


def of(speech: ClipSpeech) -> Voices:
    return Voices(speech)


def a_cent_each(provider: str, model: str, characters: int) -> float:
    return characters / 100


def test_everything_an_agent_says_is_made_once(fake: FakeElevenLabs, speech: ClipSpeech) -> None:
    planned = plan(of(speech), [SMALL])
    last = deque(make_missing(of(speech), planned, a_cent_each), maxlen=1)[0]
    assert (last.made, last.failed) == (len(planned.missing), 0)
    assert last.characters == planned.characters
    assert last.cost_usd == pytest.approx(planned.cost_usd(a_cent_each))
    assert last.cost_usd == pytest.approx(planned.characters / 100)
    assert sorted(fake.texts) == sorted(record.text for record in planned.missing)
    assert fake.most_at_once <= 3
    assert (plan(of(speech), [SMALL]).there, plan(of(speech), [SMALL]).missing) == (
        last.made,
        (),
    )


def test_the_shipped_agents_have_much_to_say_in_every_language(speech: ClipSpeech) -> None:
    for agent in AGENTS.values():
        records = plan(of(speech), [agent]).missing
        assert {record.language for record in records} == set(agent.languages)
        assert {record.model for record in records if record.language == "ml-IN"} <= {"eleven_v3"}


def test_a_vendor_that_is_away_is_not_asked_for_everything(
    fake: FakeElevenLabs, speech: ClipSpeech
) -> None:
    fake.answer = error(503)
    planned = plan(of(speech), [SMALL])
    last = deque(make_missing(of(speech), planned, a_cent_each), maxlen=1)[0]
    assert (last.made, last.failed) == (0, len(planned.missing))
    assert len(fake.asked) <= 12


def test_it_stops_when_told_to(fake: FakeElevenLabs, speech: ClipSpeech) -> None:
    stop = Event()
    stop.set()
    last = deque(make_missing(of(speech), plan(of(speech), [SMALL]), a_cent_each, stop), maxlen=1)[
        0
    ]
    assert (last.made, fake.asked) == (0, [])


def test_callers_come_first(fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech) -> None:
    is_busy_at: dict[str, bool] = {}

    def answered(asked: Asked) -> Spoken:
        is_busy_at[asked.text] = speech.is_busy
        return Spoken(first_s=0.3 if asked.text == "Now." else 0.0)

    fake.answer = answered
    planned = plan(of(speech), [SMALL])
    needed = speech.orders.record(SMALL, Part("Now.", "en-IN"))
    kept.keep_clip(needed)
    assert speech.remake(needed.key)
    deque(make_missing(of(speech), planned, a_cent_each), maxlen=0)
    assert is_busy_at == {"Now.": True, **{one.text: False for one in planned.missing}}


def until_stopped(upkeep: Upkeep | NoUpkeep, speech: ClipSpeech) -> None:
    wait_until(lambda: not plan(of(speech), [SMALL]).missing)
    upkeep.close()
    upkeep.close()


def test_a_server_makes_them_when_it_starts(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, tmp_path: Path
) -> None:
    settings = fake.settings(data_dir=str(tmp_path))
    upkeep = open_upkeep(settings, as_storage(kept), {"small": SMALL}, of(speech), Bookkeeping())
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
    upkeep = open_upkeep(settings, as_storage(kept), {"small": SMALL}, of(speech), Bookkeeping())
    wait_until(lambda: any(one.name == "calls.prewarm" for one in caplog.records))
    upkeep.close()
    [told] = [one for one in caplog.records if one.name == "calls.prewarm"]
    assert (told.levelname, told.message) == ("WARNING", "clips are still missing")


def test_of_several_processes_one_makes_them(
    fake: FakeElevenLabs, kept: KeptClips, speech: ClipSpeech, tmp_path: Path
) -> None:
    settings = fake.settings(data_dir=str(tmp_path))
    with only_one(speech.files.folder, "prewarm"):
        upkeep = open_upkeep(
            settings, as_storage(kept), {"small": SMALL}, of(speech), Bookkeeping()
        )
        upkeep.close()
    assert fake.asked == []


def test_without_a_vendor_there_is_nothing_to_keep_up(tmp_path: Path, kept: KeptClips) -> None:
    with FakeElevenLabs() as fake:
        upkeep = open_upkeep(
            fake.settings(), as_storage(kept), {}, Voices(CarrierVoice()), Bookkeeping()
        )
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
    upkeep = Upkeep(settings, as_storage(kept), {}, of(speech), Bookkeeping())
    upkeep.tidy()
    upkeep.close()
    assert (path.exists(), kept.clips) == (False, {})


def test_a_store_that_is_away_does_not_end_the_upkeep(
    fake: FakeElevenLabs, speech: ClipSpeech, tmp_path: Path
) -> None:
    settings = fake.settings(data_dir=str(tmp_path), prewarm=False)
    upkeep = Upkeep(settings, as_storage(KeptClips(fails=True)), {}, of(speech), Bookkeeping())
    upkeep.tidy()
    upkeep.close()
    assert not speech.prepare(SMALL, answer("Hello."), by_carrier=False).by_carrier


# Live calls


LIVE = SMALL.model_copy(update={"transport": Transport.STREAM})


def test_agents_of_live_calls_have_telephone_sound_made_and_others_files(
    fake: FakeElevenLabs, tmp_path: Path, kept: KeptClips
) -> None:
    with (
        live(fake, kept=kept, data_dir=str(tmp_path)) as live_voice,
        speaking(fake.settings(data_dir=str(tmp_path)), kept) as speech,
    ):
        voices = Voices(speech, live_voice)
        for agent, form in ((SMALL, "mp3_22050_32"), (LIVE, "ulaw_8000")):
            planned = plan(voices, [agent])
            assert {record.audio_format for record in planned.missing} == {form}
            deque(make_missing(voices, planned, a_cent_each), maxlen=0)
            assert plan(voices, [agent]).missing == ()
    assert {asked.query["output_format"] for asked in fake.asked} == {"mp3_22050_32", "ulaw_8000"}


def test_a_live_call_that_goes_on_in_turns_pays_no_sentence_twice(
    fake: FakeElevenLabs, tmp_path: Path, kept: KeptClips
) -> None:
    with live(fake, kept=kept, data_dir=str(tmp_path)) as live_voice:
        settings = fake.settings(data_dir=str(tmp_path))
        speech = open_speech(settings, as_storage(kept), live=live_voice.voices)
        deque(
            make_missing(
                Voices(speech, live_voice), plan(Voices(speech, live_voice), [LIVE]), a_cent_each
            ),
            maxlen=0,
        )
        fake.asked.clear()
        in_turns = speech.prepare(LIVE, answer("This is welcome.", "607 rupees."), False)
        assert (in_turns.by_carrier, in_turns.hits, in_turns.made) == (False, 1, 1)
        assert fake.texts == ["607 rupees."]
        known = clips_of(in_turns.actions)[0]
        assert live_voice.files is not None
        assert live_voice.files.use(known)
        assert speech.prepare(LIVE, answer("This is welcome."), False).hits == 1
        speech.close()


def test_where_only_live_calls_have_a_voice_others_have_no_clips(
    fake: FakeElevenLabs, tmp_path: Path, kept: KeptClips
) -> None:
    with FakeAura() as aura, live(aura, kept=kept, data_dir=str(tmp_path)) as live_voice:
        voices = Voices(CarrierVoice(), live_voice)
        assert {one.provider for one in plan(voices, [SMALL, LIVE]).missing} == {"deepgram"}
        assert plan(voices, [SMALL]).missing == ()
        assert (voices.of(SMALL), voices.is_live(SMALL), voices.is_live(LIVE)) == (
            None,
            False,
            True,
        )
        of_this_machine = Voices(CarrierVoice(), live_voice, makes_live=False)
        assert (of_this_machine.of(LIVE), of_this_machine.files) == (None, live_voice.files)
        settings = aura.settings(data_dir=str(tmp_path), prewarm=False)
        upkeep = open_upkeep(settings, as_storage(kept), {}, voices, Bookkeeping())
        upkeep.close()
    assert isinstance(upkeep, Upkeep)
