"""A real Redis on a free port, for tests that kill it. See `needs` where it is not installed."""

from __future__ import annotations

import subprocess
import time
from types import TracebackType

import redis

from benchmarks.server_process import free_port
from tests import needs

_START_S = 10.0


class RedisServer:
    """Use with `with`; `kill` and `start` in between, on the same port. Nothing is on disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def process_id(self) -> int | None:
        """None when it does not run."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Start and wait until it answers."""
        command = needs.program("redis-server")
        self._process = subprocess.Popen(
            [
                *(command, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _START_S
        with redis.Redis(port=self.port, socket_timeout=1) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if time.monotonic() > until:
                        self.kill()
                        raise
                    time.sleep(0.02)

    def kill(self) -> None:
        """kill -9; nothing when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
