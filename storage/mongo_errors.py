"""The errors of MongoDB's driver as those of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bson.errors import BSONError
from pymongo.errors import BulkWriteError, InvalidOperation, OperationFailure, PyMongoError

from storage.base import DatabaseAway, StorageError

# OperationFailure.code of wrong credentials or rights (MongoDB's error_codes.yml; 8000 is Atlas's).
_NOT_ALLOWED = {13, 18, 8000}
_BAD_VALUE = 2
_TOO_LARGE = {10334, 17419, 17420}
_DUPLICATE = 11000
_OF_ONE_WRITE = {_DUPLICATE, *_TOO_LARGE}


@contextmanager
def explained() -> Iterator[None]:
    """The driver's errors as ours. Theirs are not shown: they quote documents and addresses."""
    try:
        yield
    except (BSONError, UnicodeEncodeError, OverflowError) as error:
        raise StorageError(f"A value cannot be kept in MongoDB ({_kind(error)}).") from error
    except InvalidOperation as error:
        raise StorageError("The connection to MongoDB has been closed.") from error
    except OperationFailure as error:
        if error.code in _NOT_ALLOWED:
            message = "MongoDB does not let us in: check user, password and rights of MONGODB_URI."
            raise StorageError(message) from error
        if is_too_large(error):
            raise StorageError("A call is larger than MongoDB keeps (16 MB).") from error
        if error.code == _BAD_VALUE and "hint" in str(error):  # of an index that is not there
            message = "MongoDB is still making the indexes of lists: try again in a few minutes."
            raise StorageError(message) from error
        raise DatabaseAway(f"MongoDB refused an operation (code {error.code}).") from error
    except PyMongoError as error:
        raise DatabaseAway(f"MongoDB is away or too slow ({_kind(error)}).") from error


def is_too_large(error: OperationFailure) -> bool:
    """Whether a document is larger than the database keeps."""
    return error.code in _TOO_LARGE


def only_duplicates(error: BulkWriteError) -> Sequence[int]:
    """The places of the writes of a bulk that failed on their own; the others are written.

    DatabaseAway when it is the database that failed.
    """
    details = error.details or {}
    failed = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(one["code"] not in _OF_ONE_WRITE for one in failed):
        raise DatabaseAway("MongoDB refused several operations.") from error
    return [one["index"] for one in failed]


def _kind(error: Exception) -> str:
    return type(error).__name__
