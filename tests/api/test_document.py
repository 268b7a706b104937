"""The document describes every call, refers only to what it holds, and says what each answer is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from booking.api.document import METHODS, PREFIX, describe


@pytest.fixture
def database_url(tmp_path: Any) -> str:
    """The document asks no database."""
    return f"sqlite:///{tmp_path / 'unused.sqlite'}"


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return describe(app)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_route_under_the_prefix_is_a_described_call(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule.removeprefix(PREFIX)), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in METHODS
        if method in rule.methods
    }
    assert routes == {(path, method) for path, method, _ in operations(document)}


def test_the_document_is_served_to_everyone(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json["openapi"].startswith("3.1.")
    assert answer.json["servers"] == [{"url": "/api/v1"}]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in _references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in found, reference
            found = found[part]


def test_operations_have_names_of_their_own_and_say_what_they_do(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        assert operation["summary"].endswith("."), f"{method} {path}"


def test_every_place_in_a_path_is_a_parameter(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert declared == set(re.findall(r"{([^}]+)}", path)), f"{method} {path}"


def test_failures_are_problems_and_successes_are_not(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            expected = "application/problem+json" if int(status) >= 400 else "application/json"
            assert list(answer["content"]) == [expected], f"{method} {path} {status}"
        assert {"429", "500", "503"} <= operation["responses"].keys()
        if {"token": []} in operation["security"] and {} not in operation["security"]:
            assert "401" in operation["responses"], f"{method} {path}"


def test_bodies_refuse_what_they_do_not_know(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for path, method, operation in operations(document):
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            shape = schemas[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]
            assert shape["additionalProperties"] is False, f"{method} {path}"


def test_no_default_is_empty_where_something_must_be_said(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, own in schema.get("properties", {}).items():
            assert own.get("default", "-") not in ("", None), f"{name}.{field}"


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)
