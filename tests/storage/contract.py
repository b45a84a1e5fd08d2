"""What every storage backend must do. A backend's test module inherits StorageContract."""

from __future__ import annotations

from tests.storage.contract_calls import CallsContract
from tests.storage.contract_clips import ClipsContract
from tests.storage.contract_deletion import DeletionContract
from tests.storage.contract_life import LifeContract
from tests.storage.contract_queries import QueriesContract
from tests.storage.contract_search import SearchContract
from tests.storage.contract_values import ValuesContract


class StorageContract(
    CallsContract,
    QueriesContract,
    SearchContract,
    DeletionContract,
    ClipsContract,
    ValuesContract,
    LifeContract,
):
    """The behaviour of a store. The module says with `variables` how any process reaches it."""
