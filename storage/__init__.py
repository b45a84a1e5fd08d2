"""What is kept: the contract, the records, the backends, and the choice of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from settings import Settings
from storage.base import Storage, StorageError
from storage.facts import Facts
from storage.objects import FolderObjects, Objects
from storage.register import Register


def _sqlite(settings: Settings) -> Storage:
    from storage.sqlite import SqliteStorage

    return SqliteStorage(_file(settings), settings.durability)


def _file(settings: Settings) -> Path:
    return Path(settings.data_dir) / "callwright.db"


def _sqlite_register(settings: Settings) -> Register:
    from storage.sqlite_register import SqliteRegister

    return SqliteRegister(_file(settings), settings.durability)


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


# Scheme of the address → what opens it. A backend imports its driver when it is chosen.
BACKENDS: Mapping[str, Callable[[Settings], Storage]] = {
    "sqlite": _sqlite,
    "mongodb": _mongo,
    "mongodb+srv": _mongo,
}


def _mongo_register(settings: Settings) -> Register:
    from storage.mongo_register import MongoRegister

    return MongoRegister(settings.mongodb_uri)


REGISTERS: Mapping[str, Callable[[Settings], Register]] = {
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


FACTS: Mapping[str, Callable[[Settings], Facts]] = {
    "sqlite": _sqlite_facts,
    "mongodb": _mongo_facts,
    "mongodb+srv": _mongo_facts,
}


def open_facts(settings: Settings) -> Facts:
    """The facts, where the calls are. StorageError as with `open_storage`."""
    return FACTS[settings.mongodb_uri.partition("://")[0] or "sqlite"](settings)


def open_register(settings: Settings) -> Register:
    """The register, beside the calls: in MongoDB when they are there, else in their SQLite file.

    StorageError as with `open_storage`.
    """
    return REGISTERS[settings.mongodb_uri.partition("://")[0] or "sqlite"](settings)


def open_storage(settings: Settings) -> Storage:
    """The store that the settings ask for: MONGODB_URI behind a journal, or a SQLite file.

    Both files are in DATA_DIR.

    StorageError when there is no backend for the address or the store cannot be used. Call it
    once a process, after a fork.
    """
    scheme = settings.mongodb_uri.partition("://")[0] or "sqlite"
    backend = BACKENDS.get(scheme)
    if backend is None:
        raise StorageError(
            f"There is no storage backend for {scheme}:// addresses; there are: "
            f"{', '.join(BACKENDS)}. Leave MONGODB_URI empty to use a SQLite file."
        )
    return backend(settings)


def open_objects(settings: Settings) -> Objects:
    """Where recordings are kept: a bucket when RECORDINGS_BUCKET names one, else in DATA_DIR."""
    if settings.recordings_bucket:
        from storage.objects_s3 import S3Objects  # its library takes a while to import

        return S3Objects(settings)
    return FolderObjects(Path(settings.data_dir))
