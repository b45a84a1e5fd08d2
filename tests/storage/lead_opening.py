"""How the contract of the leads opens the store of a backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_leads
from storage.leads import Lead, Leads
from tests.storage.lead_samples import NOW, UNTIL


def claimed(leads: Leads, campaign_id: str = "diwali") -> Lead:
    """The next lead that is due."""
    lead = leads.claim(campaign_id, NOW, "me", UNTIL)
    assert lead is not None
    return lead


class OpensLeads:
    """How the parts of the contract reach the store."""

    def variables(self, place: Path) -> Mapping[str, str]:
        """Environment variables with which a process opens the leads of `place`."""
        raise NotImplementedError

    @pytest.fixture
    def leads(self, tmp_path: Path) -> Iterator[Leads]:
        opened = open_leads(read_settings(self.variables(tmp_path)))
        yield opened
        opened.close()
