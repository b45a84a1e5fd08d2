"""The secret of this installation, which signs sessions, tokens and links."""

from __future__ import annotations

from pathlib import Path

from audio_cache.keys import instance_secret
from settings import Settings
from storage.base import StorageError


def kept_secret(settings: Settings) -> bytes:
    """What SECRET_KEY says, or DATA_DIR keeps. StorageError when neither can be had."""
    folder = Path(settings.data_dir)
    try:
        return instance_secret(settings.secret_key, folder)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot hold the secret that signs sessions and links: {error}. "
            "Set DATA_DIR to a folder that can be written, or set SECRET_KEY."
        ) from error
