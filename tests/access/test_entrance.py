"""Who is let in, and what ends with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest

from access.audit import entries_of
from access.entrance import Entrance, WrongPassword
from access.keys import derived
from access.links import INVITATION_LASTS, RESET_LASTS, BadLink
from access.lockout import ADDRESS_TRIES_MOST, Locked
from access.passwords import PasswordRefused, Passwords
from access.people import Account
from access.recent import GRACE_S, KEPT_S, Recent
from access.roles import Role
from storage.base import DatabaseAway
from tests.access.entrances import EMAIL, HERE, PASSWORD, Place, add

Ending = Callable[[Entrance, Account], object]
ENDINGS: dict[str, Ending] = {
    "password": lambda entrance, account: entrance.change_password(account, "eight white owls"),
    "role": lambda entrance, account: entrance.people.change_and_end(account, role=Role.VIEWER),
    "disabling": lambda entrance, account: entrance.people.change_and_end(
        account, is_disabled=True
    ),
    "link": lambda entrance, account: entrance.set_password(
        entrance.links.to_set_password(account), "eight white owls"
    ),
}


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong"),
        (EMAIL, ""),
        ("nobody@acme.example", PASSWORD),
        ("disabled@acme.example", PASSWORD),
        ("invited@acme.example", ""),
        ("no e-mail", PASSWORD),
    ],
)
def test_whoever_is_not_let_in_learns_no_more(place: Place, email: str, password: str) -> None:
    add(place.entrance)
    disabled = add(place.entrance, "disabled@acme.example")
    place.entrance.people.change_and_end(disabled, is_disabled=True)
    place.entrance.people.add("invited@acme.example", "", Role.VIEWER)

    with pytest.raises(WrongPassword) as wrong:
        place.entrance.check(email, password, HERE)

    assert str(wrong.value) == "The e-mail or the password is wrong."


def test_good_and_bad_tries_are_in_the_audit_log(place: Place) -> None:
    add(place.entrance)
    with pytest.raises(WrongPassword):
        place.entrance.check(EMAIL, "wrong", HERE)
    place.entrance.check(EMAIL, PASSWORD, HERE)
    # Some type their password where the e-mail goes.
    with pytest.raises(WrongPassword):
        place.entrance.check(PASSWORD, "", HERE)

    entries = place.entrance.audit.find(entries_of())
    found = sorted((entry.action, entry.who, entry.subject) for entry in entries)
    assert found == [
        ("sign in", EMAIL, EMAIL),
        ("sign in refused", "", ""),
        ("sign in refused", "", EMAIL),
    ]


def test_guesses_that_are_not_looked_at_do_not_fill_the_audit_log(place: Place) -> None:
    add(place.entrance)
    made_up = [EMAIL, *(f"a{number}@acme.example" for number in range(ADDRESS_TRIES_MOST + 20))]
    for email in made_up:
        with pytest.raises((WrongPassword, Locked)):
            place.entrance.check(email, "wrong", HERE)
    with pytest.raises(Locked):
        place.entrance.check(EMAIL, "wrong", HERE)

    found = place.entrance.audit.find(entries_of(action="sign in locked"))
    assert sorted(entry.subject for entry in found) == ["", EMAIL]


def test_an_outdated_hash_is_made_anew_at_sign_in(place: Place) -> None:
    account = add(place.entrance)
    stronger = replace(place.entrance, passwords=Passwords(memory_kib=128, time_cost=1))

    signed_in = stronger.check(EMAIL, PASSWORD, HERE)

    assert signed_in.password_hash != account.password_hash
    assert not stronger.passwords.is_outdated(signed_in.password_hash)
    assert signed_in.generation == account.generation  # nothing ends for it


@pytest.mark.parametrize("ending", ENDINGS)
def test_sessions_end_with(place: Place, ending: str) -> None:
    entrance, account = place.entrance, add(place.entrance)
    secret = entrance.sessions.begin(account)
    assert entrance.sessions.person_of(secret) == account.person

    ENDINGS[ending](entrance, account)

    assert entrance.sessions.person_of(secret) is None
    # Another process, which has not heard of it before.
    assert place.another().sessions.person_of(secret) is None


def test_a_session_ends_by_signing_out_and_by_age(place: Place) -> None:
    sessions, account = place.entrance.sessions, add(place.entrance)
    one, two = sessions.begin(account), sessions.begin(account)

    sessions.end(one)

    assert sessions.person_of(one) is None
    assert sessions.person_of(two) == account.person
    place.clock.now += timedelta(hours=8)
    assert sessions.person_of(two) is None
    assert sessions.person_of("made up") is None


def test_a_link_sets_a_password_once(place: Place) -> None:
    account = add(place.entrance)
    links = [place.entrance.links.to_set_password(account) for _ in range(2)]

    place.entrance.set_password(links[0], "eight white owls")

    assert place.entrance.check(EMAIL, "eight white owls", HERE).email == EMAIL
    for link in links:  # the one that was used, and the one that was not
        with pytest.raises(BadLink):
            place.another().set_password(link, "nine green frogs")


def test_a_password_that_is_refused_does_not_use_up_the_link(place: Place) -> None:
    link = place.entrance.links.to_set_password(add(place.entrance))

    with pytest.raises(PasswordRefused):
        place.entrance.set_password(link, "short")

    assert place.entrance.set_password(link, "eight white owls").generation == 2


def test_links_end(place: Place) -> None:
    entrance = place.entrance
    account, invited = add(entrance), entrance.people.add("ravi@acme.example", "", Role.VIEWER)
    reset, invitation = (entrance.links.to_set_password(one) for one in (account, invited))

    place.clock.now += RESET_LASTS
    with pytest.raises(BadLink):
        entrance.links.account_of(reset)
    assert entrance.links.account_of(invitation) == invited
    place.clock.now += INVITATION_LASTS
    with pytest.raises(BadLink):
        entrance.links.account_of(invitation)


def test_forged_links_open_nothing(place: Place) -> None:
    entrance = place.entrance
    account = add(entrance)
    good = entrance.links.to_set_password(account)
    head, body, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    key = derived(b"one for all", "set-password")
    forged = [
        "",
        "x",
        "..",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-2]}",
        jwt.encode(claims, "", "none"),
        jwt.encode(claims, derived(b"another secret", "set-password"), "HS256"),
        jwt.encode(claims, derived(b"one for all", "bearer"), "HS256"),
        jwt.encode(claims, key + key, "HS512"),
        jwt.encode({**claims, "generation": 2}, key, "HS256"),
        jwt.encode({**claims, "sub": "nobody"}, key, "HS256"),
        jwt.encode({**claims, "exp": 10**30}, key, "HS256"),
        jwt.encode({name: claims[name] for name in ("sub", "generation")}, key, "HS256"),
        entrance.links.to_begin(),
        entrance.bearer.begin(account).token,
    ]

    for link in forged:
        with pytest.raises(BadLink):
            entrance.links.account_of(link)


def test_the_first_person_is_made_once(place: Place) -> None:
    link = place.entrance.links.to_begin()

    first = place.entrance.begin(link, EMAIL, "Asha", PASSWORD)

    assert first.role is Role.ADMIN
    with pytest.raises(BadLink):
        place.another().begin(link, "another@acme.example", "", PASSWORD)


def test_two_who_open_the_first_link_at_once_do_not_both_get_in(place: Place) -> None:
    assert place.entrance.people.add_first(EMAIL, "", "$hash") is not None
    assert place.another().people.add_first("another@acme.example", "", "$hash") is None


# While the register is away


class Answers:
    """What a register says, until it is away."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = 0
        self.now = 0.0

    def load(self, key: str) -> str:
        """The answer."""
        self.asked += 1
        if self.is_away:
            raise DatabaseAway("The database does not answer.")
        return f"{key} {self.asked}"


def test_what_was_said_counts_for_seconds_and_longer_while_nobody_answers() -> None:
    answers = Answers()
    recent = Recent(answers.load, lambda: answers.now)
    assert recent.get("a") == recent.get("a") == "a 1"

    answers.now = KEPT_S
    assert recent.get("a") == "a 2"
    answers.is_away = True
    answers.now += GRACE_S - 1
    assert recent.get("a") == "a 2"
    answers.now += 1
    with pytest.raises(DatabaseAway):
        recent.get("a")


def test_what_this_process_changed_is_asked_anew() -> None:
    recent = Recent(Answers().load, lambda: 0.0)
    assert recent.get("a") == "a 1"

    recent.forget("a")

    assert recent.get("a") == "a 2"
