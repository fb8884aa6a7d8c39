"""Who may frame a panel, with which headers it comes, and where one looks when it does not show."""

import re
from pathlib import Path

import pytest

from pnl.access.grants import PANELS
from pnl.web.unchecked import note
from tests.web.embedding import ORIGIN, OTHER, WIKI, Embedding, embedding
from tests.web.embeds.pages import directives


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_is_a_plain_page_that_only_its_sites_may_frame(world: Embedding, panel: str) -> None:
    answer = world.client().get(f"/embed/{panel}?token={world.token(panel)}&theme=light")

    assert answer.status_code == 200
    headers = answer.headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "frame-ancestors": WIKI,
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for absent in ("X-Frame-Options", "Set-Cookie", "Access-Control-Allow-Origin", "Cross-Origin-Opener-Policy"):
        assert absent not in headers
    assert "_dash" not in answer.text
    assert "nsl_" not in answer.text
    assert '<html lang="en"' in answer.text
    loaded = re.findall(r'(?:src|href)="(/embed/bundle/[^"]+)"', answer.text)
    assert len(loaded) == 3
    for src in loaded:
        found = world.client().get(src, headers={"Accept-Encoding": "gzip"})
        assert found.status_code == 200
        assert found.headers["Content-Encoding"] == "gzip"
        assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert found.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_sites_of_the_token_count_only_where_the_settings_name_them(world: Embedding) -> None:
    token = world.embeds.make(["net"], {}, [WIKI, OTHER, "https://evil.example"], 30, "ann")[1]

    policy = directives(world.client().get(f"/embed/net?token={token}").headers["Content-Security-Policy"])

    assert policy["frame-ancestors"] == f"{WIKI} {OTHER}"


def test_a_preview_is_framed_by_our_own_pages_alone(world: Embedding) -> None:
    token = world.embeds.preview("net", {})

    policy = directives(world.client().get(f"/embed/net?token={token}").headers["Content-Security-Policy"])

    assert policy["frame-ancestors"] == "'self'"


def test_where_embedding_is_off_there_is_nothing_and_the_check_says_why(tmp_path: Path) -> None:
    with embedding(tmp_path, parents=()) as world:
        page = world.client().get("/embed/net?token=nsl_x")
        check = world.client().get("/embed/check")
        made = world.client().post("/api/pnl/embeds", json={"panels": ["net"]}, headers=ORIGIN)

    assert page.status_code == 401
    assert directives(page.headers["Content-Security-Policy"])["frame-ancestors"] == "'none'"
    assert "Embedding is off" in page.text
    assert "PNL_EMBED_PARENTS" in check.text
    assert made.status_code == 400
    assert "PNL_EMBED_PARENTS" in made.get_json()["detail"]


def test_the_check_tells_what_arrived_and_whether_the_site_may_frame(world: Embedding) -> None:
    framed = {"Sec-Fetch-Dest": "iframe"}
    client = world.client()

    known = client.get("/embed/check", headers=framed | {"Referer": f"{WIKI}/page?secret=1"})
    unknown = client.get("/embed/check", headers=framed | {"Referer": "https://evil.example/<b>"})
    proxied = client.get("/embed/check", headers={"X-Forwarded-Proto": "https"})

    assert f"{WIKI}:</strong> it may frame panels" in known.text
    assert "add it to PNL_EMBED_PARENTS" in unknown.text
    assert "<b>" not in unknown.text
    assert "PNL_TRUSTED_PROXIES" in proxied.text
    assert directives(known.headers["Content-Security-Policy"])["frame-ancestors"] == f"{WIKI} {OTHER}"


def test_the_helper_is_for_everybody_and_small(world: Embedding) -> None:
    answer = world.client().get("/embed.js", headers={"Origin": WIKI, "Accept-Encoding": "gzip"})

    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= 1280
    assert "/*" not in world.client().get("/embed.js").text
    again = world.client().get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=3600")


def test_a_panel_says_when_certificates_are_not_checked_and_names_no_host(world: Embedding) -> None:
    note(world.app, ["feed.internal.test"])

    told = world.client().get(f"/embed/net?token={world.token('net')}").text

    assert "TLS not checked" in told
    assert "feed.internal.test" not in told
