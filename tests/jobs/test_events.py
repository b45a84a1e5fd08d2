"""Of which calls customers are told."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from jobs.endpoints import Endpoints
from jobs.events import CallNews
from jobs.outside import Outside
from jobs.webhooks import Webhooks
from storage.deliveries import DeliveryQuery
from storage.leads import Result
from storage.sqlite import SqliteStorage
from storage.sqlite_deliveries import SqliteDeliveries
from storage.sqlite_leads import SqliteLeads
from storage.sqlite_register import SqliteRegister
from tests.storage.lead_opening import claimed
from tests.storage.lead_samples import NOW, a_lead, an_attempt
from tests.storage.samples import a_call


@pytest.mark.parametrize(
    ("result", "told"),
    # A number that the carrier will not ring is a failed call; an order that never reached it, or
    # that it was too busy for, is none: the lead is rung later.
    [(Result.FAILED, ["call.failed"]), (Result.NOT_PLACED, [])],
)
def test_customers_are_told_of_a_call_that_failed_and_not_of_one_that_was_never_made(
    tmp_path: Path, result: Result, told: list[str]
) -> None:
    file, outside = tmp_path / "calls.db", Outside(allows_here=True)
    with ExitStack() as stack:
        storage = stack.enter_context(closing(SqliteStorage(file)))
        leads = stack.enter_context(closing(SqliteLeads(file)))
        register = stack.enter_context(closing(SqliteRegister(file)))
        deliveries = stack.enter_context(closing(SqliteDeliveries(file)))
        endpoints = Endpoints(register, outside, lambda: NOW)
        endpoints.add("http://127.0.0.1:9/", (), "", "")
        webhooks = Webhooks(endpoints, deliveries, outside, lambda: NOW)
        leads.add([a_lead()])
        lead = claimed(leads)
        attempt = an_attempt(lead, result=result, ended_at=NOW)
        leads.begin(lead, attempt)
        call = a_call(carrier_id=None, campaign_id="diwali", outcome="failed", ended_at=NOW)
        storage.create_call(call)

        CallNews(webhooks, storage, leads).ended(call)

        assert [one.event for one in deliveries.find(DeliveryQuery())] == told
        webhooks.close()
