"""What is kept: the contract, the records, the backends, and the choice of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from settings import Settings
from storage.base import Storage, StorageError
from storage.deliveries import Deliveries
from storage.do_not_call import DoNotCallLists
from storage.facts import Facts
from storage.leads import Leads
from storage.objects import FolderObjects, Objects
from storage.register import Register

T = TypeVar("T")
# Scheme of the address → what opens it. A backend imports its driver when it is chosen.
Openers = Mapping[str, Callable[[Settings], T]]


def _sqlite(settings: Settings) -> Storage:
    from storage.sqlite import SqliteStorage

    return SqliteStorage(_file(settings), settings.durability)


def _file(settings: Settings) -> Path:
    return Path(settings.data_dir) / "callwright.db"


def _mongo(settings: Settings) -> Storage:
    from storage.failover import FailoverStorage
    from storage.journal import Journal
    from storage.mongo import MongoStorage

    folder = Path(settings.data_dir)
    journal = Journal(folder / "journal.db")
    try:
        database = MongoStorage(settings.mongodb_uri)
    except StorageError:
        journal.close()
        raise
    return FailoverStorage(database, journal, folder / "journal.db.catch-up")


BACKENDS: Openers[Storage] = {"sqlite": _sqlite, "mongodb": _mongo, "mongodb+srv": _mongo}


def _sqlite_register(settings: Settings) -> Register:
    from storage.sqlite_register import SqliteRegister

    return SqliteRegister(_file(settings), settings.durability)


def _mongo_register(settings: Settings) -> Register:
    from storage.mongo_register import MongoRegister

    return MongoRegister(settings.mongodb_uri)


REGISTERS: Openers[Register] = {
    "sqlite": _sqlite_register,
    "mongodb": _mongo_register,
    "mongodb+srv": _mongo_register,
}


def _sqlite_facts(settings: Settings) -> Facts:
    from storage.sqlite_facts import SqliteFacts

    return SqliteFacts(_file(settings), settings.durability)


def _mongo_facts(settings: Settings) -> Facts:
    from storage.mongo_facts import MongoFacts

    return MongoFacts(settings.mongodb_uri)


FACTS: Openers[Facts] = {
    "sqlite": _sqlite_facts,
    "mongodb": _mongo_facts,
    "mongodb+srv": _mongo_facts,
}


def _sqlite_leads(settings: Settings) -> Leads:
    from storage.sqlite_leads import SqliteLeads

    return SqliteLeads(_file(settings), settings.durability)


def _mongo_leads(settings: Settings) -> Leads:
    from storage.mongo_leads import MongoLeads

    return MongoLeads(settings.mongodb_uri)


LEADS: Openers[Leads] = {
    "sqlite": _sqlite_leads,
    "mongodb": _mongo_leads,
    "mongodb+srv": _mongo_leads,
}


def _sqlite_do_not_call(settings: Settings) -> DoNotCallLists:
    from storage.sqlite_do_not_call import SqliteDoNotCall

    return SqliteDoNotCall(_file(settings), settings.durability)


def _mongo_do_not_call(settings: Settings) -> DoNotCallLists:
    from storage.mongo_do_not_call import MongoDoNotCall

    return MongoDoNotCall(settings.mongodb_uri)


DO_NOT_CALL: Openers[DoNotCallLists] = {
    "sqlite": _sqlite_do_not_call,
    "mongodb": _mongo_do_not_call,
    "mongodb+srv": _mongo_do_not_call,
}


def _sqlite_deliveries(settings: Settings) -> Deliveries:
    from storage.sqlite_deliveries import SqliteDeliveries

    return SqliteDeliveries(_file(settings), settings.durability)


def _mongo_deliveries(settings: Settings) -> Deliveries:
    from storage.mongo_deliveries import MongoDeliveries

    return MongoDeliveries(settings.mongodb_uri)


DELIVERIES: Openers[Deliveries] = {
    "sqlite": _sqlite_deliveries,
    "mongodb": _mongo_deliveries,
    "mongodb+srv": _mongo_deliveries,
}


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that is kept, all in one place."""

    storage: Storage
    register: Register
    facts: Facts
    objects: Objects
    leads: Leads
    do_not_call: DoNotCallLists
    deliveries: Deliveries

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice."""
        for one in reversed(fields(self)):
            getattr(self, one.name).close()


def open_stores(settings: Settings) -> Stores:
    """Every store that the settings ask for. StorageError as with `open_storage`; none is left open
    then."""
    with ExitStack() as opened:
        storage = opened.enter_context(closing(open_storage(settings)))
        register = opened.enter_context(closing(open_register(settings)))
        facts = opened.enter_context(closing(open_facts(settings)))
        objects = opened.enter_context(closing(open_objects(settings)))
        leads = opened.enter_context(closing(open_leads(settings)))
        do_not_call = opened.enter_context(closing(open_do_not_call(settings)))
        deliveries = opened.enter_context(closing(open_deliveries(settings)))
        opened.pop_all()
    return Stores(storage, register, facts, objects, leads, do_not_call, deliveries)


def open_leads(settings: Settings) -> Leads:
    """The leads, where the calls are. StorageError as with `open_storage`."""
    return _opener(LEADS, settings)(settings)


def open_do_not_call(settings: Settings) -> DoNotCallLists:
    """The do-not-call lists, where the calls are. StorageError as with `open_storage`."""
    return _opener(DO_NOT_CALL, settings)(settings)


def open_deliveries(settings: Settings) -> Deliveries:
    """The deliveries, where the calls are. StorageError as with `open_storage`."""
    return _opener(DELIVERIES, settings)(settings)


def open_facts(settings: Settings) -> Facts:
    """The facts, where the calls are. StorageError as with `open_storage`."""
    return _opener(FACTS, settings)(settings)


def open_register(settings: Settings) -> Register:
    """The register, beside the calls: in MongoDB when they are there, else in their SQLite file.

    StorageError as with `open_storage`.
    """
    return _opener(REGISTERS, settings)(settings)


def open_storage(settings: Settings) -> Storage:
    """The store that the settings ask for: MONGODB_URI behind a journal, or a SQLite file.

    Both files are in DATA_DIR.

    StorageError when there is no backend for the address or the store cannot be used. Call it
    once a process, after a fork.
    """
    return _opener(BACKENDS, settings)(settings)


def open_objects(settings: Settings) -> Objects:
    """Where recordings are kept: a bucket when RECORDINGS_BUCKET names one, else in DATA_DIR."""
    if settings.recordings_bucket:
        from storage.objects_s3 import S3Objects  # its library takes a while to import

        return S3Objects(settings)
    return FolderObjects(Path(settings.data_dir))


def _opener(openers: Openers[T], settings: Settings) -> Callable[[Settings], T]:
    scheme = settings.mongodb_uri.partition("://")[0] or "sqlite"
    opener = openers.get(scheme)
    if opener is None:
        raise StorageError(
            f"There is no storage backend for {scheme}:// addresses; there are: "
            f"{', '.join(openers)}. Leave MONGODB_URI empty to use a SQLite file."
        )
    return opener
