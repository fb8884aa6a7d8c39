"""The words in which routes describe themselves for OpenAPI 3.1, and the document made of them."""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from flask import Flask

from pnl.access.decision import EMBED, need
from pnl.domain.snapshot import Json
from pnl.web.schemas import SCHEMAS

_PROBLEMS = {
    400: "A parameter or a field cannot be taken; `parameter` names it.",
    401: "Who asks is not known: send a token, or sign in. Where no sign-in is set up, nobody is asked.",
    403: "The Host or Origin header is not one that this server answers to.",
    404: "There is no such thing.",
    409: "Somebody else changed it, or the id is taken by another content.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    500: "The server failed; its log says why.",
    503: "Not now; `Retry-After` says when to ask again.",
}

_WAYS: Final[dict[str, Json]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `python -m pnl tokens add`; under /embed one of a panel's link.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "pnl",
        "description": "The session of a browser that signed in; over TLS the cookie is called `__Host-pnl`.",
    },
}


def reference(name: str) -> dict[str, Json]:
    """Return a reference to a schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str, description: str, schema: dict[str, Json]) -> dict[str, Json]:
    """Describe a query parameter that may be left out."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def path_parameter(name: str, description: str, schema: dict[str, Json]) -> dict[str, Json]:
    """Describe a part of the path."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def content(description: str, schema: dict[str, Json], media: str = "application/json") -> dict[str, Json]:
    """Describe an answer with a body."""
    return {"description": description, "content": {media: {"schema": schema}}}


def added(name: str, said: str, again: str) -> dict[int, dict[str, Json]]:
    """Return the answers to what adds one of a kind: kept now, with its place, or kept before.

    Args:
        name: The kind, as its schema is called.
        said: What it means that it is kept.
        again: What is the same of what was kept before.
    """
    place: dict[str, Json] = {"description": "Where it is.", "schema": {"type": "string"}}
    return {
        201: {**content(said, reference(name)), "headers": {"Location": place}},
        200: content(f"{again} was kept before; nothing changed.", reference(name)),
    }


def operation(
    name: str,
    summary: str,
    answers: Mapping[int, dict[str, Json]],
    *,
    problems: Iterable[int] = (),
    parameters: Iterable[dict[str, Json]] = (),
    body: dict[str, Json] | None = None,
    description: str = "",
) -> dict[str, Json]:
    """Describe one method of a route. Every one may also answer 403 and 500, and 401 where it is not for everybody."""
    responses: dict[str, Json] = {str(status): described for status, described in answers.items()}
    for status in sorted({403, 500, *problems}):
        responses[str(status)] = content(_PROBLEMS[status], reference("Problem"), "application/problem+json")
    made: dict[str, Json] = {"operationId": name, "summary": summary, "responses": responses}
    if description:
        made["description"] = description
    if listed := list(parameters):
        made["parameters"] = list[Json](listed)
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made


def describe(app: Flask, paths: Mapping[str, Json], schemas: Mapping[str, Json] | None = None) -> None:
    """Add routes, and the schemas that they speak of, to the server's description."""
    known_paths, known_schemas = app.extensions.setdefault("pnl.openapi", ({}, dict(SCHEMAS)))
    known_paths.update(paths)
    known_schemas.update(schemas or {})


def document(app: Flask) -> dict[str, Json]:
    """Return the OpenAPI 3.1 description of every route that was described."""
    paths, schemas = app.extensions["pnl.openapi"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "NorthStar P&L",
            "version": "1",
            "description": (
                "Money is a decimal string in dollars unless a `currency` stands beside it, never a JSON number; "
                "`null` means that it cannot be known. Times are RFC 3339 in UTC. Days are company days, YYYY-MM-DD. "
                "Errors are `application/problem+json`."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": {path: _guarded(path, methods) for path, methods in sorted(paths.items())},
        "components": {"schemas": dict(sorted(schemas.items())), "securitySchemes": _WAYS},
    }


def _guarded(path: str, methods: Mapping[str, dict[str, Json]]) -> dict[str, Json]:
    """Return the methods of a path with how to say who asks, and the answer to who does not, where that is asked."""
    rule = path.replace("{", "<").replace("}", ">")
    made: dict[str, Json] = {}
    for method, told in methods.items():
        if need(rule, method.upper()) is None:
            made[method] = {**told, "security": []}
            continue
        answers = cast("dict[str, Json]", told["responses"])
        unknown = content(_PROBLEMS[401], reference("Problem"), "application/problem+json")
        made[method] = {
            **told,
            "responses": dict(sorted({**answers, "401": unknown}.items())),
            "security": [{"token": []}] if rule.startswith(EMBED) else [{}, {"token": []}, {"session": []}],
        }
    return made
