"""Has what an agent says on a live call spoken: μ-law clips of one vendor after the other.

Not here: who plays them (`transports/playout.py`), what is heard from memory (`calls/sounds.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock

from agents.schema import Agent
from agents.voice_section import provider_for
from audio_cache.files import ClipFiles
from audio_cache.forms import LIVE_FORMAT, suffix_of
from audio_cache.keys import instance_secret, is_key
from calls.background import background
from calls.clip_maker import ClipMaker
from calls.clip_order import ClipOrders
from calls.following import Following
from calls.makings import Makings
from calls.outages import BreakableVoice, Outages
from calls.sounds import Sound, Sounds, Source
from calls.speech import ClipSpeech, Spoken
from conversation.actions import Action, Part, Say
from providers.tts import open_synthesisers
from settings import Settings
from storage.base import Storage

log = logging.getLogger(__name__)

# Clips that are looked for at once because another process has named them.
FETCHES_MOST = 8
# Answers of which is known who spoke them: those of all calls that go on, many times over.
_SPEAKERS_MOST = 20_000


class LiveVoice:
    """The voices of live calls, the first one first. For any number of threads, and one loop."""

    def __init__(self, files: ClipFiles, voices: Sequence[ClipSpeech], sounds: Sounds) -> None:
        self.files: ClipFiles | None = files
        self.voices = tuple(voices)
        self._sounds = sounds
        self._clips = files
        self._following = Following(files, sounds)
        self._fetches = ThreadPoolExecutor(FETCHES_MOST, thread_name_prefix="clip-fetch")
        if voices:
            self._fetches.submit(background)  # takes a tenth of a second, which no loop has
        self._lock = Lock()
        self._speakers: OrderedDict[str, ClipSpeech] = OrderedDict()  # by an answer's first clip

    def speaks(self, agent: Agent) -> bool:
        """Whether a vendor is set up that speaks every language of the agent. Asks nobody."""
        return self.first(agent) is not None

    def first(self, agent: Agent) -> ClipSpeech | None:
        """Who speaks first for an agent; None when nobody speaks all its languages."""
        able = [voice for voice in self.voices if voice.orders.speaks(agent.languages)]
        named = provider_for(agent.voices, agent.languages[0])
        return min(able, key=lambda voice: not voice.orders.is_named(named), default=None)

    def prepare(
        self,
        agent: Agent,
        actions: Sequence[Action],
        by_carrier: bool,
        former: Sequence[Action] = (),
    ) -> Spoken:
        """See `Speech`. When `by_carrier` comes back, no vendor could: go on in turns.

        Each vendor has CLIP_WAIT_MS. A call keeps the vendor that spoke its last answer, `former`:
        two voices in turn would be two people.
        """
        spoken = Spoken(tuple(actions), by_carrier=True)
        if by_carrier:
            return spoken
        tried: list[Spoken] = []
        for voice in self._in_order(agent, actions, former):
            spoken = voice.prepare(agent, actions, by_carrier=False)
            tried.append(spoken)
            if not spoken.by_carrier:
                self._take_in(voice, _keys(spoken.actions))
                break
        waited_ms = sum(one.wait_ms for one in tried)
        return replace(spoken, wait_ms=waited_ms, others=tuple(tried[:-1]))

    def warm(self, agent: Agent, actions: Sequence[Action]) -> None:
        """See `Speech`."""
        for voice in self._in_order(agent, actions, ())[:1]:
            voice.warm(agent, actions)

    def remake(self, key: str) -> bool:
        """See `Speech`."""
        return any(voice.remake(key) for voice in self.voices)

    def sound(self, key: str) -> Sound:
        """The clip of that key from its start, on the event loop.

        A clip that `prepare` has named in this process is there, or grows. Any other is looked for
        in a thread meanwhile: on disk, at another process, anew at the vendor.
        """
        source = self._sounds.get(key)
        if source is not None and (source.is_whole or not source.is_over):
            return Sound(source)
        sound = Sound(None)
        loop = asyncio.get_running_loop()
        try:
            fetching = loop.run_in_executor(self._fetches, self._fetched, key)
        except RuntimeError:  # closed
            return Sound(Source(b"", is_whole=False))
        fetching.add_done_callback(partial(_found, sound))
        return sound

    def close(self) -> None:
        """See `Speech`."""
        self._fetches.shutdown(cancel_futures=True)
        for voice in self.voices:
            voice.close()
        self._following.close()

    def _in_order(
        self, agent: Agent, actions: Sequence[Action], former: Sequence[Action]
    ) -> list[ClipSpeech]:
        """Who could: whoever speaks in this call, whom the agent's file names, the rest."""
        languages = {part.language for one in actions if isinstance(one, Say) for part in one.parts}
        language = next(iter(languages), agent.languages[0])
        named = provider_for(agent.voices, language)
        speaker = next((self._speakers.get(key) for key in _keys(former)), None)
        able = [voice for voice in self.voices if voice.orders.speaks(languages)]
        return sorted(
            able, key=lambda voice: (voice is not speaker, not voice.orders.is_named(named))
        )

    def _take_in(self, voice: ClipSpeech, keys: Sequence[str]) -> None:
        """Have what was named in memory before the loop asks for it."""
        for key in keys:
            if not self._sounds.has(key):
                self._fetched(key)
        if keys:
            with self._lock:
                self._speakers[keys[0]] = voice
                self._speakers.move_to_end(keys[0])
                if len(self._speakers) > _SPEAKERS_MOST:
                    self._speakers.popitem(last=False)

    def _fetched(self, key: str) -> Source:
        """The clip, wherever it is; one that is nowhere is over at once. Waits for the disk."""
        if not is_key(key):
            return Source(b"", is_whole=False)
        whole = self._clips.read(key)
        if whole is not None:
            return self._sounds.put(key, whole)
        source = self._followed(key)
        if source is None and self.remake(key):
            source = self._followed(key)
        if source is not None:
            return source
        whole = self._clips.read(key)  # its writer may have ended this moment
        if whole is not None:
            return self._sounds.put(key, whole)
        return Source(self._clips.read_cut(key) or b"", is_whole=False)

    def _followed(self, key: str) -> Source | None:
        """The clip as it is being made, here or by another process."""
        return self._following.follow(key) if not self._sounds.has(key) else self._sounds.get(key)


def open_live_voice(
    settings: Settings,
    storage: Storage,
    clock: Callable[[], datetime] | None = None,
    outages: Outages | None = None,
) -> LiveVoice:
    """The voices whose keys are set; with none, nothing can be spoken live.

    `outages` may have all of them fail.
    """
    folder = Path(settings.data_dir)
    files = ClipFiles(folder / "audio", suffix=suffix_of(LIVE_FORMAT))
    sounds = Sounds()
    synthesisers = open_synthesisers(settings)
    try:
        secret = instance_secret(settings.secret_key, folder) if synthesisers else b""
    except OSError:
        log.exception("clips have no secret to be named with: nobody speaks on live calls")
        for one in synthesisers:
            one.close()
        return LiveVoice(files, (), sounds)
    voices = []
    for synthesiser in synthesisers:
        if outages is not None:
            synthesiser = BreakableVoice(synthesiser, outages)
        orders = ClipOrders(synthesiser, LIVE_FORMAT, secret, clock or (lambda: datetime.now(UTC)))
        makings = Makings(files, ClipMaker(synthesiser), sounds)
        voices.append(ClipSpeech(orders, makings, storage, settings.clip_wait_ms / 1000))
    return LiveVoice(files, voices, sounds)


def _keys(actions: Sequence[Action]) -> list[str]:
    parts: list[Part] = [part for one in actions if isinstance(one, Say) for part in one.parts]
    return [part.clip for part in parts if part.clip]


def _found(sound: Sound, fetching: asyncio.Future[Source]) -> None:
    if fetching.cancelled():
        return
    if error := fetching.exception():  # a sound that never ends would be waited for
        log.error("a clip was not found", exc_info=error)
        sound.found(Source(b"", is_whole=False))
        return
    sound.found(fetching.result())
