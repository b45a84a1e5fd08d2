"""Accounts: one per e-mail, changed by one at a time."""

from __future__ import annotations

import pytest

from access.people import PersonRefused
from access.roles import Role
from storage.register import StaleEntry
from tests.access.entrances import Place, add


@pytest.mark.parametrize(
    "written", ["ASHA@ACME.example", " asha@acme.example ", "Asha@Acme.Example"]
)
def test_an_email_is_one_however_it_is_written(place: Place, written: str) -> None:
    people = place.entrance.people
    account = people.add("asha@acme.example", "  Asha   Rao ", Role.VIEWER)

    assert account.name == "Asha Rao"
    assert people.of_email(written) == account
    with pytest.raises(PersonRefused) as refused:
        people.add(written, "Another", Role.ADMIN)
    assert refused.value.field == "email"


NO_EMAILS = ["", "asha", "@acme.example", "a@b@c.example", "a\n@b.example", "x" * 300]


@pytest.mark.parametrize("email", NO_EMAILS)
def test_what_is_no_email_is_refused(place: Place, email: str) -> None:
    with pytest.raises(PersonRefused, match=r"asha@acme\.example"):
        place.entrance.people.add(email, "", Role.VIEWER)


def test_a_name_of_a_page_is_refused(place: Place) -> None:
    with pytest.raises(PersonRefused) as refused:
        place.entrance.people.add("asha@acme.example", "x" * 101, Role.VIEWER)
    assert refused.value.field == "name"


def test_two_who_change_somebody_at_once_do_not_undo_each_other(place: Place) -> None:
    account = add(place.entrance)
    there = place.another().people
    there.change_and_end(account, is_disabled=True)

    with pytest.raises(StaleEntry):
        place.entrance.people.change_and_end(account, role=Role.ADMIN)

    kept = place.entrance.people.load(account.person_id)
    assert kept is not None
    assert (kept.is_disabled, kept.role, kept.generation) == (True, Role.OPERATOR, 2)


def test_an_admin_is_left_only_when_another_can_sign_in(place: Place) -> None:
    people = place.entrance.people
    first = add(place.entrance, "one@acme.example", Role.ADMIN)
    invited = people.add("two@acme.example", "", Role.ADMIN)
    assert not people.other_admins(first)
    assert people.other_admins(invited)

    people.change(invited, password_hash="$argon2id$")

    assert people.other_admins(first)
