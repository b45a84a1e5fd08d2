"""Writes `<ConversationRelay>` for an agent: its languages, voices, recognisers and manners.

Attributes: twilio.com/docs/voice/twiml/connect/conversationrelay. One that the carrier does not
take drops the call (64101), so what it is not sure to have is left out, for its own default; a
call that is dropped all the same goes on at `Connection.ended`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from agents.schema import Agent
from conversation.fields import kind_of
from providers.telephony.base import Connection
from providers.telephony.twilio.document import hints_value, xml_attribute

_PARTIAL = ' partialPrompts="true"'


class Resold(Protocol):
    """Other companies' voices and recognisers at the carrier, as attributes."""

    def speaks(self, agent: Agent, language: str) -> str:
        """The voice of the language; "": the carrier's own."""

    def hears(self, agent: Agent, language: str) -> str:
        """The recogniser of the language; "": the carrier chooses."""

    def tells_partials(self, agent: Agent) -> bool:
        """The recognisers of the agent's languages tell what was heard so far."""


class CarriersOwn:
    """Nothing is resold: the voices of `<Say>`, and whatever recogniser the carrier takes."""

    def speaks(self, agent: Agent, language: str) -> str:
        """The carrier's own."""
        return ""

    def hears(self, agent: Agent, language: str) -> str:
        """The carrier chooses."""
        return ""

    def tells_partials(self, agent: Agent) -> bool:
        """No attribute that one of them might not take."""
        return False


class RelayNouns:
    """Writes the noun with the voices of one account."""

    def __init__(self, resold: Resold) -> None:
        self._resold = resold

    def noun(self, agent: Agent, connection: Connection) -> str:
        """`<ConversationRelay>`, which begins in the agent's first language.

        It greets nobody: the greeting is the first thing said over the socket, which is as quick
        and knows whether the caller was greeted before.
        """
        resold = self._resold
        partial = _PARTIAL if resold.tells_partials(agent) else ""
        languages = "".join(
            f'<Language code="{xml_attribute(one)}"{self._with(agent, one)}/>'
            for one in agent.languages
        )
        first = agent.languages[0]
        return (
            f'<ConversationRelay url="{xml_attribute(connection.socket)}" '
            f'language="{xml_attribute(first)}"{self._with(agent, first)} '
            # Both by message where they differ: what may not be cut, and what a later one cuts.
            'interruptible="any" preemptible="false" '
            # Words and keys over what may not be cut are told all the same, and not lost.
            'reportInputDuringAgentSpeech="any" ignoreBackchannel="true" dtmfDetection="true" '
            'profanityFilter="false" events="speaker-events tokens-played" '
            f'applicationReconnect="true"{partial}{_hints(agent)}>{languages}'
            f'<Parameter name="token" value="{xml_attribute(connection.token)}"/>'
            "</ConversationRelay>"
        )

    def _with(self, agent: Agent, language: str) -> str:
        own = _carriers(agent.say_voices.get(language, ""))
        return (self._resold.speaks(agent, language) or own) + self._resold.hears(agent, language)


def _carriers(voice: str) -> str:
    """A `<Say>` voice by its name here: without the company, which has an attribute of its own."""
    company, _, name = voice.partition(".")
    provider = {"Polly": "Amazon", "Google": "Google"}.get(company)
    if provider is None or not name:
        return ""
    return f' ttsProvider="{provider}" voice="{xml_attribute(name)}"'


@lru_cache(maxsize=256)  # the same in every call of a version of an agent
def _hints_of(agent: str, version: str, words: tuple[str, ...]) -> str:
    return hints_value(words)


def _hints(agent: Agent) -> str:
    """What any question's answer may hold: they cannot be changed while the call goes on."""
    words: dict[str, None] = {}
    for spec in agent.fields:
        words.update(dict.fromkeys(spec.hints))
        for language in agent.languages:
            words.update(dict.fromkeys(kind_of(spec).hints(spec, language)))
    return _hints_of(agent.agent, agent.version, tuple(words))
