"""Talks to the text that is in the editor, saved or not: the real engine, and nothing is kept.

The call travels with the page, signed, so that any process can take its next turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson
from flask import Blueprint, Response, abort
from itsdangerous import BadData, URLSafeTimedSerializer

from access.keys import derived
from access.roles import Role
from agents.loader import AgentFileError, read_text
from agents.schema import Agent
from calls.editing import TEXT, normalised
from calls.text_call import Answer, TextCall
from console.agent_parts import sent
from console.pages import needs
from conversation.events import HandoverResult
from conversation.fields import kind_of
from conversation.state import CallState, Slot
from services import Services

WORDS_MOST = 1_000  # characters of one utterance
TOKEN_MOST = 64 * 1024  # bytes; a state takes some 3 KB
VALID_S = 12 * 3600
# Texts whose agents a process remembers, so that a turn does not read its YAML again.
AGENTS_MOST = 16

Move = Callable[[TextCall, str], Answer]


class Chats:
    """Calls with drafts, each in the hands of the page that it is shown on."""

    def __init__(self, services: Services) -> None:
        key = derived(services.secret, "agent chat")
        self._tokens = URLSafeTimedSerializer(key, salt="agent-chat", serializer=_Json)
        self._brain, self._clock = services.brain, services.clock

    def turn(self, asked: Mapping[str, str]) -> Mapping[str, object]:
        """What the agent does when the caller does what was asked. AgentFileError."""
        agent = _agent(normalised(asked.get("text", "")))
        call = TextCall(agent, self._brain, self._clock)
        began_at = time.perf_counter()
        answer = self._moved(call, asked)
        ms = round((time.perf_counter() - began_at) * 1000)
        return {**shown(call, answer), "state": self._token(call), "ms": ms}

    def _moved(self, call: TextCall, asked: Mapping[str, str]) -> Answer:
        token = asked.get("state", "")
        if not token:
            return call.start()
        try:
            if len(token) > TOKEN_MOST:
                raise BadData("too long")
            kept = self._tokens.loads(token, max_age=VALID_S)
        except BadData:
            abort(422, "This call cannot go on here: begin another one.")
        try:
            state = CallState.from_dict(kept["state"])
        except ValueError:  # of an older program
            abort(422, "This call cannot go on here: begin another one.")
        if state.outcome is not None:
            abort(409, "This call is over: begin another one.")
        call.take_up(state, kept["version"], kept["keys_most"])
        move, words = asked.get("move", "say"), asked.get("words", "")
        if move not in MOVES:
            abort(422, f"Send move as one of {', '.join(MOVES)}.")
        return MOVES[move](call, words[:WORDS_MOST])

    def _token(self, call: TextCall) -> str:
        told = {
            "state": call.state.to_dict(),
            "version": call.agent.version,
            "keys_most": call.keys_most,
        }
        token = self._tokens.dumps(told)
        return token if isinstance(token, str) else token.decode()


class _Json:
    """JSON as itsdangerous wants it, with whatever text a caller may have typed."""

    @staticmethod
    def dumps(value: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return orjson.loads(text)


def _keys(call: TextCall, words: str) -> Answer:
    return call.press(words.strip())


def _operator(call: TextCall, words: str) -> Answer:
    if words not in set(HandoverResult):
        abort(422, f"Send words as one of {', '.join(HandoverResult)}.")
    return call.put_through(HandoverResult(words))


MOVES: Mapping[str, Move] = {
    "say": lambda call, words: call.say(words),
    "keys": _keys,
    "silence": lambda call, words: call.wait(),
    "operator": _operator,
}


def shown(call: TextCall, answer: Answer) -> Mapping[str, object]:
    """What the page shows of a turn."""
    state = call.state
    return {
        "said": [{"text": part.text, "language": part.language} for part in answer.said],
        "is_over": answer.is_over,
        "hands_over": answer.hands_over and answer.hands_over.to,
        "stage": str(state.stage),
        "language": state.language,
        "outcome": state.outcome and str(state.outcome),
        "fields": [
            {
                "name": spec.name,
                "value": _said(call.agent, spec.name, slot, state.language),
                "heard": slot.heard,
                "standing": _standing(slot),
                "is_asked": spec.name == state.asking,
            }
            for spec in call.agent.fields
            for slot in (state.slots.get(spec.name, Slot()),)
        ],
    }


def _said(agent: Agent, name: str, slot: Slot, language: str) -> str:
    if slot.value is None:
        return ""
    spec = agent.field(name)
    return kind_of(spec).say_back(spec, slot.value, language)


def _standing(slot: Slot) -> str:
    if slot.value is None:
        return "skipped" if slot.skipped else "empty"
    if slot.confirmed:
        return "confirmed"
    return "doubtful" if slot.doubtful else "heard"


def add_chat(blueprint: Blueprint, services: Services) -> None:
    """POST /console/agent-chat: one turn with the text that is sent along."""
    chats = Chats(services)

    @blueprint.post("/agent-chat")
    @needs(Role.OPERATOR)
    def agent_chat() -> Response:
        try:
            told, status = chats.turn(sent()), 200
        except AgentFileError as error:
            first = error.problems[0]
            line = f"line {first.line}: " if first.line else ""
            told = {"error": f"Mend the text first: {line}{first.wrong}.", "line": first.line}
            status = 422
        return Response(orjson.dumps(told), status, content_type="application/json")


@lru_cache(AGENTS_MOST)
def _agent(text: str) -> Agent:
    return read_text(text.encode("utf-8", "surrogatepass"), TEXT)
