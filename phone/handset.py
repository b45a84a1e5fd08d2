"""Rings a running server as the carrier would, and asks it for what it kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from phone.caller import Caller
from phone.exchange import Habits
from phone.execution import Execution
from phone.leg import Leg
from phone.line import Addresses, Line
from phone.progress import Progress
from phone.studio import STUDIO
from phone.transcript import Transcript

LOCAL_ACCOUNT = "AC" + "0" * 32
# Numbers that ring nobody: the carrier's own for tests, and one of India's for fiction.
LINE_NUMBER = "+15005550006"
CALLER_NUMBER = "+919812345678"
TIMEOUT_S = 15.0
# A recording is gone with the process that made it; a server fetches one within a few seconds.
FETCH_S = 8.0


class ServerAway(Exception):
    """The server does not answer, or not as it should; says what to do."""


@dataclass
class Handset:
    """A phone beside a server. `server` is where it listens, without a slash at the end."""

    server: str
    habits: Habits = field(default_factory=Habits)
    api_token: str = ""
    account: str = LOCAL_ACCOUNT

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        if self.api_token:
            self._session.headers["Authorization"] = f"Bearer {self.api_token}"

    @property
    def public(self) -> str:
        """The address under which the carrier knows the server."""
        return self.habits.way.public or self.server

    def check(self) -> None:
        """ServerAway when nothing answers."""
        self._ask("GET", "/health")

    def prepare(
        self,
        agent: str,
        caller: Caller,
        transcript: Transcript,
        from_number: str = CALLER_NUMBER,
        to_number: str = LINE_NUMBER,
    ) -> Line:
        """An inbound call to `agent`; its `run_inbound` makes it."""
        leg = Leg(self.account, from_number or CALLER_NUMBER, to_number, "inbound")
        habits = self.habits
        courier = habits.courier()
        progress = Progress(
            courier, leg, f"{self.public}/call-events/status", delivered=habits.delivered
        )
        addresses = Addresses(
            voice=f"{self.public}/voice?agent_type={agent}",
            fallback=f"{self.public}/voice-fallback",
        )
        call = Execution(leg, courier, caller, progress, transcript, live=habits.live)
        return Line(call, addresses)

    def order(self, agent: str, number: str, variables: Mapping[str, str]) -> str:
        """Have the server ring `number`; the carrier's id of the call."""
        body = {"agent_type": agent, "phone_number": number, "variables": dict(variables)}
        return str(self._ask("POST", "/start-call", body)["call_sid"])

    def record(self, sid: str) -> Mapping[str, Any]:
        """What the server keeps of a call."""
        return self._ask("GET", f"/call-status/{sid}")

    def last_words(self, sid: str) -> str:
        """What the agent said in the last turn of a call; "" when the server does not tell."""
        try:
            turns = self.record(sid).get("turns") or [{}]
        except ServerAway:
            return ""
        return str(turns[-1].get("agent", ""))

    def close(self) -> None:
        """Let go of the connections, once the server has fetched what was recorded."""
        STUDIO.wait_until_fetched(FETCH_S)
        self._session.close()

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        try:
            answer = self._session.request(method, self.server + path, json=body, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise ServerAway(
                f"Nothing answers at {self.server}. Start the server with `make run` in another "
                "terminal, or name another one with --server."
            ) from error
        try:
            told = answer.json()
        except requests.JSONDecodeError:
            told = {}
        if not answer.ok or not isinstance(told, dict):
            problem = told.get("error", {}) if isinstance(told, dict) else {}
            reason = problem.get("message") if isinstance(problem, dict) else None
            hint = " Set API_TOKEN as the server has it." if answer.status_code == 401 else ""
            raise ServerAway(
                f"{method} {path} was answered with {answer.status_code}: "
                f"{reason or answer.reason}{hint}"
            )
        return told
