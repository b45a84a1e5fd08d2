"""How often a password may be guessed, over all processes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access.entrance import AT_ONCE_MOST, WrongPassword
from access.lockout import (
    ADDRESS_MOST,
    ADDRESS_TRIES_MOST,
    FORGOTTEN_AFTER,
    KIND,
    PROXY_TRIES_MOST,
    TRIES_MOST,
    Locked,
    senders,
)
from storage.register import EntryQuery
from tests.access.entrances import EMAIL, HERE, PASSWORD, Place, add, guess_at_once


def guess(place: Place, email: str = EMAIL, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            place.entrance.check(email, "a wrong one", HERE)


@pytest.mark.parametrize("email", [EMAIL, "nobody@acme.example", "no e-mail"])
def test_after_five_wrong_tries_even_the_right_one_waits(place: Place, email: str) -> None:
    add(place.entrance)
    guess(place, email, TRIES_MOST)

    with pytest.raises(Locked, match="Try again in 60 seconds") as locked:
        place.entrance.check(email, PASSWORD, HERE)

    assert locked.value.wait_s == 60


def test_another_process_knows_of_the_tries(place: Place) -> None:
    add(place.entrance)
    guess(place, times=TRIES_MOST)

    with pytest.raises(Locked):
        place.another().check(EMAIL, PASSWORD, ["198.51.100.1"])


def test_the_wait_ends_and_grows_with_every_further_try(place: Place) -> None:
    add(place.entrance)
    guess(place, times=TRIES_MOST)
    waits = []
    for _ in range(6):
        with pytest.raises(Locked) as locked:
            place.entrance.check(EMAIL, PASSWORD, HERE)
        waits.append(locked.value.wait_s)
        place.clock.now += timedelta(seconds=locked.value.wait_s)
        guess(place)

    assert waits == [60, 120, 240, 480, 900, 900]


def test_the_right_password_after_the_wait_is_let_in_and_forgives(place: Place) -> None:
    add(place.entrance)
    guess(place, times=TRIES_MOST)
    place.clock.now += timedelta(seconds=60)

    assert place.entrance.check(EMAIL, PASSWORD, HERE).email == EMAIL
    guess(place, times=TRIES_MOST - 1)
    assert place.entrance.check(EMAIL, PASSWORD, HERE).email == EMAIL


def test_slips_are_forgotten_after_a_while(place: Place) -> None:
    add(place.entrance)
    guess(place, times=TRIES_MOST - 1)
    place.clock.now += FORGOTTEN_AFTER + timedelta(seconds=1)

    guess(place, times=TRIES_MOST - 1)

    assert place.entrance.check(EMAIL, PASSWORD, HERE).email == EMAIL


def test_one_address_that_tries_many_accounts_is_stopped(place: Place) -> None:
    add(place.entrance)
    for number in range(ADDRESS_TRIES_MOST):
        guess(place, f"somebody{number}@acme.example")

    with pytest.raises(Locked):
        place.entrance.check(EMAIL, PASSWORD, HERE)
    assert place.entrance.check(EMAIL, PASSWORD, ["198.51.100.1"]).email == EMAIL


def test_an_office_that_signs_in_rightly_is_not_stopped(place: Place) -> None:
    add(place.entrance)

    for _ in range(ADDRESS_TRIES_MOST + 5):
        place.entrance.check(EMAIL, PASSWORD, HERE)


def test_made_up_addresses_are_counted_as_the_peers_that_sends_them(place: Place) -> None:
    lockout = place.entrance.lockout
    for number in range(PROXY_TRIES_MOST):
        made_up = f"10.0.{number // 250}.{number % 250}"
        lockout.count(f"a{number}@acme.example", senders("203.0.113.7", made_up))

    with pytest.raises(Locked):
        lockout.count(EMAIL, senders("203.0.113.7", "192.0.2.99"))


def test_addresses_of_one_network_are_one(place: Place) -> None:
    lockout = place.entrance.lockout
    for number in range(ADDRESS_TRIES_MOST):
        lockout.count(f"a{number}@acme.example", [f"2001:db8:1:2::{number:x}"])

    with pytest.raises(Locked):
        lockout.count(EMAIL, ["2001:db8:1:2:ffff::1"])
    lockout.count(EMAIL, ["2001:db8:1:3::1"])


def test_many_guesses_at_once_are_no_more_than_one_after_the_other(place: Place) -> None:
    add(place.entrance)

    found = guess_at_once([place.another() for _ in range(4)], 40)

    assert 1 <= found["looked at"] <= TRIES_MOST
    assert found["let in"] == 0


def test_a_crowd_that_signs_in_leaves_threads_to_the_callers(place: Place) -> None:
    add(place.entrance)
    for _ in range(AT_ONCE_MOST):
        assert place.entrance.at_once.acquire(blocking=False)

    with pytest.raises(Locked, match="Try again in 5 seconds"):
        place.entrance.check(EMAIL, PASSWORD, HERE)

    place.entrance.at_once.release()
    assert place.entrance.check(EMAIL, PASSWORD, HERE).email == EMAIL
    assert place.entrance.check(EMAIL, PASSWORD, HERE).email == EMAIL


def test_old_tries_do_not_pile_up(place: Place) -> None:
    for number in range(10):
        place.entrance.lockout.count(f"a{number}@acme.example", [f"10.0.0.{number}"])
    place.clock.now += timedelta(days=2)

    place.entrance.lockout.count(EMAIL, HERE)

    assert place.register.count(EntryQuery(KIND)) == 2


def test_the_last_forwarded_address_is_the_senders() -> None:
    assert senders("10.0.0.1", "1.1.1.1, 203.0.113.9") == ["203.0.113.9", "10.0.0.1"]
    assert senders("203.0.113.9", "") == ["203.0.113.9"]
    # It is written into the audit log, and whoever sends it may write what they like.
    assert senders("203.0.113.9", "x" * 60_000) == ["x" * ADDRESS_MOST, "203.0.113.9"]
