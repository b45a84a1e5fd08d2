"""How often somebody may guess a password: per account and per address, over all processes."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from access.keys import digest
from storage.register import Entry, EntryQuery, Register, StaleEntry

KIND = "sign_in_tries"
# Tries before an account is left alone: for a minute, then twice as long each time.
TRIES_MOST = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
# Wrong tries are forgotten after this time without one.
FORGOTTEN_AFTER = timedelta(hours=1)
# From one address, over all accounts: an office shares one. A proxy's stands for everybody.
ADDRESS_TRIES_MOST, PROXY_TRIES_MOST = 30, 300
# Characters of an address that are read: the longest has 45.
ADDRESS_MOST = 64
# Two processes that count the same try again; a third in a row has met many guesses at once.
RACES_MOST = 8
PRUNED_AT_ONCE = 20


class Locked(Exception):
    """No password is looked at before `until`, right or wrong."""

    def __init__(self, until: datetime, now: datetime) -> None:
        self.wait_s = max(1, math.ceil((until - now).total_seconds()))
        minutes = math.ceil(self.wait_s / 60)
        told = f"{self.wait_s} seconds" if self.wait_s < 90 else f"{minutes} minutes"
        super().__init__(f"Too many tries. Try again in {told}.")


@dataclass(frozen=True, slots=True)
class _Tries:
    """What is known of a key."""

    key: str
    most: int
    count: int = 0
    until: datetime | None = None  # none is looked at before
    last_at: datetime | None = None
    entry: Entry | None = None


class Lockout:
    """Counts tries before they are looked at, so that many at once are no way around it."""

    def __init__(self, register: Register, clock: Callable[[], datetime]) -> None:
        self._register = register
        self._clock = clock

    def count(self, account: str, addresses: Sequence[str]) -> None:
        """Count one try at an account from an address; Locked when it is one too many.

        `addresses` are the sender's and, when it was forwarded, the proxy's (`senders`). An
        account that nobody has is counted, and locked, like every other.
        """
        keys = [(_account_key(account), TRIES_MOST), *_address_keys(addresses or [""])]
        known = [self._load(key, most) for key, most in keys]
        now = self._clock()
        for tries in known:
            if tries.until is not None and now < tries.until:
                raise Locked(tries.until, now)
        for tries in known:
            self._count(tries, now)
        self._prune(now)

    def forgive(self, account: str, addresses: Sequence[str]) -> None:
        """The password was right: its owner's slips no longer count, nor this try of the address.

        Its wrong ones do, or whoever has one account could guess at all others for ever.
        """
        self._register.delete(KIND, _account_key(account))
        now = self._clock()
        for key, most in _address_keys(addresses):
            tries = self._load(key, most)
            if tries.entry is not None and tries.count:
                fewer = replace(tries, count=tries.count - 1, until=None)
                # Somebody else counts at this moment: then this try stays counted.
                with suppress(StaleEntry):
                    self._register.put(_entry(fewer, now))

    def _count(self, tries: _Tries, now: datetime) -> None:
        for _ in range(RACES_MOST):
            if tries.until is not None and now < tries.until:
                raise Locked(tries.until, now)
            counted = tries.count + 1
            until = None
            if counted >= tries.most:
                # This one is still looked at; those after it wait.
                until = now + min(FIRST_WAIT * 2 ** min(counted - tries.most, 10), LONGEST_WAIT)
            changed = replace(tries, count=counted, until=until, last_at=now)
            try:
                self._register.put(_entry(changed, now))
                return
            except StaleEntry:
                tries = self._load(tries.key, tries.most)
        raise Locked(now + timedelta(seconds=5), now)

    def _load(self, key: str, most: int) -> _Tries:
        entry = self._register.get(KIND, key)
        if entry is None:
            return _Tries(key, most)
        until, last_at = _moment(entry, "until"), _moment(entry, "last_at")
        if last_at is None or self._clock() - last_at > FORGOTTEN_AFTER:
            return _Tries(key, most, entry=entry)
        return _Tries(key, most, int(str(entry.body["count"])), until, last_at, entry)

    def _prune(self, now: datetime) -> None:
        old = EntryQuery(KIND, before=now - timedelta(days=1), limit=PRUNED_AT_ONCE)
        for entry in self._register.find(old):
            last_at = _moment(entry, "last_at")
            if last_at is None or now - last_at > FORGOTTEN_AFTER:
                self._register.delete(KIND, entry.key)


def senders(peer: str, forwarded_for: str) -> list[str]:
    """The addresses that a request is counted under: its sender's and, forwarded, its peer's.

    The last address that X-Forwarded-For names was written by the nearest proxy, or by a liar: who
    makes up another one for every guess is still counted under the peer's.
    """
    last = forwarded_for.rpartition(",")[2].strip()[:ADDRESS_MOST]
    return [last, peer] if last else [peer]


def _address_keys(addresses: Sequence[str]) -> list[tuple[str, int]]:
    mosts = [ADDRESS_TRIES_MOST] + [PROXY_TRIES_MOST] * len(addresses)
    return [(_address_key(address), most) for address, most in zip(addresses, mosts, strict=False)]


def _account_key(account: str) -> str:
    return f"account-{digest(account)[:32]}"


def _address_key(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return f"address-{digest(address)[:32]}"
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is None:
            # Whoever has one address of a /64 has them all.
            return f"address-{ipaddress.ip_network((known, 64), strict=False).network_address}"
        return f"address-{known.ipv4_mapped}"
    return f"address-{known}"


def _moment(entry: Entry, name: str) -> datetime | None:
    text = entry.body.get(name)
    return datetime.fromisoformat(str(text)) if text else None


def _entry(tries: _Tries, now: datetime) -> Entry:
    body = {
        "count": tries.count,
        "until": tries.until.isoformat() if tries.until else None,
        "last_at": now.isoformat(),
    }
    if tries.entry is None:
        return Entry(KIND, tries.key, body, now, now)
    return replace(tries.entry, body=body, updated_at=now)
