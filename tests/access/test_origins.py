"""Origins of other sites, as settings, tokens and browsers write them."""

import pytest

from pnl.access.origins import origin_of


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://wiki.example.com", "https://wiki.example.com"),
        (" HTTPS://Wiki.Example.com:443/ ", "https://wiki.example.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_told_as_browsers_tell_it(text: str, origin: str) -> None:
    assert origin_of(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "self",
        "'self'",
        "https:",
        "https://*",
        "https://*.example.com",
        "https://wiki.example.com/page",
        "https://ann@wiki.example.com",
        "https://wiki.example.com:99999",
        "https://wiki.example.com; script-src *",
        "https://a.example https://b.example",
        "ftp://wiki.example.com",
        "javascript:alert(1)",
        "https://wiki.example.com\nX: y",
    ],
)
def test_what_is_no_single_origin_is_none(text: str) -> None:
    assert origin_of(text) is None
