"""Who may do what with agents: viewers look, operators try, admins change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from access.roles import Role
from tests.console.conftest import RATES
from tests.console.sitting import Sitting, a_sitting, token_of

CHANGES = (
    "new-agent",
    "agents/logistics",
    "agents/logistics/publish",
    "agents/logistics/withdraw",
    "agents/logistics/back",
    "agents/logistics/clips",
    "agents/logistics/clips/end",
    "numbers/PN1",
)


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    one = a_sitting(tmp_path)
    yield one
    one.services.close()


def post(client: FlaskClient, path: str, **form: str) -> int:
    token = token_of(client, "/console/agents")
    answer = client.post(f"/console/{path}", data={"csrf_token": token, **form})
    return answer.status_code


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_is_no_admin_looks_and_changes_nothing(sitting: Sitting, role: Role) -> None:
    client = sitting.visitor(role)

    shown = client.get("/console/agents/logistics")
    assert shown.status_code == 200
    assert "readonly" in shown.text
    assert "Save draft" not in shown.text
    assert "New agent" not in client.get("/console/agents").text
    assert client.get("/console/new-agent").status_code == 403
    assert {post(client, path, text=RATES) for path in CHANGES} == {403}


def test_who_only_looks_does_not_talk_to_models(sitting: Sitting) -> None:
    assert post(sitting.visitor(Role.VIEWER), "agent-chat") == 403
    assert post(sitting.visitor(Role.OPERATOR), "agent-chat") == 400  # allowed, and no JSON


def test_nothing_is_offered_that_is_refused(sitting: Sitting) -> None:
    viewer, operator = sitting.visitor(Role.VIEWER), sitting.visitor(Role.OPERATOR)

    assert "Talk to this text" not in viewer.get("/console/agents/logistics").text
    assert "Talk to this text" in operator.get("/console/agents/logistics").text
    assert "/console/numbers" not in viewer.get("/console/agents").text
    assert "/console/numbers" in operator.get("/console/agents").text
