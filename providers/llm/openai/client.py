"""Asks a model behind OpenAI's interface to read an utterance. Its request is made in `request`.

The library's typed requests and answers cost CPU a call, so a request is handed over as it goes
onto the wire and the answer is taken as it came.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import httpx2
import openai

from agents.schema import Agent
from conversation.extraction import Extraction, ExtractionRequest
from providers.errors import (
    ContentRefused,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.llm.answer import Written, WrongAnswer, answer_schema, read_answer
from providers.llm.openai.request import Prepared, Shape
from providers.llm.openai.response import read_response
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

T = TypeVar("T")

log = logging.getLogger(__name__)

ROLE, NAME = "llm", "openai"
_ADDRESS = "https://api.openai.com/v1"
_LATE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT})
# A server that does not know a part of a request; which of the two it says differs.
_NOT_UNDERSTOOD = ("400", "422")
# Of an error that is about what was said (the second is Azure's).
_BLOCKED = frozenset({"content_policy_violation", "content_filter"})


class OpenAI:
    """A model of OpenAI's or of anybody with its interface, whose answers take at most `total_s`.

    For any number of threads.
    """

    name = NAME

    def __init__(self, settings: Settings, total_s: float) -> None:
        self._model = settings.openai_model
        self._shape = Shape()
        # Not known until an answer was good: a shape that is refused is left for another.
        self._is_known = False
        self._prepared: dict[str, Prepared] = {}
        self._summing_up = Prepared(SUMMING_UP, summary_schema())
        self._client = openai.OpenAI(
            api_key=settings.openai_api_key,
            # Said, or a variable of the environment would.
            base_url=settings.openai_base_url or _ADDRESS,
            max_retries=0,  # a caller is waiting
            timeout=total_s,
            http_client=BoundedClient(total_s),
            default_headers={"Authorization": f"Bearer {settings.openai_api_key}"},
        )
        # Taken from the environment, and other services are not to learn them.
        self._client.organization = self._client.project = None

    def extract(self, agent: Agent, request: ExtractionRequest) -> Extraction:
        """The values heard in the utterance. ProviderError when there is no usable answer."""
        prepared, text = self._prepared_for(agent), turn_text(request)
        written, read = self._read(
            prepared, text, lambda written: read_answer(agent, written.text, NAME)
        )
        return written.counted(read, self._model)

    def summarise(self, transcript: Transcript) -> Summary:
        """What a call was about. ProviderError when there is no usable answer."""
        text = transcript_text(transcript)
        return self._read(self._summing_up, text, lambda it: read_summary(it, self._model))[1]

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(
        self, prepared: Prepared, text: str, reader: Callable[[Written], T]
    ) -> tuple[Written, T]:
        """What the model wrote, and what `reader` made of it. ProviderError as above."""
        shape, body = self._asked(prepared, text)
        written = read_response(body)
        try:
            read = reader(written)
        except WrongAnswer as error:
            if not self._is_known:
                # Some servers take a schema and do not look at it.
                self._use(shape.in_words())
            raise ProviderUnavailable(ROLE, NAME, str(error), "ANSWER") from error
        self._is_known = True
        return written, read

    def _asked(self, prepared: Prepared, text: str) -> tuple[Shape, bytes]:
        """The body of the answer, and the shape of the request that brought it."""
        shape = self._shape
        while True:
            try:
                body = self._sent(prepared.body(self._model, shape, text))
            except ProviderRefused as error:
                if not error.code.startswith(_NOT_UNDERSTOOD) or self._is_known:
                    raise
                other = shape.next(str(error.__cause__))
                if other is None:
                    self._is_known = True  # it was not the shape
                    raise
                shape = other
            else:
                self._use(shape)
                return shape, body

    def _use(self, shape: Shape) -> None:
        if shape == self._shape:
            return
        self._shape = shape
        log.warning(
            "a model is asked in another form from now on",
            extra={
                "provider": NAME,
                "model": self._model,
                "has_schema": shape.has_schema,
                "limit": shape.limit,
            },
        )

    def _sent(self, body: bytes) -> bytes:
        try:
            answer = self._client.post("/chat/completions", cast_to=httpx2.Response, content=body)
        except (openai.APIError, httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
            raise _as_provider_error(error) from error
        return answer.content

    def _prepared_for(self, agent: Agent) -> Prepared:
        known = self._prepared.get(agent.agent)
        if known is None or known.agent is not agent:
            known = Prepared(instructions(agent), answer_schema(agent), agent)
            self._prepared[agent.agent] = known
        return known


def _as_provider_error(error: Exception) -> ProviderError:
    """Our error for one of the library's or its HTTP client's. The vendor's words stay in it."""
    match error:
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return ProviderTimeout(ROLE, NAME, "no answer in time")
        case openai.APIStatusError(status_code=code):
            return _of_status(code, error.code)
        case UnicodeError():  # letters that no header can hold
            return ProviderRefused(ROLE, NAME, "the key is none", "KEY")
    # The library wraps what its HTTP client says.
    reason = type(error.__cause__ or error).__name__
    return ProviderUnavailable(ROLE, NAME, f"not reachable: {reason}", reason)


def _of_status(status: int, code: str | None) -> ProviderError:
    message = f"answered {status}"
    told = f"{status} {code[:60]}" if isinstance(code, str) and code else str(status)
    if status in _LATE:
        return ProviderTimeout(ROLE, NAME, message, told)
    if status == HTTPStatus.TOO_MANY_REQUESTS or not 400 <= status < 500:
        return ProviderUnavailable(ROLE, NAME, message, told)
    if code in _BLOCKED:
        return ContentRefused(ROLE, NAME, "the content was blocked", code)
    return ProviderRefused(ROLE, NAME, message, told)
