"""Answers get their clips in time, or the carrier speaks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from audio_cache.files import ClipFiles
from calls.speech import CarrierVoice, ClipSpeech, open_speech
from conversation.actions import Part, Say
from settings import Settings
from tests.calls.voices import (
    QUESTION,
    KeptClips,
    an_agent,
    answer,
    as_storage,
    clips_of,
    speaking,
)
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error, mp3
from tests.providers.tts.fake_voice import (
    EMPTY,
    JSON_WITH_200,
    PAGE,
    PIECE,
    TEXT_AS_SOUND,
    Answer,
    Asked,
    Spoken,
)
from tests.waiting import wait_until

AGENT = an_agent()
LONG = QUESTION * 3


def is_ended(files: ClipFiles, key: str) -> bool:
    return not files.is_claimed(key)


def then(*answers: Answer) -> Callable[[Asked], Answer]:
    """One answer after the other, the last one for good."""
    left = list(answers)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


# With nobody but the carrier


def test_without_a_vendor_the_carrier_speaks(tmp_path: Path) -> None:
    speech = open_speech(Settings(data_dir=str(tmp_path)), as_storage(KeptClips()))
    spoken = speech.prepare(AGENT, answer("Hello."), by_carrier=False)
    speech.warm(AGENT, answer("Hello."))
    speech.close()
    assert isinstance(speech, CarrierVoice)
    assert (spoken.actions, spoken.by_carrier, spoken.provider) == (answer("Hello."), True, "")
    assert not speech.remake("ab" * 20)
    assert list(tmp_path.iterdir()) == []


def test_without_a_place_for_the_secret_the_carrier_speaks(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(elevenlabs_api_key="k", data_dir=str(tmp_path / "file" / "data"))
    assert isinstance(open_speech(settings, as_storage(KeptClips())), CarrierVoice)


# A clip is made once


def test_every_part_gets_a_clip(speech: ClipSpeech, fake: FakeElevenLabs, kept: KeptClips) -> None:
    spoken = speech.prepare(AGENT, answer("I have", "500 rupees,", "Right?"), by_carrier=False)
    keys = clips_of(spoken.actions)
    assert (spoken.by_carrier, spoken.made, spoken.hits) == (False, 3, 0)
    assert (spoken.characters, spoken.provider) == (23, "elevenlabs")
    assert sorted(fake.texts) == sorted(["I have", "500 rupees,", "Right?"])
    assert set(kept.clips) == set(keys)
    wait_until(lambda: all(map(speech.files.use, keys)))
    assert speech.files.read(keys[1]) == mp3("500 rupees,")


def test_what_is_there_is_not_asked_for_again(
    speech: ClipSpeech, fake: FakeElevenLabs, kept: KeptClips
) -> None:
    first = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
    wait_until(lambda: speech.files.use(clips_of(first.actions)[0]))
    second = speech.prepare(AGENT, answer(f"  {QUESTION}\n", QUESTION), by_carrier=False)
    assert (second.hits, second.made, second.characters) == (1, 0, 0)
    assert clips_of(second.actions) == clips_of(first.actions) * 2
    assert len(fake.asked) == kept.writes == 1


def test_a_restart_keeps_the_clips(fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path) -> None:
    settings = fake.settings(data_dir=str(tmp_path))
    with speaking(settings, kept) as speech:
        key = clips_of(speech.prepare(AGENT, answer(QUESTION), by_carrier=False).actions)[0]
        wait_until(lambda: speech.files.use(key))
    with speaking(settings, kept) as speech:
        again = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
    assert (clips_of(again.actions), again.hits) == ([key], 1)


def test_a_hundred_callers_at_once_are_one_request(
    speech: ClipSpeech, fake: FakeElevenLabs
) -> None:
    fake.answer = Spoken(first_s=0.2)
    with ThreadPoolExecutor(100) as threads:
        answers = list(
            threads.map(lambda _: speech.prepare(AGENT, answer(QUESTION), False), range(100))
        )
    assert len(fake.asked) == 1
    assert sum(spoken.made for spoken in answers) == 1
    assert sum(spoken.hits for spoken in answers) == 99
    assert not any(spoken.by_carrier for spoken in answers)


def test_two_processes_make_a_clip_once(
    fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path
) -> None:
    # Two services on one folder know nothing of each other but the files: as two processes do.
    fake.answer = Spoken(first_s=0.2)
    settings = fake.settings(data_dir=str(tmp_path))
    with (
        speaking(settings, kept) as one,
        speaking(settings, kept) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        first = threads.submit(one.prepare, AGENT, answer(QUESTION), False)
        wait_until(lambda: len(fake.asked) == 1)
        second = other.prepare(AGENT, answer(QUESTION), by_carrier=False)
        assert not first.result().by_carrier
    assert (second.by_carrier, second.hits, second.made) == (False, 1, 0)
    assert len(fake.asked) == 1


def test_parts_are_made_at_the_same_time(speech: ClipSpeech, fake: FakeElevenLabs) -> None:
    fake.answer = Spoken(first_s=0.3)
    spoken = speech.prepare(AGENT, answer("One.", "Two.", "Three.", "Four."), by_carrier=False)
    assert not spoken.by_carrier
    assert fake.most_at_once == 4


def test_what_cannot_be_spoken_is_left_out(speech: ClipSpeech, fake: FakeElevenLabs) -> None:
    spoken = speech.prepare(AGENT, answer("Yes", ",", " ", "no."), by_carrier=False)
    assert len(clips_of(spoken.actions)) == 2
    assert sorted(fake.texts) == ["Yes", "no."]


# The carrier's voice stands in


def test_a_call_that_fell_back_stays_there(speech: ClipSpeech, fake: FakeElevenLabs) -> None:
    spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=True)
    assert (spoken.actions, spoken.by_carrier) == (answer(QUESTION), True)
    assert fake.asked == []


def test_one_late_clip_gives_the_whole_answer_to_the_carrier(
    fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path
) -> None:
    fake.answer = lambda asked: Spoken(first_s=5.0 if asked.text == "Slow." else 0.0)
    settings = fake.settings(data_dir=str(tmp_path), clip_wait_ms=100)
    with speaking(settings, kept) as speech:
        spoken = speech.prepare(AGENT, answer("Quick.", "Slow."), by_carrier=False)
        assert (spoken.by_carrier, spoken.made) == (True, 2)
        assert spoken.actions == answer("Quick.", "Slow.")
        assert spoken.wait_ms >= 100
        fake.release()
        # It is made all the same, for the next caller.
        wait_until(lambda: speech.make(speech.orders.record(AGENT, Part("Slow.", "en-IN"))))
    assert len(fake.asked) == 2


@pytest.mark.parametrize(
    "fault", [EMPTY, PAGE, JSON_WITH_200, TEXT_AS_SOUND, error(401), error(429), error(500)]
)
def test_a_vendor_that_fails_costs_no_answer_and_leaves_no_clip(
    speech: ClipSpeech, fake: FakeElevenLabs, fault: Answer
) -> None:
    fake.answer = fault
    spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
    assert (spoken.by_carrier, spoken.actions) == (True, answer(QUESTION))
    key = speech.orders.record(AGENT, Part(QUESTION, "en-IN")).key
    wait_until(lambda: is_ended(speech.files, key))
    assert not speech.files.use(key)
    fake.answer = Spoken()
    assert not speech.prepare(AGENT, answer(QUESTION), by_carrier=False).by_carrier


def test_a_dead_vendor_is_not_waited_for_by_every_caller(
    speech: ClipSpeech, fake: FakeElevenLabs
) -> None:
    key = clips_of(speech.prepare(AGENT, answer("There."), by_carrier=False).actions)[0]
    wait_until(lambda: speech.files.use(key))
    fake.answer = error(503)
    for number in range(3):
        speech.prepare(AGENT, answer(f"Text {number}."), by_carrier=False)
    asked = len(fake.asked)
    spoken = speech.prepare(AGENT, answer("Another."), by_carrier=False)
    assert (spoken.by_carrier, spoken.made, len(fake.asked)) == (True, 0, asked)
    # What is there is spoken all the same.
    assert not speech.prepare(AGENT, answer("There."), by_carrier=False).by_carrier


def test_a_busy_vendor_is_asked_again_by_the_next_caller(
    speech: ClipSpeech, fake: FakeElevenLabs
) -> None:
    fake.answer = error(429, "too_many_concurrent_requests")
    for number in range(4):
        assert speech.prepare(AGENT, answer(f"Text {number}."), by_carrier=False).by_carrier
    assert len(fake.asked) == 4
    fake.answer = Spoken()
    assert not speech.prepare(AGENT, answer("Another."), by_carrier=False).by_carrier


def test_a_hiccup_is_tried_once_more(speech: ClipSpeech, fake: FakeElevenLabs) -> None:
    fake.answer = then(error(500), Spoken())
    spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
    assert (spoken.by_carrier, len(fake.asked)) == (False, 2)


def test_a_disk_that_cannot_be_written_leaves_the_call_to_the_carrier(
    fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path
) -> None:
    (tmp_path / "audio").touch()
    with speaking(fake.settings(data_dir=str(tmp_path)), kept) as speech:
        spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
    assert (spoken.by_carrier, fake.asked) == (True, [])


def test_a_store_that_is_away_takes_no_clip_from_the_caller(
    fake: FakeElevenLabs, tmp_path: Path
) -> None:
    with speaking(fake.settings(data_dir=str(tmp_path)), KeptClips(fails=True)) as speech:
        spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
        assert not speech.remake("ab" * 20)
    assert not spoken.by_carrier


# The vendor dies in the middle


@pytest.mark.parametrize("death", [Spoken(cut_after=2), Spoken(stall_after=2), Spoken(share=0.2)])
def test_a_clip_that_breaks_off_is_taken_up_where_it_stopped(
    speech: ClipSpeech, fake: FakeElevenLabs, death: Spoken
) -> None:
    fake.answer = then(death, Spoken(first_s=0.3))
    key = clips_of(speech.prepare(AGENT, answer(LONG), by_carrier=False).actions)[0]
    growing = speech.files.follow(key)
    assert growing is not None
    wait_until(growing.is_over)
    heard = bytearray()
    while piece := growing.read():
        heard += piece
    growing.close()
    assert bytes(heard) == mp3(LONG)
    assert speech.files.read(key) == mp3(LONG)
    assert len(fake.asked) == 2


def test_a_clip_that_breaks_off_twice_is_heard_as_far_as_it_goes_and_not_kept(
    speech: ClipSpeech, fake: FakeElevenLabs
) -> None:
    fake.answer = then(Spoken(cut_after=1, first_s=0.1), Spoken(cut_after=3, first_s=0.3))
    spoken = speech.prepare(AGENT, answer(LONG), by_carrier=False)
    key = clips_of(spoken.actions)[0]
    growing = speech.files.follow(key)
    assert growing is not None
    wait_until(growing.is_over)
    heard = growing.read()
    growing.close()
    assert heard == mp3(LONG)[: len(heard)]
    assert PIECE < len(heard) <= 3 * PIECE
    assert not speech.files.use(key)


# Ahead of time, and for others


def test_what_may_be_said_next_is_made_meanwhile(speech: ClipSpeech, fake: FakeElevenLabs) -> None:
    speech.warm(AGENT, answer(QUESTION))
    speech.warm(AGENT, answer(QUESTION))
    key = speech.orders.record(AGENT, Part(QUESTION, "en-IN")).key
    wait_until(lambda: speech.files.use(key))
    assert len(fake.asked) == 1
    assert speech.prepare(AGENT, answer(QUESTION), by_carrier=False).hits == 1


def test_another_machine_makes_the_clip_that_was_promised(
    fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path
) -> None:
    with (
        speaking(fake.settings(data_dir=str(tmp_path / "a")), kept) as one,
        speaking(fake.settings(data_dir=str(tmp_path / "b")), kept) as other,
    ):
        key = clips_of(one.prepare(AGENT, answer(QUESTION), by_carrier=False).actions)[0]
        assert other.remake(key)
        wait_until(lambda: other.files.use(key))
        assert other.remake(key)
        assert not other.remake("ab" * 20)
        assert not other.remake("../../x")
    assert fake.texts == [QUESTION, QUESTION]


def test_a_closed_speech_leaves_all_to_the_carrier(
    fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path
) -> None:
    with speaking(fake.settings(data_dir=str(tmp_path)), kept) as speech:
        speech.close()
        spoken = speech.prepare(AGENT, answer(QUESTION), by_carrier=False)
        speech.warm(AGENT, answer(QUESTION))
    assert (spoken.by_carrier, fake.asked) == (True, [])


# Whose voice


@pytest.mark.parametrize(
    ("voices", "language", "voice", "model"),
    [
        ({}, "ta-IN", "JBFqnCBsd6RMkjVDRZzb", "eleven_flash_v2_5"),
        ({}, "ml-IN", "JBFqnCBsd6RMkjVDRZzb", "eleven_v3"),  # the quick one speaks none
        ({"default": {"voice": "v", "model": "m"}}, "ml-IN", "v", "m"),
        ({"default": {"voice": "v"}, "ta-IN": {"voice": "w"}}, "ta-IN", "w", "eleven_flash_v2_5"),
        ({"default": {"provider": "other", "voice": "v", "model": "m"}}, "en-IN",
         "JBFqnCBsd6RMkjVDRZzb", "eleven_flash_v2_5"),
    ],
)  # fmt: skip
def test_the_agents_file_chooses_the_voice(
    speech: ClipSpeech, voices: dict[str, Any], language: str, voice: str, model: str
) -> None:
    record = speech.orders.record(an_agent(voices=voices), Part("Hello.", language))
    assert (record.voice, record.model, record.language) == (voice, model, language)


def test_other_settings_of_a_voice_are_other_clips(speech: ClipSpeech) -> None:
    calm = an_agent(voices={"default": {"stability": 0.9}})
    part = Part("Hello.", "en-IN")
    assert speech.orders.record(calm, part).options == {"stability": 0.9}
    assert speech.orders.record(calm, part).key != speech.orders.record(AGENT, part).key


def test_a_sentence_with_a_value_can_be_made_as_a_whole(
    speech: ClipSpeech, fake: FakeElevenLabs
) -> None:
    agent = an_agent(voices={"ta-IN": {"compose": "sentence"}})

    def said(language: str) -> Say:
        texts = (("I have", True), ("500 rupees.", False), ("Is that", True), ("right?", True))
        return Say(tuple(Part(text, language, fixed) for text, fixed in texts))

    spoken = speech.prepare(agent, (said("ta-IN"), said("en-IN")), by_carrier=False)
    tamil, english = (one.parts for one in spoken.actions if isinstance(one, Say))
    assert [(part.text, part.fixed) for part in tamil] == [
        ("I have 500 rupees.", False),
        ("Is that", True),
        ("right?", True),
    ]
    assert [part.text for part in english] == ["I have", "500 rupees.", "Is that", "right?"]
