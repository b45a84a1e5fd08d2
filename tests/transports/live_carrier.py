"""A carrier that rings a server's live agent and opens its sockets, signed or from this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

import orjson
from websockets.sync.client import ClientConnection, connect

from benchmarks.server_process import ServerProcess
from phone.signature import HEADER, sign
from tests.providers.telephony.twiml import read_twiml
from tests.sources import ROOT

TOKEN = "webhook-secret"
BASE = "https://calls.example"
SIGNED = {"PUBLIC_BASE_URL": BASE, "TWILIO_AUTH_TOKEN": TOKEN}


def live_server(
    folder: Path, transport: str = "relay", target: str = "tests.transports.live_app:app",
    **settings: str,
) -> ServerProcess:  # fmt: skip
    """A server that is not started yet, with one agent, `pizza`, of that transport."""
    agents = folder / "agents"
    if not agents.exists():
        agents.mkdir()
        text = (ROOT / "agents" / "pizza.yaml").read_text("utf-8")
        changed = text.replace("transport: gather", f"transport: {transport}")
        (agents / "pizza.yaml").write_text(changed, "utf-8")
        shutil.copy(ROOT / "agents" / "agent.schema.json", agents)
    # A busy test machine must not turn calls away.
    calm = {"LIVE_LAG_MS": "10000"}
    set_up = {"DATA_DIR": str(folder), "AGENTS_DIR": str(agents), **calm, **settings}
    return ServerProcess(set_up, folder / "log", target)


@dataclass(frozen=True, slots=True)
class LiveCarrier:
    """Talks to one server. `token`: "" for a phone on this machine, which signs nothing."""

    server: ServerProcess
    token: str = TOKEN

    @property
    def base(self) -> str:
        """The address that it calls."""
        return BASE if self.token else f"http://127.0.0.1:{self.server.port}"

    def post(self, path: str, sid: str, **more: str) -> Element:
        """A webhook of a call; the document that was answered."""
        status, text = self.sent(path, sid, **more)
        assert status == 200, (status, text)
        return read_twiml(text)

    def sent(self, path: str, sid: str, **more: str) -> tuple[int, str]:
        """A webhook of a call; status and body of the answer."""
        form = {
            "CallSid": sid, "From": "+919876543210", "To": "+914400000000",
            "Direction": "inbound", "CallStatus": "in-progress", **more,
        }  # fmt: skip
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.token:
            headers[HEADER] = sign(self.token, self.base + path, form.items())
        try:
            connection.request("POST", path, urlencode(form, quote_via=quote), headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def record(self, sid: str) -> Mapping[str, Any]:
        """What /call-status tells of a call."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            headers = {"Authorization": "Bearer api-secret"}
            connection.request("GET", f"/call-status/{sid}", headers=headers)
            answer = connection.getresponse()
            found: Mapping[str, Any] = orjson.loads(answer.read())
        finally:
            connection.close()
        assert answer.status == 200, found
        return found

    def rings(self, sid: str) -> str:
        """A call comes in at the live agent; the token of its socket."""
        document = self.post("/voice?agent_type=pizza", sid)
        parameter = document.find("Connect/*/Parameter[@name='token']")
        assert parameter is not None, [child.tag for child in document]
        return parameter.attrib["value"]

    def url(self, path: str) -> str:
        """Where a socket is really opened."""
        return f"ws://127.0.0.1:{self.server.port}{path}"

    def headers(self, signed_url: str) -> Mapping[str, str]:
        """What comes with the opening request."""
        return {HEADER: sign(self.token, signed_url)} if self.token else {}

    def opens(self, path: str = "/relay", signed_url: str = "") -> ClientConnection:
        """An open socket. InvalidStatus when it is refused."""
        signed = self.headers(signed_url or f"wss://calls.example{path}")
        return connect(self.url(path), additional_headers=signed)

    @contextmanager
    def claims(self, sid: str, token: str, path: str = "/relay") -> Iterator[ClientConnection]:
        """An open socket that has said which call it is; `claimed` is the first answer."""
        with self.opens(path) as socket:
            socket.send(orjson.dumps([sid, token]).decode())
            yield socket

    def metric(self, name: str) -> float:
        """The sum of what /metrics shows under that name."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request("GET", "/metrics", headers={"Authorization": "Bearer api-secret"})
            lines = connection.getresponse().read().decode().splitlines()
        finally:
            connection.close()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))
