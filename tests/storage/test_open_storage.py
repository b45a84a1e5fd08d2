"""Which store the settings choose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from settings import read_settings
from storage import open_storage
from storage.base import StorageError


def test_without_a_database_address_calls_are_in_a_file_of_the_data_folder(tmp_path: Path) -> None:
    store = open_storage(read_settings({"DATA_DIR": str(tmp_path / "kept")}))
    store.close()

    assert (tmp_path / "kept" / "callwright.db").is_file()


def test_an_address_without_a_backend_is_refused_by_name_and_not_shown(tmp_path: Path) -> None:
    settings = read_settings({"DATA_DIR": str(tmp_path)})
    settings = replace(settings, mongodb_uri="cassandra://user:secret@db.example")

    with pytest.raises(StorageError, match="no storage backend for cassandra") as refused:
        open_storage(settings)
    assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    [
        "mongodb://one.example:27017,two.example:27018/calls?replicaSet=rs0&w=majority",
        "mongodb+srv://user:secret@cluster.example/?retryWrites=true",
    ],
)
def test_an_address_may_have_several_hosts_and_options(address: str) -> None:
    assert read_settings({"MONGODB_URI": address}).mongodb_uri == address
