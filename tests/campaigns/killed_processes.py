"""Dials in one process after the other, each killed at some moment by the kernel but the last.

python -m tests.campaigns.killed_processes FOLDER ADDRESS_OF_THE_EXCHANGE DEATHS
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from phone.exchange import Exchange
from storage.sqlite_leads import SqliteLeads
from tests.campaigns.street import Street

# Between two processes, so that what the dead have left is found.
APART_S = 200


def main(folder: Path, address: str, deaths: int) -> None:
    """Returns when the last has done what was left."""
    for turn in range(deaths + 1):
        child = os.fork()  # there are no threads, and no file is open yet
        if child:
            os.waitpid(child, 0)
            continue
        if turn < deaths:
            # SIGPROF, which nobody handles, ends a process as SIGKILL does: at once. It comes by
            # the CPU's time, so that on a busy machine it meets the same steps.
            signal.setitimer(signal.ITIMER_PROF, random.uniform(0.02, 0.2))
        _dial(folder, address, turn * APART_S)
        os._exit(0)


def _dial(folder: Path, address: str, seconds: int) -> None:
    street = Street(folder, SqliteLeads(folder / "calls.db"), Exchange(), address)
    street.pass_time(seconds)
    for _ in range(APART_S // 20):
        street.live_on(10)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
