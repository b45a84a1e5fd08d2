"""Everything that proves who somebody is, in one place: e-mail and password, sessions, tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from access.api_tokens import PREFIX, ApiTokens
from access.audit import Audit
from access.bearer import BadToken, Bearer, BearerTokens
from access.links import BadLink, Links
from access.lockout import Locked, Lockout
from access.passwords import Passwords, check_new
from access.people import Account, People, PersonRefused, normal_email
from access.roles import Person, Role
from access.sessions import Sessions
from storage.register import Register, StaleEntry

# A process has 64 threads for webhooks and forms (WEB_THREADS).
AT_ONCE_MOST = 12
BUSY_WAIT = timedelta(seconds=5)


class WrongPassword(Exception):
    """E-mail and password do not belong together; which of them is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("The e-mail or the password is wrong.")


@dataclass(frozen=True, slots=True)
class Entrance:
    """Lets people and programs in. Safe for use from many threads; processes share the register."""

    people: People
    passwords: Passwords
    lockout: Lockout
    sessions: Sessions
    bearer: BearerTokens
    api_tokens: ApiTokens
    links: Links
    audit: Audit
    clock: Callable[[], datetime]
    # Sign-ins that this process works on. The rest of its threads are for callers.
    at_once: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE_MOST))

    def check(self, email: str, password: str, addresses: Sequence[str]) -> Account:
        """Who has this e-mail and password. `addresses`: from `lockout.senders`.

        WrongPassword, or Locked without a look at the password. Both are noted. Locked, too, when
        too many sign in at once: each takes a core and a thread.
        """
        if not self.at_once.acquire(blocking=False):
            now = self.clock()
            raise Locked(now + BUSY_WAIT, now)
        try:
            return self._checked(email, password, addresses)
        finally:
            self.at_once.release()

    def _checked(self, email: str, password: str, addresses: Sequence[str]) -> Account:
        try:
            named = normal_email(email)
        except PersonRefused:
            named = ""  # counted like an e-mail that nobody has
        try:
            self.lockout.count(named, addresses)
        except Locked:
            # Names that somebody makes up are one entry: there is no end of them.
            known = named if self.people.of_email(named) else ""
            self.audit.seen(None, "sign in locked", known, address=addresses[0])
            raise
        account = self.people.of_email(named)
        is_right = self.passwords.is_right(account.password_hash if account else "", password)
        if account is None or account.is_disabled or not is_right:
            self.audit.note(None, "sign in refused", named, address=addresses[0])
            raise WrongPassword
        self.lockout.forgive(named, addresses)
        self.audit.note(account.person, "sign in", account.email, address=addresses[0])
        return self._signed_in(account, password)

    def set_password(self, token: str, password: str) -> Account:
        """Set the password of the account that a link is for, and end all else it had.

        BadLink; PasswordRefused when the password is no good: then the link works on.
        """
        account = self.links.account_of(token)
        check_new(password, account.email)
        self.audit.note(account.person, "set password by link", account.email)
        try:
            kept = self._with_password(account, password)
        except StaleEntry:  # the link was used twice at once
            raise BadLink from None
        self.lockout.forgive(account.email, [])
        return kept

    def change_password(self, account: Account, password: str) -> Account:
        """Another password for somebody who proved the one before; all their sessions end."""
        check_new(password, account.email)
        self.audit.note(account.person, "change password", account.email)
        return self._with_password(account, password)

    def begin(self, token: str, email: str, name: str, password: str) -> Account:
        """The first administrator, made by the link of a server where nobody is.

        BadLink, PersonRefused, PasswordRefused.
        """
        self.links.check_begin(token)
        check_new(password, normal_email(email))
        kept = self.passwords.hash(password)
        account = self.people.add_first(email, name, kept)
        if account is None:
            raise BadLink
        self.audit.note(account.person, "add first person", account.email)
        return account

    def bearer_of(self, text: str) -> Bearer:
        """Who sends a token, of either kind. BadToken when it proves nothing."""
        if text.startswith(PREFIX):
            return self.api_tokens.read(text)
        if not is_ours(text):
            raise BadToken
        return self.bearer.read(text)

    def _with_password(self, account: Account, password: str) -> Account:
        return self.people.change_and_end(account, password_hash=self.passwords.hash(password))

    def _signed_in(self, account: Account, password: str) -> Account:
        kept = account.password_hash
        if self.passwords.is_outdated(kept):
            kept = self.passwords.hash(password)
        try:
            return self.people.change(account, password_hash=kept, signed_in_at=self.clock())
        except StaleEntry:
            # Somebody signed in twice at once, or an administrator was at this account: what they
            # decided holds.
            current = self.people.load(account.person_id)
            if current is None or current.is_disabled or current.generation != account.generation:
                raise WrongPassword from None
            return current


def is_ours(text: str) -> bool:
    """Whether a bearer token looks like one of an administrator's or of /auth/login."""
    return text.startswith(PREFIX) or text.count(".") == 2


def open_entrance(
    secret: bytes,
    register: Register,
    audit: Audit,
    clock: Callable[[], datetime],
    session_hours: int,
) -> Entrance:
    """Everything that lets somebody in, around a register."""
    people = People(register, clock)
    return Entrance(
        people=people,
        passwords=Passwords(),
        lockout=Lockout(register, clock),
        sessions=Sessions(register, people, clock, timedelta(hours=session_hours)),
        bearer=BearerTokens(secret, register, people, clock),
        api_tokens=ApiTokens(register, people, clock),
        links=Links(secret, people, clock),
        audit=audit,
        clock=clock,
    )


def as_person(name: str) -> Person:
    """Somebody at this machine who uses the command line."""
    return Person("command-line", "", name, Role.ADMIN)
