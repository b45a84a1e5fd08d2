"""The interface: every route says what it is, and what is said is true."""

from __future__ import annotations

import ast
import inspect
import sys
import tomllib
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from openapi_spec_validator import validate
from pydantic import Field

from app import create_app, services_of
from console.pages import is_page
from settings import read_settings
from tests.sources import ROOT
from transports.described import Operation, Proof, Query, Tag, Whole, described
from transports.errors import ApiError, json_answer
from transports.openapi import PATH, VERSION, Route, document_of, routes


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = create_app(
        read_settings({"DATA_DIR": str(tmp_path_factory.mktemp("data")), "API_TOKEN": "secret"})
    )
    yield made
    services_of(made).close()


@pytest.fixture(scope="module")
def found(app: Flask) -> list[Route]:
    return routes(app, is_page)[0]


def test_every_route_that_is_no_page_says_what_it_is(app: Flask) -> None:
    assert routes(app, is_page)[1] == []


def test_a_route_that_says_nothing_is_found() -> None:
    silent = Flask("silent")
    silent.add_url_rule("/calls/<call_id>", view_func=lambda call_id: call_id, methods=["PUT"])

    assert routes(silent, is_page) == ([], ["PUT /calls/<call_id>"])


def test_the_document_is_what_openapi_demands(app: Flask) -> None:
    document = app.test_client().get(PATH).get_json()

    validate(document)
    assert document["openapi"].startswith("3.1.")
    assert {"/calls", "/call-status/{call_id}", "/start-call", PATH} <= set(document["paths"])


def test_what_is_in_an_address_is_described_and_nothing_else(found: list[Route]) -> None:
    wrong = {
        route.path: (set(route.operation.path), route.rule.arguments)
        for route in found
        if set(route.operation.path) != route.rule.arguments
    }
    assert wrong == {}


def test_every_route_has_a_name_of_its_own(found: list[Route]) -> None:
    names = [(route.name, route.method) for route in found]
    assert sorted(names) == sorted(set(names))
    assert len({name for name, _ in names}) == len(found)


def tree_of(app: Flask, route: Route) -> ast.Module:
    """The module in which the view of a route is written."""
    view = inspect.unwrap(app.view_functions[route.rule.endpoint])
    return ast.parse(inspect.getsource(sys.modules[view.__module__]))


def test_views_read_no_parameter_that_is_not_described(app: Flask, found: list[Route]) -> None:
    by_hand = {
        route.path
        for route in found
        if route.proof is not Proof.SIGNATURE  # the carrier's addresses are given out by us
        for node in ast.walk(tree_of(app, route))
        if isinstance(node, ast.Attribute)
        and node.attr in ("args", "values")
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    }
    assert by_hand == set()


def test_every_parameter_that_is_described_is_read(app: Flask, found: list[Route]) -> None:
    unread = {
        f"{route.path}?{name}"
        for route in found
        if route.operation.query is not None
        for name in set(route.operation.query.model_fields)
        - {node.attr for node in ast.walk(tree_of(app, route)) if isinstance(node, ast.Attribute)}
    }
    assert unread == set()


def test_what_is_not_public_says_that_it_needs_the_token(app: Flask, found: list[Route]) -> None:
    document = app.test_client().get(PATH).get_json()
    open_to_all = {
        path
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if not operation["security"]
    }
    signed = {route.path for route in found if route.proof is Proof.SIGNATURE}

    proof_elsewhere = {"/auth/login", "/auth/refresh", "/recordings/{recording_id}"}
    assert open_to_all - signed - proof_elsewhere == {"/", "/health", "/health/ready", PATH}


def test_a_route_says_what_its_token_must_allow(app: Flask) -> None:
    paths = app.test_client().get(PATH).get_json()["paths"]

    assert paths["/calls"]["get"]["security"] == [{"token": ["calls:read"]}]
    assert paths["/start-call"]["post"]["security"] == [{"token": ["calls:write"]}]
    assert paths["/auth/me"]["get"]["security"] == [{"token": []}]
    assert "missing_scope" in str(paths["/calls"]["get"]["responses"]["403"])
    assert "403" not in paths["/auth/me"]["get"]["responses"]


def test_who_has_the_document_is_not_sent_it_again(app: Flask) -> None:
    first = app.test_client().get(PATH)
    again = app.test_client().get(PATH, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION


class Wanted(Query):
    """Parameters of a route in a test."""

    count: Whole
    """How many."""
    after: Whole | None = Field(None, ge=0, le=9)
    """Bounds of what may be left out."""


def test_a_parameter_that_must_be_sent_is_described_so_and_asked_for() -> None:
    asking = Flask("asking")
    asking.testing = True  # errors come through

    @asking.get("/some")
    @described(Operation("Some", Tag.CALLS, {200: list[int]}, query=Wanted))
    def some(query: Wanted) -> Response:
        return json_answer([query.count])

    document = document_of(routes(asking, is_page)[0], "/")

    assert document["paths"]["/some"]["get"]["parameters"] == [
        {
            "name": "count",
            "in": "query",
            "required": True,
            "description": "How many.",
            "schema": {"type": "integer"},
        },
        {
            "name": "after",
            "in": "query",
            "description": "Bounds of what may be left out.",
            "allowEmptyValue": True,
            "schema": {"type": "integer", "minimum": 0, "maximum": 9},
        },
    ]
    assert asking.test_client().get("/some?count=3").get_json() == [3]
    with pytest.raises(ApiError, match="Send after as a number from 0 to 9"):
        asking.test_client().get("/some?count=3&after=-1")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=1_0", "Send limit as a number from 1 to 500."),
        ("limit=%2B5", "Send limit as a number from 1 to 500."),
        ("limit=501", "Send limit as a number from 1 to 500."),
        ("limit=" + "9" * 5000, "Send limit as a number from 1 to 500."),
        ("open=perhaps", "Send open as true or false."),
        ("outcome=done", "Send outcome as one of completed, handed_over, declined, opted_out, "),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named_with_what_to_send(
    app: Flask, query: str, message: str
) -> None:
    answer = app.test_client().get(f"/calls?{query}", headers={"Authorization": "Bearer secret"})

    assert answer.status_code == 422
    assert answer.get_json()["error"]["message"].startswith(message)
    assert answer.get_json()["error"]["code"] == "bad_parameter"


def test_an_empty_parameter_counts_as_not_sent(app: Flask) -> None:
    asked = "/calls?limit=&agent=&open=&outcome=&offset="
    answer = app.test_client().get(asked, headers={"Authorization": "Bearer secret"})

    assert (answer.status_code, answer.get_json()["calls"]) == (200, [])
