"""The browser phone at a server that checks signatures: it is a carrier like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from app import create_app, services_of
from benchmarks.server_process import ServerProcess
from console.cookies import SESSION
from settings import read_settings
from tests.console.browser_phone import ANSWERS, BrowserPhone

PUBLIC = "https://calls.example"


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return {
        "DATA_DIR": str(tmp_path_factory.mktemp("signed")),
        "TWILIO_AUTH_TOKEN": "webhook-secret",
        "PUBLIC_BASE_URL": PUBLIC,
        "WEB_WORKERS": "2",
    }


@pytest.fixture(scope="module")
def server(variables: Mapping[str, str]) -> Iterator[ServerProcess]:
    with ServerProcess(variables, Path(variables["DATA_DIR"]) / "log") as process:
        yield process


@pytest.fixture(scope="module")
def cookie(server: ServerProcess, variables: Mapping[str, str]) -> str:
    """The cookie of somebody who has signed in."""
    app = create_app(read_settings({**variables, "PORT": str(server.port)}))
    entrance = services_of(app).entrance
    account = entrance.begin(
        entrance.links.to_begin(), "a@b.example", "Asha", "long enough to be one"
    )
    client = app.test_client()
    with client.session_transaction("/console/", PUBLIC) as session:
        session[SESSION] = entrance.sessions.begin(account)
    name = str(app.config["SESSION_COOKIE_NAME"])
    kept = client.get_cookie(name, "calls.example")
    services_of(app).close()
    assert kept is not None
    return f"{name}={kept.value}"


def test_a_whole_call_is_signed_for_the_public_address(server: ServerProcess, cookie: str) -> None:
    with BrowserPhone(server.port, headers={"Cookie": cookie}) as page:
        page.ring()
        for answer in ANSWERS:
            page.say(answer)
        page.until("ended")
    assert page.all("record")[-1]["outcome"] == "completed"
    webhooks = page.all("webhook")
    assert {one["status"] for one in webhooks} <= {200, 204}
    assert all(one["url"].startswith(f"{PUBLIC}/") for one in webhooks)


def test_nobody_gets_a_phone_without_signing_in(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus):
        BrowserPhone(server.port).__enter__()


def test_vendors_are_not_broken_where_others_call(server: ServerProcess, cookie: str) -> None:
    with BrowserPhone(server.port, headers={"Cookie": cookie}) as page:
        page.ring()
        page.until("listening")
        page.send(type="break", part="model", outage="down")
        assert "real carrier" in page.until("broken")["problem"]


def test_a_real_carrier_cannot_ring_a_browser(server: ServerProcess, cookie: str) -> None:
    with BrowserPhone(server.port, headers={"Cookie": cookie}) as page:
        page.ring(outgoing=True)
        code, reason = page.closed()
    assert code == 1008
    assert "cannot ring a browser" in reason
