"""What an agent says on a live call is there in time, by one voice or another."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio_cache.files import ClipFiles
from calls.live_voice import LiveVoice
from calls.sounds import Sounds, Source
from tests.calls.live_voices import heard, live
from tests.calls.voices import QUESTION, KeptClips, an_agent, answer, clips_of
from tests.providers.tts.fake_aura import FakeAura
from tests.providers.tts.fake_elevenlabs import FakeElevenLabs, error, mulaw
from tests.providers.tts.fake_voice import PAGE, PIECE, TEXT_AS_SOUND, Answer, Asked, Spoken
from tests.waiting import wait_until

AGENT = an_agent()
ENGLISH = an_agent(languages=("en-IN",))
LONG = QUESTION * 3


@pytest.fixture
def aura() -> Iterator[FakeAura]:
    with FakeAura() as aura:
        yield aura


@pytest.fixture
def voice(fake: FakeElevenLabs, aura: FakeAura, tmp_path: Path) -> Iterator[LiveVoice]:
    with live(fake, aura, data_dir=str(tmp_path)) as voice:
        yield voice


def key_of(voice: LiveVoice, text: str = QUESTION) -> str:
    return clips_of(voice.prepare(AGENT, answer(text), by_carrier=False).actions)[0]


# A clip


def test_every_part_has_its_sound(voice: LiveVoice, fake: FakeElevenLabs) -> None:
    spoken = voice.prepare(AGENT, answer("I have", "500 rupees,"), by_carrier=False)
    sounds = [heard(voice, key) for key in clips_of(spoken.actions)]
    assert sounds == [(mulaw("I have"), False), (mulaw("500 rupees,"), False)]
    assert (spoken.by_carrier, spoken.made, spoken.provider) == (False, 2, "elevenlabs")
    assert {asked.query["output_format"] for asked in fake.asked} == {"ulaw_8000"}


def test_it_is_heard_while_it_is_made(voice: LiveVoice, fake: FakeElevenLabs) -> None:
    fake.answer = Spoken(stall_after=2)
    key = key_of(voice, LONG)
    assert len(fake.asked) == 1  # and it has not ended: its vendor stands still
    fake.answer = Spoken()
    assert heard(voice, key) == (mulaw(LONG), False)


def test_what_is_there_is_heard_from_memory(voice: LiveVoice, fake: FakeElevenLabs) -> None:
    key = key_of(voice)
    heard(voice, key)
    assert voice.files is not None
    wait_until(lambda: voice.files and voice.files.use(key))
    (voice.files.folder / key[:2] / f"{key}.ulaw").unlink()
    assert heard(voice, key) == (mulaw(QUESTION), False)


def test_a_hundred_callers_are_one_request(voice: LiveVoice, fake: FakeElevenLabs) -> None:
    fake.answer = Spoken(first_s=0.2)
    with ThreadPoolExecutor(100) as threads:
        keys = set(threads.map(lambda _: key_of(voice), range(100)))
    assert (len(keys), len(fake.asked)) == (1, 1)


# One vendor after the other


@pytest.mark.parametrize(
    "fault", [error(500), error(401), error(429), PAGE, TEXT_AS_SOUND, Spoken(share=0.0)]
)
def test_when_the_first_fails_the_second_speaks(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura, fault: Answer
) -> None:
    fake.answer = fault
    spoken = voice.prepare(AGENT, answer(QUESTION), by_carrier=False)
    key = clips_of(spoken.actions)[0]
    assert (spoken.by_carrier, spoken.provider, spoken.model) == (False, "deepgram", "aura-2")
    assert heard(voice, key) == (aura.sound(aura.asked[0]), False)


@pytest.mark.parametrize("silent", [Spoken(first_s=5), Spoken(stall_after=0)])
def test_a_vendor_that_says_nothing_is_not_waited_for(
    fake: FakeElevenLabs, aura: FakeAura, tmp_path: Path, silent: Answer
) -> None:
    fake.answer = silent
    with live(fake, aura, data_dir=str(tmp_path), clip_wait_ms=900) as voice:
        spoken = voice.prepare(AGENT, answer(QUESTION), by_carrier=False)
        fake.release()
    assert (spoken.by_carrier, spoken.provider) == (False, "deepgram")
    assert spoken.wait_ms >= 900
    late = [(one.provider, one.model, one.characters) for one in spoken.others]
    assert late == [("elevenlabs", "eleven_flash_v2_5", len(QUESTION))]


def test_a_call_keeps_the_voice_that_spoke_last(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    fake.answer = error(500)
    first = voice.prepare(AGENT, answer(QUESTION), by_carrier=False)
    fake.answer = Spoken()
    same_call = voice.prepare(AGENT, answer("Right?"), False, first.actions)
    next_call = voice.prepare(AGENT, answer("Right?"), by_carrier=False)
    assert [one.provider for one in (first, same_call, next_call)] == [
        "deepgram",
        "deepgram",
        "elevenlabs",
    ]


def test_when_its_voice_fails_too_the_call_goes_back(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    fake.answer = error(500)
    first = voice.prepare(AGENT, answer(QUESTION), by_carrier=False)
    fake.answer, aura.answer = Spoken(), PAGE
    then = voice.prepare(AGENT, answer("Right?"), False, first.actions)
    assert (then.provider, then.by_carrier) == ("elevenlabs", False)


def test_a_vendor_that_failed_often_is_left_alone(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    fake.answer = error(503)
    for text in ("One.", "Two.", "Three.", "Four.", "Five."):
        assert not voice.prepare(AGENT, answer(text), by_carrier=False).by_carrier
    assert set(fake.texts) == {"One.", "Two.", "Three."}
    assert len(aura.texts) == 5


def test_nobody_speaks_what_no_vendor_can(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    fake.answer = error(500)
    tamil = answer("எத்தனை ரூபாய்?", language="ta-IN")
    spoken = voice.prepare(AGENT, tamil, by_carrier=False)
    assert (spoken.by_carrier, spoken.actions, aura.asked) == (True, tamil, [])


def test_when_all_fail_the_call_goes_on_in_turns(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    fake.answer = aura.answer = error(500)
    said = answer(QUESTION)
    spoken = voice.prepare(AGENT, said, by_carrier=False)
    assert (spoken.by_carrier, spoken.actions) == (True, said)


def test_a_call_that_is_spoken_by_the_carrier_asks_nobody(
    voice: LiveVoice, fake: FakeElevenLabs
) -> None:
    assert voice.prepare(AGENT, answer(QUESTION), by_carrier=True).by_carrier
    assert fake.asked == []


def test_the_second_alone_is_the_first(aura: FakeAura, tmp_path: Path) -> None:
    with live(aura, data_dir=str(tmp_path)) as voice:
        assert voice.prepare(ENGLISH, answer(QUESTION), by_carrier=False).provider == "deepgram"
        assert (voice.speaks(ENGLISH), voice.speaks(AGENT)) == (True, False)


def test_without_keys_nobody_speaks(tmp_path: Path) -> None:
    with live(data_dir=str(tmp_path)) as voice:
        assert voice.prepare(AGENT, answer(QUESTION), by_carrier=False).by_carrier
        assert not voice.speaks(ENGLISH)
    assert list(tmp_path.iterdir()) == []


def test_without_a_place_for_the_secret_nobody_speaks(fake: FakeElevenLabs, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with live(fake, data_dir=str(tmp_path / "file" / "data")) as voice:
        assert voice.prepare(AGENT, answer(QUESTION), by_carrier=False).by_carrier


def test_whom_an_agents_file_names_is_asked_first(
    voice: LiveVoice, fake: FakeElevenLabs, aura: FakeAura
) -> None:
    named = {"provider": "deepgram", "voice": "aura-2-zeus-en", "speed": 1.1}
    agent = an_agent(languages=("en-IN",), voices={"default": named})
    assert voice.prepare(agent, answer(QUESTION), by_carrier=False).provider == "deepgram"
    assert (aura.asked[0].query["model"], aura.asked[0].query["speed"]) == ("aura-2-zeus-en", "1.1")
    assert fake.asked == []


def test_ids_of_the_usual_company_mean_nothing_to_another(
    fake: FakeElevenLabs, aura: FakeAura, voice: LiveVoice
) -> None:
    fake.answer = error(500)
    agent = an_agent(voices={"default": {"voice": "abc", "model": "eleven_v3"}})
    spoken = voice.prepare(agent, answer(QUESTION), by_carrier=False)
    assert (spoken.model, aura.asked[0].query["model"]) == ("aura-2", "aura-2-thalia-en")


# The vendor dies in the middle


@pytest.mark.parametrize("death", [Spoken(cut_after=2), Spoken(stall_after=2), Spoken(share=0.2)])
def test_a_sound_that_breaks_off_is_taken_up_where_it_stopped(
    voice: LiveVoice, fake: FakeElevenLabs, death: Spoken
) -> None:
    left: list[Answer] = [death, Spoken(first_s=0.1)]
    fake.answer = lambda asked: left.pop(0)
    assert heard(voice, key_of(voice, LONG)) == (mulaw(LONG), False)
    assert len(fake.asked) == 2


def test_a_sound_that_breaks_off_twice_is_heard_as_far_as_it_goes(
    voice: LiveVoice, fake: FakeElevenLabs
) -> None:
    left: list[Answer] = [Spoken(cut_after=1, first_s=0.1), Spoken(cut_after=3, first_s=0.3)]
    fake.answer = lambda asked: left.pop(0)
    sound, is_broken = heard(voice, key_of(voice, LONG))
    assert is_broken
    assert sound == mulaw(LONG)[: len(sound)]
    assert PIECE < len(sound) <= 3 * PIECE


def test_silence_before_the_words_is_not_heard(fake: FakeElevenLabs, tmp_path: Path) -> None:
    class Slow(FakeElevenLabs):
        def sound(self, asked: Asked) -> bytes:
            return b"\xff" * 1600 + mulaw(asked.text)

    with Slow() as slow, live(slow, data_dir=str(tmp_path)) as voice:
        sound, _ = heard(voice, key_of(voice))
    assert sound == b"\xff" * 240 + mulaw(QUESTION)


# Ahead of time, and other processes


def test_what_may_be_said_next_is_made_meanwhile(voice: LiveVoice, fake: FakeElevenLabs) -> None:
    voice.warm(AGENT, answer(QUESTION))
    wait_until(lambda: fake.asked)
    assert voice.prepare(AGENT, answer(QUESTION), by_carrier=False).hits == 1
    assert len(fake.asked) == 1


def test_two_processes_make_a_clip_once_and_both_hear_it_grow(
    fake: FakeElevenLabs, tmp_path: Path
) -> None:
    # Two services on one folder know nothing of each other but the files: as two processes do.
    fake.answer = Spoken(first_s=0.2, between_s=0.02)
    with (
        live(fake, data_dir=str(tmp_path)) as one,
        live(fake, data_dir=str(tmp_path)) as other,
        ThreadPoolExecutor(2) as threads,
    ):
        first = threads.submit(key_of, one, LONG)
        wait_until(lambda: len(fake.asked) == 1)
        key = key_of(other, LONG)
        assert heard(other, key) == (mulaw(LONG), False)
        assert (first.result(), heard(one, key)) == (key, (mulaw(LONG), False))
    assert len(fake.asked) == 1


def test_a_clip_that_another_process_has_named_is_found(
    fake: FakeElevenLabs, tmp_path: Path
) -> None:
    with (
        live(fake, data_dir=str(tmp_path)) as one,
        live(fake, data_dir=str(tmp_path)) as other,
    ):
        key = key_of(one)
        heard(one, key)
        assert heard(other, key) == (mulaw(QUESTION), False)
    assert len(fake.asked) == 1


def test_a_clip_that_another_machine_has_named_is_made_here(
    fake: FakeElevenLabs, kept: KeptClips, tmp_path: Path
) -> None:
    with (
        live(fake, kept=kept, data_dir=str(tmp_path / "a")) as one,
        live(fake, kept=kept, data_dir=str(tmp_path / "b")) as other,
    ):
        key = key_of(one)
        assert heard(other, key) == (mulaw(QUESTION), False)
    assert len(fake.asked) == 2


@pytest.mark.parametrize("key", ["ab" * 20, "", "../../etc/passwd", "x" * 1000])
def test_a_clip_that_nobody_knows_is_silence(voice: LiveVoice, key: str) -> None:
    assert heard(voice, key) == (b"", True)


class BrokenMemory(Sounds):
    """Takes nothing in."""

    def put(self, key: str, whole: bytes) -> Source:
        raise MemoryError("no room")


def test_a_clip_that_cannot_be_had_for_a_fault_of_ours_ends_and_is_not_waited_for(
    tmp_path: Path,
) -> None:
    key = "ab" * 20
    files = ClipFiles(tmp_path, suffix=".ulaw")
    claim = files.claim(key)
    assert claim is not None
    claim.write(b"\xff" * 800)
    claim.keep()
    voice = LiveVoice(files, (), BrokenMemory())
    assert heard(voice, key) == (b"", True)
    voice.close()


def test_after_its_end_a_voice_is_silence(fake: FakeElevenLabs, tmp_path: Path) -> None:
    with live(fake, data_dir=str(tmp_path)) as voice:
        pass
    assert heard(voice, "ab" * 20) == (b"", True)
    assert voice.prepare(AGENT, answer(QUESTION), by_carrier=False).by_carrier
    voice.warm(AGENT, answer(QUESTION))
    voice.close()
