"""Text answers are compressed for those who take it."""

import gzip
import subprocess
from pathlib import Path

import pytest
from flask import Flask, Response, send_file
from flask.testing import FlaskClient

from pnl.web.compression import Packed
from pnl.web.embed.bundle import ASSETS
from tests.web.fakes import FakeFigures, FakeStore, row, snapshot


@pytest.fixture(autouse=True)
def _much_to_say(figures: FakeFigures, store: FakeStore) -> None:
    figures.snapshot = snapshot(7, [f"Market {n}" for n in range(50)])
    store.snapshots = [row(n) for n in range(1, 500)]


@pytest.mark.parametrize("path", ["/api/pnl/current", "/api/pnl/positions", "/api/openapi.json"])
def test_a_long_answer_is_compressed(client: FlaskClient, path: str) -> None:
    plain, small = client.get(path), client.get(path, headers={"Accept-Encoding": "br, gzip;q=0.5"})

    assert small.headers["Content-Encoding"] == "gzip"
    assert plain.headers.get("Content-Encoding") is None
    assert gzip.decompress(small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 3
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepts", ["", "identity", "gzip;q=0", "br"])
def test_who_does_not_take_it_is_sent_it_plain(client: FlaskClient, accepts: str) -> None:
    found = client.get("/api/pnl/current", headers={"Accept-Encoding": accepts})

    assert "Content-Encoding" not in found.headers


def test_a_short_answer_and_a_stream_stay_plain(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "gzip"}

    assert "Content-Encoding" not in client.get("/healthz", headers=headers).headers
    assert "Content-Encoding" not in client.get("/api/pnl/export.csv", headers=headers).headers


def test_a_file_is_compressed_and_a_picture_is_not(server: Flask, tmp_path: Path) -> None:
    style, picture = tmp_path / "a.css", tmp_path / "a.png"
    style.write_text("a { color: red }\n" * 200)
    picture.write_bytes(b"\x89PNG" * 1000)

    @server.get("/assets/<name>")
    def asset(name: str) -> Response:
        return send_file(tmp_path / name)

    client = server.test_client()
    headers = {"Accept-Encoding": "gzip"}
    with (
        client.get("/assets/a.css?m=1", headers=headers) as small,
        client.get("/assets/a.png", headers=headers) as same,
    ):
        sent = small.data, same.data

    assert (gzip.decompress(sent[0]), sent[1]) == (style.read_bytes(), picture.read_bytes())


def test_a_file_that_never_changes_is_compressed_once_and_another_version_anew(
    server: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    style = tmp_path / "a.css"
    style.write_text("a { color: red }\n" * 200)
    levels: list[int] = []
    plain = gzip.compress

    def counting(body: bytes, level: int, *, mtime: int) -> bytes:
        levels.append(level)
        return plain(body, level, mtime=mtime)

    monkeypatch.setattr(gzip, "compress", counting)

    @server.get("/assets/<name>")
    def asset(name: str) -> Response:
        return send_file(tmp_path / name)

    client, headers = server.test_client(), {"Accept-Encoding": "gzip"}
    sent = []
    for version in (1, 1, 1, 2):
        with client.get(f"/assets/a.css?m={version}", headers=headers) as answer:
            sent.append(answer.data)

    assert levels == [9, 9]
    assert {gzip.decompress(one) for one in sent} == {style.read_bytes()}


def test_what_is_kept_compressed_has_a_limit() -> None:
    app = Flask("of nothing")
    small = Packed(most_bytes=10)

    with app.test_request_context("/assets/a.css?m=1"):
        small.keep(Response(headers={"ETag": "1"}), b"123456")
        small.keep(Response(headers={"ETag": "2"}), b"123456")

        assert small.of(Response(headers={"ETag": "1"})) == b"123456"
        assert small.of(Response(headers={"ETag": "2"})) is None


def test_a_client_that_holds_the_newest_is_not_sent_it_compressed(client: FlaskClient) -> None:
    found = client.get("/api/pnl/current", headers={"Accept-Encoding": "gzip", "If-None-Match": '"7"'})

    assert (found.status_code, found.data) == (304, b"")


def test_a_short_answer_in_parts_stays_plain(server: Flask) -> None:
    @server.get("/parts")
    def parts() -> Response:
        return Response(["a", "b"], content_type="text/plain")

    found = server.test_client().get("/parts", headers={"Accept-Encoding": "gzip"})

    assert (found.data, found.headers.get("Content-Encoding")) == (b"ab", None)


def test_the_largest_script_is_sent_as_brotli_and_is_the_very_same(server: Flask) -> None:
    name = "00-plotly-finance.min.js"

    @server.get("/assets/<name>")
    def asset(name: str) -> Response:
        return send_file(ASSETS / name)

    client = server.test_client()
    with (
        client.get(f"/assets/{name}?m=1", headers={"Accept-Encoding": "gzip, deflate, br"}) as small,
        client.get(f"/assets/{name}?m=1", headers={"Accept-Encoding": "gzip"}) as other,
        client.get(f"/assets/{name}", headers={"Accept-Encoding": "br"}) as changing,
    ):
        encodings = [answer.headers.get("Content-Encoding") for answer in (small, other, changing)]
        packed = small.data

    assert encodings == ["br", "gzip", None]
    assert len(packed) < 352_000
    unpack = "process.stdout.write(zlib.brotliDecompressSync(fs.readFileSync(0)))"
    opened = subprocess.run(["node", "-e", unpack], input=packed, capture_output=True, check=True)
    assert opened.stdout == (ASSETS / name).read_bytes()
