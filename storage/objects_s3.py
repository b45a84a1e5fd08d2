"""Objects in a bucket of any store that speaks S3. Private, streamed, in parts when large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from settings import Settings
from storage.objects import PIECE_BYTES, NoSuchObject, ObjectsAway, checked

CONNECT_S, READ_S = 5, 30
# Tries of one request, the first included; what fails after that is tried again by who asked.
TRIES = 3
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
# In this thread, so that what reads the file has it for itself.
_UPLOAD = TransferConfig(use_threads=False)


class S3Objects:
    """Objects in the bucket RECORDINGS_BUCKET, which exists already."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.recordings_bucket
        options: dict[str, Any] = {
            "endpoint_url": settings.s3_endpoint_url or None,
            "region_name": settings.s3_region or None,
            "config": Config(
                connect_timeout=CONNECT_S,
                read_timeout=READ_S,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                # Stores that are not Amazon's know neither checksums in trailers nor names of
                # buckets as hosts.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                s3={"addressing_style": "path" if settings.s3_endpoint_url else "auto"},
            ),
        }
        if settings.s3_access_key_id:
            options["aws_access_key_id"] = settings.s3_access_key_id
            options["aws_secret_access_key"] = settings.s3_secret_access_key
        # Of its own, because the library's usual session is not safe to share between threads.
        self._client: Any = boto3.session.Session().client("s3", **options)

    def keep(self, name: str, content: BinaryIO) -> int:
        begins_at = content.tell()
        key = checked(name)
        with self._explained():
            self._client.upload_fileobj(
                _Kept(content), self._bucket, key, {"ContentType": "audio/wav"}, Config=_UPLOAD
            )
        return content.tell() - begins_at

    def size(self, name: str) -> int | None:
        key = checked(name)
        with self._explained():
            try:
                return int(self._client.head_object(Bucket=self._bucket, Key=key)["ContentLength"])
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                raise

    def read(self, name: str, first: int = 0, last: int | None = None) -> Iterator[bytes]:
        key = checked(name)
        wanted = {}
        if first or last is not None:
            wanted["Range"] = f"bytes={first}-{'' if last is None else last}"
        with self._explained():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, **wanted)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    raise NoSuchObject(f"There is no {name}.") from error
                if _code(error) == "InvalidRange":
                    return iter(())
                raise
        return self._pieces(answer["Body"])

    def delete(self, name: str) -> bool:
        was_there = self.size(name) is not None
        with self._explained():
            # Whatever the look said: two may delete at once, and it is gone for both.
            self._client.delete_object(Bucket=self._bucket, Key=checked(name))
        return was_there

    def close(self) -> None:
        self._client.close()

    def _pieces(self, body: Any) -> Iterator[bytes]:
        with closing(body), self._explained():
            yield from body.iter_chunks(PIECE_BYTES)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise ObjectsAway(
                f"The store of recordings refused ({_code(error)}): check RECORDINGS_BUCKET, "
                "S3_REGION and the keys."
            ) from error
        except (BotoCoreError, Boto3Error, HTTPClientError) as error:
            raise ObjectsAway(
                f"The store of recordings cannot be reached ({type(error).__name__}): check "
                "S3_ENDPOINT_URL."
            ) from error


class _Kept:
    """A file that the library may read, but not close, which it does with what it was given."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        """As the file's."""
        return self._content.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As the file's."""
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        """As the file's."""
        return self._content.tell()

    def close(self) -> None:
        """Not ours to close."""


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
