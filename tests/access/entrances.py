"""Entrances to try in tests: with a clock that is set by hand and a hash that costs little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from access.audit import Audit
from access.entrance import Entrance, WrongPassword, open_entrance
from access.lockout import Locked
from access.passwords import Passwords
from access.people import Account
from access.roles import Role
from storage.register import Register
from storage.sqlite_register import SqliteRegister

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PASSWORD = "seven brown camels"
EMAIL = "asha@acme.example"
HERE = ["203.0.113.7"]


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The moment it was set to."""
        return self.now


def open_at(register: Register, clock: Clock, secret: bytes = b"one for all") -> Entrance:
    """An entrance of one process."""
    entrance = open_entrance(secret, register, Audit(register, clock), clock, session_hours=8)
    return replace(entrance, passwords=Passwords(memory_kib=64, time_cost=1))


def add(entrance: Entrance, email: str = EMAIL, role: Role = Role.OPERATOR) -> Account:
    """Somebody with the password PASSWORD."""
    return entrance.people.add(email, "Asha", role, entrance.passwords.hash(PASSWORD))


def guess_at_once(entrances: Sequence[Entrance], times: int) -> Counter[str]:
    """What becomes of so many wrong passwords that are tried at the same time."""

    def guess(number: int) -> str:
        try:
            entrances[number % len(entrances)].check(EMAIL, "a wrong one", HERE)
        except WrongPassword:
            return "looked at"
        except Locked:
            return "locked"
        return "let in"

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(guess, range(times)))


@dataclass
class Place:
    """A register on disk with the entrances of processes that share it."""

    path: Path
    clock: Clock
    register: SqliteRegister
    entrance: Entrance

    def another(self) -> Entrance:
        """The entrance of another process, with its own connection."""
        return open_at(SqliteRegister(self.path), self.clock)
