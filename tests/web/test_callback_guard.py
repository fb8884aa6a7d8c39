"""Garbage sent to Dash, with a real Dash behind."""

import re
from typing import Any

import pytest
from dash import Dash, Input, Output, State, dcc, html
from flask import Flask
from flask.testing import FlaskClient

from pnl.web.callback_guard import know_callbacks
from pnl.web.guard import allow_scripts, script_hash

URL = "/_dash-update-component"
GOOD: dict[str, Any] = {
    "output": "said.children",
    "outputs": {"id": "said", "property": "children"},
    "inputs": [{"id": "name", "property": "value", "value": "Ada"}],
    "state": [{"id": "greeting", "property": "value", "value": "Hello"}],
    "changedPropIds": ["name.value"],
}


@pytest.fixture
def pages(server: Flask) -> FlaskClient:
    """A client of a server with a page of one callback."""
    dash = Dash(__name__, server=server)  # type: ignore[arg-type]  # Dash calls a Flask a bool
    dash.layout = html.Div([dcc.Input(id="name"), dcc.Input(id="greeting"), html.Div(id="said")])

    @dash.callback(Output("said", "children"), Input("name", "value"), State("greeting", "value"))
    def say(name: str, greeting: str) -> str:
        return f"{greeting} {name}"

    know_callbacks(server, dash.callback_map)
    return server.test_client()


def test_a_good_callback_passes(pages: FlaskClient) -> None:
    found = pages.post(URL, json=GOOD)

    assert found.status_code == 200
    assert found.json is not None
    assert found.json["response"] == {"said": {"children": "Hello Ada"}}
    assert found.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"output": 7}',
        b'{"output": "said.children", "inputs": 7}',
        b'{"output": "said.children", "inputs": [7], "state": []}',
        b'{"output": "said.children", "inputs": [{"id": "name"}], "state": []}',
        b'{"output": "said.children", "inputs": [[[{"id": "name", "property": "value"}]]]}',
        b'{"output": "said.children", "inputs": [], "state": []}',
        b'{"output": "said.children", "changedPropIds": {"a": 1}}',
        b'{"output": "said.children", "outputs": "x"}',
        b'{"output": "said.children", "state": {"a": 1}}',
    ],
)
def test_garbage_is_the_callers_mistake(pages: FlaskClient, body: bytes) -> None:
    assert pages.post(URL, data=body, content_type="application/json").status_code == 400


def test_an_unknown_callback_is_not_found(pages: FlaskClient) -> None:
    assert pages.post(URL, json={**GOOD, "output": "none.children"}).status_code == 404


def test_a_missing_key_inside_a_callback_is_still_a_bug(server: Flask, pages: FlaskClient) -> None:
    def fail(*_: object, **__: object) -> str:
        raise KeyError("secret")

    pages.get("/_dash-layout")
    server.view_functions["/_dash-update-component"] = fail

    found = pages.post(URL, json=GOOD)

    assert (found.status_code, b"secret" in found.data) == (500, False)


def test_without_a_list_of_callbacks_only_their_shape_is_checked(server: Flask) -> None:
    @server.post(URL)
    def take() -> str:
        return "taken"

    client = server.test_client()

    assert client.post(URL, json={**GOOD, "inputs": []}).data == b"taken"
    assert client.post(URL, json={**GOOD, "inputs": 7}).status_code == 400


def test_only_json_is_taken(pages: FlaskClient) -> None:
    assert pages.post(URL, data="x", content_type="text/plain").status_code == 415


def test_a_large_body_is_refused(pages: FlaskClient) -> None:
    assert pages.post(URL, data=b" " * 2_000_000, content_type="application/json").status_code == 413


def test_a_wrong_method_is_named(pages: FlaskClient) -> None:
    assert pages.put(URL, json=GOOD).status_code == 405


@pytest.mark.parametrize("path", ["none/x.js", "dash/none.js", "dash/../../secret", "html/dash_html_components.js"])
def test_an_unknown_file_of_dash_is_not_found(pages: FlaskClient, path: str) -> None:
    assert pages.get(f"/_dash-component-suites/{path}").status_code == 404


def test_dashs_own_files_are_kept_for_ever_and_compressed(pages: FlaskClient) -> None:
    page = pages.get("/").data.decode()
    path = next(part for part in page.split('"') if part.startswith("/_dash-component-suites/") and "m1" in part)

    found = pages.get(path, headers={"Accept-Encoding": "gzip"})

    assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert found.headers["Content-Encoding"] == "gzip"


def test_the_api_is_still_an_api_beside_the_pages(pages: FlaskClient) -> None:
    found = pages.get("/api/nothing")

    assert (found.status_code, found.content_type) == (404, "application/problem+json")
    assert pages.get("/api/pnl/current").status_code == 200
    assert pages.delete("/api/pnl/current").status_code == 405


def test_every_inline_script_of_a_page_may_run(server: Flask) -> None:
    theme = "document.title = 1"
    dash = Dash(__name__, server=server)  # type: ignore[arg-type]  # Dash calls a Flask a bool
    dash.index_string = dash.index_string.replace("<head>", f"<head><script>{theme}</script>")
    dash.layout = html.Div([dcc.Input(id="name"), html.Div(id="said")])
    script = "function(name) { return name }"
    dash.clientside_callback(script, Output("said", "children"), Input("name", "value"))  # type: ignore[no-untyped-call]  # Dash has no types here
    allow_scripts(server, lambda: [*dash.csp_hashes(), script_hash(theme)])

    found = server.test_client().get("/")
    page = re.sub(r"<!--.*?-->", "", found.data.decode(), flags=re.DOTALL)
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", page, re.DOTALL)
    scripts = [script for script in inline if not script.lstrip().startswith("{")]

    assert len(scripts) == 3
    assert [script for script in scripts if script_hash(script) not in found.headers["Content-Security-Policy"]] == []
