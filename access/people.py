"""People who may sign in: kept in the register under a key made of their e-mail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from email_validator import EmailNotValidError, validate_email

from access.recent import Recent
from access.roles import Person, Role
from storage.records import JsonObject
from storage.register import Entry, EntryQuery, Register, StaleEntry

KIND = "person"
# Its one entry says that the first person was made, by a link that was used.
FIRST = "first_person"
NAME_MOST = 100
# One company's people; the page shows them all.
PEOPLE_MOST = 1_000


class PersonRefused(ValueError):
    """What somebody wants to be called cannot be; `field` says which of email, name."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    person_id: str
    email: str
    name: str
    role: Role
    password_hash: str = ""  # "" until a link was used to set one
    is_disabled: bool = False
    # Counts up with every change of password or role and with disabling: sessions, tokens and
    # links carry the one they were made under and end with it.
    generation: int = 1
    signed_in_at: datetime | None = None
    created_at: datetime | None = None
    version: int = 0

    @property
    def person(self) -> Person:
        """Who this is, without what proves it."""
        return Person(self.person_id, self.email, self.name, self.role)


class People:
    """Loads and changes accounts. Safe for use from many threads; processes share them.

    Its changes raise StaleEntry when somebody else was first; nothing is changed then.
    """

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._clock = clock
        self._recent = Recent(self.load)

    def load(self, person_id: str) -> Account | None:
        """The account as it is now."""
        entry = self._register.get(KIND, person_id)
        return None if entry is None else _account(entry)

    def recent(self, person_id: str) -> Account | None:
        """The account as it was a few seconds ago at most."""
        return self._recent.get(person_id)

    def of_email(self, email: str) -> Account | None:
        """The account of an e-mail, however it is written."""
        try:
            return self.load(person_id_of(normal_email(email)))
        except PersonRefused:
            return None

    def all(self) -> Sequence[Account]:
        """Everybody, in the order of e-mails."""
        found = self._register.find(EntryQuery(KIND, limit=PEOPLE_MOST))
        return sorted((_account(entry) for entry in found), key=lambda one: one.email)

    def has_anybody(self) -> bool:
        """Whether there is one person at least."""
        return bool(self._register.find(EntryQuery(KIND, limit=1)))

    def add(self, email: str, name: str, role: Role, password_hash: str = "") -> Account:
        """A new account. PersonRefused when the e-mail is none or is known already."""
        normal = normal_email(email)
        account = Account(person_id_of(normal), normal, normal_name(name), role, password_hash)
        try:
            return self._keep(account)
        except StaleEntry:
            raise PersonRefused("email", "Somebody with this e-mail is here already.") from None

    def add_first(self, email: str, name: str, password_hash: str) -> Account | None:
        """The one administrator that a server begins with; None when another is faster.

        PersonRefused as with `add`.
        """
        normal_email(email), normal_name(name)  # refused before the link is used up
        now = self._clock()
        try:
            self._register.put(Entry(FIRST, "made", {}, now, now))
        except StaleEntry:
            return None
        return self.add(email, name, Role.ADMIN, password_hash)

    def change(self, account: Account, **changes: object) -> Account:
        """Keep an account with changes to its fields that end nothing."""
        return self._keep(replace(account, **changes))  # type: ignore[arg-type]

    def change_and_end(self, account: Account, **changes: object) -> Account:
        """The same, and every session, token and link of the account ends."""
        return self.change(account, generation=account.generation + 1, **changes)

    def other_admins(self, account: Account) -> bool:
        """Whether an administrator who can sign in is left without this one."""
        return any(
            one.role is Role.ADMIN
            and one.password_hash
            and not one.is_disabled
            and one.person_id != account.person_id
            for one in self.all()
        )

    def _keep(self, account: Account) -> Account:
        now = self._clock()
        entry = Entry(
            KIND, account.person_id, _body(account), account.created_at or now, now, account.version
        )
        kept = self._register.put(entry)
        self._recent.forget(account.person_id)
        return _account(kept)


def normal_email(email: str) -> str:
    """An e-mail in the one form in which it is compared. PersonRefused when it is none."""
    try:
        checked = validate_email(email.strip()[:300], check_deliverability=False)
    except EmailNotValidError:
        raise PersonRefused("email", "Write an e-mail such as asha@acme.example.") from None
    return checked.normalized.lower()


def normal_name(name: str) -> str:
    """A name without spaces too many. PersonRefused when it is too long."""
    name = " ".join(name.split())
    if len(name) > NAME_MOST:
        raise PersonRefused("name", f"Write a name of at most {NAME_MOST} characters.")
    return name


def person_id_of(email: str) -> str:
    """The key of somebody: one e-mail, one key, so that two processes cannot add it twice."""
    return hashlib.sha256(email.encode()).hexdigest()[:24]


def _body(account: Account) -> JsonObject:
    return {
        "email": account.email,
        "name": account.name,
        "role": str(account.role),
        "password_hash": account.password_hash,
        "is_disabled": account.is_disabled,
        "session_generation": account.generation,
        "signed_in_at": account.signed_in_at.isoformat() if account.signed_in_at else None,
    }


def _account(entry: Entry) -> Account:
    body = entry.body
    signed_in_at = body["signed_in_at"]
    return Account(
        person_id=entry.key,
        email=str(body["email"]),
        name=str(body["name"]),
        role=Role(str(body["role"])),
        password_hash=str(body["password_hash"]),
        is_disabled=bool(body["is_disabled"]),
        generation=int(str(body["session_generation"])),
        signed_in_at=datetime.fromisoformat(str(signed_in_at)) if signed_in_at else None,
        created_at=entry.created_at,
        version=entry.version,
    )
