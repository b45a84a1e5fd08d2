"""Asks Gemini to read an utterance. What it is told and has to answer is in `prompt`, `answer`.

Source: https://ai.google.dev/api/generate-content (REST, v1beta). The library's typed requests and
answers cost milliseconds of CPU a call, so the constant part of the request is made once per agent
and handed over as it goes onto the wire (`extra_body`), and the answer is taken as it came.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import httpx2
from google import genai
from google.genai import errors, types

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.errors import (
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.llm.answer import Schema, WrongAnswer, answer_schema, read_answer
from providers.llm.gemini.response import read_response
from providers.llm.prompt import instructions, turn_text
from providers.llm.summary import INSTRUCTIONS as SUMMING_UP
from providers.llm.summary import (
    Summary,
    Transcript,
    read_summary,
    summary_schema,
    transcript_text,
)
from providers.llm.transport import BoundedClient
from settings import Settings

log = logging.getLogger(__name__)

ROLE, NAME = "llm", "gemini"
_VERSION = "v1beta"  # the library's default, v1, lacks what is in preview
_OUTPUT_TOKENS_MOST = 1024  # an answer has about a hundred; the longest text field a few hundred
_LATE = frozenset({408, 504})


class _Config(types.GenerateContentConfig):
    """A config of which the library quickly learns that it is no mapping.

    It looks forty options up in it, each with `in`, which a pydantic model answers by going
    through all its fields, and in vain: they come as pairs. That is a quarter of a call's CPU.
    """

    def __contains__(self, key: object) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What every request of an agent shares, or every request for a summary."""

    agent: Agent | None
    thinking: types.GenerateContentConfig
    plain: types.GenerateContentConfig  # the same without the thinking option


class Gemini:
    """A model of Google's, whose answers take at most `total_s`. For any number of threads."""

    name = NAME

    def __init__(self, settings: Settings, total_s: float) -> None:
        self._model = settings.gemini_model
        self._thinking = _thinking_option(settings.gemini_thinking)
        # None: a model that refuses the option has not been met; it is dropped at most once.
        self._takes_thinking: bool | None = None if self._thinking else False
        self._prepared: dict[str, _Prepared] = {}
        self._summing_up = _prepare(SUMMING_UP, summary_schema(), self._thinking)
        self._http = BoundedClient(total_s)
        options = types.HttpOptions(
            base_url=settings.gemini_base_url or None,
            api_version=_VERSION,
            timeout=round(total_s * 1000),
            retry_options=types.HttpRetryOptions(attempts=1),  # a caller is waiting
            httpx_client=self._http,
        )
        # vertexai is said, or a variable of the environment would choose another service.
        self._client = genai.Client(
            api_key=settings.gemini_api_key, vertexai=False, http_options=options
        )

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance. ProviderError when there is no usable answer."""
        prepared = self._prepared_for(agent)
        written = read_response(self._asked(prepared, turn_text(request)))
        try:
            read = read_answer(agent, written.text, NAME)
        except WrongAnswer as error:
            raise ProviderUnavailable(ROLE, NAME, str(error), "ANSWER") from error
        return written.counted(read, self._model)

    def summarise(self, transcript: Transcript) -> Summary:
        """What a call was about. ProviderError when there is no usable answer."""
        written = read_response(self._asked(self._summing_up, transcript_text(transcript)))
        try:
            return read_summary(written, self._model)
        except WrongAnswer as error:
            raise ProviderUnavailable(ROLE, NAME, str(error), "ANSWER") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._http.close()

    def _asked(self, prepared: _Prepared, text: str) -> str:
        """The body of the answer."""
        if self._takes_thinking is False:
            return self._sent(prepared.plain, text)
        try:
            body = self._sent(prepared.thinking, text)
        except ProviderRefused as error:
            if not error.code.startswith("400") or self._takes_thinking:
                raise
            return self._sent_without(prepared, text)
        self._takes_thinking = True
        return body

    def _sent_without(self, prepared: _Prepared, text: str) -> str:
        """The request again, without the option that some models refuse with a 400."""
        try:
            body = self._sent(prepared.plain, text)
        except ProviderRefused:
            self._takes_thinking = True  # it was not the option
            raise
        log.warning("the model takes no thinking option", extra={"model": self._model})
        self._takes_thinking = False
        return body

    def _sent(self, config: types.GenerateContentConfig, text: str) -> str:
        try:
            # One text: every Content and Part object costs the library's validation.
            answer = self._client.models.generate_content(
                model=self._model, contents=text, config=config
            )
        except (errors.APIError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise _as_provider_error(error) from error
        response = answer.sdk_http_response
        return (response.body if response else None) or ""

    def _prepared_for(self, agent: Agent) -> _Prepared:
        known = self._prepared.get(agent.agent)
        if known is None or known.agent is not agent:
            prepared = _prepare(instructions(agent), answer_schema(agent), self._thinking)
            known = self._prepared[agent.agent] = replace(prepared, agent=agent)
        return known


def _thinking_option(level: str) -> dict[str, object]:
    """`thinkingConfig` for a level of the settings; empty: none is sent."""
    match level:
        case "default":
            return {}
        case "off":  # models before 3 count tokens instead of levels
            return {"thinkingBudget": 0}
        case _:
            return {"thinkingLevel": level.upper()}


def _prepare(words: str, schema: Schema, thinking: dict[str, object]) -> _Prepared:
    generation: dict[str, object] = {
        "maxOutputTokens": _OUTPUT_TOKENS_MOST,
        "responseMimeType": "application/json",
        "responseJsonSchema": schema,
    }
    told: dict[str, object] = {"parts": [{"text": words}]}
    return _Prepared(
        None,
        _config(told, {**generation, "thinkingConfig": thinking} if thinking else generation),
        _config(told, generation),
    )


def _config(told: dict[str, object], generation: dict[str, object]) -> types.GenerateContentConfig:
    body = {"systemInstruction": told, "generationConfig": generation}
    return _Config(
        http_options=types.HttpOptions(extra_body=body),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        should_return_http_response=True,
    )


def _as_provider_error(error: Exception) -> ProviderError:
    """Our error for one of the library's or its HTTP client's. The vendor's words stay in it."""
    match error:
        case errors.APIError(code=code) if code in _LATE:
            return ProviderTimeout(ROLE, NAME, f"answered {code}", _code(error))
        case errors.APIError(code=code) if isinstance(code, int) and 400 <= code < 500:
            kind = ProviderUnavailable if code == 429 else ProviderRefused
            return kind(ROLE, NAME, f"answered {code}", _code(error))
        case errors.APIError():
            return ProviderUnavailable(ROLE, NAME, f"answered {error.code}", _code(error))
        case httpx2.TimeoutException():
            return ProviderTimeout(ROLE, NAME, "no answer in time")
        case UnicodeError():  # letters that no header can hold
            return ProviderRefused(ROLE, NAME, "the key is none", "KEY")
    reason = type(error).__name__
    return ProviderUnavailable(ROLE, NAME, f"not reachable: {reason}", reason)


def _code(error: errors.APIError) -> str:
    """The status, and the vendor's own word for what is wrong: "400 API_KEY_INVALID"."""
    body = error.details.get("error") if isinstance(error.details, dict) else None
    details = body.get("details") if isinstance(body, dict) else None
    reasons = [
        one.get("reason")
        for one in (details if isinstance(details, list) else [])
        if isinstance(one, dict)
    ]
    words = [word for word in (*reasons, error.status) if isinstance(word, str) and word]
    return f"{error.code} {words[0][:60] if words else ''}".rstrip()
