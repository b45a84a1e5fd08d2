"""Signed links that are used once: to set a password, to make the first administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from access.keys import derived
from access.people import Account, People

ALGORITHM = "HS256"
RESET_LASTS = timedelta(hours=1)
# Of somebody who was just added, or of a server that was just set up.
INVITATION_LASTS = timedelta(days=3)


class BadLink(ValueError):
    """A link that opens nothing (any more); the message says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "This link was used already, is too old, or is not ours. "
            "Ask an administrator for another one, or run: flask reset-link EMAIL"
        )


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links. Nothing is kept: what a link changes makes it worthless."""

    secret: bytes
    people: People
    clock: Callable[[], datetime]

    def to_set_password(self, account: Account) -> str:
        """A token with which the account's password can be set once.

        It ends when the account's generation does: with the password it sets, with another role,
        with disabling.
        """
        lasts = RESET_LASTS if account.password_hash else INVITATION_LASTS
        claims = {"sub": account.person_id, "generation": account.generation}
        return self._made("set-password", claims, lasts)

    def account_of(self, token: str) -> Account:
        """Whose password a token may set. BadLink when it may not."""
        claims = self._read("set-password", token)
        account = self.people.load(str(claims["sub"]))
        if account is None or account.is_disabled:
            raise BadLink
        if account.generation != claims["generation"]:
            raise BadLink
        return account

    def to_begin(self) -> str:
        """A token with which the first administrator can be made, while there is nobody."""
        return self._made("begin", {"sub": "first"}, INVITATION_LASTS)

    def check_begin(self, token: str) -> None:
        """BadLink when it is none of `to_begin`, or somebody is there already."""
        self._read("begin", token)
        if self.people.has_anybody():
            raise BadLink

    def _made(self, purpose: str, claims: dict[str, object], lasts: timedelta) -> str:
        ends = {"exp": self.clock() + lasts}
        return jwt.encode({**claims, **ends}, derived(self.secret, purpose), ALGORITHM)

    def _read(self, purpose: str, token: str) -> dict[str, object]:
        return read_token(token, derived(self.secret, purpose), self.clock, ("sub",), BadLink)


def read_token(
    token: str,
    key: bytes,
    clock: Callable[[], datetime],
    needed: tuple[str, ...],
    refusal: Callable[[], Exception],
) -> dict[str, object]:
    """The claims of a signed token that has not expired; `refusal` for every other text."""
    try:
        claims: dict[str, object] = jwt.decode(
            token,
            key,
            # No other, whatever its header says: "none" would need no key.
            algorithms=[ALGORITHM],
            options={"require": ["exp", *needed], "verify_exp": False, "verify_iat": False},
        )
        ends_at = datetime.fromtimestamp(float(str(claims["exp"])), UTC)
    except (jwt.InvalidTokenError, ValueError, OverflowError, OSError):
        raise refusal() from None
    if ends_at <= clock():  # by our own clock, as all else here
        raise refusal()
    return claims
