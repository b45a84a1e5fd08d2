"""The vendors as a process of their own, for benchmarks and for tests that need a busy one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from phone.vendors.street import CONTROL

_ROOT = Path(__file__).resolve().parents[2]
_STOP_S = 10.0
_CONTROL_S = 10.0


class VendorsProcess:
    """Use with `with`. It ends when this process does, however that ends."""

    def __init__(self, cpus: set[int] | None = None) -> None:
        self._cpus = cpus
        self.addresses: Mapping[str, str] = {}

    def __enter__(self) -> VendorsProcess:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "phone.vendors", "--port", "0", "--with-parent"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._cpus:
            os.sched_setaffinity(self._process.pid, self._cpus)
        assert self._process.stdout is not None
        self.addresses = json.loads(self._process.stdout.readline())
        self._session = requests.Session()
        self._session.trust_env = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def settings(self, *names: str) -> dict[str, str]:
        """The server's variables that lead to the vendors of that name."""
        variables: dict[str, str] = {}
        for name in names:
            variables[f"{name.upper()}_API_KEY"] = f"key-of-{name}"
            variables[f"{name.upper()}_BASE_URL"] = self.addresses[name]
        return variables

    def plan(self, **plans: Mapping[str, object]) -> None:
        """Give vendors a new plan: `plan(gemini={"fault": "slow"})`. `{}` is the usual one."""
        self._told("PUT", plans)

    def reset(self) -> None:
        """Everything as at the start, counters too."""
        self._told("DELETE")

    def counts(self) -> Mapping[str, Mapping[str, Any]]:
        """By vendor: plan, requests, failed, most_at_once, texts (text → how often)."""
        return self._told("GET")

    def _told(
        self, method: str, body: Mapping[str, object] | None = None
    ) -> Mapping[str, Mapping[str, Any]]:
        answer = self._session.request(
            method, f"{self.addresses[CONTROL]}/control", json=body, timeout=_CONTROL_S
        )
        told: Mapping[str, Mapping[str, Any]] = answer.json()
        if not answer.ok:
            raise ValueError(told.get("error"))
        return told
