"""Writes `<ConversationRelay>` for an agent: its languages, voices, recognisers and manners.

Attributes: twilio.com/docs/voice/twiml/connect/conversationrelay. One that the carrier does not
take drops the call (64101), so what it is not sure to have is left out, for its own default; a
call that is dropped all the same goes on at `Connection.ended`.
"""

from __future__ import annotations

from functools import lru_cache

from agents.schema import Agent
from conversation.fields import kind_of
from providers.telephony.base import Connection
from providers.telephony.twilio.document import hints_value, xml_attribute
from providers.telephony.twilio.elevenlabs_deepgram import Voices, hears, hears_by_itself
from settings import Settings

_PARTIAL = ' partialPrompts="true"'


class RelayNouns:
    """Writes the noun with the voices of one account."""

    def __init__(self, settings: Settings) -> None:
        self._voices = Voices(settings)

    def noun(self, agent: Agent, connection: Connection) -> str:
        """`<ConversationRelay>`, which begins in the agent's first language.

        It greets nobody: the greeting is the first thing said over the socket, which is as quick
        and knows whether the caller was greeted before.
        """
        first = agent.languages[0]
        flux = hears_by_itself(agent)
        languages = "".join(
            f'<Language code="{xml_attribute(one)}"'
            f"{self._voices.speaks(agent, one)}{hears(one, flux)}/>"
            for one in agent.languages
        )
        return (
            f'<ConversationRelay url="{xml_attribute(connection.socket)}" '
            f'language="{xml_attribute(first)}"'
            f"{self._voices.speaks(agent, first)}{hears(first, flux)} "
            # Both by message where they differ: what may not be cut, and what a later one cuts.
            'interruptible="any" preemptible="false" '
            # Words and keys over what may not be cut are told all the same, and not lost.
            'reportInputDuringAgentSpeech="any" ignoreBackchannel="true" dtmfDetection="true" '
            'profanityFilter="false" events="speaker-events tokens-played" '
            f'applicationReconnect="true"{_PARTIAL if flux else ""}{_hints(agent)}>{languages}'
            f'<Parameter name="token" value="{xml_attribute(connection.token)}"/>'
            "</ConversationRelay>"
        )


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
