"""People over several processes: what the log shows, what commands print, what is counted once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape

import pytest
import requests

from benchmarks.server_process import ROOT, ServerProcess
from settings import variables
from tests.access.entrances import EMAIL, PASSWORD
from tests.waiting import wait_until

ADMIN = "admin@acme.example"


class Site:
    """A server of two processes that take turns, and its command line."""

    def __init__(self, server: ServerProcess, settings: dict[str, str]) -> None:
        self.server = server
        self.base = f"http://127.0.0.1:{server.port}"
        # Settings are what the server has; nothing of ours gets in.
        mine = {name: "" for name, *_ in variables()} | settings
        self._environ = os.environ | mine | {"PORT": str(server.port)}

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What a command does."""
        command = [sys.executable, "-m", "flask", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self._environ, capture_output=True, text=True, timeout=60
        )

    def link(self, *words: str) -> str:
        """The link that a command prints, last."""
        done = self.flask(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]

    def use(self, link: str, **fields: str) -> int:
        """Send the form behind a link with a password; the status of the answer."""
        browser = requests.Session()
        form = browser.get(link).text
        proof = re.search(r'name="csrf_token" value="([^"]+)"', form)
        if proof is None:
            return 410
        token = link.partition("token=")[2]
        sent = {"csrf_token": unescape(proof[1]), "token": token, "again": PASSWORD}
        answer = browser.post(link, {**sent, "password": PASSWORD, **fields}, allow_redirects=False)
        return answer.status_code

    def post(self, path: str, body: dict[str, str]) -> requests.Response:
        """Ask one of the processes, with a connection of its own."""
        return requests.post(f"{self.base}{path}", json=body, timeout=30)

    def me(self, token: str) -> int:
        """The status with which one of the processes answers the holder of a token."""
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{self.base}/auth/me", headers=headers, timeout=30).status_code


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    settings = {"DATA_DIR": str(folder), "TWILIO_AUTH_TOKEN": "webhook-secret", "WEB_WORKERS": "2"}
    with ServerProcess(settings, folder / "log") as server:
        yield Site(server, settings)


def test_people_over_processes(site: Site) -> None:
    """In one story, because the first administrator is made once."""
    wait_until(lambda: "nobody can sign in yet" in site.server.log)
    shown = re.findall(r'"link": "([^"]+)"', site.server.log)
    assert len(shown) == 1  # not by each process

    # The command prints another one to the same end; whichever is used first counts.
    printed = site.link("first-link")
    assert site.use(shown[0], email=ADMIN, name="Asha") == 303
    assert site.use(printed, email="another@acme.example") == 410
    assert site.flask("first-link").returncode == 1

    invitation = site.link("add-person", EMAIL, "--role", "operator")
    assert site.flask("people").stdout.splitlines() == [
        f"{ADMIN}  admin  active",
        f"{EMAIL}  operator  has set no password",
    ]
    assert site.use(invitation) == 303
    assert site.use(invitation) == 410

    # A token of one process opens the other, and ends there when its owner's password does.
    token = site.post("/auth/login", {"email": EMAIL, "password": PASSWORD}).json()["token"]
    assert {site.me(token) for _ in range(10)} == {200}
    assert site.use(site.link("reset-link", EMAIL.upper())) == 303
    wait_until(lambda: {site.me(token) for _ in range(10)} == {401})


def test_tries_are_counted_over_all_processes(site: Site) -> None:
    wrong = {"email": "locked@acme.example", "password": "a wrong one"}

    answers = [site.post("/auth/login", wrong) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 7
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add-person", "nonsense"), "Write an e-mail such as"),
        (("add-person", "x@acme.example", "--role", "owner"), "viewer"),
        (("reset-link", "nobody@acme.example"), "see: flask people"),
    ],
)
def test_a_command_says_what_is_wrong(site: Site, words: tuple[str, ...], told: str) -> None:
    done = site.flask(*words)

    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_used_is_named(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("place") / "file"
    file.write_text("")
    elsewhere = Site(site.server, {"DATA_DIR": str(file / "data")})

    done = elsewhere.flask("people")

    assert done.returncode == 1
    assert "DATA_DIR" in done.stderr
    assert "Traceback" not in done.stderr
