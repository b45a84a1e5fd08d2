"""Names of clips: the same words, the same name; without the secret, no name."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from audio_cache.keys import clip_key, instance_secret, is_key, is_speakable, normal

WHAT = {"text": "Hello.", "voice": "v", "model": "m", "options": {"speed": 1.1}, "language": "ta"}


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("  Hello,\n\t you. ", "Hello, you."),
        ("Caf\u0065\u0301", "Café"),
        ("a\x00b\x1fc", "a b c"),
        ("bad \ud800 half", "bad half"),
        ("ന\u200dമ", "ന\u200dമ"),  # the joiner shapes the letter
        ("", ""),
    ],
)
def test_texts_that_sound_the_same_are_the_same(written: str, spoken: str) -> None:
    assert normal(written) == spoken
    assert normal(spoken) == spoken


@pytest.mark.parametrize(
    ("text", "speakable"), [("₹", True), ("க", True), ("5", True), (",", False)]
)
def test_a_lone_comma_is_no_speech(text: str, speakable: bool) -> None:
    assert is_speakable(text) is speakable


def test_a_key_is_the_same_in_every_order_and_process() -> None:
    backwards = dict(reversed(WHAT.items()))
    assert clip_key(b"secret", WHAT) == clip_key(b"secret", backwards)
    assert is_key(clip_key(b"secret", WHAT))


@pytest.mark.parametrize(
    "other",
    [{"text": "Hello!"}, {"voice": "w"}, {"model": "n"}, {"options": {}}, {"language": "hi"}],
)
def test_whatever_changes_the_sound_changes_the_key(other: dict[str, object]) -> None:
    assert clip_key(b"secret", WHAT | other) != clip_key(b"secret", WHAT)


def test_without_the_secret_a_key_cannot_be_told_from_a_text() -> None:
    assert clip_key(b"one", WHAT) != clip_key(b"two", WHAT)


@pytest.mark.parametrize(
    "text", ["", "../../etc/passwd", "A" * 40, "0" * 39, "0" * 41, "0" * 39 + "\n", "０" * 40]
)
def test_what_is_no_key_never_becomes_a_path(text: str) -> None:
    assert not is_key(text)


def test_a_secret_that_is_set_is_used(tmp_path: Path) -> None:
    assert instance_secret("s3cret", tmp_path) == b"s3cret"
    assert list(tmp_path.iterdir()) == []


def test_a_secret_is_made_once_however_many_want_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(lambda _: instance_secret("", folder), range(64)))
    assert len(found) == 1
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert len(found.pop()) == 64


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").touch()
    with pytest.raises(OSError, match="delete it"):
        instance_secret("", tmp_path)
