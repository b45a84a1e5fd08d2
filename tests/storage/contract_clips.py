"""The contract of a store: how clips are made."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

from storage.base import Storage
from tests.storage.opening import OpensStorage
from tests.storage.samples import HARD_TEXT, NOON, a_clip, at_once


class ClipsContract(OpensStorage):
    """Whoever is asked for a clip can find out how it is made."""

    def test_a_clip_comes_back_whole(self, store: Storage, tmp_path: Path) -> None:
        clip = a_clip(text=HARD_TEXT, options={"speed": 1.05, "styles": ["calm", None]})

        store.keep_clip(clip)

        assert store.load_clip("clip-1") == clip
        second = self.open(tmp_path)
        try:
            assert second.load_clip("clip-1") == clip
        finally:
            second.close()

    def test_an_unknown_clip_is_none(self, store: Storage) -> None:
        store.keep_clip(a_clip())

        for strange in ("clip-2", "", "%", "\x00", HARD_TEXT, "x" * 100_000):
            assert store.load_clip(strange) is None

    def test_a_clip_kept_twice_stays_as_it_was(self, store: Storage) -> None:
        store.keep_clip(a_clip())

        store.keep_clip(a_clip(text="something else", created_at=NOON + timedelta(days=1)))

        assert store.load_clip("clip-1") == a_clip()

    def test_the_same_clip_in_many_threads_is_kept_once(self, store: Storage) -> None:
        outcomes = at_once([partial(store.keep_clip, a_clip())] * 8)

        assert outcomes == [None] * 8
        assert store.forget_clips(NOON + timedelta(seconds=1)) == 1

    def test_old_clips_are_forgotten_and_can_be_kept_again(self, store: Storage) -> None:
        for hours in range(4):
            store.keep_clip(a_clip(f"clip-{hours}", created_at=NOON + timedelta(hours=hours)))

        assert store.forget_clips(NOON + timedelta(hours=2)) == 2
        assert store.forget_clips(NOON + timedelta(hours=2)) == 0

        kept = [store.load_clip(f"clip-{hours}") for hours in range(4)]
        assert [clip and clip.key for clip in kept] == [None, None, "clip-2", "clip-3"]
        store.keep_clip(a_clip("clip-0"))
        assert store.load_clip("clip-0") == a_clip("clip-0")

    def test_a_clip_and_a_call_of_one_name_do_not_meet(self, store: Storage) -> None:
        store.keep_clip(a_clip("call-1"))

        assert store.load_call("call-1") is None
        assert store.events("call-1") == []
