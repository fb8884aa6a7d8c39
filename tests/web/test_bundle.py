"""Scripts and styles as one file each: whole, in order, and anew when a part changes."""

import os
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pnl.web.bundle import SCRIPTS, STYLES, Bundles

TAGS = """<script src="/x/deps.js"></script>
<script src="/p/assets/00-charts.js?m=1"></script>
<script src="/p/assets/a.js?m=1"></script>
<script src="/p/assets/z/b.js?m=1"></script>
<script src="/x/renderer.js"></script>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "z").mkdir()
    for name, text in {"00-charts.js": "C", "a.js": "A", "z/b.js": "B", "a.css": "a {}", "z/b.css": "b {}"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def app() -> Flask:
    return Flask("of nothing")


@pytest.fixture
def bundles(app: Flask, folder: Path) -> Bundles:
    return Bundles(app, folder, "/p/assets/")


@pytest.fixture
def client(app: Flask, bundles: Bundles) -> FlaskClient:
    del bundles  # it has put its routes on the server
    return app.test_client()


def test_one_tag_stands_for_all_parts_where_the_first_of_them_was(bundles: Bundles) -> None:
    lines = bundles.one(SCRIPTS, TAGS).splitlines()

    assert [re.sub(r"m=[0-9a-f]{16}", "m=…", line) for line in lines] == [
        '<script src="/x/deps.js"></script>',
        '<script src="/p/assets/00-charts.js?m=1"></script>',
        '<script src="/p/assets/all.js?m=…"></script>',
        '<script src="/x/renderer.js"></script>',
    ]


def test_the_file_holds_every_part_in_order_and_none_of_others(client: FlaskClient) -> None:
    assert client.get("/assets/all.js").text == "/* a.js */\nA\n/* z/b.js */\nB\n"
    assert client.get("/assets/css/all.css").text == "/* a.css */\na {}\n/* z/b.css */\nb {}\n"
    assert client.get("/assets/css/all.css").mimetype == "text/css"


def test_a_part_that_changes_changes_the_file_and_its_address(
    bundles: Bundles, client: FlaskClient, folder: Path
) -> None:
    before = bundles.one(SCRIPTS, TAGS)
    assert bundles.one(SCRIPTS, TAGS) == before

    (folder / "a.js").write_text("NEW")
    os.utime(folder / "a.js", ns=(1, 1))

    assert bundles.one(SCRIPTS, TAGS) != before
    assert "NEW" in client.get("/assets/all.js").text


def test_styles_have_a_link(bundles: Bundles) -> None:
    tags = '<link rel="stylesheet" href="/p/assets/a.css?m=1">\n<link rel="stylesheet" href="/p/assets/z/b.css?m=1">'

    one = bundles.one(STYLES, tags)

    assert re.fullmatch(r'<link rel="stylesheet" href="/p/assets/css/all\.css\?m=[0-9a-f]{16}">\n', one)


def test_what_belongs_to_other_pages_is_left_out(folder: Path) -> None:
    app = Flask("of panels")
    Bundles(app, folder, "/p/assets/", apart=["z"])

    assert app.test_client().get("/assets/all.js").text == "/* a.js */\nA\n"
