"""What opens panels, as the settings and the database have it, from one start to the next."""

from pathlib import Path

import pytest

from pnl.access.embeds import Embeds
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.doors import access_of, embeds_of, holding
from pnl.errors import EmbedRefused
from pnl.store import open_store
from tests.access.embedding import HOST_KEY, WIKI, signed


def started(folder: Path, **more: str) -> Embeds:
    """Return what opens panels after a start."""
    settings = Settings.load({"PNL_DATA_DIR": str(folder), "PNL_EMBED_PARENTS": WIKI, **more}, None)
    store = open_store(settings.database_url, demo=True)
    try:
        return embeds_of(settings, store.embeds(), SystemClock())
    finally:
        store.close()


def test_a_link_survives_a_restart_and_no_setting_is_needed_for_that(tmp_path: Path) -> None:
    token = started(tmp_path).preview("net", {})

    assert started(tmp_path).grant(token).panels == {"net"}


def test_a_secret_of_the_settings_counts_wherever_the_database_is(tmp_path: Path) -> None:
    one, two = {"PNL_SECRET_KEY": "a" * 32}, {"PNL_SECRET_KEY": "b" * 32}
    token = started(tmp_path / "here", **one).preview("net", {})

    assert started(tmp_path / "there", **one).grant(token).panels
    for other in (started(tmp_path / "here", **two), started(tmp_path / "here")):
        with pytest.raises(EmbedRefused):
            other.grant(token)


def test_a_key_of_the_settings_opens_what_a_host_signs(tmp_path: Path) -> None:
    found = started(tmp_path, PNL_EMBED_KEYS=f"first={HOST_KEY.decode()}")

    assert found.hosts_sign
    assert found.grant(signed(SystemClock().now())).panels
    with pytest.raises(EmbedRefused):
        started(tmp_path).grant(signed(SystemClock().now()))


def test_tickets_of_panels_and_of_people_are_asked_about_where_they_belong(tmp_path: Path) -> None:
    settings = Settings.load({"PNL_DATA_DIR": str(tmp_path), "PNL_EMBED_PARENTS": WIKI}, None)
    store = open_store(settings.database_url, demo=True)
    embeds = embeds_of(settings, store.embeds(), SystemClock())
    holds = holding(access_of(settings, store.accounts(), SystemClock(), embeds))
    link, token = embeds.make(["net"], {}, [WIKI], 30, "ann")
    ticket = embeds.grant(token).ticket

    assert holds(ticket)
    assert not holds("session:unknown")
    embeds.end(link.number)
    assert not holds(ticket)
    store.close()
