"""Tokens of programs: what they prove, and that nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest

from access.api_tokens import KIND, USE_NOTED_EVERY
from access.bearer import LASTS, RENEWABLE, BadToken
from access.entrance import Entrance
from access.keys import derived
from access.people import Account
from access.roles import LOCAL, Role
from access.scopes import PERMISSIONS, Scope
from storage.register import EntryQuery
from tests.access.entrances import NOW, Place, add

READ = frozenset({Scope.CALLS_READ})


def is_good(entrance: Entrance, token: str) -> bool:
    """Whether the token proves anything."""
    try:
        entrance.bearer_of(token)
    except BadToken:
        return False
    return True


# Of /auth/login


def test_a_token_says_who_it_is_and_what_it_may(place: Place) -> None:
    account = add(place.entrance)

    pair = place.entrance.bearer.begin(account)
    bearer = place.another().bearer_of(pair.token)

    assert bearer.person == account.person
    assert bearer.scopes == PERMISSIONS[Role.OPERATOR]
    claims = jwt.decode(pair.token, options={"verify_signature": False})
    assert (claims["sub"], claims["email"]) == (account.person_id, account.email)
    assert (claims["iat"], claims["exp"]) == (NOW.timestamp(), NOW.timestamp() + 3600)
    assert claims["permissions"] == list(pair.permissions)
    assert claims["jti"]


def test_forged_tokens_prove_nothing(place: Place) -> None:
    account = add(place.entrance)
    good = place.entrance.bearer.begin(account).token
    head, body, signature = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    key = derived(b"one for all", "bearer")
    admin = {**claims, "sub": "somebody else", "permissions": ["people:write"]}
    other = jwt.encode(admin, b"k" * 32, "HS256").split(".")[1]
    without = [{n: v for n, v in claims.items() if n != name} for name in claims if name != "email"]
    forged = [
        "",
        "..",
        good[:-4],
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        jwt.encode(claims, "", "none"),
        jwt.encode(claims, derived(b"another secret", "bearer"), "HS256"),
        jwt.encode(claims, b"one for all".ljust(32), "HS256"),
        jwt.encode({**claims, "family": "made up"}, key, "HS256"),
        jwt.encode({**claims, "sub": "somebody else"}, key, "HS256"),
        place.entrance.links.to_set_password(account),
        *(jwt.encode(fewer, key, "HS256") for fewer in without),
    ]

    assert is_good(place.entrance, good)
    assert [token for token in forged if is_good(place.entrance, token)] == []


def test_permissions_are_those_of_the_role_whatever_the_token_says(place: Place) -> None:
    account = add(place.entrance)
    good = place.entrance.bearer.begin(account).token
    claims = jwt.decode(good, options={"verify_signature": False})
    more = jwt.encode(
        {**claims, "permissions": ["people:write"]}, derived(b"one for all", "bearer"), "HS256"
    )

    assert place.entrance.bearer_of(more).scopes == PERMISSIONS[Role.OPERATOR]


def test_a_token_ends_after_an_hour_and_is_renewed_for_a_month(place: Place) -> None:
    bearer = place.entrance.bearer
    pair = bearer.begin(add(place.entrance))
    place.clock.now += LASTS
    assert not is_good(place.entrance, pair.token)

    renewed = bearer.renew(pair.refresh_token)

    assert is_good(place.entrance, renewed.token)
    place.clock.now = NOW + RENEWABLE
    with pytest.raises(BadToken):
        bearer.renew(renewed.refresh_token)


def test_a_refresh_token_that_comes_again_ends_all(place: Place) -> None:
    bearer = place.entrance.bearer
    stolen = bearer.begin(add(place.entrance))
    renewed = bearer.renew(stolen.refresh_token)

    with pytest.raises(BadToken):
        place.another().bearer.renew(stolen.refresh_token)

    other = place.another()
    assert not is_good(other, renewed.token)
    with pytest.raises(BadToken):
        other.bearer.renew(renewed.refresh_token)


def test_a_refresh_token_that_comes_twice_at_once_is_renewed_once_at_most(place: Place) -> None:
    pair = place.entrance.bearer.begin(add(place.entrance))
    others = [place.another() for _ in range(4)]

    def renew(other: Entrance) -> bool:
        try:
            other.bearer.renew(pair.refresh_token)
        except BadToken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(renew, others)) <= 1


@pytest.mark.parametrize("token", ["", "cwr_made-up", "x" * 100_000, "\ud800"])
def test_what_is_no_refresh_token_renews_nothing(place: Place, token: str) -> None:
    with pytest.raises(BadToken):
        place.entrance.bearer.renew(token)


ENDINGS: dict[str, Callable[[Entrance, Account], object]] = {
    "password": lambda entrance, account: entrance.change_password(account, "eight white owls"),
    "role": lambda entrance, account: entrance.people.change_and_end(account, role=Role.VIEWER),
    "disabling": lambda entrance, account: entrance.people.change_and_end(
        account, is_disabled=True
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_tokens_of_a_sign_in_end_with(place: Place, ending: str) -> None:
    account = add(place.entrance)
    pair = place.entrance.bearer.begin(account)

    ENDINGS[ending](place.entrance, account)

    assert not is_good(place.entrance, pair.token)
    with pytest.raises(BadToken):
        place.entrance.bearer.renew(pair.refresh_token)


def test_refresh_tokens_are_kept_as_digests_and_not_for_ever(place: Place) -> None:
    account = add(place.entrance)
    pair = place.entrance.bearer.begin(account)
    kept = place.register.find(EntryQuery("refresh_token"))
    assert pair.refresh_token not in str(kept)

    place.clock.now += RENEWABLE + timedelta(seconds=1)
    place.entrance.bearer.begin(account)

    assert place.register.count(EntryQuery("refresh_token")) == 1
    assert place.register.count(EntryQuery("token_family")) == 1


# Made by an administrator


def test_an_api_token_does_what_it_was_made_for(place: Place) -> None:
    owner = add(place.entrance, role=Role.ADMIN)

    token, text = place.entrance.api_tokens.make(owner.person, " Nightly  export ", READ, None)

    assert text.startswith(token.prefix)
    assert token.name == "Nightly export"
    bearer = place.another().bearer_of(text)
    assert bearer.scopes == READ
    assert "Nightly export" in bearer.person.name
    assert text not in str(place.register.find(EntryQuery(KIND)))


def test_forged_api_tokens_prove_nothing(place: Place) -> None:
    owner = add(place.entrance, role=Role.ADMIN)
    token, text = place.entrance.api_tokens.make(owner.person, "Export", READ, None)
    forged = [
        "cw_",
        "cw__",
        token.prefix,
        text[:-1],
        text + "x",
        text.upper(),
        "cw_x_y",
        f" {text}",
    ]

    assert is_good(place.entrance, text)
    assert [one for one in forged if is_good(place.entrance, one)] == []


def test_an_api_token_ends_by_revoking_and_by_age(place: Place) -> None:
    tokens, owner = place.entrance.api_tokens, add(place.entrance, role=Role.ADMIN).person
    revoked, old = (tokens.make(owner, "Export", READ, timedelta(days=30)) for _ in range(2))

    tokens.revoke(revoked[0].token_id)

    assert not is_good(place.entrance, revoked[1])
    assert is_good(place.entrance, old[1])
    place.clock.now += timedelta(days=30)
    assert not is_good(place.entrance, old[1])


def test_an_api_token_may_never_do_more_than_its_owner(place: Place) -> None:
    people, owner = place.entrance.people, add(place.entrance, role=Role.ADMIN)
    _, text = place.entrance.api_tokens.make(owner.person, "All", Scope, None)
    assert place.entrance.bearer_of(text).scopes == frozenset(Scope)

    viewer = people.change_and_end(owner, role=Role.VIEWER)
    assert place.entrance.bearer_of(text).scopes == PERMISSIONS[Role.VIEWER]

    people.change_and_end(viewer, is_disabled=True)
    assert not is_good(place.entrance, text)


def test_a_token_made_in_local_mode_stays(place: Place) -> None:
    _, text = place.entrance.api_tokens.make(LOCAL, "Export", READ, None)

    assert place.entrance.bearer_of(text).scopes == READ


def test_use_is_noted_once_in_a_while(place: Place) -> None:
    tokens = place.entrance.api_tokens
    token, text = tokens.make(LOCAL, "Export", READ, None)
    assert token.last_used_at is None

    for after in (timedelta(0), USE_NOTED_EVERY / 2):
        place.clock.now = NOW + after
        tokens.read(text)
        place.another().api_tokens.read(text)
        assert [one.last_used_at for one in tokens.all()] == [NOW]

    place.clock.now = NOW + USE_NOTED_EVERY
    tokens.read(text)
    assert [one.last_used_at for one in tokens.all()] == [NOW + USE_NOTED_EVERY]
