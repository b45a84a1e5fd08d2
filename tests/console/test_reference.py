"""The interface's document, arranged to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from app import create_app, services_of
from console.reference import Part, Reference, Shown
from settings import read_settings

ADDRESS = "https://calls.example/"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    app = create_app(read_settings({"DATA_DIR": str(tmp_path_factory.mktemp("data"))}))
    yield app.test_client().get("/openapi.json").get_json()
    services_of(app).close()


@pytest.fixture(scope="module")
def shown(document: Mapping[str, Any]) -> Mapping[str, Shown]:
    groups = Reference(document, ADDRESS).groups()
    return {route.name: route for group in groups for route in group.routes}


def named(parts: tuple[Part, ...], name: str) -> Part:
    return next(part for part in parts if part.name == name)


def test_every_route_of_the_document_is_shown(
    document: Mapping[str, Any], shown: Mapping[str, Shown]
) -> None:
    routes = {(method.upper(), path) for path, said in document["paths"].items() for method in said}
    assert {(route.method, route.path) for route in shown.values()} == routes


def test_a_parameter_is_shown_with_what_it_may_be(shown: Mapping[str, Shown]) -> None:
    parameters = shown["calls"].parameters

    assert named(parameters, "limit").type == "integer 1–500"
    assert named(parameters, "limit").usual == "50"
    assert "completed" in named(parameters, "outcome").choices
    assert named(parameters, "open").choices == ("true", "false")
    assert not named(parameters, "agent").is_needed


def test_an_answer_is_shown_down_to_its_last_key(shown: Mapping[str, Shown]) -> None:
    (answer,) = shown["call_status"].answers
    turn = named(named(answer.parts, "turns").parts, "caller_by")
    p50 = named(named(named(answer.parts, "latency").parts, "answer_ms").parts, "p50")

    assert (turn.type, turn.about) == ("string", "speech, keys, silence or none.")
    assert p50.type == "number | null"


def test_errors_are_shown_by_their_codes(shown: Mapping[str, Shown]) -> None:
    codes = {answer.status: answer.codes for answer in shown["call_status"].errors}

    assert codes["404"] == ("unknown_call",)
    assert "unauthorized" in codes["401"]


def test_a_sample_can_be_pasted_into_a_shell(shown: Mapping[str, Shown]) -> None:
    assert shown["start_call"].curl == (
        "curl -X POST https://calls.example/start-call \\\n"
        '  -H "Authorization: Bearer $API_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        """  -d '{"agent_type": "logistics", "phone_number": "+919876543210"}'"""
    )
    assert shown["health"].curl == "curl https://calls.example/health"


def test_a_shape_that_holds_itself_ends_somewhere() -> None:
    tree = {
        "type": "object",
        "properties": {"below": {"$ref": "#/components/schemas/Tree"}},
        "required": ["below"],
    }
    answer = {
        "description": "Done.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}},
    }
    said = {
        "tags": ["Calls"],
        "operationId": "tree",
        "summary": "A tree",
        "responses": {"200": answer},
        "security": [],
    }
    document = {
        "tags": [{"name": "Calls", "description": "Calls."}],
        "paths": {"/tree": {"get": said}},
        "components": {"schemas": {"Tree": tree}},
    }

    ((group),) = Reference(document, ADDRESS).groups()

    depth, parts = 0, group.routes[0].answers[0].parts
    while parts:
        depth, parts = depth + 1, parts[0].parts
    assert 2 < depth < 20
