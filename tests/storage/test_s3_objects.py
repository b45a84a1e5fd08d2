"""Objects in a bucket of a real S3 server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from settings import Settings
from storage.objects import ObjectsAway
from storage.objects_s3 import S3Objects
from tests.storage.contract_objects import NAME, ObjectsContract, kept


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a server for all tests of a process; each has its own bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def settings_of(address: str, bucket: str) -> Settings:
    return Settings(
        recordings_bucket=bucket,
        s3_endpoint_url=address,
        s3_region="ap-south-1",
        s3_access_key_id="key",
        s3_secret_access_key="secret",
    )


def bucket_in(address: str, name: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=name)
    client.close()


class TestS3Objects(ObjectsContract):
    """The contract, in a bucket of the test's own."""

    @pytest.fixture(autouse=True)
    def _bucket(self, s3: str, tmp_path: Path) -> None:
        self._address = s3
        bucket_in(s3, _name(tmp_path))

    def settings(self, place: Path) -> Settings:
        return settings_of(self._address, _name(place))


def _name(place: Path) -> str:
    return f"bucket-{abs(hash(place)) % 10**12}"


def test_a_bucket_that_is_not_there_is_named_as_the_setting(s3: str) -> None:
    objects = S3Objects(settings_of(s3, "nobodys-bucket"))
    with pytest.raises(ObjectsAway, match="RECORDINGS_BUCKET"):
        kept(objects, b"x")
    objects.close()


def test_a_store_that_is_away_is_named_as_the_setting() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        objects = S3Objects(settings_of(address, "a-bucket"))
        with pytest.raises(ObjectsAway, match="S3_ENDPOINT_URL"):
            objects.size(NAME)
        objects.close()
