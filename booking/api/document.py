"""The OpenAPI 3.1 document, made from what each call says of itself."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, json
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from booking.api.calls import Call, call
from booking.schemas.base import Problem

PREFIX = "/api/v1"
ALWAYS = frozenset({429, 500, 503})
COMPONENTS = "#/components/schemas/"
JSON, PROBLEM = "application/json", "application/problem+json"
PLACE = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

bp = Blueprint("document", __name__)


@bp.get("/openapi.json")
@call(public=True)
def show() -> Response:
    """Everything this interface can do, for programs that write programs."""
    kept = current_app.extensions.setdefault("openapi", {})
    if "text" not in kept:
        kept["text"] = json.dumps(describe(current_app))
    return Response(kept["text"], mimetype="application/json")


def describe(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of every call that is registered."""
    calls = list(_calls(app))
    schemas = _Schemas([described for _, _, described in calls])
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, described in calls:
        path = _path(rule).removeprefix(PREFIX)
        paths.setdefault(path, {})[method.lower()] = _operation(app, rule, method, described, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Scenario computing-resource booking",
            "version": "1",
            "description": "Book GPU capacity and dataset windows for approved teams.",
        },
        "servers": [{"url": PREFIX}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _calls(app: Flask) -> Iterator[tuple[Rule, str, Call]]:
    for rule in app.url_map.iter_rules():
        described = getattr(app.view_functions[rule.endpoint], "call", None)
        if described is not None and rule.rule.startswith(PREFIX):
            yield from ((rule, method, described) for method in METHODS if method in (rule.methods or ()))


class _Schemas:
    """The schemas of every shape, and the components that they refer to."""

    def __init__(self, calls: list[Call]) -> None:
        wanted: dict[tuple[type[BaseModel], str], None] = {(Problem, "serialization"): None}
        for one in calls:
            taken = [shape for shape in (one.body, one.query) if shape is not None]
            given = [shape for shape in (*one.gives.values(), one.lists) if shape is not None]
            wanted |= dict.fromkeys([(shape, "validation") for shape in taken])
            wanted |= dict.fromkeys([(shape, "serialization") for shape in given])
        self._refs, definitions = models_json_schema(list(wanted), ref_template=f"{COMPONENTS}{{model}}")
        self.components: dict[str, Any] = definitions["$defs"]
        for component in self.components.values():
            for field in component.get("properties", {}).values():
                if field.get("default", 0) in (None, ""):
                    del field["default"]  # it only says that nothing was said, which the field itself may not

    def taken(self, shape: type[BaseModel]) -> dict[str, Any]:
        return self._refs[shape, "validation"]

    def given(self, shape: type[BaseModel] | None) -> dict[str, Any]:
        return self._refs[shape, "serialization"] if shape is not None else {"type": "object"}

    def fields(self, query: type[BaseModel]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
        """The name of each parameter, whether it is needed, and its schema; null cannot be said in an address."""
        whole = self.components[self.taken(query)["$ref"].removeprefix(COMPONENTS)]
        for name, own in whole["properties"].items():
            schema = dict(own)
            said = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
            if len(said) > 1:
                schema["anyOf"] = said
            yield name, name in whole.get("required", ()), schema | (said[0] if len(said) == 1 else {})


def _operation(app: Flask, rule: Rule, method: str, described: Call, schemas: _Schemas) -> dict[str, Any]:
    view = app.view_functions[rule.endpoint]
    lines = (view.__doc__ or "").strip().splitlines()
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint.removeprefix('api.')}.{method.lower()}".replace(".", "_"),
        "summary": lines[0].strip() if lines else rule.endpoint,
        "tags": [rule.endpoint.removeprefix("api.").split(".")[0]],
        "security": [{}, {"token": []}] if described.public else [{"token": []}],
        "parameters": list(_parameters(rule, described, schemas)),
        "responses": dict(_responses(described, schemas)),
    }
    if len(lines) > 1:
        operation["description"] = " ".join(line.strip() for line in lines[1:]).strip()
    if described.body is not None:
        content = {JSON: {"schema": schemas.taken(described.body)}}
        operation["requestBody"] = {"required": not described.body_optional, "content": content}
    return operation


def _parameters(rule: Rule, described: Call, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    for name in sorted(rule.arguments):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for name, description in described.headers.items():
        yield {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
    for name, needed, schema in schemas.fields(described.query) if described.query else ():
        listed = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
        yield {"name": name, "in": "query", "required": needed, "schema": schema, **listed}


def _responses(described: Call, schemas: _Schemas) -> Iterator[tuple[str, dict[str, Any]]]:
    if described.lists is not None:
        yield "200", _answer(200, JSON, _list_of(schemas.given(described.lists)))
    else:
        for status, shape in described.gives.items():
            yield str(status), _answer(status, JSON, schemas.given(shape), _headers(status, shape))
    for status in sorted(_failures(described)):
        yield str(status), _answer(status, PROBLEM, schemas.given(Problem))


def _headers(status: int, shape: type[BaseModel] | None) -> dict[str, Any]:
    """What comes beside the body: where a new thing is, and its version."""
    headers = {}
    if status == 201:
        headers["Location"] = {"schema": {"type": "string"}, "description": "Where it is found."}
    if shape is not None and getattr(shape, "etag", False):
        headers["ETag"] = {"schema": {"type": "string"}, "description": "Its version, for If-Match."}
    return {"headers": headers} if headers else {}


def _failures(described: Call) -> frozenset[int]:
    failures = described.fails | ALWAYS
    failures |= frozenset({401}) if not described.public else frozenset()
    failures |= frozenset({413, 415, 422}) if described.body else frozenset()
    return failures | (frozenset({422}) if described.query else frozenset())


def _answer(status: int, kind: str, schema: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, **(more or {}), "content": {kind: {"schema": schema}}}


def _list_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": schema},
            "next": {"type": ["string", "null"], "format": "uri", "description": "The address of the next page."},
        },
    }


def _path(rule: Rule) -> str:
    """The address with its places in braces."""
    return PLACE.sub(r"{\1}", rule.rule)
