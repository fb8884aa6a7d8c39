"""Which sites may frame panels, and with which keys their hosts sign."""

import pytest

from tests.config.loading import load, refusal


def test_sites_that_may_frame_panels_are_told_as_browsers_tell_them() -> None:
    settings = load(PNL_EMBED_PARENTS="HTTPS://Wiki.example.com:443/, http://localhost:8080, https://wiki.example.com")

    assert settings.embed_parents == ("https://wiki.example.com", "http://localhost:8080")


@pytest.mark.parametrize(
    "value", ["*", "https://*", "https://*.example.com", "wiki.example.com", "https://wiki.example.com/page", "null"]
)
def test_a_wildcard_or_anything_else_that_is_no_site_is_refused(value: str) -> None:
    text = refusal(PNL_EMBED_PARENTS=value)

    assert text.startswith(f"PNL_EMBED_PARENTS={value}: give origins such as ")
    assert "no wildcard" in text


@pytest.mark.parametrize("value", ["short", "wiki=short", f"={'s' * 32}", f"a={'s' * 32},b={'t' * 32},c={'u' * 32}"])
def test_keys_of_hosts_that_make_no_sense_are_refused_without_being_shown(value: str) -> None:
    text = refusal(PNL_EMBED_PARENTS="https://wiki.example.com", PNL_EMBED_KEYS=value)

    assert text.startswith("PNL_EMBED_KEYS: give one or two keys as NAME=SECRET")
    assert "sss" not in text


def test_keys_of_hosts_need_sites_that_may_frame() -> None:
    assert "PNL_EMBED_PARENTS" in refusal(PNL_EMBED_KEYS=f"wiki={'s' * 32}")
