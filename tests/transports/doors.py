"""Doors to knock at in tests: an application with real storage and carrier, and a signed hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from agents.loader import AgentFile, Folder
from agents.schema import Agent, FieldSpec
from calls.address import PublicAddress
from calls.hearing import Hearing
from calls.live import Live
from calls.live_voice import open_live_voice
from calls.outbound import Outbound
from calls.progress import Progress
from calls.recordings import Recordings
from calls.roster import Roster
from calls.turns import Arrival, Reply, Turns, UnknownAgent, UnknownCall
from conversation.actions import Action, Listen, Part, Say
from conversation.events import Event
from jobs.app import Jobs
from providers.telephony.twilio import Twilio
from providers.telephony.twilio.signature import sign
from services import Services
from settings import Settings
from storage import Stores
from storage.base import Storage
from storage.objects import FolderObjects
from storage.records import CallRecord
from storage.sqlite import SqliteStorage
from storage.sqlite_deliveries import SqliteDeliveries
from storage.sqlite_do_not_call import SqliteDoNotCall
from storage.sqlite_facts import SqliteFacts
from storage.sqlite_leads import SqliteLeads
from storage.sqlite_register import SqliteRegister
from tests.providers.telephony.twilio_forms import CALL_SID, call_form
from tests.providers.telephony.twiml import read_twiml

TOKEN = "webhook-secret"
BASE = "https://calls.example"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SIGNED = Settings(
    public_base_url=BASE,
    twilio_auth_token=TOKEN,
    twilio_account_sid="AC" + "7" * 32,
    twilio_phone_number="+914400000000",
    api_token="api-secret",
    start_call_limit="100 per hour",
)
AGENT = Agent(
    agent="logistics",
    name="Rates",
    goal="Collect a rate.",
    languages=("en-IN", "ta-IN"),
    say={},
    fields=(FieldSpec(name="charge", kind="number", ask={"en-IN": "How much?"}),),
    version="v1",
)
ASK: tuple[Action, ...] = (Say((Part("How much?", "en-IN"),)), Listen("en-IN"))


ONE_FILE = Folder({AGENT.agent: AgentFile(AGENT, "logistics.yaml", "agent: logistics\n")}, ())


class FixedFiles:
    """Files that nobody changes."""

    def __init__(self, now: Folder = ONE_FILE) -> None:
        self.now = now

    def have_changed(self) -> bool:
        """Never."""
        return False


@dataclass
class ScriptedTurns:
    """Turns that answer what they are told to and remember what they were asked."""

    storage: Storage
    actions: Sequence[Action] = ASK
    arrivals: list[Arrival] = field(default_factory=list)
    taken: list[tuple[str, int | None, str, Event]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)
    error: Exception | None = None  # raised by every method
    known: set[str] = field(default_factory=lambda: {CALL_SID})

    def start(self, arrival: Arrival) -> Reply:
        """A new call."""
        self._fail()
        if arrival.agent.lower() != AGENT.agent:
            raise UnknownAgent(arrival.agent, (AGENT.agent,))
        self.arrivals.append(arrival)
        self.known.add(arrival.carrier_id)
        return self._reply(arrival.carrier_id, 1)

    def take(self, carrier_id: str, turn: int | None, delivery: str, event: Event) -> Reply:
        """A turn of a call."""
        self._fail()
        reply = self._reply(carrier_id, (turn or 0) + 1)
        self.taken.append((carrier_id, turn, delivery, event))
        return reply

    def keep_waiting(self, carrier_id: str, delivery: str) -> Reply:
        """The answer that was not ready."""
        self._fail()
        return self._reply(carrier_id, 5)

    def current(self, carrier_id: str) -> Reply:
        """The last answer again."""
        self._fail()
        return self._reply(carrier_id, 5)

    def end(self, carrier_id: str, at: datetime, reason: str) -> None:
        """The line is down."""
        self._fail()
        self.ended.append((carrier_id, reason))

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error

    def _reply(self, carrier_id: str, turn: int) -> Reply:
        if carrier_id not in self.known:
            raise UnknownCall(carrier_id)
        call = self.storage.find_call(carrier_id) or a_call(carrier_id)
        return Reply(call, AGENT, tuple(self.actions), turn)


def a_call(carrier_id: str = CALL_SID, call_id: str = "call-1") -> CallRecord:
    """A call that goes on."""
    return CallRecord(
        call_id=call_id,
        carrier_id=carrier_id,
        agent=AGENT.agent,
        agent_version="v1",
        direction="inbound",
        caller_number="+919876543210",
        line_number="+914400000000",
        stage="collecting",
        language="en-IN",
        outcome=None,
        created_at=NOW,
        updated_at=NOW,
        answer={"actions": []},
    )


def real_settings(folder: Path | str) -> Settings:
    """Settings of an application with everything real, which keeps its files in `folder`."""
    return Settings(data_dir=str(folder), public_base_url=BASE, twilio_auth_token=TOKEN)


def scripted_services(path: Path, settings: Settings = SIGNED) -> tuple[Services, ScriptedTurns]:
    """Services with scripted turns and everything else real."""
    storage = SqliteStorage(path / "calls.db")
    register = SqliteRegister(path / "calls.db")
    turns = ScriptedTurns(storage)
    as_turns = cast(Turns, turns)
    telephony = Twilio(settings)
    here = f"http://127.0.0.1:{settings.port}" if settings.local_mode else ""
    address = PublicAddress(settings.public_base_url or here)
    ids = iter(f"call-{number}" for number in range(1, 1_000_000))
    outbound = Outbound(
        storage=storage,
        telephony=telephony,
        agents={AGENT.agent: AGENT},
        address=address,
        clock=lambda: NOW,
        new_id=lambda: next(ids),
    )
    objects = FolderObjects(path)
    recordings = Recordings(register, objects, lambda: NOW)
    services = Services(
        settings=settings,
        address=address,
        stores=Stores(
            storage=storage,
            register=register,
            facts=SqliteFacts(path / "calls.db"),
            objects=objects,
            leads=SqliteLeads(path / "calls.db"),
            do_not_call=SqliteDoNotCall(path / "calls.db"),
            deliveries=SqliteDeliveries(path / "calls.db"),
        ),
        recordings=recordings,
        agents=Roster(FixedFiles(), register, lambda: NOW),
        telephony=telephony,
        turns=as_turns,
        progress=Progress(storage, as_turns, lambda: NOW, recordings=recordings),
        outbound=outbound,
        live=Live(Hearing(()), open_live_voice(settings, storage), as_turns, as_turns),
        clock=lambda: NOW,
        jobs=Jobs(settings.redis_url),
    )
    return services, turns


class Carrier:
    """Posts webhooks as the carrier does: signed for the public address."""

    def __init__(self, app: Flask, base: str = BASE, token: str = TOKEN) -> None:
        self.client: FlaskClient = app.test_client()
        self._base = base
        self._token = token

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """A signed webhook with the usual parameters and `form` over them."""
        fields = {name: [value] for name, value in call_form(**(form or {})).items()}
        return self.post_form(path, fields, headers)

    def post_form(
        self,
        path: str,
        fields: Mapping[str, Sequence[str]],
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """A signed webhook with exactly these parameters."""
        pairs = [(name, value) for name, values in fields.items() for value in values]
        signature = sign(self._token.encode(), "sha1", self._base + path, fields)
        return self.client.post(
            path,
            data=urlencode(pairs, errors="surrogateescape"),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature, **(headers or {})},
        )


@dataclass
class House:
    """An application and what is behind it."""

    app: Flask
    services: Services
    turns: ScriptedTurns
    carrier: Carrier


def json_of(answer: TestResponse) -> Any:
    """The JSON object of an answer."""
    assert answer.content_type == "application/json"
    return orjson.loads(answer.data)


def document_of(answer: TestResponse) -> Element:
    """The call document of an answer, checked."""
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    return read_twiml(answer.data)
