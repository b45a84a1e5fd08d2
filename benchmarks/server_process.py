"""The real server as a process of its own, for benchmarks and for tests that kill it."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType

from settings import variables

ROOT = Path(__file__).resolve().parent.parent
START_S = 30.0
STOP_S = 30.0


class ServerFailed(Exception):
    """The server did not come up; the message holds what it printed."""


class ServerProcess:
    """gunicorn with the project's own configuration, in a process group of its own.

    Settings are exactly `settings` plus PORT; neither the environment nor `.env` adds any.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        log_file: Path,
        target: str = "server:app",
        cpus: set[int] | None = None,
    ) -> None:
        self.port = free_port()
        self._log_file = log_file
        self._target = target
        self._cpus = cpus
        self._environ = {
            **{name: "" for name, *_ in variables()},
            "PORT": str(self.port),
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ServerProcess:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables of the server, for other processes of the same application."""
        return self._environ

    @property
    def log(self) -> str:
        """Everything that it has printed."""
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    def start(self) -> None:
        """Start and wait until it answers; after `kill` or `stop` on the same port again."""
        self.spawn()
        until = time.monotonic() + START_S
        while not self._answers():
            if self.exit_code() is not None or time.monotonic() > until:
                self.kill()
                raise ServerFailed(self.log)
            time.sleep(0.02)

    def spawn(self) -> None:
        """Start without waiting."""
        assert self._process is None, "it runs already"
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", self._target],
                cwd=ROOT,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self._cpus:
            os.sched_setaffinity(self._process.pid, self._cpus)

    def workers(self) -> list[int]:
        """The process ids of the workers of a server that runs, oldest first. Linux only."""
        assert self._process is not None, "it was not started"
        master = self._process.pid
        try:
            children = Path(f"/proc/{master}/task/{master}/children").read_text()
        except FileNotFoundError:  # it has ended
            return []
        return sorted(int(child) for child in children.split())

    def cpu_s(self) -> float:
        """Seconds of CPU that the workers have used so far. Linux only."""
        ticks = 0
        for worker in self.workers():
            # After the name, which may hold spaces: state is field 3, utime and stime 14 and 15.
            fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def exit_code(self) -> int | None:
        """How the master ended; None while it runs."""
        assert self._process is not None, "it was not started"
        return self._process.poll()

    def wait(self) -> int:
        """The exit code of a server that was told to end."""
        assert self._process is not None, "it was not started"
        return self._process.wait(STOP_S)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the master, as a platform does."""
        assert self._process is not None, "it was not started"
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """Ctrl-C in a terminal: SIGINT to the master and its workers."""
        assert self._process is not None, "it was not started"
        os.killpg(self._process.pid, signal.SIGINT)

    def stop(self) -> int:
        """SIGTERM, and the exit code once it has ended."""
        self.signal(signal.SIGTERM)
        code = self.wait()
        self._process = None
        return code

    def kill(self) -> None:
        """kill -9 of the master and its workers at once; nothing when it does not run."""
        if self._process is None:
            return
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself
        self._process.wait(STOP_S)
        self._process = None

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def free_port() -> int:
    """A port nobody listens on, below those that the kernel gives to outgoing connections."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
