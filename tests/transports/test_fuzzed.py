"""Requests made from the interface's description, and from its opposite, against a real server.

`FUZZ_EXAMPLES` and `FUZZ_SEED` ask for more and for others: `make fuzz`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from benchmarks.server_process import ROOT, ServerProcess
from phone.exchange import Exchange, Habits
from phone.handset import Handset
from phone.rehearsal import play_inbound
from phone.script import load_script

TOKEN = "api-secret"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}
SCRIPT = ROOT / "tests/call_scripts/logistics_corrects_and_confirms.yaml"
CONFIG = Path(__file__).with_name("schemathesis.toml")
# Of each route in the phase that draws at random; what lies at the bounds comes on top.
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "6")
SEED = os.environ.get("FUZZ_SEED", "20261128")
PATIENCE_S = 3600.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with a token that takes webhooks from here, and a carrier to ring with."""
    folder = tmp_path_factory.mktemp("server")
    exchange = Exchange(Habits())
    settings = {
        "DATA_DIR": str(folder),
        "TWILIO_BASE_URL": exchange.open(),
        "API_TOKEN": TOKEN,
        "START_CALL_LIMIT": "100000 per hour",
        "MESSAGE_LIMIT": "100000 per hour",
    }
    with ServerProcess(settings, folder / "log") as running:
        yield running
    exchange.close()


def test_every_route_does_what_its_description_says(server: ServerProcess, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{server.port}"
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIG)),
        *("run", f"{address}/openapi.json", "-H", f"Authorization: Bearer {TOKEN}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED),
        *("--continue-on-failure", "--no-shrink", "--warnings", "off"),
    ]
    handset = Handset(address, api_token=TOKEN)
    played = play_inbound(handset, load_script(SCRIPT))
    handset.close()
    assert list(played.failures) == []
    environ = {**os.environ, "CALL_SID": played.sid}

    run = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=PATIENCE_S
    )

    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}\n{server.log[-5000:]}"
    assert '"level": "error"' not in server.log
    # What is given as an example is not only taken, but does something.
    kept = requests.get(f"{address}/agents/parcel", headers=AUTHORIZED, timeout=30)
    rung = requests.get(f"{address}/calls?agent=logistics", headers=AUTHORIZED, timeout=30)
    assert kept.status_code == 200
    assert {call["direction"] for call in rung.json()["calls"]} == {"inbound", "outbound"}
