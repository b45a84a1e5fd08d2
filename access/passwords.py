"""Passwords: which are taken, how they are kept, whether one is right."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_LEAST, LENGTH_MOST = 10, 200
# "aaaaaaaaaa" is long, too.
LETTERS_LEAST = 5
# https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html: at least
# m=19 MiB, t=2, p=1. One more pass; 40 ms on this machine.
TIME_COST, MEMORY_KIB, LANES = 3, 19_456, 1
# Each takes its memory and a core: that many strangers at once, and no more, can take them.
AT_ONCE_MOST = 4


class PasswordRefused(ValueError):
    """A password that is not taken; the message says why and what to write."""


def check_new(password: str, email: str) -> None:
    """PasswordRefused when it cannot be the password of the person with this e-mail."""
    text = _normal(password)
    if len(text) < LENGTH_LEAST:
        raise PasswordRefused(f"Write at least {LENGTH_LEAST} characters; a sentence is good.")
    if len(text) > LENGTH_MOST:
        raise PasswordRefused(f"Write at most {LENGTH_MOST} characters.")
    if len(set(text.lower())) < LETTERS_LEAST:
        raise PasswordRefused(f"Use at least {LETTERS_LEAST} different characters.")
    if text.lower() in (email.lower(), email.partition("@")[0].lower()):
        raise PasswordRefused("The e-mail is the first thing that others try; write another one.")


class Passwords:
    """Hashes with Argon2id. Safe for use from many threads."""

    def __init__(self, memory_kib: int = MEMORY_KIB, time_cost: int = TIME_COST) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_kib, parallelism=LANES
        )
        self._turn = BoundedSemaphore(AT_ONCE_MOST)

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        with self._turn:
            return self._hasher.hash(_normal(password))

    def is_right(self, kept: str, password: str) -> bool:
        """Whether the password is the one that `kept` was made of.

        It takes the same time when nothing is kept, so that nobody learns who is known here.
        """
        nobodys = not kept
        text = _normal(password[: LENGTH_MOST + 1])
        with self._turn:
            try:
                self._hasher.verify(kept or self._nobodys, text)
            except (VerificationError, InvalidHashError):
                return False
        return not nobodys and len(text) <= LENGTH_MOST

    def is_outdated(self, kept: str) -> bool:
        """Whether `kept` was made with other parameters than are used today."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("of nobody at all")


def _normal(password: str) -> str:
    # The same letters come composed or not, by keyboard (NIST SP 800-63B, 5.1.1.2).
    text = unicodedata.normalize("NFKC", password)
    return text.encode("utf-8", "replace").decode()  # half a letter has no bytes to be hashed
