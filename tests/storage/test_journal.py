"""The journal on its own: what is kept, owed, settled and forgotten."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from storage.changes import arrival, change_text, creation, saving
from storage.journal import Journal
from tests.storage.samples import a_turn
from tests.storage.test_failover import NOW, a_call, an_event


def test_changes_that_are_kept_together_have_an_outcome_each(tmp_path: Path) -> None:
    changes = [
        creation(a_call("call-1")),
        creation(a_call("call-2", carrier_id="CA-call-1")),
        saving(a_call("call-3", version=4), a_turn(0, "call-3"), None),
        arrival(an_event("status:1")),
        arrival(an_event("status:1")),
        saving(a_call("call-3", version=4), a_turn(0, "call-3", caller="second"), None),
    ]
    with closing(Journal(tmp_path / "journal.db")) as journal:
        outcomes = journal.keep_all([(one, change_text(one)) for one in changes])

        names = [type(outcome).__name__ for outcome in outcomes]
        assert names == ["Kept", "DuplicateCall", "Kept", "Kept", "NoneType", "StaleCall"]
        assert [one.change for one in journal.owed("call-1")] == [changes[0], changes[3]]
        assert [one.change for one in journal.owed("call-3")] == [changes[2]]
        assert journal.turns("call-3") == [a_turn(0, "call-3")]


def test_what_is_settled_is_owed_no_longer_and_leaves_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(Journal(path)) as journal, closing(Journal(path)) as other:
        journal.keep(creation(a_call("call-1")))
        journal.settle(journal.owed("call-1"))

        assert not journal.owes("call-1")
        assert not journal.owing({"CA-call-1"})
        assert not journal.owes_since_before(2**62)
        assert other.owes("call-1")
        journal.keep(creation(a_call("call-2")))
        assert not other.owes("call-1")
        assert other.owing({"CA-call-1", "CA-call-2"}) == {"CA-call-2"}


def test_what_the_database_has_is_forgotten_and_what_is_owed_is_not(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.db")) as journal:
        for call_id in ("call-1", "call-2"):
            journal.keep(creation(a_call(call_id)))
        journal.settle(journal.owed("call-1"))

        journal.prune(NOW - timedelta(seconds=1))
        assert journal.load_call("call-1") == a_call("call-1")
        journal.prune(NOW + timedelta(seconds=1))

        assert journal.load_call("call-1") is None
        assert journal.load_call("call-2") == a_call("call-2")
