"""The `live:` section: what it takes, and what is said when it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.loader import AgentFileError, load_agent
from agents.schema import Background, LiveRecogniser, LiveSpeech

AGENT = """\
agent: demo
name: Demo
goal: Learn a name.
languages: [en-IN, ta-IN]
say:
  language_menu: {en-IN: Press 1, ta-IN: 2 அழுத்துங்கள்}
  welcome: {en-IN: Hello, ta-IN: வணக்கம்}
  thanks: {en-IN: Thanks, ta-IN: நன்றி}
  goodbye: {en-IN: Bye, ta-IN: வணக்கம்}
fields:
  name: {kind: name, ask: {en-IN: "Your name?", ta-IN: "பெயர்?"}}
"""


def live_of(tmp_path: Path, section: str) -> LiveSpeech:
    path = tmp_path / "demo.yaml"
    path.write_text(AGENT + section, encoding="utf-8")
    return load_agent(path).live


def mistakes(tmp_path: Path, section: str) -> list[str]:
    with pytest.raises(AgentFileError) as caught:
        live_of(tmp_path, section)
    return [line.strip().removeprefix("demo.yaml:") for line in str(caught.value).splitlines()]


def test_without_the_section_everything_is_as_usual(tmp_path: Path) -> None:
    assert live_of(tmp_path, "") == LiveSpeech()
    assert live_of(tmp_path, "live: {}\n") == LiveSpeech()


def test_everything_can_be_given(tmp_path: Path) -> None:
    live = live_of(
        tmp_path,
        """\
live:
  protect_greeting: true
  interruption_words: 2
  false_stop_ms: 1000
  end_silence_ms: 500
  recogniser: {name: deepgram, model: flux-general-en}
  background: typing
  hold: {en-IN: "Still looking.", ta-IN: "பார்க்கிறேன்."}
""",
    )
    assert live == LiveSpeech(
        protect_greeting=True,
        interruption_words=2,
        false_stop_ms=1000,
        end_silence_ms=500,
        recogniser=LiveRecogniser(name="deepgram", model="flux-general-en"),
        background=Background.TYPING,
        hold={"en-IN": "Still looking.", "ta-IN": "பார்க்கிறேன்."},
    )


def test_a_recogniser_is_named_in_short(tmp_path: Path) -> None:
    live = live_of(tmp_path, "live: {recogniser: elevenlabs}\n")

    assert live.recogniser == LiveRecogniser(name="elevenlabs")


def test_a_language_without_a_hold_has_the_filler(tmp_path: Path) -> None:
    assert live_of(tmp_path, 'live: {hold: {en-IN: "Wait."}}\n').hold == {"en-IN": "Wait."}


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("live: 5", "12: live: is a number, not a mapping; write `key: value` lines under it"),
        ("live: {hurry: true}", "12: live.hurry: there is no key hurry; write one of: background"),
        ("live: {interruption_words: 0}", "12: live.interruption_words: 0 is too small; write 1"),
        ("live: {false_stop_ms: 9000}", "12: live.false_stop_ms: 9000 is too large; write 5000"),
        ("live: {background: rain}", "12: live.background: 'rain' is not known"),
        (
            "live: {recogniser: deepgam}",
            "12: live.recogniser.name: there is no recogniser 'deepgam'; did you mean deepgram?",
        ),
        (
            "live: {recogniser: {model: nova-3}}",
            "12: live.recogniser.name: is missing; write one of: deepgram, elevenlabs",
        ),
        ("live: {recogniser: [deepgram]}", "12: live.recogniser: is a list, not a mapping"),
        ("live: {hold: {hi-IN: x}}", "12: live.hold.hi-IN: hi-IN is not among the languages"),
        ("live: {hold: {en-IN: '{who}'}}", "12: live.hold.en-IN: there is nothing called {who}"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(tmp_path: Path, section: str, told: str) -> None:
    assert any(line.startswith(told) for line in mistakes(tmp_path, section + "\n"))
