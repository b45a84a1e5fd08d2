"""What is published, as this machine knew it last: for a start while the register is away."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from calls.versions import Published, agents_of, body_of

log = logging.getLogger(__name__)

Texts = Mapping[tuple[str, str], str]  # of an agent and a version


def write_copy(path: Path, published: Published, texts: Texts) -> None:
    """Keep it. On a disk that is full or read-only there is none, which is logged."""
    told = [[name, version, text] for (name, version), text in texts.items()]
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(orjson.dumps({**body_of(published.agents), "texts": told}))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        log.warning("no copy of what is published is kept", extra={"reason": error.strerror})


def read_copy(path: Path) -> tuple[Published, Texts] | None:
    """What was kept; None when there is nothing that can be used."""
    try:
        told: Any = orjson.loads(path.read_bytes())
        texts = {(name, version): text for name, version, text in told["texts"]}
        # No serial of the register: as soon as that is there, it is asked.
        return Published(-1, agents_of(told)), texts
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
