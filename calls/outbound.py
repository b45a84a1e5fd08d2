"""Places calls: keeps the order, has the carrier ring, keeps what came of it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from agents.schema import Agent
from calls.address import PublicAddress
from calls.answering import Detecting
from calls.turns import UnknownAgent
from conversation.state import Outcome, new_state
from providers.errors import ProviderError, ProviderTimeout, ProviderUnavailable
from providers.telephony.base import CallOrder, Telephony
from providers.telephony.placed import PerhapsPlaced
from storage.base import StaleCall, Storage
from storage.records import CallRecord

log = logging.getLogger(__name__)

# Saves that may be lost to a webhook of the same call before something is wrong.
SAVES_MOST = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody to be rung."""

    agent: str  # any case
    number: str  # E.164
    variables: Mapping[str, str]
    call_id: str = ""  # what the call is to be called; "": that is made up
    campaign_id: str = ""  # "": of none
    lead_id: str = ""
    not_after_s: float | None = None  # by `time.monotonic`: then the carrier is asked no more
    detection: Detecting | None = None  # None: nobody listens for machines


class TooLate(ProviderError):
    """The carrier was not asked, because by then somebody else may have been told to."""


class OrderFailed(Exception):
    """The carrier did not take the order; `call` is what was kept of it. From a ProviderError."""

    def __init__(self, call: CallRecord, error: ProviderError) -> None:
        super().__init__(str(error))
        self.call = call
        self.error = error

    @property
    def may_ring(self) -> bool:
        """Whether the carrier may have taken it all the same."""
        return isinstance(self.error, ProviderTimeout | PerhapsPlaced)


@dataclass(frozen=True, slots=True)
class Outbound:
    """Orders calls. Safe to use from many threads."""

    storage: Storage
    telephony: Telephony
    agents: Mapping[str, Agent]
    address: PublicAddress
    clock: Callable[[], datetime]
    new_id: Callable[[], str]

    def ring(self, wish: Wish) -> CallRecord:
        """Order the call; its record with the carrier's id.

        The record is kept before the carrier is asked, so that no webhook can come too early.
        UnknownAgent; OrderFailed when the carrier refuses, is away or does not answer.
        """
        agent = self.agents.get(wish.agent.lower())
        if agent is None:
            raise UnknownAgent(wish.agent, tuple(sorted(self.agents)))
        call = self._kept(agent, wish)
        try:
            order = self._order(agent, call, wish.detection)
            if wish.not_after_s is not None and time.monotonic() > wish.not_after_s:
                raise TooLate("telephony", self.telephony.name, "It is too late to ring.")
            carrier_id = self.telephony.place_call(order)
        except ProviderError as error:
            # It may ring all the same; then its webhooks name our id and take the record up.
            is_asked_for = bool(wish.lead_id) and isinstance(error, PerhapsPlaced)
            if isinstance(error, ProviderTimeout) or is_asked_for:
                raise OrderFailed(call, error) from error
            now = self.clock()
            failed = {"outcome": str(Outcome.FAILED), "status": "failed", "ended_at": now}
            raise OrderFailed(self._changed(call, failed), error) from error
        log.info("call ordered", extra={"call_id": call.call_id, "agent": agent.agent})
        return self._changed(call, {"carrier_id": carrier_id})

    def _kept(self, agent: Agent, wish: Wish) -> CallRecord:
        now = self.clock()
        state = new_state(agent, now, wish.variables)
        call = CallRecord(
            call_id=wish.call_id or self.new_id(),
            carrier_id=None,
            agent=agent.agent,
            agent_version=agent.version,
            direction="outbound",
            caller_number=wish.number,
            line_number=self.telephony.line_number,
            stage=str(state.stage),
            language=state.language,
            outcome=None,
            created_at=now,
            updated_at=now,
            transport=str(agent.transport),
            state=state.to_dict(),
            campaign_id=wish.campaign_id,
            lead_id=wish.lead_id,
        )
        self.storage.create_call(call)
        return call

    def _order(self, agent: Agent, call: CallRecord, detection: Detecting | None) -> CallOrder:
        address = self.address.known
        if not address:
            message = (
                "It is not known where the carrier reaches this server: set PUBLIC_BASE_URL, call "
                "this route under the public address, or let a call come in first."
            )
            raise ProviderUnavailable("telephony", self.telephony.name, message, "no_address")
        # Whoever answers these addresses has to know what is done with a machine.
        machine = {"machine": detection.word} if detection is not None else {}
        query = urlencode({"agent_type": agent.agent.upper(), "call_id": call.call_id, **machine})
        told_at = f"{address}/call-events/amd?{urlencode({'call_id': call.call_id, **machine})}"
        return CallOrder(
            to=call.caller_number,
            voice=f"{address}/voice?{query}",
            fallback=f"{address}/voice-fallback?{query}",
            status=f"{address}/call-events/status?{urlencode({'call_id': call.call_id})}",
            detection=None if detection is None else detection.order(told_at),
        )

    def _changed(self, call: CallRecord, changes: Mapping[str, object]) -> CallRecord:
        """The call with changes kept, whatever webhooks did to it meanwhile."""
        for _ in range(SAVES_MOST):
            try:
                changed: CallRecord = replace(call, updated_at=self.clock(), **changes)  # type: ignore[arg-type]
                return self.storage.save_call(changed)
            except StaleCall:
                fresh = self.storage.load_call(call.call_id)
                if fresh is None or (fresh.carrier_id and "carrier_id" in changes):
                    return fresh or call  # its first webhook named it already
                call = fresh
        raise StaleCall(f"call {call.call_id} is being changed too fast to be saved")
