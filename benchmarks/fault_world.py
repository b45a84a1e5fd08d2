"""Everything that a call of the fault run depends on, each of it real and each of it breakable."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.live_parts import live_agents
from benchmarks.server_process import ServerProcess
from phone.live_habits import Live
from phone.vendors.process import VendorsProcess
from phone.webhook import Way
from tests.storage.mongod import Mongod

TOKEN = "webhook-secret"
API_TOKEN = "api-secret"
PUBLIC = "https://calls.example"
# How long the proxy in front of a server that is being started again holds a request.
HOLD_S = 20.0
_ASK_S = 10.0
_WATCH_S = 8.0


@dataclass(frozen=True)
class Setting:
    """How a world is furnished."""

    vendors: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # plans
    models: Sequence[str] = ("gemini",)
    variables: Mapping[str, str] = field(default_factory=dict)  # beside the usual ones
    servers: int = 1
    database_is_there: bool = True  # when the server starts
    disks: Mapping[str, int] = field(default_factory=dict)  # folder in DATA_DIR → kilobytes
    live: Live | None = None  # over a live line, which is so good; None: in turns


@dataclass(frozen=True)
class Balanced(Way):
    """The proxy in front of the servers: in turns, holding requests while none is there."""

    address: Callable[[], str] = field(kw_only=True)  # of the server whose turn it is

    def to(self, url: str) -> str:
        """The address at that server."""
        return self.address() + url.removeprefix(self.public)


class World:
    """Servers, database, vendors, disk. Use with `with`; `folder` is an empty one."""

    def __init__(self, folder: Path, setting: Setting) -> None:
        self.setting = setting
        self.mongod = Mongod()
        self.servers: list[ServerProcess] = []
        self.database_back_at = 0.0
        self.vendors: VendorsProcess
        self._folder = folder
        self._data = folder / "data"
        self._stack = ExitStack()
        self._up = threading.Event()
        self._up.set()
        self._turn_of = count()
        self._beside: list[threading.Thread] = []

    def __enter__(self) -> World:
        with ExitStack() as stack:
            stack.callback(self.mongod.close)
            if self.setting.database_is_there:
                self.mongod.start()
            self.vendors = stack.enter_context(VendorsProcess())
            self.vendors.plan(**self.setting.vendors)
            for name, size_kb in self.setting.disks.items():
                self._mount(stack, self._data / name, size_kb)
            for number in range(self.setting.servers):
                server = ServerProcess(self._variables(), self._folder / f"server{number}.log")
                self.servers.append(stack.enter_context(server))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.join()
        self._stack.close()

    @property
    def uri(self) -> str:
        """The address of the database."""
        return self.mongod.uri("faults")

    @property
    def log(self) -> str:
        """What the servers have printed."""
        return "".join(server.log for server in self.servers)

    def address(self) -> str:
        """A server to ask, another one each time."""
        self._up.wait(HOLD_S)
        server = self.servers[next(self._turn_of) % len(self.servers)]
        return f"http://127.0.0.1:{server.port}"

    def ask(self, path: str) -> Mapping[str, Any] | None:
        """What a JSON route says; None when no server answers it with 200."""
        self._up.wait(HOLD_S)
        for server in self.servers:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=_ASK_S)
            try:
                connection.request("GET", path, headers={"Authorization": f"Bearer {API_TOKEN}"})
                answer = connection.getresponse()
                told = answer.read()
                if answer.status == 200:
                    found: Mapping[str, Any] = json.loads(told)
                    return found
            except (OSError, HTTPException):
                continue
            finally:
                connection.close()
        return None

    def beside(self, do: Callable[[World], object]) -> None:
        """Do something while a webhook is under way."""
        thread = threading.Thread(target=do, args=(self,))
        thread.start()
        self._beside.append(thread)

    def join(self) -> None:
        """Wait until all of that is done."""
        for thread in self._beside:
            thread.join()

    # What can be done to it

    def plan(self, **plans: Mapping[str, object]) -> None:
        """Have vendors behave otherwise."""
        self.vendors.plan(**plans)

    def kill_database(self) -> None:
        """kill -9."""
        self.mongod.kill()

    def start_database(self) -> None:
        """And it is there again, on the same data."""
        self.join()  # a kill beside a turn may take longer than the turn
        self.mongod.start()
        self.database_back_at = time.monotonic()

    def pause_database(self) -> None:
        """SIGSTOP: connections stay, and nothing is answered."""
        self.mongod.pause()

    def resume_database(self) -> None:
        """SIGCONT."""
        self.mongod.resume()
        self.database_back_at = time.monotonic()

    def kill_worker(self) -> None:
        """kill -9 of one process of a server; its master starts another."""
        workers = self.servers[0].workers()
        if workers:
            os.kill(workers[0], signal.SIGKILL)

    def kill_worker_at_save(self) -> None:
        """kill -9 as soon as the journal has a turn: after it is kept, before it is answered."""
        journal = f"file:{self._data / 'journal.db'}?mode=ro"
        until = time.monotonic() + _WATCH_S
        with closing(sqlite3.connect(journal, uri=True)) as connection:
            count_turns = "SELECT count(*) FROM turns"
            before = connection.execute(count_turns).fetchone()
            while connection.execute(count_turns).fetchone() == before:
                if time.monotonic() > until:  # any pause would be longer than what is waited for
                    break
        self.kill_worker()

    def end_server(self) -> None:
        """SIGTERM to the last server, for good; the others stay."""
        if len(self.servers) > 1:
            self.servers.pop().signal(signal.SIGTERM)

    def stop_the_loop(self, seconds: float) -> None:
        """SIGSTOP of every process for a while: nothing is read, sent or timed."""
        workers = [pid for server in self.servers for pid in server.workers()]
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        for pid in workers:
            os.kill(pid, signal.SIGCONT)

    def kill_server(self) -> None:
        """kill -9 of the last server, for good; the others stay."""
        if len(self.servers) > 1:
            self.servers.pop().kill()

    def restart_server(self) -> None:
        """kill -9 of a whole server, which is then started again; requests are held meanwhile."""
        self._up.clear()
        try:
            self.servers[0].kill()
            self.servers[0].start()
        finally:
            self._up.set()

    def fill_disk(self, name: str = "") -> None:
        """Write until nothing more fits."""
        with (self._data / name / "ballast").open("ab", buffering=0) as ballast:
            try:
                while ballast.write(bytes(4096)):
                    pass
            except OSError:
                return  # it is full

    def free_disk(self, name: str = "") -> None:
        """Take it away again."""
        (self._data / name / "ballast").unlink(missing_ok=True)

    def _variables(self) -> dict[str, str]:
        return {
            "DATA_DIR": str(self._data),
            "MONGODB_URI": self.uri,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_BASE_URL": PUBLIC,
            "API_TOKEN": API_TOKEN,
            "LOG_LEVEL": "warning",
            "PREWARM": "0",  # every clip is made while the vendors are as planned
            **self.vendors.settings(*self.setting.models, "elevenlabs"),
            **(self._live_variables() if self.setting.live is not None else {}),
            **self.setting.variables,
        }

    def _live_variables(self) -> dict[str, str]:
        return {
            "AGENTS_DIR": str(live_agents(self._folder / "agents")),
            **self.vendors.settings("deepgram"),
        }

    def _mount(self, stack: ExitStack, folder: Path, size_kb: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "callwright", str(folder)]
        subprocess.run(mount, check=True, capture_output=True)
        stack.callback(subprocess.run, ["umount", "-l", str(folder)], check=False)


def may_mount(folder: Path) -> bool:
    """Whether small disks can be made here: it takes root, and containers often forbid it."""
    try:
        tried = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "callwright", str(folder)],
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return False
    if tried.returncode == 0:
        subprocess.run(["umount", str(folder)], check=False)
    return tried.returncode == 0
