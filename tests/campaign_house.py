"""The application and the phone in one process, joined over HTTP on loopback: quick to start."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app import served
from calls.answering import Detecting
from calls.outbound import Wish
from phone.caller import Caller
from phone.exchange import Exchange, Habits, Ring
from services import Services, build_services, now
from settings import read_settings
from storage.records import CallRecord
from tests.sources import ROOT

VOICEMAIL = """
voicemail:
  en-IN: "This is Bella Pizza. We will ring you again tomorrow."
  ta-IN: "பெல்லா பீட்சா. நாளை மீண்டும் அழைக்கிறோம்."
  ml-IN: "ബെല്ല പിസ. നാളെ വീണ്ടും വിളിക്കാം."
"""


@dataclass(frozen=True, slots=True)
class House:
    """A served application and the carrier that rings for it."""

    services: Services
    exchange: Exchange
    address: str

    def ring(
        self, caller: Caller, detection: Detecting | None = None, agent: str = "pizza"
    ) -> tuple[CallRecord, Ring]:
        """Order a call, have `caller` answer it; the call as it is kept afterwards."""
        wish = Wish(agent, "+919876543210", {}, detection=detection)
        call = self.services.outbound.ring(wish)
        ring = self.exchange.next_ring(10)
        assert ring is not None
        ring.answer(caller)
        kept = self.services.storage.load_call(call.call_id)
        assert kept is not None
        return kept, ring


@contextmanager
def open_house(
    folder: Path, habits: Habits | None = None, clock: Callable[[], datetime] = now, **more: str
) -> Iterator[House]:
    """In local mode, with one agent that has something to leave on machines."""
    agents = folder / "agents"
    agents.mkdir()
    text = (ROOT / "agents" / "pizza.yaml").read_text("utf-8")
    (agents / "pizza.yaml").write_text(text + VOICEMAIL, "utf-8")
    shutil.copy(ROOT / "agents" / "agent.schema.json", agents)
    exchange = Exchange(habits or Habits())
    set_up = {"DATA_DIR": str(folder), "AGENTS_DIR": str(agents), **more}
    here = {"TWILIO_BASE_URL": exchange.open()}

    def made(port: int) -> Services:
        return build_services(read_settings({**set_up, **here, "PORT": str(port)}), clock=clock)

    try:
        with served(made) as (address, services):
            yield House(services, exchange, address)
    finally:
        exchange.close()
