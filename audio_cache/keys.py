"""What a clip is called: a name that the same words always get and nobody can guess."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

# To be raised when `normal` or the form of a key changes: old clips are then made anew.
VERSION = 1
_KEY = re.compile(r"[0-9a-f]{40}")  # 160 bits
_SECRET_BYTES = 32
_SECRET_FILE = "secret.key"


def is_key(text: str) -> bool:
    """Whether it could be the key of a clip. What passes is safe in the name of a file."""
    return _KEY.fullmatch(text) is not None


def normal(text: str) -> str:
    """The text as it is spoken: texts that sound the same get the same clip."""
    composed = unicodedata.normalize("NFC", text)
    # Joiners (Cf) shape Indic letters: only what no voice reads goes, and surrogates, which
    # cannot be sent.
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co") else c for c in composed)
    return " ".join(shown.split())


@lru_cache(4096)
def is_speakable(text: str) -> bool:
    """Whether there is anything in it to say; a lone comma is not."""
    return any(unicodedata.category(letter)[0] in "LNS" for letter in text)


def clip_key(secret: bytes, what: Mapping[str, object]) -> str:
    """The key of what is made of `what`: the text (normal), voice, model, settings and form."""
    told = json.dumps([VERSION, what], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()[:40]


def instance_secret(secret_key: str, folder: Path) -> bytes:
    """The secret that keys are made with: `secret_key`, or one of the folder's own.

    The latter is made once, whichever process is first. OSError when it cannot be.
    """
    if secret_key:
        return secret_key.encode()
    path = folder / _SECRET_FILE
    try:
        return _read(path)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{_SECRET_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(secrets.token_hex(_SECRET_BYTES).encode())
            file.flush()
            os.fsync(file.fileno())
        # A link never replaces: of several processes the first one's secret stays.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    secret = path.read_bytes().strip()
    if len(secret) < _SECRET_BYTES:
        raise OSError(f"{path} holds no secret: delete it, and a new one is made")
    return secret
