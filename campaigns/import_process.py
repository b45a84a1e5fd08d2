"""The process that reads one large file: `python -m campaigns.import_process`.

Its input says what to do (see `import_rounds.py`), and ends when it is to stop: when whoever
started it does so, or dies.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import select
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import uuid4

from campaigns.book import Campaigns
from campaigns.importing import Importer, Taken
from campaigns.imports import Imports, importing_folder
from logs import set_up_logs
from settings import Settings
from storage import open_do_not_call, open_leads, open_objects, open_register
from storage.base import StorageError

log = logging.getLogger(__name__)

# Behind everything that answers somebody.
NICENESS = 10
# How long one thread has the interpreter while others want it. Whoever writes waits for it between
# the statements of a transaction, and calls wait for the file meanwhile.
SWITCH_S = 0.0005


def main(told: BinaryIO) -> int:
    """Do one import that was claimed for us; the exit code."""
    settings, import_id, lease = pickle.load(told)
    assert isinstance(settings, Settings)
    set_up_logs(settings.log_level, settings.log_pii)
    os.nice(NICENESS)
    sys.setswitchinterval(SWITCH_S)
    gc.disable()
    gc.freeze()
    try:
        with ExitStack() as at_end:
            importer = open_importer(settings, at_end)
            claimed = importer.imports.get(import_id)
            if claimed is None or claimed.lease != lease or claimed.is_over:
                return 0
            importer.run(claimed, _asked_between_chunks(is_over(told)))
    except Taken:
        log.info("an import is left to others", extra={"import_id": import_id})
    except StorageError:
        log.warning("an import cannot go on", exc_info=True, extra={"import_id": import_id})
        return 1
    return 0


def open_importer(settings: Settings, at_end: ExitStack) -> Importer:
    """What imports work with, and nothing of what calls do. StorageError."""
    register = at_end.enter_context(closing(open_register(settings)))
    objects = at_end.enter_context(closing(open_objects(settings)))
    campaigns = Campaigns(register, now, new_id)
    return Importer(
        imports=Imports(register, objects, now, new_id, socket.gethostname()),
        objects=objects,
        leads=at_end.enter_context(closing(open_leads(settings))),
        do_not_call=at_end.enter_context(closing(open_do_not_call(settings))),
        status_of=campaigns.status_of,
        countries=settings.start_call_countries,
        clock=now,
        folder=importing_folder(settings),
        is_shared=bool(settings.recordings_bucket),
        is_remote=bool(settings.mongodb_uri),
    )


def is_over(told: BinaryIO) -> Callable[[], bool]:
    """Whether the input has ended by now; nothing else comes by it."""

    def over() -> bool:
        return bool(select.select([told], [], [], 0)[0])

    return over


def _asked_between_chunks(over: Callable[[], bool]) -> Callable[[], bool]:
    """`over`, which is asked while nothing is written: what is garbage is looked for then alone.

    Among the rows of two chunks that takes a tenth of a second, and came while the file was held.
    """

    def asked() -> bool:
        gc.collect(1)
        return over()

    return asked


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def new_id() -> str:
    """An id that nobody has."""
    return uuid4().hex


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer))
