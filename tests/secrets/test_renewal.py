"""Secrets of the process itself that are changed where they are kept: in use at once, and nothing was restarted."""

import threading
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from pnl.access.embeds import Embeds
from pnl.access.journey import Journey
from pnl.access.provider import Provider
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.doors import embeds_of
from pnl.desk.renewal import Renewal
from pnl.errors import EmbedRefused, SignInRefused
from pnl.redis.client import Wire
from pnl.store import open_store
from tests.access.embedding import HOST_KEY, WIKI, signed
from tests.providers.forger import CLIENT, SECRET, Forger
from tests.services import RedisServer

BACK = "http://127.0.0.1:8050/signin/oidc/back"
OLD, NEW = "o" * 32, "n" * 32


def settings(folder: Path, **more: str) -> Settings:
    return Settings.load({"PNL_DATA_DIR": str(folder), "PNL_EMBED_PARENTS": WIKI, **more}, None)


def made(given: Settings) -> Embeds:
    """Return what opens panels after a start with these settings."""
    store = open_store(given.database_url, demo=True)
    try:
        return embeds_of(given, store.embeds(), SystemClock())
    finally:
        store.close()


def refused_now() -> bool:
    """Say that a secret is refused, so that the next look reads it anew and does not wait for five minutes."""
    return True


def test_links_are_signed_with_the_new_key_and_those_of_the_old_one_still_open(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(OLD)
    given = settings(tmp_path, PNL_SECRET_KEY_FILE=str(key))
    embeds = made(given)
    renewal = Renewal(given, embeds=embeds, refused=refused_now)
    before = embeds.preview("net", {})

    key.write_text(NEW)
    assert renewal.look() == ("PNL_SECRET_KEY",)

    after = embeds.preview("net", {})
    assert embeds.grant(before).panels == embeds.grant(after).panels == {"net"}
    restarted = made(settings(tmp_path, PNL_SECRET_KEY=NEW))
    assert restarted.grant(after).panels == {"net"}
    with pytest.raises(EmbedRefused):
        restarted.grant(before)
    assert made(settings(tmp_path, PNL_SECRET_KEY=NEW, PNL_SECRET_KEY_PREVIOUS=OLD)).grant(before).panels == {"net"}


def test_a_key_that_is_too_short_is_not_taken_up(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(OLD)
    given = settings(tmp_path, PNL_SECRET_KEY_FILE=str(key))
    embeds = made(given)
    renewal = Renewal(given, embeds=embeds, refused=refused_now)

    key.write_text("short")
    assert renewal.look() == ()

    assert made(settings(tmp_path, PNL_SECRET_KEY=OLD)).grant(embeds.preview("net", {})).panels == {"net"}


def test_a_hosts_new_key_opens_what_it_signs_and_the_old_one_no_more(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"first={OLD}")
    given = settings(tmp_path, PNL_EMBED_KEYS_FILE=str(keys))
    embeds = made(given)
    renewal = Renewal(given, embeds=embeds, refused=refused_now)
    token = signed(SystemClock().now())
    with pytest.raises(EmbedRefused):
        embeds.grant(token)

    keys.write_text(f"first={HOST_KEY.decode()}")
    assert renewal.look() == ("PNL_EMBED_KEYS",)

    assert embeds.grant(token).panels


def test_a_provider_that_refuses_our_secret_is_shown_the_new_one(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    kept.write_text("one that is over")
    with Forger() as forger:
        given = settings(
            tmp_path,
            PNL_AUTH="oidc",
            PNL_OIDC_ISSUER=forger.url,
            PNL_OIDC_CLIENT_ID=CLIENT,
            PNL_OIDC_CLIENT_SECRET_FILE=str(kept),
            PNL_VIEWERS="*",
        )
        provider = Provider(forger.url, CLIENT, "one that is over", clock=SystemClock())
        renewal = Renewal(given, provider=provider)

        def person() -> str:
            journey = Journey.begin()
            return provider.person(journey, forger.come_back(provider.address(journey, BACK)), BACK).name

        assert renewal.look() == ()
        kept.write_text(SECRET)
        assert renewal.look() == ()  # it was read less than five minutes ago, and nobody has refused it
        with pytest.raises(SignInRefused, match="PNL_OIDC_CLIENT_SECRET"):
            person()
        assert renewal.look() == ("PNL_OIDC_CLIENT_SECRET",)

        assert person() == "ann@example.com"
        assert provider.refused is False


def test_new_connections_to_redis_show_the_new_password(tmp_path: Path, own_redis: RedisServer) -> None:
    address = tmp_path / "redis"
    url = own_redis.url.replace("redis://", "redis://:{}@")
    with own_redis.client() as server:
        server.config_set("requirepass", OLD)
    address.write_text(url.format(OLD))
    given = settings(tmp_path, PNL_REDIS_URL_FILE=str(address))
    wire = Wire(url.format(OLD), key="k", timeout_seconds=5, connect_seconds=5)
    renewal = Renewal(given, redis=[wire.renew], refused=refused_now)
    assert wire.call(lambda redis: redis.set("k", "1"))

    with Redis.from_url(url.format(OLD)) as server:
        server.config_set("requirepass", NEW)
        assert wire.call(lambda redis: redis.get("k")) == b"1"  # who is in stays in
        server.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    with pytest.raises(RedisError):
        wire.call(lambda redis: redis.get("k"))
    address.write_text(url.format(NEW))
    assert renewal.look() == ("PNL_REDIS_URL",)

    assert wire.call(lambda redis: redis.get("k")) == b"1"


def test_an_address_of_redis_that_makes_no_sense_is_not_taken_up(tmp_path: Path, own_redis: RedisServer) -> None:
    address = tmp_path / "redis"
    address.write_text(own_redis.url)
    wire = Wire(own_redis.url, key="k", timeout_seconds=5, connect_seconds=5)
    renewal = Renewal(settings(tmp_path, PNL_REDIS_URL_FILE=str(address)), redis=[wire.renew], refused=refused_now)

    address.write_text("redis://")
    assert renewal.look() == ()

    assert wire.call(lambda redis: redis.ping())


def test_it_looks_by_itself_and_ends_when_it_is_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "key"
    key.write_text(OLD)
    given = settings(tmp_path, PNL_SECRET_KEY_FILE=str(key))
    monkeypatch.setattr("pnl.desk.lookout.LOOK_SECONDS", 0.01)
    embeds = made(given)
    renewal = Renewal(given, embeds=embeds, refused=refused_now)
    key.write_text(NEW)

    renewal.start()
    try:
        fresh = made(settings(tmp_path, PNL_SECRET_KEY=NEW))
        while not _opens(fresh, embeds.preview("net", {})):
            pass
    finally:
        renewal.stop()

    assert "renewal" not in {thread.name for thread in threading.enumerate()}


def _opens(embeds: Embeds, token: str) -> bool:
    try:
        return bool(embeds.grant(token))
    except EmbedRefused:
        return False
