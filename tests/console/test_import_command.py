"""`flask import-leads` and `import-do-not-call`: what they add, and what they say of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from campaigns.book import Campaigns
from campaigns.campaign import CampaignRules
from campaigns.import_process import new_id, now
from campaigns.imports import ImportKind, Imports
from console.import_command import PROBLEMS_SHOWN, import_do_not_call, import_leads
from settings import Settings, variables
from storage import open_do_not_call, open_leads, open_objects, open_register
from storage.do_not_call import DoNotCallLists
from storage.leads import LeadQuery, Leads

CLEAN = {name: "" for name, *_ in variables()}


class Terminal:
    """A terminal at a folder of data, and what is kept there."""

    def __init__(self, folder: Path, at_end: ExitStack) -> None:
        self.folder = folder
        settings = Settings(data_dir=str(folder))
        self._runner = CliRunner(env={**CLEAN, "DATA_DIR": str(folder)})
        register = at_end.enter_context(closing(open_register(settings)))
        objects = at_end.enter_context(closing(open_objects(settings)))
        self.leads: Leads = at_end.enter_context(closing(open_leads(settings)))
        self.lists: DoNotCallLists = at_end.enter_context(closing(open_do_not_call(settings)))
        self.imports = Imports(register, objects, now, new_id)
        rules = CampaignRules(name="Rates", agent="logistics", country="IN")
        self.campaign_id = Campaigns(register, now, new_id).add(rules).campaign_id

    def file(self, text: str) -> str:
        """A file with this in it."""
        path = self.folder / "people.csv"
        path.write_text(text, "utf-8")
        return str(path)

    def leads_of(self, text: str, campaign: str = "") -> Result:
        """What the command says of these rows."""
        arguments = [campaign or self.campaign_id, self.file(text)]
        return self._runner.invoke(import_leads, arguments)

    def listed(self, text: str, *more: str) -> Result:
        """The same of a do-not-call list."""
        return self._runner.invoke(import_do_not_call, [self.file(text), *more])


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with ExitStack() as at_end:
        yield Terminal(tmp_path, at_end)


def test_leads_are_added_once_and_the_rest_is_told(terminal: Terminal) -> None:
    rows = "phone;name\n98765 43210;Asha\n98765 43211;Ravi\n12;Nobody\n98765 43210;Asha again\n"

    first, again = terminal.leads_of(rows), terminal.leads_of(rows)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "4 rows: 2 are new." in first.output
    assert "1 not taken: a number that does not exist" in first.output
    assert "line 4, phone: " in first.output
    assert "4 rows: 0 are new." in again.output
    assert "2 not taken: in the campaign already" in again.output
    found = terminal.leads.find(LeadQuery(terminal.campaign_id))
    assert [(one.number, one.variables["name"]) for one in found] == [
        ("+919876543210", "Asha"),
        ("+919876543211", "Ravi"),
    ]
    kept = terminal.imports.of(terminal.campaign_id, ImportKind.LEADS, 5)
    assert [one.is_over for one in kept] == [True, True]


def test_of_very_many_mistakes_the_first_are_shown_and_where_the_others_are(
    terminal: Terminal,
) -> None:
    told = terminal.leads_of("phone\n" + "12\n" * (PROBLEMS_SHOWN + 5))

    assert told.output.count("\nline ") == PROBLEMS_SHOWN
    assert "/problems" in told.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "campaign", "told"),
    [
        ("phone\n9876543210\n", "nobody", "There is no campaign nobody."),
        ("", "", ""),
        ("name,city\nAsha,Pune\n", "", "phone"),
    ],
)
def test_what_cannot_be_read_is_said_and_is_exit_code_1(
    terminal: Terminal, text: str, campaign: str, told: str
) -> None:
    answer = terminal.leads_of(text, campaign)

    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert told in answer.output
    assert terminal.leads.find(LeadQuery(terminal.campaign_id)) == []


def test_numbers_come_onto_the_list_of_all_or_of_one(terminal: Terminal) -> None:
    everywhere = terminal.listed("98765 43210\n98765 43211\n")
    here = terminal.listed("98765 43212\n", "--campaign", terminal.campaign_id)

    assert "2 rows: 2 are new." in everywhere.output
    assert "1 rows: 1 are new." in here.output
    assert terminal.lists.of("+919876543210", "") is not None
    assert terminal.lists.of("+919876543212", "") is None
    assert terminal.lists.of("+919876543212", terminal.campaign_id) is not None
