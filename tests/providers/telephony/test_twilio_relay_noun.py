"""<ConversationRelay> as it is written for an agent: nothing in it that the carrier refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agents.loader import load_agents
from agents.schema import Agent, Voice
from phone.relay_attributes import refusal
from phone.twiml import Node, read_text
from providers.telephony.base import Connection
from providers.telephony.twilio.elevenlabs_deepgram import ElevenLabsDeepgram
from providers.telephony.twilio.relay_noun import CarriersOwn, RelayNouns
from settings import Settings, read_settings

AGENTS = load_agents(Path(__file__).parents[3] / "agents")
SOCKET = Connection("wss://calls.example/relay", "t&<1", "https://x/relay-ended", "/voice-resume")


def noun(agent: Agent, settings: Settings | None = None) -> Node:
    """What a phone reads of it."""
    resold = CarriersOwn() if settings is None else ElevenLabsDeepgram(settings)
    written = RelayNouns(resold).noun(agent, SOCKET)
    ElementTree.fromstring(written)
    document = f'<Response><Connect action="/x">{written}</Connect></Response>'
    return read_text(document)[0].children[0]


def with_key() -> Settings:
    return replace(read_settings({}), elevenlabs_api_key="k")


def languages(one: Node) -> dict[str, Node]:
    return {child.get("code"): child for child in one.children if child.name == "Language"}


@pytest.mark.parametrize("name", sorted(AGENTS))
@pytest.mark.parametrize("has_key", [False, True])
def test_no_agent_of_the_house_has_attributes_that_are_refused(name: str, has_key: bool) -> None:
    settings = with_key() if has_key else read_settings({})
    written = noun(AGENTS[name], settings)
    assert refusal(written) == ""
    assert set(languages(written)) == set(AGENTS[name].languages)


def test_it_leads_to_the_socket_and_proves_the_call() -> None:
    written = noun(AGENTS["logistics"])
    assert written.get("url") == "wss://calls.example/relay"
    tokens = [one for one in written.children if one.name == "Parameter"]
    assert [(one.get("name"), one.get("value")) for one in tokens] == [("token", "t&<1")]


def test_everything_that_is_asked_for_is_there() -> None:
    written = noun(AGENTS["logistics"])
    assert written.get("language") == "en-IN"
    assert written.get("interruptible") == "any"
    assert written.get("reportInputDuringAgentSpeech") == "any"
    assert written.get("ignoreBackchannel") == "true"
    assert written.get("dtmfDetection") == "true"
    assert written.get("applicationReconnect") == "true"
    assert written.get("events") == "speaker-events tokens-played"
    assert written.get("welcomeGreeting") == ""


def test_malayalam_is_heard_and_spoken_by_who_can() -> None:
    one = languages(noun(AGENTS["logistics"], with_key()))["ml-IN"]
    assert one.get("transcriptionProvider") == "Google"
    assert (one.get("ttsProvider"), one.get("voice")) == ("Google", "ml-IN-Wavenet-C")


def test_with_a_key_the_voice_is_that_of_the_clips() -> None:
    one = languages(noun(AGENTS["logistics"], with_key()))["en-IN"]
    assert one.get("transcriptionProvider") == "Deepgram"
    assert one.get("ttsProvider") == "ElevenLabs"
    assert one.get("voice") == "JBFqnCBsd6RMkjVDRZzb-flash_v2_5"


def test_without_a_key_it_is_that_of_say() -> None:
    one = languages(noun(AGENTS["logistics"], read_settings({})))["en-IN"]
    assert (one.get("ttsProvider"), one.get("voice")) == ("Amazon", "Kajal-Neural")


def test_a_voice_that_the_file_names_needs_no_key() -> None:
    voices = {"default": Voice(voice="ZF6FPAbjXT4488VcRRnw", speed=1.5, stability=0.4)}
    agent = AGENTS["lead"].model_copy(update={"voices": voices})
    one = languages(noun(agent, read_settings({})))[agent.languages[0]]
    assert one.get("voice") == "ZF6FPAbjXT4488VcRRnw-flash_v2_5-1.2_0.4_0.75"


def test_american_english_alone_is_heard_while_it_is_said() -> None:
    agent = AGENTS["lead"].model_copy(
        update={"languages": ("en-US",), "say_voices": {"en-US": "Polly.Joanna-Neural"}}
    )
    written = noun(agent, read_settings({}))
    assert written.get("speechModel") == "flux"
    assert written.get("partialPrompts") == "true"
    assert refusal(written) == ""
    assert noun(AGENTS["lead"], read_settings({})).get("partialPrompts") == ""


def test_hints_are_those_of_all_questions() -> None:
    hints = noun(AGENTS["pizza"]).get("hints").split(",")
    assert len(hints) > 5
    assert len(hints) == len(set(hints))
