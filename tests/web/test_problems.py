"""What goes wrong is told as a problem."""

import pytest
from flask import Flask, Response, abort
from flask.testing import FlaskClient


@pytest.fixture
def with_pages(server: Flask) -> FlaskClient:
    """A client of a server whose pages take every path that nobody else takes, as Dash's do."""

    @server.get("/", defaults={"path": ""})
    @server.get("/<path:path>")
    def page(path: str) -> str:
        if path == "broken":
            raise RuntimeError("secret")
        return f"page {path}"

    @server.get("/api/broken")
    def broken() -> str:
        raise RuntimeError("secret")

    return server.test_client()


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/pnl", "/api/pnl/current/", "/api/v2/%0d%0a"])
def test_an_unknown_api_path_is_a_problem_and_no_page(with_pages: FlaskClient, path: str) -> None:
    found = with_pages.get(path)

    assert (found.status_code, found.content_type) == (404, "application/problem+json")
    assert found.json is not None
    assert found.json["title"] == "Not Found"
    assert "/api/openapi.json" in found.json["detail"]
    assert with_pages.get("/history").data == b"page history"


def test_an_unknown_path_is_a_problem_without_pages_too(client: FlaskClient) -> None:
    assert client.get("/api/nothing").content_type == "application/problem+json"
    assert client.get("/nothing").content_type == "text/plain; charset=utf-8"


def test_a_wrong_method_names_the_right_ones(with_pages: FlaskClient) -> None:
    found = with_pages.delete("/api/pnl/current")

    assert (found.status_code, found.content_type) == (405, "application/problem+json")
    assert "GET" in found.headers["Allow"]
    assert found.json is not None
    assert found.json["detail"].startswith("/api/pnl/current does not take DELETE")


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/broken", "application/problem+json"), ("/broken", "text/plain; charset=utf-8")]
)
def test_a_bug_is_told_without_its_details(with_pages: FlaskClient, path: str, kind: str) -> None:
    found = with_pages.get(path)

    assert (found.status_code, found.content_type) == (500, kind)
    assert b"secret" not in found.data
    assert b"Traceback" not in found.data


def test_a_problem_is_never_kept(client: FlaskClient) -> None:
    assert client.get("/api/nothing").headers["Cache-Control"] == "no-store"


def test_a_redirect_stays_a_redirect(server: Flask) -> None:
    @server.get("/docs/")
    def docs() -> str:
        return "docs"

    found = server.test_client().get("/docs")

    assert (found.status_code, found.headers["Location"]) == (308, "http://localhost/docs/")


def test_an_answer_that_a_route_breaks_off_with_is_sent_as_it_is(server: Flask) -> None:
    @server.get("/teapot")
    def teapot() -> str:
        abort(Response("short and stout", 418))

    found = server.test_client().get("/teapot")

    assert (found.status_code, found.data) == (418, b"short and stout")
