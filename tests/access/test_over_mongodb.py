"""People with the register in MongoDB: what several machines share, and while it is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from access.audit import entries_of
from access.bearer import BadToken
from access.entrance import Entrance
from access.lockout import TRIES_MOST, Locked
from storage.base import DatabaseAway
from storage.mongo_register import MongoRegister
from tests.access.entrances import EMAIL, HERE, PASSWORD, Clock, add, guess_at_once, open_at
from tests.storage import mongod as real


@pytest.fixture
def mongod() -> Iterator[real.Mongod]:
    """A server of the test's own, running."""
    with real.running() as server:
        yield server


@pytest.fixture
def machines(mongod: real.Mongod) -> Iterator[tuple[Entrance, Entrance]]:
    """Two machines with one database and one clock."""
    clock = Clock()
    registers = [MongoRegister(mongod.uri(), timeout_s=1.0) for _ in range(2)]
    one, two = (open_at(register, clock) for register in registers)
    yield one, two
    for register in registers:
        register.close()


def test_machines_count_tries_together(machines: tuple[Entrance, Entrance]) -> None:
    add(machines[0])

    found = guess_at_once(machines, 24)

    assert 1 <= found["looked at"] <= TRIES_MOST
    assert found["let in"] == 0
    with pytest.raises(Locked):
        machines[1].check(EMAIL, PASSWORD, HERE)


def test_machines_know_of_each_others_sessions_and_tokens(
    machines: tuple[Entrance, Entrance],
) -> None:
    one, two = machines
    account = add(one)
    secret, pair = one.sessions.begin(account), one.bearer.begin(account)
    assert two.sessions.person_of(secret) == account.person

    renewed = two.bearer.renew(pair.refresh_token)
    assert one.bearer_of(renewed.token).person == account.person
    with pytest.raises(BadToken):
        one.bearer.renew(pair.refresh_token)
    with pytest.raises(BadToken):
        one.bearer_of(renewed.token)


def test_while_the_database_is_away_people_stay_signed_in_and_nothing_is_done_unnoted(
    machines: tuple[Entrance, Entrance], mongod: real.Mongod
) -> None:
    one, two = machines
    account = add(one)
    secret = one.sessions.begin(account)
    assert one.sessions.person_of(secret) == account.person
    mongod.kill()

    assert one.sessions.person_of(secret) == account.person
    with pytest.raises(DatabaseAway):  # this machine never knew
        two.sessions.person_of(secret)
    with pytest.raises(DatabaseAway):
        one.check(EMAIL, PASSWORD, HERE)
    with pytest.raises(DatabaseAway):
        one.audit.note(account.person, "export calls", "all")
    one.audit.seen(account.person, "see call", "call-1")

    mongod.start()
    one.audit.note(account.person, "export calls", "all")
    found = two.audit.find(entries_of(who=EMAIL))
    assert sorted(entry.action for entry in found) == ["export calls", "see call"]
